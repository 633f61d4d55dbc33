"""Another time for a whole series: the time of day at which the fewest of its dates collide.

Everything that is taken around all dates is read once. Then each busy stretch marks the times
it spoils, so that many times can be weighed for many dates, people and rooms:

1. A time to try is a shift of all dates alike on the wall clock (`shifts_for`).
2. For each date, the shifted starts and ends stand in order (`Tries`).
3. A stretch spoils those that start before its end and end after its start: a slice, found by
   bisection.
4. Per shift, a number holds one bit for each date that is spoilt, so that what stands against
   people and a room together is the bits of either.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from meetings.availability import closures_of, occupied, open_time, working_time
from meetings.conflicts import DAY, Proposal, is_open
from meetings.intervals import IntervalTree, Stretch, merge, subtract
from meetings.slots.shifts import NO_TIME, Shift, Tries, moved, shifts_for, tries_of
from meetings.wallclock import AllDay, When
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class SeriesAlternative:
    """A time for the whole series, with the rooms to take.

    `when` is that of the proposal's first date. At it, `colliding` `of` its dates collide.
    `outside_hours` says whether some date leaves a required person's working hours.
    """

    when: When
    rooms: tuple[Room, ...]
    colliding: int
    of: int
    outside_hours: bool


def series_alternatives(
    proposal: Proposal, rrule: str, candidates: Sequence[Room], *, now: datetime, most: int = 3
) -> list[SeriesAlternative]:
    """Up to `most` times at which fewer dates collide than at the one asked for.

    Fewest first, then inside everybody's working hours, then nearest to what was asked. Tried
    are quarters of an hour from 7 to 20 o'clock, of a rule that is weekly on one day also on
    the day before and after, and other rooms at the same time. All dates move alike, also
    those that have a time of their own. They do not overlap one another.

    A date collides if a required person is busy or one of the rooms is not to be had; rooms
    that cannot be booked so far ahead yet do not count. As many rooms as were asked for are
    taken: each the one asked for unless one of `candidates` that seats everybody leaves fewer
    dates colliding. Two queries; `people` and rooms come with their details, as in a Proposal.
    """
    if not proposal.dates:
        return []
    search = _Search(proposal, shifts_for(proposal.dates[0], rrule), candidates, now)
    asked = search.asked_colliding()
    better = [found for found in search.results() if found[1].colliding < asked]
    better.sort(key=lambda f: (f[1].colliding, f[1].outside_hours, f[0].distance, f[0].by))
    chosen: list[SeriesAlternative] = []
    for _shift, found in better:
        during = found.when.during()
        if len(chosen) < most and not any(during.overlaps(c.when.during()) for c in chosen):
            chosen.append(found)
    return chosen


Bits = list[int]
"""Per shift, a bit for each date that is spoilt."""


class _Search:
    """All dates at all shifts, with everything that is taken around them, read once."""

    def __init__(
        self,
        proposal: Proposal,
        shifts: Sequence[Shift],
        candidates: Sequence[Room],
        now: datetime,
    ) -> None:
        self.proposal = proposal
        self.shifts = shifts
        self.now = now
        self.everything = (1 << len(proposal.dates)) - 1
        self.tries_in: dict[str, list[Tries]] = {}
        self.away_of: dict[object, Bits] = {}
        self.room_bits: dict[int, Bits] = {}
        self.spare = sorted(
            (
                room
                for room in candidates
                if room not in proposal.rooms and room.active and room.capacity >= proposal.seats
            ),
            key=lambda room: (room.capacity, room.name),
        )
        self.required = [asked.user for asked in proposal.people if not asked.optional]
        self._read()

    def _read(self) -> None:
        rooms = [*self.proposal.rooms, *self.spare]
        around = list(self._around(rooms))
        self.taken = occupied(
            [] if self.proposal.free else self.required,
            rooms,
            around,
            now=self.now,
            ignoring=self.proposal.ignoring,
            ignored=self.proposal.ignored,
            holder=self.proposal.holder,
        )
        self.shut = closures_of(rooms, [Stretch(s.start - DAY, s.end + DAY) for s in around])

    def _around(self, rooms: Iterable[Room]) -> Iterable[Stretch]:
        """What has to be known: the dates at their earliest and latest, with the widest buffers."""
        buffers = [room.buffers for room in rooms]
        before = max((before for before, _after in buffers), default=NO_TIME)
        after = max((after for _before, after in buffers), default=NO_TIME)
        for when in self.proposal.dates:
            during = when.during()
            yield Stretch(
                during.start + self.shifts[0].by - before,
                during.end + self.shifts[-1].by + after,
            )

    def asked_colliding(self) -> int:
        """How many dates collide as asked."""
        at = self.shifts.index(Shift(0))
        bits = self.people_bits()[at]
        for room in self.proposal.rooms:
            bits |= self._bits_of(room)[at]
        return bits.bit_count()

    def results(self) -> list[tuple[Shift, SeriesAlternative]]:
        """What is so at each shift that leaves no date in the past."""
        busy, outside = self.people_bits(), self._outside()
        past = self._past()
        found = []
        for at, shift in enumerate(self.shifts):
            if at in past:
                continue
            rooms, bits = self._rooms_at(at, busy[at])
            alternative = SeriesAlternative(
                moved(self.proposal.dates[0], shift),
                rooms,
                bits.bit_count(),
                len(self.proposal.dates),
                bool(outside[at]),
            )
            found.append((shift, alternative))
        return found

    def people_bits(self) -> Bits:
        """The dates at which somebody required is busy."""
        bits = self._clean()
        for person in self.required:
            busy = (item.stretch for item in self.taken.people.get(person.pk, ()))
            self._mark(bits, self._tries(person), busy)
        return bits

    def _past(self) -> set[int]:
        """The shifts at which some date has begun already."""
        begun: set[int] = set()
        for tries in self._tries(None):
            begun.update(tries.shifts[: bisect_left(tries.starts, self.now)])
        return begun

    def _outside(self) -> Bits:
        """The dates that leave the working hours of somebody required."""
        bits = self._clean()
        if isinstance(self.proposal.dates[0], AllDay):
            return bits
        for person in self.required:
            for at, away in enumerate(self._away(person)):
                bits[at] |= away
        return bits

    def _away(self, person: User) -> Bits:
        """The dates that leave somebody's working hours; worked out once for equal hours."""
        hours = [(h.weekday, h.start, h.end) for h in person.working_hours.all()]
        key = (person.zone.key, tuple(sorted(hours)))
        if key not in self.away_of:
            self.away_of[key] = bits = self._clean()
            for n, tries in enumerate(self._tries(person) if hours else ()):
                whole = tries.whole()
                for hole in subtract([whole], working_time(person, whole) or []):
                    for at in tries.spoilt(hole):
                        bits[at] |= 1 << n
        return self.away_of[key]

    def _rooms_at(self, at: int, busy: int) -> tuple[tuple[Room, ...], int]:
        """The rooms to take at a shift, and the dates that collide with them."""
        chosen: list[Room] = []
        bits = busy
        for asked in self.proposal.rooms:
            best, best_bits = asked, bits | self._bits_of(asked)[at]
            for room in self.spare:
                if best_bits == bits:
                    break
                with_room = bits | self._bits_of(room)[at]
                if room not in chosen and with_room.bit_count() < best_bits.bit_count():
                    best, best_bits = room, with_room
            chosen.append(best)
            bits = best_bits
        return tuple(chosen), bits

    def _bits_of(self, room: Room) -> Bits:
        """The dates at which a room is not to be had; made once, for the rooms looked at."""
        if room.pk not in self.room_bits:
            self.room_bits[room.pk] = self._room_bits(room)
        return self.room_bits[room.pk]

    def _room_bits(self, room: Room) -> Bits:
        if not room.active:
            return [self.everything] * len(self.shifts)
        bits, tries = self._clean(), self._tries(room)
        taken = (item.stretch for item in self.taken.rooms.get(room.pk, ()))
        self._mark(bits, tries, taken, *room.buffers)
        self._mark(bits, tries, (closed for closed, _reason in self.shut.get(room.pk, ())))
        for at, unopened in enumerate(self._unopened(room)):
            bits[at] |= unopened
        limit = room.bookable_until(self.now)
        if limit is not None:  # booked later, whatever holds it today
            for n, date in enumerate(tries):
                for at in date.shifts[bisect_right(date.ends, limit) :]:
                    bits[at] &= ~(1 << n)
        return bits

    def _unopened(self, room: Room) -> Bits:
        """The dates outside a room's opening hours; worked out once for rooms that share them."""
        site_hours = room.hours == Room.Hours.SITE
        key = ("site", room.site_id) if site_hours else ("room", room.pk)
        if key not in self.away_of:
            self.away_of[key] = bits = self._clean()
            if room.hours != Room.Hours.ALWAYS:
                self._mark_unopened(bits, room)
        return self.away_of[key]

    def _mark_unopened(self, bits: Bits, room: Room) -> None:
        for n, (when, tries) in enumerate(zip(self.proposal.dates, self._tries(room), strict=True)):
            if isinstance(when, AllDay):
                for at, shift in enumerate(self.shifts):
                    if not is_open(room, moved(when, shift)):
                        bits[at] |= 1 << n
                continue
            whole = tries.whole()
            for hole in subtract([whole], open_time(room, whole)):
                for at in tries.spoilt(hole):
                    bits[at] |= 1 << n

    def _mark(
        self,
        bits: Bits,
        dates: Sequence[Tries],
        stretches: Iterable[Stretch],
        before: timedelta = NO_TIME,
        after: timedelta = NO_TIME,
    ) -> None:
        tree = IntervalTree((stretch, None) for stretch in merge(stretches))
        if not len(tree):
            return
        for n, tries in enumerate(dates):
            if not tries.shifts:
                continue
            for stretch, _none in tree.overlapping(tries.whole(before, after)):
                for at in tries.spoilt(stretch, before, after):
                    bits[at] |= 1 << n

    def _clean(self) -> Bits:
        return [0] * len(self.shifts)

    def _tries(self, place: User | Room | None) -> list[Tries]:
        """Each date at each shift; an all-day one takes other instants in each zone."""
        all_day = any(isinstance(when, AllDay) for when in self.proposal.dates)
        zone = place.zone if all_day and place is not None else None
        key = zone.key if zone else ""
        if key not in self.tries_in:
            self.tries_in[key] = [tries_of(when, self.shifts, zone) for when in self.proposal.dates]
        return self.tries_in[key]
