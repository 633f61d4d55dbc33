"""Call a meeting off: all of it, one date, or one date and those after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from meetings import lifecycle, recurrence
from meetings.dates import coming, date_of
from meetings.events import audience
from meetings.lifecycle import Act
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.occurrence import when_named
from meetings.permissions import require_edit
from meetings.scheduler.committing import committed, record
from meetings.scheduler.differences import draft_of, require_version
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import (
    Done,
    Plan,
    Scope,
    load_rooms,
    place_of,
    planned_dates,
    proposal_of,
)
from meetings.scheduler.remembering import remember, rows_of
from meetings.scheduler.reshaping import has_begun
from meetings.scheduler.seats import all_invitations, on_single_dates
from meetings.scheduler.sheets import Sheet, copied, write
from meetings.scheduler.spans import respan
from rooms.models import Room


@dataclass(slots=True)
class _Cancellation:
    """The sheet that a cancellation leads to, and the names of the dates that it takes."""

    sheet: Sheet
    names: list[str]
    scope: Scope
    rrule: str


def plan_cancel(
    meeting: Meeting,
    *,
    by: User,
    now: datetime,
    scope: Scope = Scope.ALL,
    recurrence_id: str = "",
) -> Plan:
    """What `cancel` would do. Raises NotAllowed, WrongState or Occurrence.DoesNotExist."""
    return _planned(meeting, by=by, now=now, scope=scope, recurrence_id=recurrence_id)[0]


def cancel(
    meeting: Meeting,
    *,
    by: User,
    now: datetime,
    version: int | None = None,
    reason: str = "",
    undo: timedelta = timedelta(0),
    scope: Scope = Scope.ALL,
    recurrence_id: str = "",
) -> Done:
    """Call the meeting or some of its dates off, give the rooms back and tell who is invited.

    What has begun stays as it was: the series then ends before what is called off. With
    `version`, only if nobody changed it meanwhile. Raises NotAllowed, WrongState, Stale or
    Occurrence.DoesNotExist.
    """
    pk = meeting.pk

    def work() -> Done:
        (locked,) = Meeting.objects.locked([pk])
        if version is not None:
            require_version(locked, version)
        held = Booking.objects.unreleased().filter(occurrence__meeting=locked)
        lock_rooms(held.values_list("room", flat=True))
        plan, made = _planned(locked, by=by, now=now, scope=scope, recurrence_id=recurrence_id)
        change = _write(locked, made, reason.strip()[:1000], by=by, now=now, undo=undo)
        return Done(made.sheet.meeting, change, plan)

    return committed(work)


def _planned(
    meeting: Meeting, *, by: User, now: datetime, scope: Scope, recurrence_id: str
) -> tuple[Plan, _Cancellation]:
    require_edit(by, meeting)
    made = _made(meeting, scope, recurrence_id, now)
    name = recurrence_id if made.scope is Scope.THIS else ""
    invitations = all_invitations(meeting)
    apart = [row for row in on_single_dates(invitations) if row.recurrence_id in made.names]
    on = [*on_date(invitations, name), *(apart if not name else ())]
    places = tuple(place_of(row) for row in {row.person: row for row in on}.values())
    sheet = made.sheet
    rows = [row for row in sheet.rows if row.recurrence_id in made.names] or sheet.rows
    plan = Plan(
        draft_of(meeting),
        proposal_of(sheet, rows, (), holder=by, ignoring=meeting),
        places,
        rooms=(),
        rooms_released=_rooms_of(rows),
        told=tuple(audience(Change.Kind.CANCELLED, fields=(), stayed=places)),
        scope=made.scope,
        dates=planned_dates(sheet, (), now),
        kept_past=sum(1 for row in sheet.rows if has_begun(row, now)),
        checked_until=meeting.indexed_until,
        sheets=(sheet,),
    )
    return plan, made


def _rooms_of(rows: Sequence[Occurrence]) -> tuple[Room, ...]:
    held = Booking.objects.unreleased().filter(
        occurrence__in=[row.pk for row in rows if row.pk], kind=Booking.Kind.MEETING
    )
    return tuple(Room.objects.filter(bookings__in=held).distinct())


def _made(meeting: Meeting, scope: Scope, name: str, now: datetime) -> _Cancellation:
    rows = list(meeting.occurrences.all())
    for row in rows:
        row.meeting = meeting
    sheet = copied(meeting, rows, load_rooms([room.pk for room in meeting.rooms.all()]))
    sheet.next_version(now)
    before = meeting.rrule
    if meeting.is_series and scope is Scope.THIS:
        row = date_of(meeting, name)
        lifecycle.require(Act.CANCEL, row, now)
        if not row.pk:
            row.meeting = sheet.meeting
            sheet.rows.append(row)
        _call_off([sheet.row(name)])
        return _Cancellation(sheet, [name], Scope.THIS, before)
    begun = [row for row in sheet.rows if has_begun(row, now)]
    if meeting.is_series and scope is Scope.FOLLOWING:
        lifecycle.require(Act.CANCEL, date_of(meeting, name), now)
        first = when_named(meeting, name).day
    else:
        _require_some(meeting, rows, now)
        first = meeting.when.day
    gone = [
        row
        for row in sheet.rows
        if row not in begun and when_named(meeting, row.recurrence_id).day >= first
    ]
    if len(gone) == len(sheet.rows):
        sheet.meeting.cancelled = True
        scope = Scope.ALL
    else:
        _end_before(sheet, meeting, begun, first)
        scope = Scope.FOLLOWING
    _call_off(gone)
    return _Cancellation(sheet, [row.recurrence_id for row in gone], scope, before)


def _end_before(sheet: Sheet, meeting: Meeting, begun: Sequence[Occurrence], first: date) -> None:
    """Let the rule end before the date of it that goes first: on `first` or later, none begun.

    So those past the index go as well, and those between it and `first` stay.
    """
    ruled = [row for row in begun if row.origin == Occurrence.Origin.RULE]
    held = [when_named(meeting, row.recurrence_id).day for row in ruled]
    start = max([first, *(day + timedelta(days=1) for day in held)])
    going = next(recurrence.dates(meeting.when, meeting.rrule, start=start), None)
    if going is None:
        return
    some_left = going.day > meeting.when.day
    rrule = recurrence.ended_before(meeting.when, meeting.rrule, going.day) if some_left else ""
    sheet.meeting.rrule = rrule or recurrence.ONCE
    indexed_until = meeting.indexed_until
    if indexed_until is not None and going.during().start <= indexed_until:
        sheet.meeting.indexed_until = None


def _call_off(rows: Sequence[Occurrence]) -> None:
    for row in rows:
        row.status = Occurrence.Status.CANCELLED


def _require_some(meeting: Meeting, rows: Sequence[Occurrence], now: datetime) -> None:
    """Raise WrongState, with what can be done instead, unless some date can be called off."""
    for row in coming(meeting, now, most=2):
        row.meeting = meeting
        if lifecycle.allows(Act.CANCEL, row, now):
            return
    skipped = [row for row in rows if lifecycle.allows(Act.CANCEL, row, now)]
    if not skipped:
        last = (coming(meeting, now, most=1) or sorted(rows, key=lambda row: row.stretch)[-1:])[0]
        last.meeting = meeting
        lifecycle.require(Act.CANCEL, last, now)


def _write(
    meeting: Meeting,
    made: _Cancellation,
    reason: str,
    *,
    by: User,
    now: datetime,
    undo: timedelta,
) -> Change:
    before = rows_of(meeting) if undo else {}
    sheet = made.sheet
    status = Occurrence.Status
    fields: dict[str, list[object]] = {"status": [status.SCHEDULED, status.CANCELLED]}
    if made.rrule != sheet.meeting.rrule:
        fields["rrule"] = [made.rrule, sheet.meeting.rrule]
    sheet.meeting.save()
    write(sheet, by=by, now=now, undo=undo)
    respan(sheet)
    change = record(
        Change(
            meeting=sheet.meeting,
            dates=made.names if made.scope is not Scope.ALL or not meeting.is_series else [],
            kind=Change.Kind.CANCELLED,
            by=by,
            version=sheet.meeting.version,
            fields=fields,
            reason=reason,
            created_at=now,
            not_before=now + undo,
        )
    )
    remember(change, before)
    return change
