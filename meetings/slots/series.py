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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from meetings.conflicts import Proposal
from meetings.slots.shifts import Shift, moved, shifts_for
from meetings.slots.spoilt import Spoilt
from meetings.wallclock import When
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
    dates colliding. Three queries; `people` and rooms come with their details, as in a Proposal.
    """
    if not proposal.dates:
        return []
    search = _Search(proposal, rrule, candidates, now)
    asked = search.asked_colliding()
    better = [found for found in search.results() if found[1].colliding < asked]
    better.sort(key=lambda f: (f[1].colliding, f[1].outside_hours, f[0].distance, f[0].by))
    chosen: list[SeriesAlternative] = []
    for _shift, found in better:
        during = found.when.during()
        if len(chosen) < most and not any(during.overlaps(c.when.during()) for c in chosen):
            chosen.append(found)
    return chosen


class _Search:
    """What is so at each shift of all dates."""

    def __init__(
        self, proposal: Proposal, rrule: str, candidates: Sequence[Room], now: datetime
    ) -> None:
        self.proposal = proposal
        self.shifts = shifts_for(proposal.dates[0], rrule)
        fitting = (
            room
            for room in candidates
            if room not in proposal.rooms and room.active and room.capacity >= proposal.seats
        )
        self.spare = sorted(fitting, key=lambda room: (room.capacity, room.name))
        self.spoilt = Spoilt(proposal, self.shifts, self.spare, now)
        self.busy = self.spoilt.busy()

    def asked_colliding(self) -> int:
        """How many dates collide as asked."""
        at = self.shifts.index(Shift(0))
        bits = self.busy[at]
        for room in self.proposal.rooms:
            bits |= self.spoilt.unavailable(room)[at]
        return bits.bit_count()

    def results(self) -> Iterator[tuple[Shift, SeriesAlternative]]:
        """Each shift that leaves no date in the past, with how good it is."""
        outside, past = self.spoilt.outside_hours(), self.spoilt.past()
        for at, shift in enumerate(self.shifts):
            if at in past:
                continue
            rooms, colliding = self._rooms_at(at)
            yield (
                shift,
                SeriesAlternative(
                    moved(self.proposal.dates[0], shift),
                    rooms,
                    colliding.bit_count(),
                    len(self.proposal.dates),
                    bool(outside[at]),
                ),
            )

    def _rooms_at(self, at: int) -> tuple[tuple[Room, ...], int]:
        """The rooms to take at a shift, and the dates that collide with them."""
        chosen: list[Room] = []
        bits = self.busy[at]
        for asked in self.proposal.rooms:
            best, best_bits = asked, bits | self.spoilt.unavailable(asked)[at]
            for room in self.spare:
                if best_bits == bits:
                    break
                with_room = bits | self.spoilt.unavailable(room)[at]
                if room not in chosen and with_room.bit_count() < best_bits.bit_count():
                    best, best_bits = room, with_room
            chosen.append(best)
            bits = best_bits
        return tuple(chosen), bits
