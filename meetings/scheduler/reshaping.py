"""What an edit makes of the dates of a meeting: shifted, split off, or kept by themselves."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from meetings import recurrence
from meetings.drafts import PLAIN_FIELDS, Draft
from meetings.models import Meeting, Occurrence
from meetings.models.occurrence import OWN_FIELDS, when_named
from meetings.problems import InvalidDraft, WrongState
from meetings.recurrence import ONCE
from meetings.scheduler.plans import fill
from meetings.scheduler.sheets import Sheet, copied, with_own_rooms
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room

Rename = Callable[[str], str]


def reshape(sheet: Sheet, draft: Draft, now: datetime) -> Rename:
    """Make the sheet's meeting what the draft says and shift its dates along.

    A date keeps its row if the new rule gives its day; one somebody moved is moved by as much
    as the time of day changes, and keeps a length or zone of its own. Returns what maps the old
    recurrence-ids to the new ones. Raises InvalidDraft if a date would leave the calendar.
    """
    before = copy(sheet.meeting)
    own = {row.recurrence_id: row.when for row in sheet.rows if row.is_moved}
    begun = {row.recurrence_id for row in sheet.rows if has_begun(row, now)}
    fill(sheet.meeting, draft)

    def renamed(name: str) -> str:
        return _renamed(name, before, sheet.meeting)

    try:
        for row in sheet.rows:
            moved, stays = own.get(row.recurrence_id), row.recurrence_id in begun
            added = row.origin == Occurrence.Origin.ADDED
            row.recurrence_id = (
                _shifted_name(row, before, draft) if added else renamed(row.recurrence_id)
            )
            if moved is not None:
                row.when = moved if stays else _shifted(moved, before.when, draft.when)
    except ValueError as problem:  # a date would leave the calendar
        raise InvalidDraft({"when": str(problem)}) from None
    sheet.index(now)
    drop(sheet, [row for row in sheet.rows if _is_skipped_in_vain(row)])
    if not draft.rrule:
        _leave_one(sheet, draft)
    return renamed


def has_begun(row: Occurrence, now: datetime) -> bool:
    """Whether a date that takes place is under way or over."""
    live = row.status == Occurrence.Status.SCHEDULED
    return live and row.occupied_in(row.meeting.zone).start <= now


def _is_skipped_in_vain(row: Occurrence) -> bool:
    """Whether it was skipped and is none of the rule's any more, so cannot be tried again."""
    if row.status != Occurrence.Status.SKIPPED or row.origin != Occurrence.Origin.RULE:
        return False
    meeting = row.meeting
    day = when_named(meeting, row.recurrence_id).day
    return not recurrence.gives(meeting.when, meeting.rrule, day)


def _leave_one(sheet: Sheet, draft: Draft) -> None:
    """Of a meeting that does not repeat any more one date is left, and it takes place."""
    name = draft.when.recurrence_id()
    off = [row for row in sheet.rows if row.status != row.Status.SCHEDULED]
    drop(sheet, [row for row in off if row.recurrence_id != name])
    row = sheet.row(name)
    row.status = Occurrence.Status.SCHEDULED
    _make_single(sheet, row)


def _make_single(sheet: Sheet, row: Occurrence) -> None:
    """What the one date of a meeting has of its own becomes the meeting's."""
    meeting = sheet.meeting
    meeting.when, meeting.rrule, meeting.indexed_until = row.when, "", None
    sheet.rooms = sheet.wanted(row)
    for name in OWN_FIELDS:
        value = getattr(row, name)
        if value is not None and name != "room_ids":
            setattr(meeting, name, value)
        setattr(row, name, None)
    row.local_date = row.local_time = row.timezone = row.length = None
    row.recurrence_id = meeting.when.recurrence_id()


def _renamed(name: str, before: Meeting, after: Meeting) -> str:
    if not before.is_series:
        return after.when.recurrence_id()
    day = when_named(before, name).day
    if not after.is_series and day == before.when.day:
        return after.when.recurrence_id()
    return after.when.on(day).recurrence_id()


def _shifted_name(row: Occurrence, before: Meeting, draft: Draft) -> str:
    return _shifted(when_named(before, row.recurrence_id), before.when, draft.when).recurrence_id()


def _shifted(when: When, old: When, new: When) -> When:
    """A wall clock of its own, moved by as much as the series' time of day is.

    A length or a zone of its own stays, and what alone is all-day, or alone is not, stays so.
    """
    if isinstance(when, AllDay) != isinstance(old, AllDay):
        return when
    if isinstance(when, AllDay) and isinstance(old, AllDay) and isinstance(new, AllDay):
        return new.on(when.first) if when.days == old.days else when
    if not (isinstance(when, Timed) and isinstance(old, Timed) and isinstance(new, Timed)):
        return new.on(when.day)
    by = datetime.combine(when.day, new.start.time()) - datetime.combine(when.day, old.start.time())
    return Timed(
        when.start + by,
        new.zone if when.zone.key == old.zone.key else when.zone,
        new.length if when.length == old.length else when.length,
    )


