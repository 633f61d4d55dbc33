"""What happened to a series, in words: by whom, to which dates, from what to what."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from meetings import scheduler
from meetings.history import Step, history
from meetings.models import Change, Meeting
from meetings.scheduler import OtherTime, Scope, Skip
from tests.factories import BERLIN, NOW, RoomFactory, ana, ben, book, timed

pytestmark = pytest.mark.django_db

SECOND, THIRD = "2027-03-17T10:00:00", "2027-03-24T10:00:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def meeting() -> Meeting:
    return book(ana(), "2027-03-10 10:00", 60, ben(), rrule="FREQ=WEEKLY")


def newest(meeting: Meeting) -> Step:
    return history(Meeting.objects.get(pk=meeting.pk), BERLIN)[0]


def recorded(meeting: Meeting, kind: str, **fields: list[list[str]]) -> None:
    """A change by nobody, as the worker records it."""
    Change.objects.create(
        meeting=meeting,
        kind=kind,
        dates=[SECOND, THIRD],
        fields=fields,
        version=1,
        created_at=NOW,
        not_before=NOW,
    )


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (
            "rooms",
            {"rooms_missed": [[], ["Blue"]]},
            "could not book Blue for Wed 17 March, Wed 24 March",
        ),
        (
            "clocks",
            {},
            "moved Wed 17 March, Wed 24 March by new rules of a time zone; the local time stays",
        ),
    ],
)
def test_what_nobody_did_the_scheduler_did(
    meeting: Meeting, kind: str, fields: dict[str, list[list[str]]], said: str
) -> None:
    recorded(meeting, kind, **fields)
    step = newest(meeting)
    assert (step.who, step.what, step.fields) == ("The scheduler", said, ())


def test_a_rule_is_told_in_words(meeting: Meeting) -> None:
    wanted = replace(scheduler.draft_of(meeting), rrule="FREQ=WEEKLY;INTERVAL=2")
    scheduler.edit(meeting, wanted, by=meeting.organizer, now=NOW, version=1)
    assert newest(meeting).fields == (("Repeats", "Every Wednesday", "Every second Wednesday"),)


def test_mended_dates_are_told_one_by_one(meeting: Meeting) -> None:
    red = RoomFactory.create(name="Red")
    scheduler.mend(
        meeting,
        {SECOND: Skip(), THIRD: OtherTime(timed("2027-03-25 14:00"), (red.pk,))},
        by=meeting.organizer,
        now=NOW,
        version=1,
    )
    step = newest(meeting)
    assert step.what == "changed Wed 17 March, Wed 24 March"
    assert step.fields == (
        (
            "Dates",
            "Wed 17 March: scheduled; Wed 24 March: none, Wed 24 March, 10:00–11:00 CET",
            "Wed 17 March: skipped; Wed 24 March: Red, Thu 25 March, 14:00–15:00 CET",
        ),
    )


def test_one_date_cancelled_and_that_taken_back(meeting: Meeting) -> None:
    done = scheduler.cancel(
        meeting,
        by=meeting.organizer,
        now=NOW,
        scope=Scope.THIS,
        recurrence_id=SECOND,
        undo=timedelta(seconds=10),
    )
    assert newest(meeting).what == "cancelled Wed 17 March"
    scheduler.undo(done.change, by=meeting.organizer, now=NOW)
    undone, cancelled, _created = history(Meeting.objects.get(pk=meeting.pk), BERLIN)
    assert undone.what == "took back what was done before"
    assert cancelled.what == "cancelled Wed 17 March, which was undone"


def test_an_answer_for_one_date_names_it(meeting: Meeting) -> None:
    row = meeting.invitations.get(user__email="ben@example.com")
    scheduler.respond(row, "declined", by=row.user, now=NOW, recurrence_id=SECOND)
    step = newest(meeting)
    assert (step.who, step.what) == ("Ben Okafor", "answered for Wed 17 March: declined")
