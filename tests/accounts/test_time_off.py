"""Time off: its instants, and the page where people take it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import TimeOff, User
from accounts.templatetags.time_off import days_off
from tests import factories
from tests.factories import NOW, away, book, stretch

PAGE = "/settings/time-off/"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def shown(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("zone", "off", "start", "end"),
    [
        ("Europe/Berlin", ("2027-03-28",), "2027-03-27 23:00", "2027-03-28 22:00"),  # 23 hours
        ("Asia/Tokyo", ("2027-03-08", "2027-03-09"), "2027-03-07 15:00", "2027-03-09 15:00"),
        ("UTC", ("2027-03-08", "2027-03-09", "13:00"), "2027-03-08 13:00", "2027-03-10 00:00"),
        ("UTC", ("2027-03-08", "2027-03-09", "", "9:30"), "2027-03-08 00:00", "2027-03-09 09:30"),
        # Clocks are put forward from 2:00 to 3:00: 2:30 is the offset from before, 3:30.
        (
            "Europe/Berlin",
            ("2027-03-28", "", "02:30", "03:00"),
            "2027-03-28 01:30",
            "2027-03-28 01:30",
        ),
    ],
)
def test_its_instants_are_those_of_the_zone(
    zone: str, off: tuple[str, ...], start: str, end: str
) -> None:
    first, last, begins, ends = (*off, "", "", "")[:4]
    row = TimeOff(
        first=date.fromisoformat(first),
        last=date.fromisoformat(last or first),
        start=time(*map(int, begins.split(":"))) if begins else None,
        end=time(*map(int, ends.split(":"))) if ends else None,
    )
    assert row.stretch_in(ZoneInfo(zone)) == stretch(start, end, ZoneInfo("UTC"))


def test_the_database_refuses_what_ends_before_it_begins(ana: User) -> None:
    with (
        pytest.raises(IntegrityError, match="time_off_ends_after_it_begins"),
        transaction.atomic(),
    ):
        away(ana, "2027-03-10", "2027-03-09")


def test_taken_listed_changed_and_removed(as_ana: Client, ana: User) -> None:
    typed = {"first": "2027-03-08", "last": "2027-03-12", "note": "Skiing", "declines": "on"}
    typed["message"] = "Back on Monday."
    page = as_ana.post(PAGE, typed, follow=True)
    assert "Your time off is saved." in shown(page)
    assert "<strong>Mon 8 – Fri 12 March</strong>" in shown(page)
    assert "Skiing" in shown(page)
    off = TimeOff.objects.get()
    assert (off.user, off.first, off.last) == (ana, date(2027, 3, 8), date(2027, 3, 12))
    assert (off.start, off.end, off.declines, off.message) == (None, None, True, "Back on Monday.")

    own = f"{PAGE}{off.uid}/"
    assert 'value="2027-03-08"' in shown(as_ana.get(own))
    page = as_ana.post(own, {"first": "2027-03-09", "start": "13:00", "end": "17:30"}, follow=True)
    assert "<strong>Tue 9 March, 13:00–17:30</strong>" in shown(page)
    off.refresh_from_db()
    assert (off.first, off.last, off.note, off.declines) == (date(2027, 3, 9),) * 2 + ("", False)

    page = as_ana.post(f"{own}remove/", follow=True)
    assert "Tue 9 March, 13:00–17:30 is removed." in shown(page)
    assert "You have no time off to come." in shown(page)
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first": ""}, "Choose the first day."),
        ({"first": "soon"}, "Choose a day, like 2027-03-10."),
        ({"first": "1027-03-10"}, "Meetings lie between the years 1900 and 2199."),
        ({"first": "9999-12-31"}, "Meetings lie between the years 1900 and 2199."),
        ({"first": "2027-03-10", "last": "2027-03-09"}, "The last day is before the first."),
        ({"first": "2027-03-10", "start": "25:00"}, "Write a time of day like 13:30."),
        (
            {"first": "2027-03-10", "start": "13:00", "end": "13:00"},
            "On one day, it has to end after it begins.",
        ),
        ({"first": "2027-02-26"}, "That is over already. Choose days to come."),
        ({"first": "2027-03-01", "end": "08:59"}, "That is over already."),
        ({"first": "2027-03-15"}, "You have taken exactly these days off already."),
        ({"first": "2027-03-10", "note": "x" * 201}, "at most 200 characters"),
        ({"first": "2027-03-10", "message": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_said_and_not_saved(
    as_ana: Client, ana: User, typed: dict[str, str], sentence: str
) -> None:
    away(ana, "2027-03-15")
    page = as_ana.post(PAGE, typed)
    assert page.status_code == 200
    assert sentence in shown(page)
    assert "is violated" not in shown(page)
    assert TimeOff.objects.count() == 1


def test_what_is_over_is_folded_away_and_can_keep_its_days(as_ana: Client, ana: User) -> None:
    past = away(ana, "2027-02-01", note="Fever")
    away(ana, "2027-03-01", end="12:00")  # until noon today
    found = as_ana.get(PAGE)
    assert [off.first for off in found.context["over"]] == [past.first]
    assert [off.first for off in found.context["to_come"]] == [date(2027, 3, 1)]
    assert "1 that is over" in shown(found)
    as_ana.post(f"{PAGE}{past.uid}/", {"first": "2027-02-01", "last": "2027-02-01", "note": "Flu"})
    past.refresh_from_db()
    assert past.note == "Flu"


def test_others_time_off_does_not_exist(as_ana: Client) -> None:
    theirs = away(factories.ben(), "2027-03-10", note="Surgery")
    own = f"{PAGE}{theirs.uid}/"
    assert "Surgery" not in shown(as_ana.get(PAGE))
    assert as_ana.get(own).status_code == 404
    assert as_ana.post(own, {"first": "2027-03-11"}).status_code == 404
    assert as_ana.post(f"{own}remove/").status_code == 404
    assert as_ana.get(f"{own}remove/").status_code == 405
    assert TimeOff.objects.get().first == date(2027, 3, 10)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}00000000-0000-0000-0000-000000000000/"])
def test_strangers_sign_in_first(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_what_is_in_it_is_declined_if_asked_for(as_ana: Client, ana: User) -> None:
    meeting = book(factories.ben(), "2027-03-10 10:00", 60, ana)
    book(ana, "2027-03-10 14:00", 60)
    page = as_ana.post(PAGE, {"first": "2027-03-09"}, follow=True)
    assert "Your time off is saved. </p>" in shown(page).replace("saved.</p>", "saved. </p>")
    typed = {"first": "2027-03-10", "message": "Skiing.", "decline_existing": "on"}
    page = as_ana.post(PAGE, typed, follow=True)
    assert "1 meeting in it is declined." in shown(page)
    assert "You organize 1 meeting in it, which stays: move or cancel it." in shown(page)
    mine = meeting.invitations.get(user=ana)
    assert (mine.status, mine.note, mine.responded_at) == ("declined", "Skiing.", NOW)


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (("2027-03-08", "2027-03-12"), "Mon 8 – Fri 12 March"),
        (("2027-03-08", "2027-03-12", "13:00"), "Mon 8 March, 13:00 – Fri 12 March"),
        (("2027-03-08", "2027-03-12", "", "09:30"), "Mon 8 March – Fri 12 March, 9:30"),
        (("2027-03-10", "", "13:00"), "Wed 10 March, from 13:00"),
        (("2027-03-10", "", "", "09:30"), "Wed 10 March, until 9:30"),
    ],
)
def test_in_words(ana: User, off: tuple[str, ...], words: str) -> None:
    assert days_off(away(ana, *off)) == words


def test_it_moves_with_the_zone_of_the_person(ana: User) -> None:
    off = away(ana, "2027-03-10")
    ana.timezone = ZoneInfo("Asia/Tokyo")
    ana.save()
    begins = TimeOff.objects.get(pk=off.pk).stretch_in(ana.zone).start
    assert begins == datetime(2027, 3, 9, 15, 0, tzinfo=UTC)
