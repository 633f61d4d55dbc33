"""What messages say of a meeting or of one of its dates, and how two such states differ."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from meetings.dates import coming, date_of
from meetings.events import by_date
from meetings.models import Change, Meeting, Occurrence
from meetings.occurrences import wanted_rooms
from meetings.wallclock import AllDay, Timed, When

ORDER = ("title", "repeats", "when", "rooms", "location", "join_link", "description")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message says about the meeting itself.

    Of a series, `when` is its next date, and `rrule` repeats `first`.
    """

    title: str
    when: When
    rooms: tuple[str, ...]
    location: str
    join_link: str
    description: str
    rrule: str = ""
    first: When | None = None


@dataclass(frozen=True, slots=True)
class Altered:
    """A field that differs from what the person was told; `repeats` holds (first, rule)."""

    field: str
    was: Any
    now: Any


def facts_of(meeting: Meeting, now: datetime) -> Facts:
    """The meeting as it is."""
    return Facts(
        title=meeting.title,
        when=_next(meeting, now) if meeting.is_series else meeting.when,
        rooms=tuple(sorted(room.name for room in meeting.rooms.all())),
        location=meeting.location,
        join_link=meeting.join_link,
        description=meeting.description,
        rrule=meeting.rrule,
        first=meeting.when,
    )


def facts_of_date(meeting: Meeting, recurrence_id: str) -> Facts:
    """One date of a series as it is. Raises Occurrence.DoesNotExist."""
    return facts_of_dates(meeting, [date_of(meeting, recurrence_id)])[recurrence_id]


def facts_of_dates(meeting: Meeting, dates: Collection[Occurrence]) -> dict[str, Facts]:
    """Dates of a series as they are, by recurrence-id; a query if one has rooms of its own."""
    rooms = wanted_rooms(meeting, dates)
    return {
        row.recurrence_id: Facts(
            title=row.shown_title,
            when=row.when,
            rooms=tuple(room.name for room in rooms[row.recurrence_id]),
            location=row.shown_location,
            join_link=row.shown_join_link,
            description=row.shown_description,
            first=row.when,
        )
        for row in dates
    }


def _next(meeting: Meeting, now: datetime) -> When:
    """The next date; of a series that is over or called off, its last or first."""
    live = [o for o in meeting.occurrences.all() if o.status == Occurrence.Status.SCHEDULED]
    ahead = [o for o in live if o.occupied_in(meeting.zone).end > now]
    if not ahead and meeting.indexed_until is not None and not meeting.cancelled:
        ahead = coming(meeting, now, most=1)
    if ahead:
        return min(ahead, key=lambda o: o.stretch).when
    return max(live, key=lambda o: o.stretch).when if live else meeting.when


def net(changes: Iterable[Change], facts: Facts, *, recurrence_id: str = "") -> list[Altered]:
    """First before and last after of each field that concerns everybody, if they differ.

    Of the changes to one date, or without `recurrence_id` to the meeting as a whole.
    """
    ends = ends_of(changes, recurrence_id)
    zone = facts.first.zone if isinstance(facts.first, Timed) else ZoneInfo("UTC")
    if not recurrence_id and (facts.rrule or "rrule" in ends):
        ends = _with_rule(ends, facts, zone)
    return [Altered(field, *ends[field]) for field in ORDER if field in ends]


def ends_of(changes: Iterable[Change], recurrence_id: str) -> dict[str, tuple[Any, Any]]:
    """By field, how it was before the first change and is after the last, if that differs."""
    ends: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        for field, (was, now) in _values_in(change, recurrence_id).items():
            ends[field] = (ends.get(field, (was,))[0], now)
    return {field: pair for field, pair in ends.items() if pair[0] != pair[1]}


def _values_in(change: Change, recurrence_id: str) -> dict[str, tuple[Any, Any]]:
    """What a change says of the meeting as a whole, or of one date: field → before, after."""
    if change.kind not in (Change.Kind.UPDATED, Change.Kind.CANCELLED, Change.Kind.DISPLACED):
        return {}
    fields = {field: (was, now) for field, (was, now) in change.fields.items()}
    if not recurrence_id:
        return fields if not change.dates or "rrule" in fields else {}
    of_date = fields if recurrence_id in change.dates and "rrule" not in fields else {}
    status = Occurrence.Status
    if recurrence_id in fields.get("exdates", ((), ()))[1]:
        of_date = of_date | {"status": (status.SCHEDULED, status.CANCELLED)}
    if recurrence_id in fields.get("rdates", ((), ()))[1]:
        of_date = of_date | {"status": ("", status.SCHEDULED)}
    before, after = (values.get(recurrence_id, {}) for values in by_date(change))
    return of_date | {field: (before[field], after[field]) for field in after}


def _with_rule(
    ends: dict[str, tuple[Any, Any]], facts: Facts, zone: ZoneInfo
) -> dict[str, tuple[Any, Any]]:
    """Time and rule of a series as one field, since each is read with the other."""
    if not {"when", "rrule"} & set(ends):
        return ends
    firsts = ends.pop("when", (facts.first, facts.first))
    was, now = (when_from(f, zone) if isinstance(f, dict) else f for f in firsts)
    rules = ends.pop("rrule", (facts.rrule, facts.rrule))
    return ends | {"repeats": ((was, rules[0]), (now, rules[1]))}


def as_told(facts: Facts, altered: Iterable[Altered], zone: ZoneInfo) -> Facts:
    """The facts with what was altered since taken back."""
    for change in altered:
        was = change.was
        if change.field == "repeats":
            first, rule = was
            when = facts.when if change.now[0] == first else first
            facts = replace(facts, first=first, rrule=rule, when=when)
            continue
        if change.field == "when":
            was = when_from(was, zone)
        elif change.field == "rooms":
            was = tuple(was)
        facts = replace(facts, **{change.field: was})
    return facts


def when_from(value: dict[str, str], zone: ZoneInfo) -> When:
    """A wall clock from how a Change keeps it."""
    if "first" in value:
        first, last = date.fromisoformat(value["first"]), date.fromisoformat(value["last"])
        return AllDay(first, (last - first) // timedelta(days=1) + 1)
    start, end = datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"])
    return Timed(start.astimezone(zone).replace(tzinfo=None), zone, end - start)
