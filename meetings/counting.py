"""Counts what was booked and answered, once it is certain: when its transaction has committed."""

from functools import partial
from typing import Any

from django.db import transaction

from accounts import meters
from meetings.events import announced
from meetings.models import Change, Invitation, Meeting

ANSWERS = (
    Invitation.Status.ACCEPTED.value,
    Invitation.Status.TENTATIVE.value,
    Invitation.Status.DECLINED.value,
)


def listen() -> None:
    """Hear of every change from now on."""
    announced.connect(count_on_commit, dispatch_uid="meetings.count_on_commit")


def count_on_commit(*, change: Change, **kwargs: Any) -> None:
    """Count a change if it is not taken back; that it could not be counted hinders nobody."""
    transaction.on_commit(partial(count, change), robust=True)


def count(change: Change) -> None:
    """Add what a change made to what this process has counted."""
    if change.kind == Change.Kind.CREATED:
        _count_meeting(change)
    if change.kind in (Change.Kind.CREATED, Change.Kind.UPDATED) and change.added:
        meters.invitations.labels(_repeats(change.meeting)).inc(len(change.added))
    if change.kind == Change.Kind.ANSWERED:
        answer = change.fields["status"][1]
        if answer in ANSWERS:
            meters.answers.labels(answer).inc()


def _count_meeting(change: Change) -> None:
    meeting = change.meeting
    during = meeting.when.during()
    meters.meetings_created.labels(_repeats(meeting)).inc()
    meters.meeting_lengths.labels("yes" if meeting.all_day else "no").observe(
        (during.end - during.start).total_seconds()
    )


def _repeats(meeting: Meeting) -> str:
    return "yes" if meeting.is_series else "no"
