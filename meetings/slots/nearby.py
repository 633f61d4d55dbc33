"""Other times for one date: what can be had instead of what collides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from meetings.availability import Occupied, closures_of, occupied, open_time, working_time
from meetings.conflicts import (
    DAY,
    Proposal,
    covers,
    is_open,
    stretch_for,
    with_buffers,
)
from meetings.intervals import IntervalTree, Stretch, merge
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room

SEARCH_DAYS = 14
STEP = timedelta(minutes=15)
EARLIEST, LATEST = timedelta(hours=7), timedelta(hours=20)
"""The part of a day in which whoever asks is awake, since midnight on the wall clock."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A time at which everybody required is free, with the rooms to take.

    `swapped` says whether the rooms are others than those asked for; `outside_hours` whether it
    leaves somebody's working hours; `optional_busy` holds the optional people (user ids) who
    are taken then.
    """

    when: When
    rooms: tuple[Room, ...]
    swapped: bool
    outside_hours: bool
    optional_busy: tuple[int, ...]


def alternatives(
    proposal: Proposal, candidates: Sequence[Room], *, now: datetime, most: int = 3
) -> list[Alternative]:
    """Up to `most` other times within two weeks, nearest to what was asked first.

    For the first date of the proposal. Each, taken at once, books without a conflict: all
    required people are free, and as many rooms as were asked for; the same ones if they are
    free, else the smallest of `candidates` that seat everybody. Times inside everybody's
    working hours come before others, then those with all optional people, then those in the
    rooms that were asked for. They do not overlap one another, unless there is nothing else.
    """
    search = _Search(proposal, candidates, now)
    chosen: list[Alternative] = []
    others: list[Alternative] = []
    for when in search.times():
        found = search.alternative(when)
        if found is None:
            continue
        compromise = found.outside_hours or found.optional_busy or found.swapped
        if compromise or _overlaps(found, chosen):
            others.append(found)
        else:
            chosen.append(found)
        if len(chosen) == most:
            return chosen
    # `others` is in order of distance, and the sort keeps that order between equals.
    others.sort(key=lambda f: (f.outside_hours, len(f.optional_busy), f.swapped))
    for found in others:
        if len(chosen) < most and not _overlaps(found, chosen):
            chosen.append(found)
    rest = [found for found in others if not any(found is one for one in chosen)]
    return [*chosen, *rest][:most]


def _overlaps(found: Alternative, kept: Sequence[Alternative]) -> bool:
    """A quarter of an hour later is no other choice."""
    during = found.when.during()
    return any(during.overlaps(other.when.during()) for other in kept)


class _Search:
    """Two weeks around a date, with everything that is taken in them, read once."""

    def __init__(self, proposal: Proposal, candidates: Sequence[Room], now: datetime) -> None:
        self.proposal = proposal
        self.asked = proposal.dates[0]
        self.now = now
        rooms = {room.pk: room for room in (*proposal.rooms, *candidates)}.values()
        self.rooms = sorted(rooms, key=lambda room: (room.capacity, room.name))
        start = max(self.asked.during().start - 2 * DAY, now)
        self.window = Stretch(start, max(start, now) + SEARCH_DAYS * DAY)
        # The last time to try begins in the window, and ends after it.
        self.around = Stretch(
            self.window.start - DAY, self.window.end + self.asked.during().length + DAY
        )
        self._read()

    def _read(self) -> None:
        proposal, around = self.proposal, self.around
        people = [] if proposal.free else [asked.user for asked in proposal.people]
        taken: Occupied = occupied(
            people,
            self.rooms,
            [around],
            now=self.now,
            ignoring=proposal.ignoring,
            ignored=proposal.ignored,
            holder=proposal.holder,
        )
        self.shut = closures_of(self.rooms, [around])
        self.taken = taken.rooms
        self.held: dict[int, IntervalTree[Stretch]] = {}
        self.open: dict[int, list[Stretch]] = {}
        self.busy = {
            pk: IntervalTree((s, s) for s in merge(b.stretch for b in found))
            for pk, found in taken.people.items()
        }
        self.works = {a.user.pk: working_time(a.user, around) for a in proposal.people}

    def times(self) -> list[When]:
        """The times to try, nearest first: steps of a quarter of an hour, or of a day."""
        asked = self.asked
        start = asked.during().start
        return sorted(
            (when for when in self._steps(asked) if when.during().start != start),
            key=lambda when: abs(when.during().start - start),
        )

    def _steps(self, asked: When) -> Iterator[When]:
        if isinstance(asked, AllDay):
            for n in range(1, SEARCH_DAYS + 1):
                yield replace(asked, first=asked.first + timedelta(days=n))
            return
        # Steps are counted in instants, so that none falls into a gap of the wall clock.
        start = _rounded_up(self.window.start)
        while start < self.window.end:
            local = start.astimezone(asked.zone)
            if not local.fold:
                yield Timed(local.replace(tzinfo=None), asked.zone, asked.length)
            start += STEP

    def alternative(self, when: When) -> Alternative | None:
        """What can be had at `when`; None if somebody required is busy or no room is free."""
        optional_busy: list[int] = []
        outside = False
        timed = when.during() if isinstance(when, Timed) else None  # the same for everybody
        for asked in self.proposal.people:
            stretch = timed or stretch_for(when, asked.user)
            tree = self.busy.get(asked.user.pk)
            if tree is not None and tree.overlapping(stretch):
                if not asked.optional:
                    return None
                optional_busy.append(asked.user.pk)
            works = self.works[asked.user.pk]
            if not asked.optional and works is not None and timed:
                outside = outside or not covers(works, stretch)
        if outside and not self._plausible(when):
            return None
        rooms = self._rooms_at(when)
        if rooms is None:
            return None
        return Alternative(
            when,
            rooms,
            swapped=set(rooms) != set(self.proposal.rooms),
            outside_hours=outside,
            optional_busy=tuple(optional_busy),
        )

    def _plausible(self, when: When) -> bool:
        """Outside somebody's working hours only while whoever asks is awake."""
        if isinstance(when, AllDay):
            return True
        midnight = datetime.combine(when.day, time.min)
        end = when.during().end.astimezone(when.zone).replace(tzinfo=None)
        return when.start - midnight >= EARLIEST and end - midnight <= LATEST

    def _rooms_at(self, when: When) -> tuple[Room, ...] | None:
        wanted = self.proposal.rooms
        kept = [room for room in wanted if self._can_have(room, when)]
        missing = len(wanted) - len(kept)
        if not missing:
            return tuple(kept)
        others = (room for room in self.rooms if room not in wanted and self._can_have(room, when))
        swapped = [room for room, _n in zip(others, range(missing), strict=False)]
        return tuple(kept + swapped) if len(swapped) == missing else None

    def _can_have(self, room: Room, when: When) -> bool:
        if not room.active or room.capacity < self.proposal.seats or not self._is_open(room, when):
            return False
        asked, limit = stretch_for(when, room), room.bookable_until(self.now)
        if limit is not None and asked.end > limit:
            return False
        if any(closed.overlaps(asked) for closed, _reason in self.shut[room.pk]):
            return False
        return not self._held(room).overlapping(with_buffers(asked, room))

    def _is_open(self, room: Room, when: When) -> bool:
        """As `is_open`, with the room's hours of the two weeks worked out once."""
        if isinstance(when, AllDay):
            return is_open(room, when)
        if room.pk not in self.open:
            self.open[room.pk] = open_time(room, self.around)
        return covers(self.open[room.pk], when.during())

    def _held(self, room: Room) -> IntervalTree[Stretch]:
        """When a room is taken; made once, for the rooms that are looked at."""
        if room.pk not in self.held:
            taken = merge(item.stretch for item in self.taken.get(room.pk, ()))
            self.held[room.pk] = IntervalTree((s, s) for s in taken)
        return self.held[room.pk]


def _rounded_up(instant: datetime) -> datetime:
    """The next full step at or after `instant`."""
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    steps = -((epoch - instant) // STEP)
    return epoch + steps * STEP
