"""End a date that is under way."""

from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import User
from meetings import lifecycle
from meetings.dates import date_of
from meetings.lifecycle import Act
from meetings.models import Meeting
from meetings.permissions import require_edit
from meetings.scheduler.differences import draft_of
from meetings.scheduler.edit import edit
from meetings.scheduler.plans import (
    Done,
    Scope,
)
from meetings.wallclock import AllDay, Timed, When


def end_now(
    meeting: Meeting,
    *,
    by: User,
    now: datetime,
    undo: timedelta = timedelta(0),
    recurrence_id: str = "",
) -> Done:
    """End a date that is under way at the next full minute, and give its rooms back.

    Raises NotAllowed or WrongState.
    """
    require_edit(by, meeting)
    row = date_of(meeting, recurrence_id) if meeting.is_series else meeting.occurrence
    lifecycle.require(Act.END_NOW, row, now)
    when = row.when
    if isinstance(when, AllDay):
        gone = (now.astimezone(meeting.zone).date() - when.first).days
        shorter: When = AllDay(when.first, max(1, gone))
    else:
        minutes = -((when.during().start - now) // timedelta(minutes=1))
        shorter = Timed(when.start, when.zone, timedelta(minutes=max(1, minutes)))
    scope = Scope.THIS if meeting.is_series else Scope.ALL
    draft = replace(draft_of(meeting, scope=scope, recurrence_id=recurrence_id), when=shorter)
    return edit(
        meeting,
        draft,
        by=by,
        now=now,
        version=meeting.version,
        policy="allow",
        undo=undo,
        scope=scope,
        recurrence_id=recurrence_id,
    )
