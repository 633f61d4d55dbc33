"""Which state follows which, and what each allows: one table."""

from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from meetings.models import Meeting, Occurrence
from meetings.problems import WrongState


class State(StrEnum):
    """The states of a date. `ongoing` and `completed` follow from the clock."""

    SCHEDULED = "scheduled"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class Act(StrEnum):
    """What can be done to a date."""

    EDIT = "edit"
    CANCEL = "cancel"
    END_NOW = "end now"
    ANSWER = "answer"
    INVITE = "invite"
    PROPOSE = "propose another time"


ALLOWED: dict[State, frozenset[Act]] = {
    State.SCHEDULED: frozenset({Act.EDIT, Act.CANCEL, Act.ANSWER, Act.INVITE, Act.PROPOSE}),
    State.ONGOING: frozenset({Act.EDIT, Act.END_NOW, Act.ANSWER, Act.INVITE}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SKIPPED: frozenset({Act.CANCEL}),
}


def state(occurrence: Occurrence, now: datetime) -> State:
    """The state at `now`. An all-day date begins and ends with the days of its meeting's zone."""
    if occurrence.status == Occurrence.Status.CANCELLED:
        return State.CANCELLED
    if occurrence.status == Occurrence.Status.SKIPPED:
        return State.SKIPPED
    stretch = occurrence.occupied_in(occurrence.meeting.zone)
    if now < stretch.start:
        return State.SCHEDULED
    return State.ONGOING if now < stretch.end else State.COMPLETED


def state_of_all(meeting: Meeting, now: datetime) -> State:
    """The state of a meeting with all its dates; reads them as rows, prefetched or in a query."""
    if meeting.cancelled:
        return State.CANCELLED
    states = {state(row, now) for row in meeting.occurrences.all()}
    if State.ONGOING in states:
        return State.ONGOING
    if State.SCHEDULED in states or meeting.indexed_until is not None:
        return State.SCHEDULED
    for last in (State.COMPLETED, State.SKIPPED):
        if last in states:
            return last
    return State.CANCELLED


def allows(act: Act, occurrence: Occurrence, now: datetime) -> bool:
    """Whether `act` can be done at `now`."""
    return act in ALLOWED[state(occurrence, now)]


def require(act: Act, occurrence: Occurrence, now: datetime) -> None:
    """Raise WrongState, with what can be done instead, unless `act` can be done at `now`."""
    at = state(occurrence, now)
    if act in ALLOWED[at]:
        return
    if at is State.ONGOING and act is Act.PROPOSE:
        raise WrongState(_("The meeting has begun, so no other time can be proposed any more."))
    if at is State.ONGOING:
        raise WrongState(_("The meeting is under way. End it now instead, or let it run."))
    if act is Act.END_NOW and at is State.SCHEDULED:
        raise WrongState(_("The meeting has not begun. Cancel it instead."))
    if at is State.COMPLETED:
        raise WrongState(_("The meeting is over and stays as it was. Make a new one instead."))
    raise WrongState(_("The meeting was cancelled. Make a new one instead."))
