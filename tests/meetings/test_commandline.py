"""What a person does in a shell: book, reschedule, cancel, respond, free."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import ApiToken, User
from meetings.commandline.times import when_asked, window_asked
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.wallclock import AllDay, Timed
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    ana,
    at,
    ben,
    book,
    cy,
    stretch,
    timed,
    works,
)

pytestmark = pytest.mark.django_db

ANA = ("--as", "ana@example.com")
BEN = ("--as", "ben@example.com")
CY = ("--as", "cy@example.com")
TEN = ("--start", "2027-03-10T10:00", "--minutes", "60")
WEEKLY = "FREQ=WEEKLY;COUNT=4"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    """Commands run at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


def run(*words: object) -> str:
    """What a command prints."""
    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


def refused(*words: object) -> tuple[str, int, str]:
    """Why a command did nothing, its exit status, and what it printed."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*map(str, words), stdout=out)
    return str(caught.value), caught.value.returncode, out.getvalue()


def over_rest(person: User, method: str, path: str, body: object = None) -> Any:
    """What the REST API answers."""
    _token, secret = ApiToken.issue(
        person, name="test", scopes=["read", "write"], expires_at=None, now=NOW
    )
    answer = Client().generic(
        method,
        f"/api/v1{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )
    return json.loads(answer.content)


def starts(meeting: Meeting) -> list[str]:
    """When its dates begin on Berlin's clocks."""
    rows = Occurrence.objects.live().filter(meeting=meeting).order_by("during")
    return [f"{row.start.astimezone(BERLIN):%m-%d %H:%M}" for row in rows]


# Booking -------------------------------------------------------------------


def test_a_meeting_is_booked_for_who_is_named(settings: Settings) -> None:
    settings.BASE_URL = "https://meetings.example.org"
    organizer, room = ana(), RoomFactory.create(code="blue", name="Blue Room")
    ben()

    said = run(
        *("book", "Design review", *ANA, *TEN, "--room", "blue"),
        *("--with", "ben@example.com, Marta <marta@silva.example>"),
        *("--optional", "cy@example.com", "--priority", "high"),
    )

    meeting = Meeting.objects.get()
    assert said == (
        "Booked: Design review, Wed 10 March, 10:00–11:00 (Europe/Berlin), in Blue Room.\n"
        "Mails go to Ben Okafor, Marta and cy@example.com.\n"
        f"Its UID is {meeting.uid}, its page\n"
        f"https://meetings.example.org/meetings/{meeting.uid}/\n"
    )
    assert (meeting.organizer, meeting.priority) == (organizer, 3)
    assert meeting.occurrence.stretch == stretch("2027-03-10 10:00", "2027-03-10 11:00")
    assert Booking.objects.get().room == room
    roles = {row.address: row.role for row in meeting.invitations.current()}
    assert roles["marta@silva.example"] == "required"
    assert roles["cy@example.com"] == "optional"


def test_programs_read_what_the_rest_api_says() -> None:
    organizer = ana()
    RoomFactory.create(code="blue")

    booked = json.loads(run("book", "Review", *ANA, *TEN, "--room", "blue", "--json"))

    assert (booked["room_booked"], booked["invitations_sent"]) == (True, 0)
    seen = over_rest(organizer, "GET", f"/meetings/{booked['meeting_id']}")
    assert {name: booked[name] for name in seen} == seen


def test_what_collides_is_refused_with_other_times_and_nothing_private() -> None:
    works(ana())
    guest = cy()
    RoomFactory.create(code="blue", name="Blue Room")
    run("book", "Merger", *ANA, *TEN, "--room", "blue", "--private")
    later = ("--start", "2027-03-10T10:30", "--minutes", "60")
    asked = ("book", "Review", *CY, *later, "--with", "ana@example.com", "--room", "blue")

    words, status, _printed = refused(*asked)
    _words, _status, printed = refused(*asked, "--json")

    assert status == 1
    assert words.startswith("A room is not to be had at that time.")
    assert "  Ana Berger is busy Wed 10 March, 10:00–11:00. Busy\n" in words
    assert "  Instead: Wed 10 March, 11:00–12:00 (Europe/Berlin), in Blue Room." in words
    assert "Merger" not in words + printed
    body = {
        "title": "Review",
        "start_time": "2027-03-10T10:30:00+01:00",
        "end_time": "2027-03-10T11:30:00+01:00",
        "attendees": ["ana@example.com"],
        "room_id": "blue",
    }
    assert json.loads(printed) == over_rest(guest, "POST", "/meetings", body)
    assert Meeting.objects.count() == 1


