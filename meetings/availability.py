"""Who and what is taken, and when: the one question that conflicts and slots are answered from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.types.multirange import Multirange

from accounts.models import TimeOff, User
from meetings.intervals import Stretch, clip, merge, subtract
from meetings.models import Invitation, Meeting
from meetings.models.ranges import as_range, as_stretch, during_any, numbers
from meetings.wallclock import AllDay, working_stretches
from rooms.models import Closure, Room

# All-day dates are found by their UTC dates; no zone is further than this from UTC.
WIDEST_OFFSET = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# Written as SQL for the fence: the planner cannot guess how selective a multirange is, so the
# invitations, which have the index on (person, span), have to come first. Each answer that may
# hold for a date is a row of its own; who was taken off a single date does not come then.
# Instants come as microseconds, since ranges of thousands of rows are slow to read.
TAKEN = """
WITH invited AS MATERIALIZED (
    SELECT meeting_id, user_id, recurrence_id,
           CASE WHEN removed_at IS NULL THEN status ELSE 'declined' END AS status
    FROM meetings_invitation
    WHERE user_id IS NOT NULL AND (removed_at IS NULL OR recurrence_id <> '')
      AND int8range(user_id, user_id, '[]') && %(people)s::int8multirange
      AND span && %(near)s::tstzmultirange
)
SELECT 'person', user_id, o.id, (extract(epoch FROM lower(o.during)) * 1000000)::bigint,
       (extract(epoch FROM upper(o.during)) * 1000000)::bigint, o.all_day,
       COALESCE(o.tentative, m.tentative), invited.status, invited.recurrence_id
FROM invited
JOIN meetings_meeting m ON m.id = invited.meeting_id
JOIN meetings_occurrence o ON o.meeting_id = m.id AND o.status = 'scheduled'
WHERE o.during && CASE WHEN o.all_day THEN %(near)s ELSE %(within)s END::tstzmultirange
  AND COALESCE(o.transparency, m.transparency) = 'busy'
  AND invited.recurrence_id IN ('', o.recurrence_id)
  AND NOT (o.meeting_id = COALESCE(%(ignoring)s::bigint, 0)
           AND o.id = ANY(COALESCE(%(ignored)s::bigint[], ARRAY[o.id])))
UNION ALL
SELECT 'room', b.room_id, b.occurrence_id,
       (extract(epoch FROM lower(b.during)) * 1000000)::bigint,
       (extract(epoch FROM upper(b.during)) * 1000000)::bigint, false, false, '', ''
FROM meetings_booking b
LEFT JOIN meetings_occurrence o ON o.id = b.occurrence_id
WHERE int8range(b.room_id, b.room_id, '[]') && %(rooms)s::int8multirange
  AND b.during && %(within)s::tstzmultirange
  AND b.released_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > %(now)s)
  AND NOT (b.kind = 'meeting' AND COALESCE(o.meeting_id = %(ignoring)s::bigint, false)
           AND o.id = ANY(COALESCE(%(ignored)s::bigint[], ARRAY[o.id])))
  AND NOT (b.kind = 'hold' AND COALESCE(b.held_by_id = %(holder)s::bigint, false))
"""


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody's time is taken by an occurrence, or by time off; perhaps, if `tentative`."""

    stretch: Stretch
    occurrence_id: int | None
    tentative: bool

    @property
    def away(self) -> bool:
        """Whether it is time off, and no meeting."""
        return self.occurrence_id is None


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
    start: int
    end: int
    all_day: bool
    tentative: bool
    status: str
    answer_for: str

    @property
    def during(self) -> Stretch:
        """The instants, of an all-day date those of its UTC dates."""
        return Stretch(_since_epoch(self.start), _since_epoch(self.end))


