"""Declining for people who are out of office."""

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Invitation, Meeting
from tests.factories import NOW, ana, answer, at, away, ben, book, cy, days, invitation_of

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def answers(meeting: Meeting, person: User) -> dict[str, tuple[str, str]]:
    """Each row of a person: the answer and its note, by recurrence-id."""
    rows = meeting.invitations.filter(user=person)
    return {row.recurrence_id: (row.status, row.note) for row in rows}


def declined(meeting: Meeting) -> list[tuple[list[str], User | None]]:
    """What was answered in a person's name: for which dates, and in whose."""
    changes = meeting.changes.filter(kind=Change.Kind.ANSWERED).order_by("pk")
    assert all(change.not_before == change.created_at == NOW for change in changes)
    assert all(change.announced_at is None for change in changes)
    return [(change.dates, change.by) for change in changes]


def test_who_is_asked_into_time_off_that_declines_is_declined_with_its_message() -> None:
    organizer, gone, here = ana(), ben(), cy()
    away(gone, "2027-03-10", declines=True, message="Back on Thursday.")
    away(here, "2027-03-10")  # does not decline
    meeting = book(organizer, "2027-03-10 10:00", 60, gone, here)
    assert scheduler.decline_for_absent(meeting, [gone, here], now=NOW) == 1
    assert answers(meeting, gone) == {"": ("declined", "Back on Thursday.")}
    assert answers(meeting, here) == {"": ("needs-action", "")}
    assert declined(meeting) == [([], gone)]
    assert scheduler.decline_for_absent(meeting, [gone, here], now=NOW) == 0


@pytest.mark.parametrize(
    ("off", "start", "is_declined"),
    [
        ({"first": "2027-03-10"}, "2027-03-11 10:00", False),
        ({"first": "2027-03-10", "end": "10:00"}, "2027-03-10 10:00", False),
        ({"first": "2027-03-10", "end": "10:01"}, "2027-03-10 10:00", True),
        ({"first": "2027-03-01", "end": "08:30"}, "2027-03-01 09:30", False),  # over
    ],
)
def test_only_what_lies_in_it(off: dict[str, str], start: str, is_declined: bool) -> None:
    gone = ben()
    away(gone, **off, declines=True)
    meeting = book(ana(), start, 60, gone)
    assert scheduler.decline_for_absent(meeting, [gone], now=NOW) == is_declined
    said = ("declined", "Out of office.") if is_declined else ("needs-action", "")
    assert answers(meeting, gone) == {"": said}


def test_of_a_series_only_the_dates_in_it_in_one_answer_each() -> None:
    gone = ben()
    away(gone, "2027-03-17", "2027-03-24", declines=True)
    meeting = book(ana(), "2027-03-10 10:00", 60, gone, rrule=WEEKLY)
    inside = ["2027-03-17T10:00:00", "2027-03-24T10:00:00"]
    assert scheduler.decline_for_absent(meeting, [gone], now=NOW) == 2
    off = ("declined", "Out of office.")
    assert answers(meeting, gone) == {"": ("needs-action", ""), **dict.fromkeys(inside, off)}
    assert declined(meeting) == [([name], gone) for name in inside]


def test_an_endless_series_is_declined_past_its_index_too() -> None:
    gone = ben()
    away(gone, "2029-03-05", "2029-03-09", declines=True)
    meeting = book(ana(), "2027-03-10 10:00", 60, gone, rrule="FREQ=WEEKLY")
    assert scheduler.decline_for_absent(meeting, [gone], now=NOW) == 1
    assert answers(meeting, gone)["2029-03-07T10:00:00"][0] == "declined"


def test_a_series_that_lies_in_it_altogether_is_declined_once() -> None:
    gone = ben()
    away(gone, "2027-03-01", "2027-05-01", declines=True)
    meeting = book(ana(), "2027-03-10 10:00", 60, gone, rrule=WEEKLY)
    assert scheduler.decline_for_absent(meeting, [gone], now=NOW) == 1
    assert declined(meeting) == [([], gone)]


def test_what_was_answered_stays_and_nobody_is_declined_from_her_own() -> None:
    organizer, gone = ana(), ben()
    for person in (organizer, gone):
        away(person, "2027-03-10", declines=True)
    meeting = book(organizer, "2027-03-10 10:00", 60, gone)
    answer(meeting, gone, "tentative")
    free = book(organizer, "2027-03-10 10:00", 60, gone, transparency="free")
    for each in (meeting, free):
        assert scheduler.decline_for_absent(each, [organizer, gone], now=NOW) == 0
    assert answers(meeting, gone) == {"": ("tentative", "")}
    assert answers(meeting, organizer) == {"": ("accepted", "")}
    assert answers(free, gone) == {"": ("needs-action", "")}


def test_what_is_in_it_already_is_declined_answered_or_not() -> None:
    organizer, gone = ana(), ben()
    off = away(gone, "2027-03-10", "2027-03-11", message="Away.")
    inside = [
        book(organizer, "2027-03-10 10:00", 60, gone),
        book(organizer, "2027-03-11 23:30", 60, gone),
        book(organizer, "", 0, gone, when=days("2027-03-11")),
    ]
    answer(inside[0], gone, "accepted")
    no = book(organizer, "2027-03-10 12:00", 60, gone)
    scheduler.respond(invitation_of(no, gone), "declined", by=gone, now=NOW, note="Lunch")
    own = book(gone, "2027-03-10 14:00", 60, organizer)
    outside = book(organizer, "2027-03-12 10:00", 60, gone)
    weekly = book(organizer, "2027-03-03 16:00", 60, gone, rrule=WEEKLY)
    answer(weekly, gone, "accepted")
    assert scheduler.decline_during(off, now=NOW) == 4
    for meeting in inside:
        assert answers(meeting, gone) == {"": ("declined", "Away.")}
    assert answers(no, gone) == {"": ("declined", "Lunch")}
    assert answers(own, gone) == {"": ("accepted", "")}
    assert answers(outside, gone) == {"": ("needs-action", "")}
    assert answers(weekly, gone) == {
        "": ("accepted", ""),
        "2027-03-10T16:00:00": ("declined", "Away."),
    }
    assert scheduler.decline_during(off, now=at("2027-03-13 09:00")) == 0
    assert Invitation.objects.filter(user=gone, status="declined").count() == 5
