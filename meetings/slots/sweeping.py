"""The sweep behind finding a time: all starts, in order of rank."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from accounts.models import User
from meetings.availability import PersonTime, RoomTime, Times
from meetings.intervals import Stretch, merge
from meetings.slots.fitting import fitting, sites_of_most
from meetings.slots.minutes import MINUTE, Ranges, Starts, common, holds, joined, without
from meetings.slots.nearby import EARLIEST, LATEST
from meetings.slots.wishes import NO_TIME, Rank, RoomFit, Slot, Wish
from meetings.wallclock import working_stretches
from rooms.models import Room

DAY = timedelta(days=1)
QUARTER = 15
AWAKE = [(EARLIEST // MINUTE, LATEST // MINUTE)]
BITS = 16  # of each count in a tally: there are fewer people than that

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """A minute of the sweep at which it may begin, and how it stands with rooms."""

    minute: int
    room: RoomFit


@dataclass(frozen=True, slots=True)
class _Person:
    """The starts at which somebody cannot come, perhaps cannot, only outside hours, at night."""

    missing: Ranges
    perhaps: Ranges
    outside: Ranges
    night: Ranges


class Sweep:
    """Goes through everybody's stretches once; between two edges of them nothing changes."""

    def __init__(self, starts: Starts, wish: Wish, found: Times, now: datetime) -> None:
        self.starts = starts
        self.wish = wish
        self.now = now
        self.times = found
        self.awake: dict[str, Ranges] = {}
        self.required = self._people(wish.coming)
        self.optional = self._people(wish.perhaps_coming)
        self.rooms = fitting(wish)
        self.near = sites_of_most(wish)
        self.free: dict[int, Ranges] = {}
        asked = starts.origin if wish.near is None else wish.near
        self.asked = (asked - starts.origin) / MINUTE
        # How far the first minute is past a quarter of an hour on the organizer's clock.
        self.past_quarter = starts.origin.astimezone(wish.zone).minute % QUARTER

    def _people(self, people: dict[int, User]) -> dict[int, _Person]:
        return {pk: self._person(person, self.times.people[pk]) for pk, person in people.items()}

    def _person(self, person: User, time: PersonTime) -> _Person:
        missing = self.starts.spoilt(time.busy)
        perhaps = self.starts.spoilt(time.tentative)
        awake = self._awake(person.zone)
        works = awake if time.works is None else self.starts.inside(time.works)
        outside = without(without(self.starts.all, missing), works)
        return _Person(missing, without(perhaps, missing), outside, without(outside, awake))

    def _awake(self, zone: ZoneInfo) -> Ranges:
        """The starts at which it is day in a zone; made once for each."""
        if zone.key not in self.awake:
            self.awake[zone.key] = self.starts.inside(_awake(zone, self.times.within))
        return self.awake[zone.key]

    def ranked(self) -> Iterator[Start]:
        """All starts in order of rank; only those that all required can make, if there are any."""
        groups = self._groups()
        for tally in sorted(groups):
            if _missing(tally) and not _missing(min(groups)):
                return
            for fit, ranges in self._by_room(groups[tally]):
                minutes = (m for low, high in ranges for m in self._tried(low, high))
                yield from (Start(m, fit) for m in sorted(minutes, key=self._nearness))

    def _nearness(self, minute: int) -> tuple[float, int]:
        return (abs(minute - self.asked) if self.wish.near else 0, minute)

    def _tried(self, low: int, high: int) -> Iterable[int]:
        """The quarters of an hour in a range of equal starts; if it has none, its first minute."""
        first = low + -(low + self.past_quarter) % QUARTER
        return range(first, high, QUARTER) or (low,)

    def _groups(self) -> dict[int, Ranges]:
        """Starts by how many people can make them.

        A tally packs the eight counts of `Rank` into one number, the first the heaviest, so that
        comparing two tallies compares their counts in turn.
        """
        changes = {0: 0, self.starts.count: 0}
        counted = [
            *((7, person) for person in self.required.values()),
            *((3, person) for person in self.optional.values()),
        ]
        for heaviest, person in counted:
            _mark(changes, person.missing, 1 << BITS * heaviest)
            _mark(changes, person.perhaps, 1 << BITS * (heaviest - 1))
            _mark(changes, person.outside, 1 << BITS * (heaviest - 2))
            _mark(changes, person.night, 1 << BITS * (heaviest - 3))
        groups: dict[int, Ranges] = defaultdict(list)
        tally = 0
        for low, high in pairwise(sorted(changes)):
            tally += changes[low]
            groups[tally].append((low, high))
        return {tally: joined(ranges) for tally, ranges in groups.items()}

    def _by_room(self, ranges: Ranges) -> list[tuple[RoomFit, Ranges]]:
        """These starts by how they stand with rooms; no more rooms are looked at than needed."""
        if not self.wish.seats:
            return [(RoomFit.FITS, ranges)]
        found: dict[RoomFit, Ranges] = {RoomFit.FITS: [], RoomFit.ELSEWHERE: []}
        for room in self.rooms:
            if not ranges:
                break
            free = self._free(room)
            found[self._fit(room)] += common(ranges, free)
            ranges = without(ranges, free)
        found[RoomFit.NONE] = ranges
        return [(fit, joined(sorted(found[fit]))) for fit in RoomFit]

    def _fit(self, room: Room) -> RoomFit:
        return RoomFit.FITS if room.site_id in self.near else RoomFit.ELSEWHERE

    def _free(self, room: Room) -> Ranges:
        """The starts at which a room is to be had; made once, for the rooms looked at."""
        if room.pk not in self.free:
            self.free[room.pk] = self._free_in(room, self.times.rooms[room.pk])
        return self.free[room.pk]

    def _free_in(self, room: Room, time: RoomTime) -> Ranges:
        before, after = room.buffers
        opened = self.starts.inside(time.open)
        free = without(opened, self.starts.spoilt(time.taken, before=before, after=after))
        limit = room.bookable_until(self.now)
        if limit is None:
            return free
        bookable = Stretch(min(self.starts.origin, limit), limit)
        return common(free, self.starts.inside([bookable]))

    def slot(self, each: Start) -> Slot:
        """A start with everything that it was ranked by."""
        start = self.starts.at(each.minute)
        required = _who(self.required, each.minute)
        optional = _who(self.optional, each.minute)
        return Slot(
            Stretch(start, start + self.wish.length),
            *required,
            *optional,
            room=self._room_at(each),
            rank=Rank(
                *_sizes(required),
                *_sizes(optional),
                room=each.room,
                away=abs(start - self.wish.near) if self.wish.near else NO_TIME,
                start=start,
            ),
        )

    def _room_at(self, each: Start) -> Room | None:
        if each.room == RoomFit.NONE:
            return None
        return next((room for room in self.rooms if holds(self._free(room), each.minute)), None)


