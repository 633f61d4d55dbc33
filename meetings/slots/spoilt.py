"""At which shifts each date of a series collides: a number per shift, with a bit for each date."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from meetings.availability import closures_of, occupied, open_time, working_time
from meetings.conflicts import DAY, Proposal, is_open
from meetings.intervals import IntervalTree, Stretch, merge, subtract
from meetings.slots.shifts import NO_TIME, Shift, Tries, moved, tries_of
from meetings.wallclock import AllDay
from rooms.models import Room

Bits = list[int]
"""Per shift, a bit for each date that is spoilt."""


class Spoilt:
    """Which dates are spoilt at which shifts; what is taken around them is read once."""

    def __init__(
        self,
        proposal: Proposal,
        shifts: Sequence[Shift],
        spare: Sequence[Room],
        now: datetime,
    ) -> None:
        self.proposal = proposal
        self.shifts = shifts
        self.now = now
        self.everything = (1 << len(proposal.dates)) - 1
        self.tries_in: dict[str, list[Tries]] = {}
        self.away_of: dict[object, Bits] = {}
        self.room_bits: dict[int, Bits] = {}
        self.required = [asked.user for asked in proposal.people if not asked.optional]
        self.busy_bits: dict[int, Bits] = {}
        self._read([*proposal.rooms, *spare])

    def _read(self, rooms: Sequence[Room]) -> None:
        around = list(
            self.proposal.around(rooms=rooms, sooner=-self.shifts[0].by, later=self.shifts[-1].by)
        )
        self.taken = occupied(
            [] if self.proposal.free else [asked.user for asked in self.proposal.people],
            rooms,
            around,
            now=self.now,
            ignoring=self.proposal.ignoring,
            ignored=self.proposal.ignored,
            holder=self.proposal.holder,
        )
        self.shut = closures_of(rooms, [Stretch(s.start - DAY, s.end + DAY) for s in around])

    def busy(self) -> Bits:
        """The dates at which somebody required is busy."""
        bits = self._clean()
        for person in self.required:
            for at, busy in enumerate(self.busy_of(person)):
                bits[at] |= busy
        return bits

    def busy_of(self, person: User) -> Bits:
        """The dates at which somebody who was asked for is busy; made once."""
        if person.pk not in self.busy_bits:
            self.busy_bits[person.pk] = bits = self._clean()
            taken = (item.stretch for item in self.taken.people.get(person.pk, ()))
            self._mark(bits, self._tries(person), taken)
        return self.busy_bits[person.pk]

    def past(self) -> set[int]:
        """The shifts at which some date has begun already."""
        begun: set[int] = set()
        for tries in self._tries(None):
            begun.update(tries.shifts[: bisect_left(tries.starts, self.now)])
        return begun

    def outside_hours(self) -> Bits:
        """The dates that leave the working hours of somebody required."""
        bits = self._clean()
        if isinstance(self.proposal.dates[0], AllDay):
            return bits
        for person in self.required:
            for at, away in enumerate(self.outside_of(person)):
                bits[at] |= away
        return bits

    def outside_of(self, person: User) -> Bits:
        """The timed dates that leave somebody's hours; worked out once for equal hours."""
        hours = [(h.weekday, h.start, h.end) for h in person.working_hours.all()]
        key = (person.zone.key, tuple(sorted(hours)))
        if key not in self.away_of:
            self.away_of[key] = bits = self._clean()
            for n, tries in enumerate(self._tries(person)):
                if not hours or not tries.shifts:
                    continue
                whole = tries.whole()
                away = subtract([whole], working_time(person, whole) or [])
                self._mark_one(bits, n, tries, away)
        return self.away_of[key]

    def unavailable(self, room: Room) -> Bits:
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
            self._mark_one(bits, n, tries, subtract([whole], open_time(room, whole)))

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
            near = [stretch for stretch, _ in tree.overlapping(tries.whole(before, after))]
            self._mark_one(bits, n, tries, near, before, after)

    def _mark_one(
        self,
        bits: Bits,
        n: int,
        tries: Tries,
        stretches: Iterable[Stretch],
        before: timedelta = NO_TIME,
        after: timedelta = NO_TIME,
    ) -> None:
        """Mark the nth date at each shift that one of the stretches spoils."""
        for stretch in stretches:
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