def test_what_was_seen_is_booked_all_the_same() -> None:
    ana(), ben()
    run("book", "First", *BEN, *TEN)
    asked = ("book", "Second", *ANA, *TEN, "--with", "ben@example.com")

    words, _status, _printed = refused(*asked, "--dry-run")
    fingerprint = words.rpartition("--on-conflict ask --seen ")[2]
    said = run(*asked, "--seen", fingerprint)

    assert said.startswith("Booked: Second")
    assert "  Ben Okafor is busy Wed 10 March, 10:00–11:00." in said


def test_taking_a_room_needs_the_permission_and_a_reason() -> None:
    organizer = ana()
    cy()
    RoomFactory.create(code="blue")
    run("book", "First", *CY, *TEN, "--room", "blue", "--priority", "low")
    asked = ("book", "Second", *ANA, *TEN, "--room", "blue", "--on-conflict", "override")

    assert refused(*asked)[:2] == ("You may not take rooms from others. Ask an administrator.", 1)
    organizer.user_permissions.add(Permission.objects.get(codename="override_bookings"))
    assert refused(*asked)[:2] == ("Say why: those who lose the room read it.", 2)
    said = run(*asked, "--reason", "Board visit")

    assert "  First (Cy Young), Wed 10 March, 10:00–11:00, keeps its time without a room." in said


def test_trying_writes_nothing() -> None:
    ana()

    said = run("book", "Review", *ANA, *TEN, "--with", "ben@example.com", "--dry-run")
    told = json.loads(run("book", "Review", *ANA, *TEN, "--dry-run", "--json"))

    assert said == (
        "Nothing was done. It would be possible:"
        " Review, Wed 10 March, 10:00–11:00 (Europe/Berlin).\nMails 1 person.\n"
    )
    assert (told["dry_run"], told["possible"]) == (True, True)
    assert not Meeting.objects.exists()


def test_dates_of_a_series_that_collide_are_left_out() -> None:
    ana(), ben()
    run("book", "Other", *BEN, "--start", "2027-03-17T10:00", "--minutes", "60")
    asked = ("book", "Weekly", *ANA, *TEN, "--with", "ben@example.com", "--rrule", WEEKLY)

    words, status, _printed = refused(*asked)
    told = json.loads(run(*asked, "--skip", "2027-03-17", "--json"))

    assert told["skipped"] == ["2027-03-17T10:00:00"]
    assert len(told["occurrences"]) == 3
    assert status == 1
    assert "Ben Okafor is busy Wed 17 March, 10:00–11:00." in words
    weekly = Meeting.objects.get(title="Weekly")
    assert starts(weekly) == ["03-10 10:00", "03-24 10:00", "03-31 10:00"]


def test_what_is_so_on_many_dates_is_said_once() -> None:
    works(ana())

    said = run(
        "book", "Early", *ANA, "--start", "2027-03-10T07:00", "--minutes", 5, "--rrule", WEEKLY
    )

    assert said.count("outside working hours") == 1
    assert "  7:00 for Ana Berger, outside working hours. (4 dates)\n" in said


# Moving, calling off -------------------------------------------------------


def test_a_meeting_is_moved_and_keeps_its_length() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 45, ben())

    said = run("reschedule", meeting.uid, *ANA, "--start", "2027-03-11T15:00")

    assert said.startswith("Moved: Design review, Thu 11 March, 15:00–15:45 (Europe/Berlin).\n")
    assert "Mails go to Ben Okafor." in said
    assert starts(meeting) == ["03-11 15:00"]
    again = run("reschedule", meeting.uid, *ANA, "--start", "2027-03-11T15:00")
    assert again.startswith("Nothing has changed")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ([], ["03-10 10:00", "03-18 11:30", "03-24 10:00", "03-31 10:00"]),
        (["--scope", "all"], ["03-11 11:30", "03-18 11:30", "03-25 11:30", "04-01 11:30"]),
    ],
)
def test_dates_of_a_series_move_by_as_much(scope: list[str], expected: list[str]) -> None:
    meeting = book(ana(), rrule=WEEKLY)

    moving = ("reschedule", meeting.uid, *ANA, "--date", "2027-03-17", *scope)
    run(*moving, "--start", "2027-03-18T11:30")

    assert starts(meeting) == expected


