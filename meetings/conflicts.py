"""What stands against a proposal: read once, then an interval tree per person and room."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import meters
from accounts.models import User
from meetings.availability import Busy, Taken, closures_of, occupied, open_time, working_time
from meetings.intervals import IntervalTree, Stretch
from meetings.models import Meeting
from meetings.problems import (
    NotYetBookable,
    OutsideOpeningHours,
    OutsideWorkingHours,
    OverlapsItself,
    PersonAway,
    PersonBusy,
    PersonProblem,
    Problem,
    RoomClosed,
    RoomInactive,
    RoomProblem,
    RoomTaken,
    TooFewSeats,
)
from meetings.wallclock import AllDay, When
from rooms.models import Room

DAY = timedelta(days=1)
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person who is to come."""

    user: User
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """Dates, and whom and what they concern.

    `people` with their working hours prefetched and `rooms` with `with_details()`, so that the
    check itself costs three queries (what is taken, who is away, what is shut), however many
    dates there are.
    A `free` proposal takes nobody's time, only rooms. `seats` is how many people come.

    What `ignoring` itself takes does not count; with `ignored` only these dates of it
    (occurrence ids). `names` are the dates' recurrence-ids, where they are not the unmoved ones.
    `repeats` says that rooms which cannot be booked yet are booked later.
    """

    dates: tuple[When, ...]
    people: tuple[Asked, ...]
    rooms: tuple[Room, ...]
    seats: int
    free: bool = False
    ignoring: Meeting | None = None
    holder: User | None = None
    ignored: frozenset[int] | None = None
    names: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def named(self) -> list[tuple[str, When]]:
        """The dates with the recurrence-ids that problems name them by."""
        names = self.names or tuple(when.recurrence_id() for when in self.dates)
        return list(zip(names, self.dates, strict=True))

    def around(
        self,
        *,
        rooms: Sequence[Room] | None = None,
        sooner: timedelta = NONE,
        later: timedelta = NONE,
    ) -> Iterator[Stretch]:
        """What the dates may take of people and rooms (other ones, if given), with buffers.

        With `sooner` and `later`, so much of the time before and after as well.
        """
        buffers = [room.buffers for room in (self.rooms if rooms is None else rooms)]
        sooner += max((before for before, _after in buffers), default=NONE)
        later += max((after for _before, after in buffers), default=NONE)
        for when in self.dates:
            during, margin = when.during(), DAY if isinstance(when, AllDay) else NONE
            yield Stretch(during.start - sooner - margin, during.end + later + margin)


def stretch_for(when: When, place: User | Room) -> Stretch:
    """The instants a date takes of a person or a room: an all-day one in their own zone."""
    return when.stretch_in(place.zone) if isinstance(when, AllDay) else when.during()


def with_buffers(stretch: Stretch, room: Room) -> Stretch:
    """What a meeting takes of a room, with what the room keeps free around it."""
    before, after = room.buffers
    return Stretch(stretch.start - before, stretch.end + after)


def find_conflicts(proposal: Proposal, *, now: datetime) -> list[Problem]:
    """All that stands against the proposal, rooms first, then people, each by date.

    Three queries, however many dates there are.
    """
    dates = "one" if len(proposal.dates) == 1 else "several"
    with meters.conflict_checks.labels(dates).time():
        return _find_conflicts(proposal, now)


def _find_conflicts(proposal: Proposal, now: datetime) -> list[Problem]:
    people = () if proposal.free else proposal.people
    taken = occupied(
        [asked.user for asked in people],
        proposal.rooms,
        list(proposal.around()),
        now=now,
        ignoring=proposal.ignoring,
        ignored=proposal.ignored,
        holder=proposal.holder,
    )
    within = [when.during() for when in proposal.dates]
    shut = closures_of(proposal.rooms, [Stretch(s.start - DAY, s.end + DAY) for s in within])
    problems: list[Problem] = []
    for room in proposal.rooms:
        problems += _of_room(room, proposal, taken.rooms.get(room.pk, []), shut[room.pk], now=now)
        problems += wanted_twice(room, proposal.named)
    for asked in people:
        problems += _of_person(asked, proposal.named, taken.people.get(asked.user.pk, []))
    return problems