def _who(people: dict[int, _Person], minute: int) -> tuple[Ids, Ids, Ids, Ids]:
    """Who cannot come, perhaps cannot, can only outside their hours, and at night."""
    return (
        tuple(pk for pk, person in people.items() if holds(person.missing, minute)),
        tuple(pk for pk, person in people.items() if holds(person.perhaps, minute)),
        tuple(pk for pk, person in people.items() if holds(person.outside, minute)),
        tuple(pk for pk, person in people.items() if holds(person.night, minute)),
    )


def _sizes(who: tuple[Ids, Ids, Ids, Ids]) -> tuple[int, int, int, int]:
    return len(who[0]), len(who[1]), len(who[2]), len(who[3])


def _mark(changes: dict[int, int], ranges: Ranges, weight: int) -> None:
    """Note that the tally grows by `weight` over these ranges."""
    for low, high in ranges:
        changes[low] = changes.get(low, 0) + weight
        changes[high] = changes.get(high, 0) - weight


def _missing(tally: int) -> int:
    return tally >> BITS * 7


def _awake(zone: ZoneInfo, within: Stretch) -> list[Stretch]:
    """When people in a zone are awake."""
    day = within.start.astimezone(zone).date() - DAY
    found: list[Stretch] = []
    while day <= within.end.astimezone(zone).date():
        found += working_stretches(day, zone, AWAKE)
        day += DAY
    return merge(found)