def _since_epoch(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


@dataclass(frozen=True, slots=True)
class Occupied:
    """What is taken: by user id and by room id, each in order of start."""

    people: dict[int, list[Busy]]
    rooms: dict[int, list[Taken]]


@dataclass(frozen=True, slots=True)
class PersonTime:
    """A person's time: disjoint stretches in order, cut to what was asked.

    `busy` is surely taken, by meetings or time off, and `tentative` perhaps; no instant is in
    both. `away` is the time off alone. `works` are the working hours in the person's own zone
    less time off; None if they never said.
    """

    busy: tuple[Stretch, ...]
    tentative: tuple[Stretch, ...]
    away: tuple[Stretch, ...]
    works: tuple[Stretch, ...] | None


@dataclass(frozen=True, slots=True)
class RoomTime:
    """A room's time: disjoint stretches in order.

    `taken` has the buffers of the meetings in it, and reaches as far beyond what was asked as
    the room's own buffers, so that these can be kept there too. `open` are the opening hours
    less closures.
    """

    taken: tuple[Stretch, ...]
    open: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Everybody's time over `within`: people by user id, rooms by room id."""

    within: Stretch
    people: dict[int, PersonTime]
    rooms: dict[int, RoomTime]


def times(
    people: Collection[User],
    rooms: Collection[Room],
    within: Stretch,
    *,
    now: datetime,
    ignoring: Meeting | None = None,
    ignored: Collection[int] | None = None,
    holder: User | None = None,
) -> Times:
    """When these people and rooms are taken and offered in `within`.

    People come with their working hours prefetched and rooms `with_details()`; then it costs a
    constant number of queries. What does not count is as in `occupied`. Whether a room is active
    and how far ahead it can be booked is not looked at.
    """
    before = max((room.buffers[0] for room in rooms), default=timedelta(0))
    after = max((room.buffers[1] for room in rooms), default=timedelta(0))
    found = occupied(
        people,
        rooms,
        [Stretch(within.start - before, within.end + after)],
        now=now,
        ignoring=ignoring,
        ignored=ignored,
        holder=holder,
    )
    shut = closures_of(rooms, [within])
    return Times(
        within,
        {p.pk: _person_time(p, found.people.get(p.pk, []), within) for p in people},
        {
            r.pk: _room_time(r, found.rooms.get(r.pk, []), [s for s, _reason in shut[r.pk]], within)
            for r in rooms
        },
    )


def bookable_time(room: Room, time: RoomTime, *, now: datetime) -> list[Stretch]:
    """When meetings could be in the room as its rules are by now, in order.

    It is open, keeps its buffers free around what there is, and can be booked that far ahead.
    """
    if not room.active:
        return []
    before, after = room.buffers
    kept = (Stretch(taken.start - after, taken.end + before) for taken in time.taken)
    gaps, limit = subtract(time.open, kept), room.bookable_until(now)
    if limit is None:
        return gaps
    return [Stretch(gap.start, min(gap.end, limit)) for gap in gaps if gap.start < limit]


def _person_time(person: User, taken: Sequence[Busy], within: Stretch) -> PersonTime:
    busy = _inside((item.stretch for item in taken if not item.tentative), within)
    perhaps = _inside((item.stretch for item in taken if item.tentative), within)
    away = _inside((item.stretch for item in taken if item.away), within)
    works = working_time(person, within)
    return PersonTime(
        tuple(busy),
        tuple(subtract(perhaps, busy)),
        tuple(away),
        tuple(subtract(works, away)) if works is not None else None,
    )


def _room_time(
    room: Room, taken: Sequence[Taken], shut: Sequence[Stretch], within: Stretch
) -> RoomTime:
    before, after = room.buffers
    near = Stretch(within.start - before, within.end + after)
    return RoomTime(
        tuple(_inside((item.stretch for item in taken), near)),
        tuple(subtract(open_time(room, within), shut)),
    )


def _inside(stretches: Iterable[Stretch], within: Stretch) -> list[Stretch]:
    """The same instants as far as they lie in `within`, disjoint and in order."""
    return merge(part for stretch in stretches if (part := clip(stretch, within)))


def occupied(
    people: Collection[User],
    rooms: Collection[Room],
    within: Sequence[Stretch],
    *,
    now: datetime,
    ignoring: Meeting | None = None,
    ignored: Collection[int] | None = None,
    holder: User | None = None,
) -> Occupied:
    """What people and rooms are taken by in the stretches `within`: a query, and one for time off.

    Declined, cancelled and free meetings do not count, nor does the meeting `ignoring` (of it
    only the dates `ignored`, if given), nor an expired hold or one of `holder`'s own.
    Stretches may reach outside `within`; those of all-day dates and of time off, each in its
    person's zone, may lie beside it.
    """
    if not within or not (people or rooms):
        return Occupied({}, {})
    near = merge(Stretch(s.start - WIDEST_OFFSET, s.end + WIDEST_OFFSET) for s in within)
    exact = merge(within)
    values: dict[str, Any] = {
        "people": numbers(person.pk for person in people),
        "rooms": numbers(room.pk for room in rooms),
        "near": Multirange([as_range(stretch) for stretch in near]),
        "within": Multirange([as_range(stretch) for stretch in exact]),
        "now": now,
        "ignoring": ignoring.pk if ignoring else None,
        "ignored": list(ignored) if ignored is not None else None,
        "holder": holder.pk if holder else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, values)
        found = [_Row(*row) for row in cursor.fetchall()]
    zones = {person.pk: person.zone for person in people}
    away = _away(zones, Stretch(near[0].start, near[-1].end)) if people else ()
    return Occupied(
        _by_subject((*_busy(found, zones), *away)),
        _by_subject(
            (row.subject_id, Taken(row.during, row.occurrence_id))
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
    week = tuple(tuple((h.start, h.end) for h in hours if h.weekday == day) for day in range(7))
    return list(_hours_in(within, person.zone, week))


def open_time(room: Room, within: Stretch) -> list[Stretch]:
    """When a room's opening hours are in `within`, closures aside. Uses prefetched hours."""
    week = tuple(tuple(room.open_minutes(day)) for day in range(7))
    return list(_hours_in(within, room.zone, week))


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
        stretch = row.during
        if row.all_day:
            dates = AllDay(stretch.start.date(), (stretch.end - stretch.start).days)
            stretch = dates.stretch_in(zones[row.subject_id])
        tentative = row.tentative or row.status == Invitation.Status.TENTATIVE
        yield row.subject_id, Busy(stretch, row.occurrence_id, tentative)


def _away(zones: dict[int, ZoneInfo], near: Stretch) -> Iterator[tuple[int, Busy]]:
    """Each person's time off around `near`, which is a day wider than what is asked. A query."""
    rows = TimeOff.objects.filter(user__in=zones).touching(near.start.date(), near.end.date())
    for row in rows.order_by():
        yield row.user_id, Busy(row.stretch_in(zones[row.user_id]), None, tentative=False)


def _by_subject(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for subject, item in pairs:
        found[subject].append(item)
    for items in found.values():
        items.sort(key=lambda i: (i.stretch.start, i.stretch.end, i.occurrence_id or 0))
    return dict(found)


@lru_cache(maxsize=256)  # many people and rooms have the same hours
def _hours_in(
    within: Stretch, zone: ZoneInfo, week: tuple[tuple[tuple[int, int], ...], ...]
) -> tuple[Stretch, ...]:
    """Hours of a week (Monday first) on the wall clock of `zone`, as stretches in `within`."""
    day = within.start.astimezone(zone).date()
    last = within.end.astimezone(zone).date()
    found: list[Stretch] = []
    while day <= last:
        found += working_stretches(day, zone, week[day.weekday()])
        day += timedelta(days=1)
    return tuple(inside for s in merge(found) if (inside := clip(s, within)) and inside.length)
