"""Who and what is taken, and when: the one question that conflicts and slots are answered from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, Value

from accounts.models import User
from meetings.intervals import Stretch, clip, merge
from meetings.models import Booking, Invitation, Meeting
from meetings.models.ranges import among, as_stretch, during_any
from meetings.wallclock import AllDay, working_stretches
from rooms.models import Closure, Room

# All-day dates are found by their UTC dates; no zone is further than this from UTC.
WIDEST_OFFSET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody's time is taken by an occurrence; perhaps, if `tentative`."""

    stretch: Stretch
    occurrence_id: int
    tentative: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A room is held over `stretch`, buffers included; for no occurrence if it is only a hold."""

    stretch: Stretch
    occurrence_id: int | None


class _Row(NamedTuple):
    """A row of the union of people's and rooms' stretches."""

    subject: str
    subject_id: int
    occurrence_id: int | None
    during: Any
    all_day: bool
    tentative: bool
    status: str
    answer_for: str


@dataclass(frozen=True, slots=True)
class Occupied:
    """What is taken: by user id and by room id, each in order of start."""

    people: dict[int, list[Busy]]
    rooms: dict[int, list[Taken]]


def occupied(
    people: Collection[User],
    rooms: Collection[Room],
    within: Sequence[Stretch],
    *,
    now: datetime,
    ignoring: Meeting | None = None,
    holder: User | None = None,
) -> Occupied:
    """What people and rooms are taken by around the stretches `within`, in one query.

    Declined, cancelled and free meetings do not count, nor does the meeting `ignoring`, nor an
    expired hold or one of `holder`'s own. Stretches may reach outside `within`; some returned
    ones may only touch its surroundings.
    """
    if not within or not (people or rooms):
        return Occupied({}, {})
    near = merge(Stretch(s.start - WIDEST_OFFSET, s.end + WIDEST_OFFSET) for s in within)
    rows = _people_rows(people, near, ignoring).union(
        _room_rows(rooms, near, now, ignoring, holder), all=True
    )
    found = [_Row(*row) for row in rows]
    zones = {person.pk: person.zone for person in people}
    return Occupied(
        _by_subject(_busy(found, zones)),
        _by_subject(
            (row.subject_id, Taken(as_stretch(row.during), row.occurrence_id))
            for row in found
            if row.subject == "room"
        ),
    )


def busy_people(
    people: Collection[User], within: Stretch, *, now: datetime, ignoring: Meeting | None = None
) -> dict[int, list[Busy]]:
    """When these people are taken in `within`, by user id; an empty list for who is free."""
    found = occupied(people, [], [within], now=now, ignoring=ignoring).people
    return {
        person.pk: [b for b in found.get(person.pk, []) if b.stretch.overlaps(within)]
        for person in people
    }


def busy_rooms(
    rooms: Collection[Room], within: Stretch, *, now: datetime, ignoring: Meeting | None = None
) -> dict[int, list[Taken]]:
    """When these rooms are taken in `within`, by room id; an empty list for a free one."""
    found = occupied([], rooms, [within], now=now, ignoring=ignoring).rooms
    return {
        room.pk: [t for t in found.get(room.pk, []) if t.stretch.overlaps(within)] for room in rooms
    }


def working_time(person: User, within: Stretch) -> list[Stretch] | None:
    """When a person works in `within`; None if they have not said. Uses prefetched hours."""
    hours = list(person.working_hours.all())
    if not hours:
        return None

    def minutes(weekday: int) -> list[tuple[int, int]]:
        return [(h.start, h.end) for h in hours if h.weekday == weekday]

    return _hours_in(within, person.zone, minutes)


def open_time(room: Room, within: Stretch) -> list[Stretch]:
    """When a room's opening hours are in `within`, closures aside. Uses prefetched hours."""
    return _hours_in(within, room.zone, room.open_minutes)


def closures_of(
    rooms: Collection[Room], within: Sequence[Stretch]
) -> dict[int, list[tuple[Stretch, str]]]:
    """What shuts these rooms around `within`, as (stretch, reason) by room id. One query."""
    shut: dict[int, list[tuple[Stretch, str]]] = defaultdict(list)
    if not rooms or not within:
        return shut
    for closure in Closure.objects.of_rooms(rooms).filter(during_any("during", within)):
        for room in rooms:
            if closure.room_id == room.pk or closure.site_id == room.site_id:
                shut[room.pk].append((as_stretch(closure.during), closure.reason))
    return shut


def _people_rows(
    people: Collection[User], near: Sequence[Stretch], ignoring: Meeting | None
) -> Any:
    """Dates of meetings that people were asked to; a row each per answer that may hold."""
    invited = Invitation.objects.current().filter(
        Q(recurrence_id="") | Q(recurrence_id=F("meeting__occurrences__recurrence_id")),
        among("user_id", [person.pk for person in people]),
        during_any("span", near),
        during_any("meeting__occurrences__during", near),
        meeting__occurrences__status="scheduled",
        meeting__transparency=Meeting.Transparency.BUSY,
    )
    if ignoring is not None:
        invited = invited.exclude(meeting=ignoring)
    return invited.order_by().values_list(
        Value("person"),
        "user_id",
        "meeting__occurrences__id",
        "meeting__occurrences__during",
        "meeting__all_day",
        "meeting__tentative",
        "status",
        "recurrence_id",
    )


def _room_rows(
    rooms: Collection[Room],
    near: Sequence[Stretch],
    now: datetime,
    ignoring: Meeting | None,
    holder: User | None,
) -> Any:
    held = Booking.objects.live(now).filter(
        among("room_id", [room.pk for room in rooms]), during_any("during", near)
    )
    if ignoring is not None:
        held = held.exclude(kind=Booking.Kind.MEETING, occurrence__meeting=ignoring)
    if holder is not None:
        held = held.exclude(kind=Booking.Kind.HOLD, held_by=holder)
    return held.order_by().values_list(
        Value("room"),
        "room_id",
        "occurrence_id",
        "during",
        Value(False),
        Value(False),
        Value(""),
        Value(""),
    )


def _busy(rows: Iterable[_Row], zones: dict[int, ZoneInfo]) -> Iterator[tuple[int, Busy]]:
    """Each person's stretches; the answer for a single date outweighs that for all."""
    answers: dict[tuple[int, int | None], _Row] = {}
    for row in rows:
        key = (row.subject_id, row.occurrence_id)
        if row.subject == "person" and (key not in answers or row.answer_for):
            answers[key] = row
    for row in answers.values():
        if row.status == Invitation.Status.DECLINED or row.occurrence_id is None:
            continue
        stretch = as_stretch(row.during)
        if row.all_day:
            dates = AllDay(stretch.start.date(), (stretch.end - stretch.start).days)
            stretch = dates.stretch_in(zones[row.subject_id])
        tentative = row.tentative or row.status == Invitation.Status.TENTATIVE
        yield row.subject_id, Busy(stretch, row.occurrence_id, tentative)


def _by_subject(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for subject, item in pairs:
        found[subject].append(item)
    for items in found.values():
        items.sort(key=lambda item: (item.stretch, item.occurrence_id or 0))
    return dict(found)


def _hours_in(within: Stretch, zone: ZoneInfo, minutes: Any) -> list[Stretch]:
    """Weekly hours on the wall clock of `zone`, as stretches inside `within`."""
    day = within.start.astimezone(zone).date()
    last = within.end.astimezone(zone).date()
    found: list[Stretch] = []
    while day <= last:
        found += working_stretches(day, zone, minutes(day.weekday()))
        day += timedelta(days=1)
    return [inside for s in merge(found) if (inside := clip(s, within)) and inside.length]