def test_on_another_day_it_is_at_the_same_time() -> None:
    meeting = book(ana(timezone=ZoneInfo("Asia/Tokyo")))

    run("reschedule", meeting.uid, *ANA, "--start", "2027-03-12")

    meeting.refresh_from_db()
    assert meeting.when == timed("2027-03-12 10:00")


def test_this_and_the_following_go_on_as_a_part_of_their_own() -> None:
    meeting = book(ana(), rrule=WEEKLY)

    run(
        *("reschedule", meeting.uid, *ANA, "--start", "2027-03-24T14:00"),
        *("--date", "2027-03-24T10:00:00", "--scope", "following"),
    )

    later = Meeting.objects.exclude(pk=meeting.pk).get()
    assert starts(meeting) == ["03-10 10:00", "03-17 10:00"]
    assert starts(later) == ["03-24 14:00", "03-31 14:00"]


def test_somebody_elsewhere_moves_it_and_it_follows_its_own_clocks() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    meeting = book(ana(timezone=tokyo))

    run("reschedule", meeting.uid, *ANA, "--start", "2027-03-10T19:00")

    meeting.refresh_from_db()
    assert meeting.when == timed("2027-03-10 11:00")


def test_a_meeting_or_a_date_is_called_off_with_the_reason() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), rrule=WEEKLY)

    tried = run("cancel", meeting.uid, *ANA, "--date", "2027-03-17", "--dry-run")
    assert tried.startswith("Would be called off: Design review, Wed 17 March, 10:00–11:00")
    assert len(starts(meeting)) == 4
    told = json.loads(run("cancel", meeting.uid, *ANA, "--date", "2027-03-17", "--json"))
    assert (told["status"], told["recurrence_id"]) == ("cancelled", "2027-03-17T10:00:00")
    assert starts(meeting) == ["03-10 10:00", "03-24 10:00", "03-31 10:00"]
    said = run("cancel", meeting.uid, *ANA, "--reason", "Done")

    assert said == "Called off: Design review, 3 dates.\nMails go to Ben Okafor.\n"
    assert Change.objects.latest("pk").reason == "Done"
    assert refused("cancel", meeting.uid, *ANA)[1] == 1


# Answering, looking --------------------------------------------------------


def test_an_invitation_is_answered_for_all_dates_or_one() -> None:
    guest = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, guest, rrule=WEEKLY)

    said = run("respond", meeting.uid, *BEN, "accepted", "--note", "Gladly")
    run("respond", meeting.uid, *BEN, "declined", "--date", "2027-03-17")
    told = json.loads(run("respond", meeting.uid, *BEN, "tentative", "--json"))

    assert said.startswith("Ben Okafor accepts Design review, Every Wednesday at 10:00, 4 times")
    rows = meeting.invitations.filter(user=guest).order_by("recurrence_id")
    assert [(row.recurrence_id, row.status, row.note) for row in rows] == [
        ("", "tentative", "Gladly"),
        ("2027-03-17T10:00:00", "declined", "Gladly"),
    ]
    assert told == over_rest(guest, "GET", f"/invitations/{rows[0].uid}")
    cy()
    assert refused("respond", meeting.uid, *CY, "accepted")[:2] == (
        "Cy Young is not invited to this meeting.",
        1,
    )


def test_free_and_busy_and_the_best_times() -> None:
    works(ana()), works(ben())
    RoomFactory.create(code="blue", name="Blue Room")
    run("book", "Merger", *BEN, *TEN, "--room", "blue", "--private")
    asked = (
        *("free", *ANA, "--with", "ben@example.com", "--room", "blue"),
        *("--from", "2027-03-10T09:00", "--to", "2027-03-10T13:00"),
    )

    said = run(*asked).splitlines()
    told = json.loads(run(*asked, "--json"))

    assert said[:3] == [
        "Ben Okafor is busy Wed 10 March, 10:00–11:00.",
        "Blue Room is taken Wed 10 March, 10:00–11:00.",
        "Best times (Europe/Berlin):",
    ]
    assert said[3].startswith("  Wed 10 March, 9:00–10:00, Blue Room: Both can come; inside")
    assert [busy["room_id"] for busy in told["busy_times"]] == [None, "blue"]
    assert told["slots"][0]["start_time"] == "2027-03-10T08:00:00Z"
    assert all("Merger" not in line for line in said)


