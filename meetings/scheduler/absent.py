"""Decline for people who are out of office: what they are asked to, or have in their calendar."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from accounts.models import TimeOff, User
from meetings.dates import coming, dates_in
from meetings.intervals import Stretch
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import calendar_of
from meetings.problems import WrongState
from meetings.scheduler.committing import committed
from meetings.scheduler.respond import row_for, write_answer

DAY = timedelta(days=1)
Status = Invitation.Status


def decline_for_absent(meeting: Meeting, people: Collection[User], *, now: datetime) -> int:
    """Answer for those of `people`, who were just asked, that have time off which declines.

    It declines the dates that lie in it and still wait for an answer, with its message, just as
    if they had answered; nobody is declined from a meeting of her own. Returns how many answers
    were given. Raises WrongState if others keep the meeting locked.
    """
    absences = list(TimeOff.objects.declining(now).filter(user__in=people).select_related("user"))

    def work() -> int:
        (locked,) = Meeting.objects.locked([meeting.pk])
        return sum(_decline(locked, off, {Status.NEEDS_ACTION}, now) for off in absences)

    return committed(work)


def decline_during(off: TimeOff, *, now: datetime) -> int:
    """Decline whatever the person has in this time off, answered or not, but for her own meetings.

    Each meeting is a transaction of its own. Returns how many answers were given. Raises
    WrongState if others keep a meeting locked.
    """
    stretch = off.stretch_in(off.user.zone)
    if stretch.end <= now:
        return 0
    meetings = {entry.meeting.pk for entry in calendar_of(off.user, stretch)}

    def work(pk: int) -> int:
        (locked,) = Meeting.objects.locked([pk])
        return _decline(locked, off, set(Status) - {Status.DECLINED}, now)

    return sum(committed(partial(work, pk)) for pk in sorted(meetings))


def _decline(meeting: Meeting, off: TimeOff, answers: Collection[str], now: datetime) -> int:
    """Decline the dates of a locked meeting that lie in `off` where the answer is one of these."""
    mine = Invitation.objects.filter(meeting=meeting, user=off.user).select_related("user")
    rows = list(mine)
    for row in rows:
        row.meeting = meeting
    inside = [
        (date, row)
        for date in _dates_in(meeting, off, now)
        for row in on_date(rows, date.recurrence_id)
        if row.status in answers and not row.is_organizers
    ]
    note = off.message.strip() or _("Out of office.")
    given = 0
    for row, name in _asked(meeting, inside, now):
        try:
            done = write_answer(row_for(row, name), Status.DECLINED, by=None, now=now, note=note)
        except WrongState:  # it has begun, say
            continue
        given += done.change is not None
    return given


def _dates_in(meeting: Meeting, off: TimeOff, now: datetime) -> Iterator[Occurrence]:
    """The dates that lie in it, at least in part, are not over and take time."""
    zone = off.user.zone
    away = off.stretch_in(zone)
    for date in dates_in([meeting], Stretch(away.start - DAY, away.end + DAY)):
        stretch = date.occupied_in(zone)
        takes_time = date.shown_transparency == Meeting.Transparency.BUSY
        if takes_time and stretch.overlaps(away) and stretch.end > now:
            yield date


def _asked(
    meeting: Meeting, inside: list[tuple[Occurrence, Invitation]], now: datetime
) -> list[tuple[Invitation, str]]:
    """What to answer: a row and a recurrence-id each; all at once if no date is left outside."""
    names = {date.recurrence_id for date, _row in inside}
    rows = {row.pk: row for _date, row in inside}
    if not meeting.is_series:
        return [(row, "") for row in rows.values()]
    ahead = {date.recurrence_id for date in coming(meeting, now, most=len(names) + 1)}
    if len(rows) == 1 and ahead <= names and not any(row.recurrence_id for row in rows.values()):
        return [(row, "") for row in rows.values()]
    return [(row, date.recurrence_id) for date, row in inside]
