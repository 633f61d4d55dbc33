"""What an edit leads to: the sheets of a meeting, of its parts and of dates by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from meetings import lifecycle, recurrence
from meetings.dates import coming, date_of
from meetings.drafts import Draft
from meetings.lifecycle import Act
from meetings.models import Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.problems import WrongState
from meetings.scheduler.differences import draft_of
from meetings.scheduler.plans import (
    Scope,
    load_rooms,
)
from meetings.scheduler.reshaping import (
    Rename,
    change_one,
    has_begun,
    require_ruled,
    reshape,
    rest_of,
    split,
)
from meetings.scheduler.seats import Seating, seating
from meetings.scheduler.sheets import Sheet, copied
from rooms.models import Room


@dataclass(slots=True)
class Revision:
    """An edit being worked out: what it starts from, and the sheets it leads to."""

    meeting: Meeting
    draft: Draft
    scope: Scope
    recurrence_id: str
    before: Draft
    people: Seating
    rooms: tuple[Room, ...]
    had: tuple[Room, ...]
    main: Sheet
    earlier: Sheet | None = None
    singles: list[Sheet] = field(default_factory=list)
    orphans: list[Occurrence] = field(default_factory=list)
    renamed: Rename = str
    kept_past: int = 0
    row: Occurrence | None = None

    @property
    def ignored(self) -> frozenset[int]:
        """Which dates of the meeting give way to the edited ones: not those that stay."""
        if self.row is None:
            return frozenset(self.main.before)
        return frozenset([self.row.pk] if self.row.pk else [])


def revise(meeting: Meeting, draft: Draft, scope: Scope, name: str, now: datetime) -> Revision:
    """The sheets that the edit leads to, before anything is decided or judged."""
    had = load_rooms([room.pk for room in meeting.rooms.all()])
    rows = list(meeting.occurrences.all())
    for row in rows:
        row.meeting = meeting
    if not meeting.is_series:
        scope = Scope.ALL
    if scope is Scope.THIS:
        return _made_of_one(meeting, draft, name, rows, had, now)
    if scope is Scope.FOLLOWING and name != meeting.when.recurrence_id():
        lifecycle.require(Act.EDIT, date_of(meeting, name), now)
        require_ruled(meeting, name)
        day = when_named(meeting, name).day
        before = draft_of(meeting, scope=scope, recurrence_id=name)
        return _made_of_part(meeting, draft, before, day, rows, had, now)
    _require_some(meeting, rows, now)
    made = _made_of_all(meeting, draft, rows, had, now)
    begun = [row for row in rows if has_begun(row, now)]
    if begun and not _changes(made.main, begun) and _leaves_series(meeting, made.main, begun):
        raise WrongState(_("A date that was moved is over already, so this stays a series."))
    if meeting.is_series and begun and _changes(made.main, begun):
        day = _first_to_come(meeting, rows, now)
        before = rest_of(draft_of(meeting), meeting, day)
        rest = rest_of(draft, meeting, day)
        made = _made_of_part(meeting, rest, before, day, rows, had, now)
        made.kept_past = len(begun)
    return made


def _made_of_one(
    meeting: Meeting,
    draft: Draft,
    name: str,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> Revision:
    sheet = copied(meeting, rows, had)
    found = date_of(meeting, name)
    lifecycle.require(Act.EDIT, found, now)
    if not found.pk:
        found.meeting = sheet.meeting
        sheet.rows.append(found)
    row = sheet.row(name)
    before = draft_of(meeting, scope=Scope.THIS, recurrence_id=name)
    held = sheet.wanted(row)
    rooms = load_rooms(draft.room_ids)
    sheet.others |= {room.pk: room for room in rooms}
    change_one(sheet, row, draft)
    people = seating(meeting, draft.attendees, recurrence_id=name)
    return Revision(meeting, draft, Scope.THIS, name, before, people, rooms, held, sheet, row=row)


def _made_of_all(
    meeting: Meeting,
    draft: Draft,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> Revision:
    people, rooms = seating(meeting, draft.attendees), load_rooms(draft.room_ids)
    sheet = copied(meeting, rows, had)
    sheet.rooms = rooms
    renamed = reshape(sheet, draft, now)
    before = draft_of(meeting)
    return Revision(
        meeting, draft, Scope.ALL, "", before, people, rooms, had, sheet, renamed=renamed
    )


def _made_of_part(
    meeting: Meeting,
    draft: Draft,
    before: Draft,
    day: date,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> Revision:
    people, rooms = seating(meeting, draft.attendees), load_rooms(draft.room_ids)
    earlier, later = split(meeting, rows, had, day, now)
    later.rooms = rooms
    renamed = reshape(later, draft, now)
    name = meeting.when.on(day).recurrence_id()
    return Revision(
        meeting,
        draft,
        Scope.FOLLOWING,
        name,
        before,
        people,
        rooms,
        had,
        later,
        earlier=earlier,
        renamed=renamed,
    )


def _require_some(meeting: Meeting, rows: Sequence[Occurrence], now: datetime) -> None:
    """Raise WrongState unless some date can still be edited."""
    found = coming(meeting, now, most=1) or sorted(rows, key=lambda row: row.stretch)[-1:]
    for row in found:
        row.meeting = meeting
        lifecycle.require(Act.EDIT, row, now)


def _leaves_series(meeting: Meeting, sheet: Sheet, begun: Sequence[Occurrence]) -> bool:
    """Whether a series becomes single although dates besides the first are over or under way."""
    name = meeting.when.recurrence_id()
    single = meeting.is_series and not sheet.meeting.is_series
    return single and any(row.recurrence_id != name for row in begun)


def _changes(sheet: Sheet, rows: Sequence[Occurrence]) -> bool:
    """Whether any of these dates is another one, or none, on the sheet."""
    there = {row.pk: row for row in sheet.rows if row.pk}
    return any(
        row.pk not in there or there[row.pk].stretch != sheet.before[row.pk].stretch for row in rows
    )


def _first_to_come(meeting: Meeting, rows: Sequence[Occurrence], now: datetime) -> date:
    """The first day of the rule whose date has not begun."""
    begun = {row.recurrence_id for row in rows if has_begun(row, now)}
    for when in recurrence.dates(meeting.when, meeting.rrule):
        if when.recurrence_id() not in begun and when.during().start > now:
            return when.day
    # Nothing of the rule is left: what is to come was moved or added by itself.
    lifecycle.require(Act.EDIT, sorted(rows, key=lambda row: row.stretch)[-1], now)
    raise WrongState(_("Only dates that were moved or added are left. Change them one by one."))