def _of_room(
    room: Room,
    proposal: Proposal,
    taken: Sequence[Taken],
    shut: Sequence[tuple[Stretch, str]],
    *,
    now: datetime,
) -> Iterator[RoomProblem]:
    if not room.active:
        yield RoomInactive(room.pk)
    if room.capacity < proposal.seats:
        yield TooFewSeats(room.pk, room.capacity, proposal.seats)
    tree = IntervalTree((item.stretch, item) for item in taken)
    limit = room.bookable_until(now)
    for name, when in proposal.named:
        asked = stretch_for(when, room)
        if limit is not None and asked.end > limit:
            yield NotYetBookable(room.pk, asked, limit, proposal.repeats, name)
            continue
        for _stretch, item in tree.overlapping(with_buffers(asked, room)):
            yield RoomTaken(room.pk, item.stretch, item.occurrence_id, name)
        for closed, reason in shut:
            if closed.overlaps(asked):
                yield RoomClosed(room.pk, closed, reason, name)
        if not is_open(room, when):
            around = Stretch(asked.start - DAY, asked.end + DAY)
            yield OutsideOpeningHours(room.pk, asked, tuple(open_time(room, around)), name)


def wanted_twice(
    room: Room,
    named: Iterable[tuple[str, When]],
    *,
    new: Container[str] | None = None,
    yielding: Container[str] = (),
) -> Iterator[OverlapsItself]:
    """Dates of one series that want the room while another of them has it, by recurrence-id.

    Of two the later is named, but the earlier if that alone is `new` (None: all are); two old
    ones are left alone. Dates that are `yielding` let the other have the room.
    """
    wanted = sorted((with_buffers(stretch_for(when, room), room), name) for name, when in named)
    holder: tuple[Stretch, str] | None = None
    for stretch, name in wanted:
        if holder is None or not holder[0].overlaps(stretch):
            holder = (stretch, name)
            continue
        before, earlier = holder
        if new is None or name in new or (earlier in new and name in yielding):
            yield OverlapsItself(room.pk, before, name)
        elif earlier in new:
            yield OverlapsItself(room.pk, stretch, earlier)
        if earlier in yielding or (name not in yielding and stretch.end > before.end):
            holder = (stretch, name)


def is_open(room: Room, when: When) -> bool:
    """Whether the opening hours allow it: all of a timed meeting, some hour of each full day."""
    if room.hours == Room.Hours.ALWAYS:
        return True
    if isinstance(when, AllDay):
        days = [when.first + timedelta(days=n) for n in range(min(when.days, 7))]
        return all(room.open_minutes(day.weekday()) for day in days)
    asked = when.during()
    return covers(open_time(room, asked), asked)


def covers(stretches: Sequence[Stretch], asked: Stretch) -> bool:
    """Whether one of these disjoint stretches holds all of `asked`."""
    return any(s.start <= asked.start and asked.end <= s.end for s in stretches)


def _of_person(
    asked: Asked, dates: Sequence[tuple[str, When]], busy: Sequence[Busy]
) -> Iterator[PersonProblem]:
    person = asked.user
    tree = IntervalTree((item.stretch, item) for item in busy)
    for name, when in dates:
        wanted = stretch_for(when, person)
        for stretch, item in tree.overlapping(wanted):
            if item.occurrence_id is None:
                yield PersonAway(person.pk, stretch, asked.optional, name)
                continue
            yield PersonBusy(
                person.pk, stretch, item.occurrence_id, item.tentative, asked.optional, name
            )
        if not isinstance(when, AllDay):
            works = working_time(person, wanted)
            if works is not None and not covers(works, wanted):
                yield OutsideWorkingHours(person.pk, wanted, asked.optional, name)
