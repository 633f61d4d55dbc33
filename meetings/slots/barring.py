"""What keeps rooms from having dates, bookings aside; as bits, for rooms that are alike in it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg

from meetings.conflicts import DAY, Proposal, is_open, stretch_for, wanted_twice, with_buffers
from meetings.intervals import Stretch
from meetings.models.ranges import as_stretch, during_any
from meetings.wallclock import AllDay
from meetings.wallclock import When as Date
from rooms.models import Closure, OpeningHours, Room, RoomQuerySet, Site

T = TypeVar("T")
KIND = ("site_id", "hours", "horizon_days", "buffer_before", "buffer_after")
NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class _Clock:
    """The dates in the order in which they lie in a zone, with what they take there."""

    number: int
    dates: tuple[tuple[str, Date], ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class _Alike:
    """Dates as bits: `weighed` can be booked by now, `booked` those against which bookings
    count, and `barred` cannot be had.
    """

    clock: int
    weighed: int
    booked: int
    barred: int


class Barring:
    """What `find_conflicts` says of rooms, but for bookings; each rule once per kind of room.

    Bits stand for the dates in the order of the room's clock, the first is the leftmost. Five
    queries, and five more where rooms have opening hours of their own.
    """

    def __init__(self, proposal: Proposal, rooms: RoomQuerySet, *, now: datetime) -> None:
        self.proposal, self.now = proposal, now
        self.all_day = any(isinstance(when, AllDay) for when in proposal.dates)
        self.count = len(proposal.dates)
        self.everything = (1 << self.count) - 1
        self.known: dict[Hashable, Any] = {}
        self.clock_of: dict[str, _Clock] = {}
        self.alike: list[Room] = []
        """One room, not a row, for each kind."""
        kinds = list(rooms.order_by().values_list(*KIND).distinct())
        self.sites_alike = self._sites({kind[0] for kind in kinds})
        self.found = [(kind, self._kind(*kind)) for kind in kinds]
        self.room_bits: dict[int, int] = defaultdict(int)
        self.site_bits: dict[int, int] = defaultdict(int)
        self._shut()
        if any(kind[1] == Room.Hours.OWN for kind in kinds):
            self._own_hours()

    def kinds(self) -> list[Sequence[object]]:
        """Columns: those of KIND, then the number of its clock, and the bits of `_Alike`."""
        rows = [
            (
                *(site, hours, NO_LIMIT if horizon is None else horizon, before, after),
                *(alike.clock, *map(self._text, (alike.weighed, alike.booked, alike.barred))),
            )
            for (site, hours, horizon, before, after), alike in self.found
        ]
        return [list(column) for column in zip(*rows, strict=True)] or [[]] * 9

    def clocks(self) -> list[Sequence[object]]:
        """Columns: the number of the clock, when its dates start, when they end; in order."""
        clocks = self.clock_of.values()
        starts = [_instants(s.start for s in clock.stretches) for clock in clocks]
        # A date within another one is barred anyway; bisection wants the ends in order.
        ends = [_instants(accumulate((s.end for s in c.stretches), max)) for c in clocks]
        return [[clock.number for clock in clocks], starts, ends]

    def rooms(self) -> list[Sequence[object]]:
        """Columns: rooms, and the dates on which a closure or hours of their own bar them."""
        return self._columns(self.room_bits)

    def sites(self) -> list[Sequence[object]]:
        """Columns: sites, and the dates on which a closure bars their rooms."""
        return self._columns(self.site_bits)

    def _columns(self, bits: dict[int, int]) -> list[Sequence[object]]:
        return [list(bits), [self._text(found) for found in bits.values()]]

    def _text(self, bits: int) -> str:
        return format(bits, f"0{self.count}b") if self.count else ""

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self.known:
            self.known[key] = make()
        found: T = self.known[key]
        return found

    def _clock(self, zone: ZoneInfo) -> _Clock:
        """All zones share one, unless some date is all day and takes other instants in each."""
        name = zone.key if self.all_day else ""
        if name not in self.clock_of:
            place = Room(site=Site(timezone=zone))
            dates = sorted(self.proposal.named, key=lambda date: stretch_for(date[1], place))
            stretches = tuple(stretch_for(when, place) for _name, when in dates)
            self.clock_of[name] = _Clock(len(self.clock_of), tuple(dates), stretches)
        return self.clock_of[name]

    def _sites(self, ids: Collection[int]) -> dict[int, Site]:
        """A site with its hours for each of these: one for all that are alike in zone and week."""
        weeks = {pk: week for pk, _zone, *week in _weeks("site_id", "site__timezone")}
        alike: dict[Hashable, list[int]] = defaultdict(list)
        for pk, zone in Site.objects.filter(pk__in=ids).values_list("pk", "timezone"):
            alike[zone.key, str(weeks.get(pk))].append(pk)
        first = [same[0] for same in alike.values()]
        places = Site.objects.prefetch_related("opening_hours").in_bulk(first)
        return {pk: places[same[0]] for same in alike.values() for pk in same}

    def _kind(
        self, site_id: int, hours: str, horizon: int | None, before: int, after: int
    ) -> _Alike:
        site = self.sites_alike[site_id]
        # Hours of its own are looked at for each room.
        week = Room.Hours.SITE if hours == Room.Hours.SITE else Room.Hours.ALWAYS
        room = Room(
            site=site,
            hours=week,
            horizon_days=horizon,
            buffer_before=before,
            buffer_after=after,
        )
        return self._once((site, week, horizon, before, after), lambda: self._judge(room))

    def _judge(self, room: Room) -> _Alike:
        self.alike.append(room)
        clock = self._clock(room.zone)
        limit = room.bookable_until(self.now)
        beyond = _bits(limit is not None and s.end > limit for s in clock.stretches)
        # A date that a zone skipped takes nothing, unless something is kept free around it.
        empty = _bits(not with_buffers(s, room).length for s in clock.stretches)
        unopened = self._once((room.site, room.hours), lambda: self._unopened(room))
        twice = self._once((clock.number, room.buffers), lambda: self._twice(room, clock))
        weighed = self.everything & ~beyond
        barred = twice | (unopened & weighed) | (0 if self.proposal.repeats else beyond)
        return _Alike(clock.number, weighed, weighed & ~empty, barred)

    def _unopened(self, room: Room) -> int:
        return _bits(not is_open(room, when) for _name, when in self._clock(room.zone).dates)

    def _twice(self, room: Room, clock: _Clock) -> int:
        names = {problem.date for problem in wanted_twice(room, self.proposal.named)}
        return _bits(name in names for name, _when in clock.dates)

    def _shut(self) -> None:
        within = [when.during() for when in self.proposal.dates]
        near = [Stretch(s.start - DAY, s.end + DAY) for s in within]
        closures = Closure.objects.filter(during_any("during", near)).order_by()
        for closure in closures.select_related("site", "room__site"):
            shut = as_stretch(closure.during)
            bits = _bits(shut.overlaps(s) for s in self._clock(closure.zone).stretches)
            if closure.room_id is not None:
                self.room_bits[closure.room_id] |= bits
            elif closure.site_id is not None:
                self.site_bits[closure.site_id] |= bits

    def _own_hours(self) -> None:
        """Rooms with the same week in the same zone are looked at once."""
        alike: dict[Hashable, list[int]] = defaultdict(list)
        for room_id, zone, *week in _weeks("room_id", "room__site__timezone"):
            alike[zone.key, str(week)].append(room_id)
        first = Room.objects.with_details().in_bulk([ids[0] for ids in alike.values()])
        for ids in alike.values():
            unopened = self._unopened(first[ids[0]])
            for room_id in ids if unopened else ():
                self.room_bits[room_id] |= unopened


def _weeks(place: str, zone: str) -> Iterable[tuple[Any, ...]]:
    """Of sites or of rooms that have them: id, zone, and the opening hours as three lists."""
    ordering = ("weekday", "start")
    week = {f"{name}s": ArrayAgg(name, order_by=ordering) for name in (*ordering, "end")}
    hours = OpeningHours.objects.filter(**{f"{place}__isnull": False})
    if place == "room_id":
        hours = hours.filter(room__hours=Room.Hours.OWN)
    return hours.order_by().values_list(place, zone).annotate(**week)


def _bits(flags: Iterable[bool]) -> int:
    bits = 0
    for flag in flags:
        bits = bits << 1 | flag
    return bits


def _instants(instants: Iterable[datetime]) -> str:
    """An array of them as PostgreSQL reads it."""
    return "{" + ",".join(at.isoformat() for at in instants) + "}"
