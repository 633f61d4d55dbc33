"""A meeting and its dates as a command is about to leave them, worked out in memory.

Planning changes the copies on a sheet and weighs what is new on it; writing brings the rows
and bookings in line. So whatever is planned is what is written.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from meetings.conflicts import (
    stretch_for,
    with_buffers,
)
from meetings.dates import horizon, index_of
from meetings.intervals import Stretch
from meetings.models import Booking, Meeting, Occurrence
from meetings.scheduler.decisions import (
    Decisions,
    OtherRooms,
    OtherTime,
    Skip,
    TryAgain,
)
from meetings.scheduler.holding import hold_freed, release_rooms, take_all
from meetings.wallclock import When
from rooms.models import Room

COLUMNS = [field.name for field in Occurrence._meta.concrete_fields]
MISSED = COLUMNS.index("missed_rooms")


@dataclass(frozen=True, slots=True)
class Before:
    """How a date was: its name, wall clock, instants, wanted rooms; whether it took place."""

    name: str
    when: When
    stretch: Stretch
    room_ids: frozenset[int]
    live: bool
    state: tuple[Any, ...]


@dataclass(slots=True)
class Sheet:
    """A meeting as it will be: `rows` are its dates, `stale` those that go.

    `rooms` are the meeting's, `others` those that single dates have of their own. `before`
    tells by row id how the dates were; `retried` are recurrence-ids whose rooms are tried anew.
    """

    meeting: Meeting
    rows: list[Occurrence]
    rooms: tuple[Room, ...]
    before: dict[int, Before] = field(default_factory=dict)
    stale: list[Occurrence] = field(default_factory=list)
    others: dict[int, Room] = field(default_factory=dict)
    retried: set[str] = field(default_factory=set)

    def index(self, now: datetime) -> None:
        """Bring the dates in line with the record, up to the horizon."""
        until = max(horizon(now), self.meeting.indexed_until or now)
        index = index_of(self.meeting, self.rows, until=until)
        self.rows, self.meeting.indexed_until = list(index.rows), index.until
        self.stale += [row for row in index.stale if row.pk]

    def next_version(self, now: datetime) -> None:
        """Mark the meeting as changed, for people and (by SEQUENCE) for calendar programs."""
        self.meeting.version += 1
        self.meeting.sequence += 1
        self.meeting.updated_at = now

    def row(self, recurrence_id: str) -> Occurrence:
        """The date of that name, made a row if it lies past the index."""
        for row in self.rows:
            if row.recurrence_id == recurrence_id:
                return row
        raise Occurrence.DoesNotExist(recurrence_id)

    def wanted(self, row: Occurrence) -> tuple[Room, ...]:
        """The rooms that a date is to have."""
        if row.room_ids is None:
            return self.rooms
        known = {room.pk: room for room in self.rooms} | self.others
        return tuple(known[pk] for pk in row.room_ids if pk in known)

    def live(self, now: datetime) -> list[Occurrence]:
        """The dates that take place and are not over."""
        return [
            row
            for row in self.rows
            if row.status == Occurrence.Status.SCHEDULED
            and row.occupied_in(self.meeting.zone).end > now
        ]

    def is_fresh(self, row: Occurrence) -> bool:
        """Whether the date is new, or moved, or takes place again."""
        was = self.before.get(row.pk) if row.pk else None
        return was is None or not was.live or was.stretch != row.stretch

    def is_changed(self, row: Occurrence) -> bool:
        """Whether anything of the date is not as it was."""
        was = self.before.get(row.pk) if row.pk else None
        return was is None or was.state != _state(row)

    def to_take(self, row: Occurrence) -> tuple[Room, ...]:
        """The rooms that have to be booked for a date; those it has anyway are not among them."""
        wanted = self.wanted(row)
        if self.is_fresh(row) or row.recurrence_id in self.retried:
            return wanted
        had = self.before[row.pk].room_ids
        return tuple(room for room in wanted if room.pk not in had)


def copied(meeting: Meeting, rows: Iterable[Occurrence], rooms: Sequence[Room]) -> Sheet:
    """A sheet that starts as everything is; the given instances stay as they are."""
    meeting = copy(meeting)
    sheet = Sheet(meeting, [], tuple(rooms))
    wanted = frozenset(room.pk for room in rooms)
    for original in rows:
        row = copy(original)
        row.meeting = meeting
        own = wanted if row.room_ids is None else frozenset(row.room_ids)
        sheet.before[row.pk] = Before(
            row.recurrence_id, row.when, row.stretch, own, is_live(row), _state(row)
        )
        sheet.rows.append(row)
    with_own_rooms(sheet)
    return sheet


def with_own_rooms(sheet: Sheet, more: Collection[int] = ()) -> None:
    """Load the rooms that single dates have of their own, if any; a query."""
    own = {pk for row in sheet.rows for pk in row.room_ids or ()} | set(more)
    missing = own - {room.pk for room in sheet.rooms} - set(sheet.others)
    if missing:
        sheet.others |= Room.objects.with_details().in_bulk(missing)


def decide(sheet: Sheet, decisions: Decisions) -> None:
    """Take over what was decided for single dates; names of no date are left alone."""
    for row in sheet.rows:
        decision = decisions.get(row.recurrence_id)
        if isinstance(decision, Skip):
            row.status = Occurrence.Status.SKIPPED
        elif isinstance(decision, OtherRooms):
            row.room_ids = list(decision.room_ids)
            row.missed_rooms = []
        elif isinstance(decision, OtherTime):
            row.status = Occurrence.Status.SCHEDULED
            row.when = decision.when
            if decision.room_ids is not None:
                row.room_ids = list(decision.room_ids)
        elif isinstance(decision, TryAgain):
            if row.status == Occurrence.Status.SKIPPED:
                row.status = Occurrence.Status.SCHEDULED
            row.room_ids, row.missed_rooms = None, []
            sheet.retried.add(row.recurrence_id)


def write(sheet: Sheet, *, by: User | None, now: datetime, undo: timedelta) -> None:
    """Make rows and bookings what the sheet says; rooms are locked, the meeting is saved.

    Rooms are released first and taken afterwards: the constraint judges row by row.
    """
    for row in sheet.rows:
        row.meeting = sheet.meeting  # which may have been saved since
    _leave_to_the_rule(sheet)
    new = [row for row in sheet.rows if row.pk is None]
    changed = [row for row in sheet.rows if row.pk and _state(row) != sheet.before[row.pk].state]
    old = _bookings(list(sheet.before))
    taken = [(row, room) for row in sheet.live(now) for room in _bookable(sheet, row, now)]
    gone = _gone(sheet, old, now)
    release_rooms(gone, now=now)
    stale = {row.pk for row in sheet.stale}
    Occurrence.objects.filter(pk__in=stale).delete()
    if changed:
        Occurrence.objects.bulk_update(changed, _columns(sheet, changed))
    Occurrence.objects.bulk_create(new)
    take_all(taken, by=by, now=now)
    for booking in gone:
        if booking.occurrence_id in stale:
            booking.occurrence_id = None
    if by is not None and undo:
        covered = [
            (room.pk, with_buffers(stretch_for(row.when, room), room)) for row, room in taken
        ]
        hold_freed(gone, by=by, now=now, undo=undo, kept=covered)


def _leave_to_the_rule(sheet: Sheet) -> None:
    """Past the index, dates of which nothing is their own (any more) are not rows."""
    until, first = sheet.meeting.indexed_until, sheet.meeting.when.recurrence_id()
    if until is None:
        return
    alike = [
        row
        for row in sheet.rows
        if row.start >= until and row.recurrence_id != first and not row.is_touched
    ]
    sheet.rows = [row for row in sheet.rows if row not in alike]
    sheet.stale += [row for row in alike if row.pk]


def _columns(sheet: Sheet, rows: Iterable[Occurrence]) -> list[str]:
    """The columns in which any of these rows differs: an update takes long for each it names."""
    differ: set[str] = set()
    for row in rows:
        pairs = zip(COLUMNS, _state(row), sheet.before[row.pk].state, strict=True)
        differ |= {name for name, now, was in pairs if now != was}
    return sorted(differ)


def _bookings(row_ids: Sequence[int]) -> list[Booking]:
    if not row_ids:
        return []
    held = Booking.objects.unreleased().filter(kind=Booking.Kind.MEETING)
    return list(held.filter(occurrence__in=row_ids))


def _gone(sheet: Sheet, old: Sequence[Booking], now: datetime) -> list[Booking]:
    """The bookings of dates to come that their dates do not want any more."""
    rows = {row.pk: row for row in sheet.rows if row.pk}
    live = {row.pk for row in sheet.live(now)}
    gone = []
    for booking in old:
        row = rows.get(booking.occurrence_id or 0)
        was = sheet.before[booking.occurrence_id or 0]
        if row is None or (was.stretch.end <= now and row.stretch == was.stretch):
            if row is None:
                gone.append(booking)
            continue
        lost = {*row.missed_rooms}.difference(was.state[MISSED])
        wanted = {room.pk for room in sheet.wanted(row)} - lost
        retaken = {room.pk for room in sheet.to_take(row)}
        if row.pk not in live or booking.room_id not in wanted or booking.room_id in retaken:
            gone.append(booking)
    return gone


def _bookable(sheet: Sheet, row: Occurrence, now: datetime) -> list[Room]:
    """The rooms to take for a date, as far as they can be booked by now."""
    found = []
    for room in sheet.to_take(row):
        limit = room.bookable_until(now)
        if limit is None or stretch_for(row.when, room).end <= limit:
            found.append(room)
    return found


def is_live(row: Occurrence) -> bool:
    """Whether the date takes place."""
    return row.status == Occurrence.Status.SCHEDULED


def _state(row: Occurrence) -> tuple[Any, ...]:
    values = (getattr(row, f.attname) for f in Occurrence._meta.concrete_fields)
    return tuple(tuple(v) if isinstance(v, list) else v for v in values)