def orphans_of(sheet: Sheet, now: datetime) -> list[Occurrence]:
    """The dates to come that somebody changed and that the rule does not give any more.

    Dates that were added by themselves stay, unless the meeting does not repeat any more.
    """
    meeting = sheet.meeting
    if not meeting.is_series:
        name = meeting.when.recurrence_id()
        return [row for row in sheet.live(now) if row.recurrence_id != name]
    return [
        row
        for row in sheet.live(now)
        if row.is_touched
        and row.origin == Occurrence.Origin.RULE
        and not recurrence.gives(
            meeting.when, meeting.rrule, when_named(meeting, row.recurrence_id).day
        )
    ]


def drop(sheet: Sheet, rows: Sequence[Occurrence]) -> None:
    """These dates go."""
    sheet.rows = [row for row in sheet.rows if row not in rows]
    sheet.stale += rows


def split_off(sheet: Sheet, row: Occurrence, now: datetime) -> Sheet:
    """Let `row` go on as a single meeting with all that it had of its own."""
    single = Sheet(_copy_of(sheet.meeting), [row], sheet.rooms, others=sheet.others)
    sheet.rows = [other for other in sheet.rows if other is not row]
    if row.pk:
        single.before[row.pk] = sheet.before.pop(row.pk)
    row.meeting = single.meeting
    _make_single(single, row)
    single.index(now)
    return single


def require_ruled(meeting: Meeting, name: str) -> None:
    """Raise WrongState unless a series can go on by itself from that date on."""
    when = when_named(meeting, name)
    ruled = recurrence.gives(meeting.when, meeting.rrule, when.day)
    if not ruled or when != meeting.when.on(when.day):
        raise WrongState(
            _("This date was added by itself. Change only this date, or the whole series.")
        )


def split(
    meeting: Meeting,
    rows: Sequence[Occurrence],
    rooms: Sequence[Room],
    day: date,
    now: datetime,
) -> tuple[Sheet, Sheet]:
    """The series as two: what is before `day`, and a later part that begins on it.

    The later one has an identity of its own and shares `series`; the dates from `day` on move
    there.
    """
    ours = [row for row in rows if when_named(meeting, row.recurrence_id).day < day]
    theirs = [row for row in rows if when_named(meeting, row.recurrence_id).day >= day]
    earlier = copied(meeting, ours, rooms)
    earlier.meeting.rrule = recurrence.ended_before(meeting.when, meeting.rrule, day) or ONCE
    earlier.index(now)
    later = copied(meeting, theirs, rooms)
    later.meeting = _copy_of(meeting)
    later.meeting.when = meeting.when.on(day)
    later.meeting.rrule = recurrence.continued_from(meeting.when, meeting.rrule, day) or ONCE
    later.meeting.indexed_until = meeting.indexed_until
    for row in later.rows:
        row.meeting = later.meeting
    later.index(now)
    return earlier, later


def _copy_of(meeting: Meeting) -> Meeting:
    """An unsaved meeting like this one, with an identity of its own in the same series."""
    fresh = copy(meeting)
    fresh._state = copy(meeting._state)
    fresh._state.adding = True
    fresh.pk = None
    fresh.uid = uuid4()
    fresh.ical_uid = f"{fresh.uid}@scheduler"
    fresh.version, fresh.sequence = 1, 0
    fresh._prefetched_objects_cache = {}  # type: ignore[attr-defined] # of the other one
    return fresh


def rest_of(draft: Draft, meeting: Meeting, day: date) -> Draft:
    """A draft of the whole series, as one of its part from `day` on.

    Another rule begins on the first day from there that it gives. Raises InvalidDraft if it
    gives none.
    """
    by = draft.when.day - meeting.when.day
    if draft.rrule == meeting.rrule:
        rrule = recurrence.continued_from(meeting.when, draft.rrule, day) or ONCE
        return replace(draft, when=draft.when.on(day + by), rrule=rrule)
    if not draft.rrule:
        return replace(draft, when=draft.when.on(day + by))
    asked = recurrence.parts(draft.rrule)
    ahead = recurrence.dates(draft.when, replace(asked, count=None).text(), start=day + by)
    if (when := next(ahead, None)) is None:
        raise InvalidDraft({"rrule": _("No date to come follows from this rule.")})
    if asked.count:
        gone = sum(1 for _when in recurrence.dates(meeting.when, meeting.rrule, end=day))
        asked = replace(asked, count=max(1, asked.count - gone))
    return replace(draft, when=when, rrule=asked.text())


def change_one(sheet: Sheet, row: Occurrence, draft: Draft) -> None:
    """Give one date of a series what the draft says, as its own where it differs."""
    meeting = sheet.meeting
    if draft.visibility != meeting.visibility:
        raise InvalidDraft(
            {"visibility": _("Who may see it is the same for all dates. Change the whole series.")}
        )
    for name in PLAIN_FIELDS:
        if name != "visibility":
            value = getattr(draft, name)
            setattr(row, name, None if value == getattr(meeting, name) else value)
    leads = list(draft.reminders)
    row.reminders = None if leads == list(meeting.reminders) else leads
    usual = {room.pk for room in sheet.rooms}
    row.room_ids = None if set(draft.room_ids) == usual else list(draft.room_ids)
    if row.room_ids is None or set(row.missed_rooms) - set(draft.room_ids):
        row.missed_rooms = [pk for pk in row.missed_rooms if pk in draft.room_ids]
    row.when = draft.when
    with_own_rooms(sheet)
