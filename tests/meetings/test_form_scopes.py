"""One date of a series, that one and those after it, or all: changing, cancelling, undoing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from meetings.models import Meeting, Occurrence
from meetings.views.undo import undoable
from tests.factories import NOW, RoomFactory, ana, at, ben, book, cy

pytestmark = pytest.mark.django_db

SECOND = "2027-03-17T10:00:00"
THIRD = "2027-03-24T10:00:00"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = ana()
    client.force_login(organizer)
    return organizer


def weekly(organizer: User, *people: User, **fields: Any) -> Meeting:
    """Five Wednesdays from 10 March 2027 at 10:00."""
    return book(organizer, "2027-03-10 10:00", 60, *people, rrule="FREQ=WEEKLY;COUNT=5", **fields)


def at_scope(meeting: Meeting, page: str, date: str = "", scope: str = "") -> str:
    query = "&".join(f"{k}={v}" for k, v in (("date", date), ("scope", scope)) if v)
    return f"/meetings/{meeting.uid}/{page}/?{query}"


def saved(client: Client, address: str, **typed: Any) -> HttpResponse:
    """The form as it was opened, with this typed over it, sent to where it says."""
    page = client.get(address)
    assert page.status_code == 200
    values = {k: v for k, v in page.context["values"].items() if v not in ("", False)}
    return client.post(page.context["errand"].address, values | typed)  # type: ignore[return-value]


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def last_message(response: HttpResponse) -> Message:
    return list(get_messages(response.wsgi_request))[-1]  # type: ignore[attr-defined]


def undo_address(response: HttpResponse) -> str:
    """Where the button in the message posts to."""
    return str(last_message(response).extra_tags)


def titles(meeting: Meeting) -> list[str]:
    rows = Occurrence.objects.live().filter(meeting__series=meeting.series)
    return [row.shown_title for row in rows.select_related("meeting").order_by("during")]


def starts(meeting: Meeting) -> list[str]:
    rows = Occurrence.objects.live().filter(meeting__series=meeting.series).order_by("during")
    return [f"{row.start.astimezone(meeting.zone):%d.%m. %H:%M}" for row in rows]


def test_a_date_is_changed_alone(client: Client, organizer: User) -> None:
    meeting = weekly(organizer, ben())
    address = at_scope(meeting, "edit", SECOND)
    page = client.get(address).content.decode()
    assert 'aria-current="true">Only Wed 17 March</a>' in page
    assert 'name="repeat"' not in page
    assert "How it repeats, and who may see it, is the same for all dates." in page
    response = saved(client, address, title="Demo day", start="14:00", end="15:00")
    assert said(response) == [
        "Demo day on Wed 17 March, 14:00–15:00 is changed. 1 person will be told in 10 seconds."
    ]
    assert response["Location"] == (
        f"/calendar/week/2027-03-17/?meeting={meeting.uid}&date=2027-03-17T10%3A00%3A00"
    )
    assert titles(meeting) == ["Design review", "Demo day", *["Design review"] * 3]
    assert starts(meeting)[1] == "17.03. 14:00"


def test_this_and_following_starts_from_that_date(client: Client, organizer: User) -> None:
    meeting = weekly(organizer)
    response = saved(client, at_scope(meeting, "edit", THIRD, "following"), title="Retro")
    later = Meeting.objects.exclude(pk=meeting.pk).get()
    assert said(response) == ["Retro is changed from Wed 24 March, 10:00–11:00 on."]
    assert f"meeting={later.uid}" in response["Location"]
    assert titles(meeting) == ["Design review"] * 2 + ["Retro"] * 3


def test_without_a_date_all_of_it_is_changed(client: Client, organizer: User) -> None:
    meeting = weekly(organizer)
    page = client.get(at_scope(meeting, "edit")).content.decode()
    assert 'aria-current="true">All dates</a>' in page
    response = saved(client, at_scope(meeting, "edit"), start="11:00", end="12:00")
    assert said(response) == ["Design review is changed."]
    assert {text[-5:] for text in starts(meeting)} == {"11:00"}


def rescoped(client: Client, sent: dict[str, Any], address: str) -> dict[str, Any]:
    """What stands in the form after other dates were chosen in it."""
    response = client.post(address, sent | {"rescope": "1"})
    assert response.status_code == 200
    values: dict[str, Any] = response.context["values"]
    return {name: value for name, value in values.items() if value not in ("", False)}


def test_other_dates_are_chosen_without_losing_what_was_typed(
    client: Client, organizer: User
) -> None:
    meeting = weekly(organizer)
    everything, rest, one = (
        at_scope(meeting, "edit", THIRD if scope else "", scope)
        for scope in ("", "following", "this")
    )
    values = client.get(everything).context["values"]
    typed = {k: v for k, v in values.items() if v not in ("", False)} | {
        "title": "Retro",
        "date": "2027-03-11",
        "start": "15:00",
        "end": "16:30",
        "on": ["TH"],
    }
    following = rescoped(client, typed, rest)
    assert (following["date"], following["start"], following["times"]) == (
        "2027-03-25",
        "15:00",
        "3",
    )
    alone = rescoped(client, following, one)
    assert (alone["title"], alone["date"], alone["end"]) == ("Retro", "2027-03-25", "16:30")
    for name in ("repeat", "every", "on"):  # fields that the form of one date does not have
        alone.pop(name, None)
    back = rescoped(client, alone, everything)
    assert (back["date"], back["start"], back["times"]) == ("2027-03-11", "15:00", "5")
    assert back["title"] == "Retro"
    assert starts(meeting)[0] == "10.03. 10:00"
    untouched = rescoped(client, {**client.get(one).context["values"], "all_day": ""}, rest)
    assert untouched["date"] == "2027-03-24"


@pytest.mark.parametrize("page", ["edit", "cancel"])
@pytest.mark.parametrize(
    "query",
    ["?date=2027-03-18T10:00:00", "?date=yesterday", f"?date={SECOND}&scope=some"],
)
def test_a_date_that_is_none_is_not_found(
    client: Client, organizer: User, page: str, query: str
) -> None:
    meeting = weekly(organizer)
    assert client.get(f"/meetings/{meeting.uid}/{page}/{query}").status_code == 404


def test_a_single_meeting_has_no_scopes(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    for page in ("edit", "cancel"):
        assert "scopes" not in client.get(at_scope(meeting, page)).content.decode()


def test_the_plan_says_what_becomes_of_the_dates(client: Client, organizer: User) -> None:
    meeting = weekly(organizer, ben())
    saved(client, at_scope(meeting, "edit", SECOND), title="Demo day")
    values = client.get(at_scope(meeting, "edit")).context["values"] | {
        "start": "11:00",
        "end": "12:00",
        "look": "1",
    }
    page = client.post(at_scope(meeting, "edit"), {k: v for k, v in values.items() if v})
    assert page.context["panel"].plan_words == (
        "Moves 5 dates, keeps 1 changed date, tells Ben Okafor what changed"
    )


def test_people_of_one_date_are_among_those_told(client: Client, organizer: User) -> None:
    meeting = weekly(organizer, ben())
    stranger = cy()
    saved(client, at_scope(meeting, "edit", SECOND), required=f"ben@example.com, {stranger.email}")
    told = {
        "": "Tells Ben Okafor and Cy Young what changed",
        SECOND: "Tells Ben Okafor and Cy Young what changed",
        THIRD: "Tells Ben Okafor what changed",
    }
    for date, words in told.items():
        address = at_scope(meeting, "edit", date, "following" if date else "")
        values = client.get(address).context["values"] | {"title": "Retro", "look": "1"}
        page = client.post(address, {k: v for k, v in values.items() if v})
        assert page.context["panel"].plan_words == words
        cancelling = client.get(at_scope(meeting, "cancel", date, "following" if date else ""))
        assert (stranger.email in cancelling.content.decode()) == (date != THIRD)


def test_changed_dates_that_the_new_rule_lacks_are_asked_about(
    client: Client, organizer: User
) -> None:
    meeting = weekly(organizer)
    saved(client, at_scope(meeting, "edit", SECOND), title="Demo day")
    typed = {"repeat": "weekly", "every": "2", "on": ["WE"], "ends": "after", "times": "3"}
    asked = saved(client, at_scope(meeting, "edit"), **typed)
    page = asked.content.decode()
    assert asked.status_code == 409
    assert "Choose what becomes of them." in page
    assert "Demo day" in page
    assert len(starts(meeting)) == 5
    done = saved(client, at_scope(meeting, "edit"), **typed, orphans="keep")
    assert done.status_code == 302
    single = Meeting.objects.exclude(pk=meeting.pk).get()
    assert (single.title, single.is_series) == ("Demo day", False)
    assert starts(meeting) == ["10.03. 10:00", "17.03. 10:00", "24.03. 10:00", "07.04. 10:00"]


@pytest.mark.parametrize(
    ("date", "scope", "left", "sentence", "promise"),
    [
        (
            SECOND,
            "this",
            4,
            "Design review on Wed 17 March, 10:00–11:00 is cancelled.",
            "Only this date is cancelled",
        ),
        (
            THIRD,
            "following",
            2,
            "Design review is cancelled from Wed 24 March, 10:00–11:00 on.",
            "3 dates to come are cancelled",
        ),
        ("", "", 0, "Design review is cancelled.", "5 dates to come are cancelled"),
    ],
)
def test_cancelling_says_which_dates_go(
    client: Client,
    organizer: User,
    date: str,
    scope: str,
    left: int,
    sentence: str,
    promise: str,
) -> None:
    room = RoomFactory.create(name="Blue Room")
    meeting = weekly(organizer, ben(), rooms=(room,))
    address = at_scope(meeting, "cancel", date, scope)
    page = client.get(address).content.decode()
    assert promise in page
    assert "Blue Room can be booked by others again." in page
    response = client.post(address)
    assert said(response) == [f"{sentence} 1 person will be told in 10 seconds."]
    assert len(starts(meeting)) == left
    assert client.post(undo_address(response)).status_code == 302
    assert len(starts(meeting)) == 5


def test_dates_past_the_index_are_cancelled(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, rrule="FREQ=WEEKLY")
    address = at_scope(meeting, "cancel", "2029-03-14T10:00:00", "following")
    page = client.get(address).content.decode()
    assert "All dates from this one on are cancelled." in page
    response = client.post(address)
    meeting.refresh_from_db()
    assert meeting.rrule == "FREQ=WEEKLY;UNTIL=20290307"
    assert meeting.indexed_until is not None  # dates between the index and these stay
    assert client.get(response["Location"]).status_code == 200


def test_called_off_dates_of_the_past_do_not_end_a_series_earlier(
    client: Client, organizer: User
) -> None:
    meeting = weekly(organizer)
    client.post(at_scope(meeting, "cancel", SECOND))
    with time_machine.travel(at("2027-03-25 10:00"), tick=False):
        client.force_login(organizer)
        client.post(at_scope(meeting, "cancel"))
    meeting.refresh_from_db()
    assert meeting.rrule == "FREQ=WEEKLY;COUNT=3"
    assert starts(meeting) == ["10.03. 10:00", "24.03. 10:00"]


def test_the_date_under_way_is_ended(client: Client, organizer: User) -> None:
    meeting = weekly(organizer)
    with time_machine.travel(at("2027-03-17 10:20"), tick=False):
        client.force_login(organizer)
        assert client.post(f"/meetings/{meeting.uid}/end/").status_code == 404
        ended = client.post(at_scope(meeting, "end", SECOND))
    assert said(ended) == ["Design review is ended."]
    row = Occurrence.objects.get(meeting=meeting, recurrence_id=SECOND)
    assert row.end == at("2027-03-17 10:20")
    assert Occurrence.objects.filter(meeting=meeting, length__isnull=False).count() == 1


def test_a_moved_meeting_is_moved_back_by_the_button(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben())
    moved = saved(client, at_scope(meeting, "edit"), start="15:00", end="16:00")
    address = undo_address(moved)
    page = client.get(moved["Location"]).content.decode()
    assert f'action="{address}"><input type="hidden" name="csrfmiddlewaretoken"' in page
    undone = client.post(address)
    assert said(undone) == ["Undone: Design review is as it was, and nobody was told."]
    assert undone["Location"] == f"/calendar/week/2027-03-10/?meeting={meeting.uid}"
    assert starts(meeting) == ["10.03. 10:00"]
    assert last_message(client.post(address)).level_tag == "error"


def test_after_the_window_it_stays_with_a_sentence(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    address = undo_address(client.post(at_scope(meeting, "cancel")))
    with time_machine.travel(NOW + timedelta(seconds=11), tick=False):
        refused = client.post(address)
    assert last_message(refused).level_tag == "error"
    assert str(last_message(refused)).startswith("It is too late to undo that")
    assert starts(meeting) == []


def test_undoing_is_for_those_who_may_edit(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben())
    address = undo_address(client.post(at_scope(meeting, "cancel")))
    assert client.get(address).status_code == 405
    for other in (User.objects.get(email="ben@example.com"), cy()):
        client.force_login(other)
        assert client.post(address).status_code == 404
        assert client.post("/changes/99999999999999999999/undo/").status_code == 404
    assert starts(meeting) == []


def test_the_page_of_a_meeting_finds_what_can_be_undone(client: Client, organizer: User) -> None:
    meeting = weekly(organizer)
    assert undoable(meeting, organizer, NOW) is None
    saved(client, at_scope(meeting, "edit", THIRD, "following"), title="Retro")
    later = Meeting.objects.exclude(pk=meeting.pk).get()
    found = undoable(later, organizer, NOW)
    assert found is not None
    assert undoable(meeting, organizer, NOW) == found
    assert undoable(later, ben(), NOW) is None
    assert undoable(later, organizer, NOW + timedelta(seconds=10)) is None
    client.post(f"/changes/{found.pk}/undo/")
    assert undoable(meeting, organizer, NOW) is None
    assert titles(meeting) == ["Design review"] * 5


def test_booking_a_series_says_how_many_dates(client: Client, organizer: User) -> None:
    typed = {"title": "Weekly", "date": "2027-03-10", "start": "10:00", "end": "11:00"}
    typed |= {"zone": "Europe/Berlin", "repeat": "weekly", "ends": "after", "times": "4"}
    looked = client.post("/meetings/new/", typed | {"look": "1"})
    assert looked.context["panel"].plan_words == "Books 4 dates, mails nobody"
    booked = client.post("/meetings/new/", typed | {f"decide-{SECOND}": "skip"})
    assert said(booked) == ["Weekly is booked: 3 dates, 1 skipped."]