# What cannot be understood -------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--start", "tomorrow", "--minutes", "5"], "write it like 2027-03-10T14:00"),
        (["--start", "2027-03-10T10:00"], "Say how long it takes"),
        ([*TEN, "--end", "11:00"], "not both"),
        (["--start", "2027-03-10T10:00", "--end", "9:00"], "after the start"),
        (["--start", "2027-03-10", "--minutes", "5"], "ends on a day"),
        (["--start", "2027-02-30"], "write it like 2027-03-10"),
        (["--start", "2027-03-10T10:00", "--minutes", "9" * 12], "between the years"),
        (["--start", "9999-12-31T10:00", "--minutes", "5"], "between the years"),
        (["--start", "9999-12-31"], "between the years"),
        ([*TEN, "--location", "\udcff"], "no text in UTF-8"),
        ([*TEN, "--zone", "Mars"], "is no time zone"),
        ([*TEN, "--room", "nowhere"], "no room “nowhere”"),
        ([*TEN, "--with", "somebody"], "not an e-mail address"),
        ([*TEN, "--rrule", "FREQ=SECONDLY"], "once a day at most"),
        ([*TEN, "--rrule", WEEKLY, "--skip", "2027-03-11"], "its first is 2027-03-10T10:00:00"),
        ([*TEN, "--minutes", "soon"], "invalid int value"),
    ],
)
def test_what_is_not_understood_says_what_to_write(words: list[str], sentence: str) -> None:
    ana()

    said, status, _printed = refused("book", "Review", *ANA, *words)

    assert sentence in said
    if "invalid" not in sentence:  # of the parser itself, which exits with 2 from a shell
        assert status == 2
    assert not Meeting.objects.exists()


def test_meetings_dates_and_people_that_are_not_there() -> None:
    stranger = cy()
    secret = book(ana(), visibility="private")
    series = book(stranger, "2027-03-11 10:00", rrule=WEEKLY)

    assert "no meeting" in refused("cancel", secret.uid, *CY)[0]
    words, status, _printed = refused("cancel", series.uid, *CY, "--date", "2027-03-12")
    assert (status, "the next are 2027-03-11T10:00:00" in words) == (2, True)
    assert "Say which date" in refused("cancel", series.uid, *CY, "--scope", "this")[0]
    assert "Nobody here" in refused("book", "x", "--as", "ghost@example.com", *TEN)[0]
    User.objects.get_queryset().filter(pk=stranger.pk).update(is_active=False)
    assert "is closed" in refused("book", "x", *CY, *TEN)[0]


@pytest.mark.parametrize(
    ("start", "end", "minutes", "expected"),
    [
        ("2027-03-10T10:00", None, 90, timed("2027-03-10 10:00", 90)),
        ("2027-03-10T09:00Z", "11:30", None, timed("2027-03-10 10:00", 90)),
        ("2027-03-10 23:00", "2027-03-11 01:00", None, timed("2027-03-10 23:00", 120)),
        ("2027-03-28T01:00", "2027-03-28T04:00", None, timed("2027-03-28 01:00", 120)),
        ("2027-03-10", None, None, AllDay(timed("2027-03-10 10:00").day, 1)),
        ("2027-03-10", "2027-03-12", None, AllDay(timed("2027-03-10 10:00").day, 3)),
    ],
)
def test_times_are_read_on_the_wall_clock(
    start: str, end: str | None, minutes: int | None, expected: Timed | AllDay
) -> None:
    assert when_asked(start, end, minutes, BERLIN) == expected


def test_the_second_of_two_equal_times_is_not_taken_for_the_first() -> None:
    with pytest.raises(CommandError, match="show 2027-10-31T02:30\\+01:00 twice"):
        when_asked("2027-10-31T02:30+01:00", None, 30, BERLIN)
    first = when_asked("2027-10-31T02:30+02:00", None, 30, BERLIN)
    assert first.during().start == at("2027-10-31 02:30")


def test_the_last_day_of_a_window_is_included() -> None:
    found = window_asked("2027-03-27", "2027-03-28", BERLIN)

    assert found.length == timedelta(hours=47)
    assert window_asked("2027-03-27T08:00Z", "2027-03-27T10:00", BERLIN).length == timedelta(
        hours=1
    )
