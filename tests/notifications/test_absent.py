"""Who is out of office answers when she is asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Meeting
from notifications.announcing import announce
from notifications.models import Delivery
from tests.factories import NOW, ana, answer, away, ben, book, cy, draft, invitation_of, timed

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=1)


@pytest.fixture
def gone() -> User:
    """Ben is out of office on 10 March, and declines."""
    gone = ben()
    away(gone, "2027-03-10", declines=True, message="Back on Thursday.")
    return gone


def said(meeting: Meeting, person: User) -> dict[str, str]:
    return dict(meeting.invitations.filter(user=person).values_list("recurrence_id", "status"))


def told(meeting: Meeting) -> list[tuple[str, str]]:
    """Which messages there are, to whom."""
    return list(
        Delivery.objects.filter(meeting=meeting).order_by("pk").values_list("kind", "address")
    )


def change(meeting: Meeting, *, at: Any = NOW, **fields: Any) -> None:
    """The organizer edits all of it."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    wanted = replace(scheduler.draft_of(meeting), **fields)
    scheduler.edit(
        meeting, wanted, by=meeting.organizer, now=at, version=meeting.version, policy="allow"
    )


def test_the_organizer_is_told_once_when_the_invitation_leaves(gone: User) -> None:
    organizer, window = ana(), timedelta(seconds=10)
    wanted = draft("2027-03-10 10:00", 60, gone)
    meeting = scheduler.schedule(wanted, by=organizer, now=NOW, policy="allow", undo=window).meeting
    announce(SOON)
    assert said(meeting, gone) == {"": "needs-action"}  # it can still be undone
    announce(NOW + window)
    announce(NOW + 2 * window)
    assert said(meeting, gone) == {"": "declined"}
    assert told(meeting) == [("invitation", gone.email), ("answer", organizer.email)]


def test_who_is_added_or_moved_there(gone: User) -> None:
    organizer, other = ana(), cy()
    added = book(organizer, "2027-03-10 10:00", 60, other)
    moved = book(organizer, "2027-03-09 10:00", 60, gone)
    announce(SOON)
    answer(moved, gone, "accepted")
    announce(SOON)
    assert said(moved, gone) == {"": "accepted"}
    change(added, attendees=(Attendee(other.email), Attendee(gone.email)))
    change(moved, when=timed("2027-03-10 10:00"))
    announce(SOON)
    assert said(added, gone) == said(moved, gone) == {"": "declined"}
    assert said(added, other) == {"": "needs-action"}


def test_nobody_answers_who_was_not_asked_again(gone: User) -> None:
    organizer, other = ana(), cy()
    meeting = book(organizer, "2027-03-11 10:00", 60, gone)
    announce(SOON)
    away(gone, "2027-03-11", declines=True)
    change(meeting, attendees=(Attendee(gone.email), Attendee(other.email)))
    announce(SOON)
    assert said(meeting, gone) == {"": "needs-action"}
    scheduler.resend(invitation_of(meeting, gone), by=organizer, now=SOON)
    announce(SOON)
    assert said(meeting, gone) == {"": "declined"}


def test_one_date_of_a_series_that_is_moved_there(gone: User) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-11 10:00", 60, gone, rrule="FREQ=WEEKLY;COUNT=3")
    announce(SOON)
    answer(meeting, gone, "accepted")
    name = "2027-03-18T10:00:00"
    meeting = Meeting.objects.get(pk=meeting.pk)
    wanted = replace(scheduler.draft_of(meeting), rrule="", when=timed("2027-03-10 12:00"))
    scheduler.edit(
        meeting,
        wanted,
        by=organizer,
        now=NOW,
        version=meeting.version,
        policy="allow",
        scope=scheduler.Scope.THIS,
        recurrence_id=name,
    )
    announce(SOON)
    assert said(meeting, gone) == {"": "accepted", name: "declined"}
