"""Whose rooms a plan of higher priority may take, and what becomes of those meetings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from meetings.conflicts import Proposal, find_conflicts, stretch_for, with_buffers
from meetings.intervals import Stretch
from meetings.lifecycle import State, state
from meetings.models import Booking, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import NotYetBookable, OverlapsItself, RoomTaken, Severity, date_of
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Displacement:
    """A date of another meeting that loses rooms.

    It gets the rooms `found` instead, or keeps its time without; `nowhere` says that it is left
    without any room, and `cancelled` that it is called off for that.
    """

    occurrence: Occurrence
    lost: tuple[Room, ...]
    found: tuple[Room, ...]
    nowhere: bool
    cancelled: bool

    @property
    def key(self) -> tuple[int, tuple[int, ...], tuple[int, ...], bool]:
        """What a person has to have seen of it."""
        lost, found = (tuple(room.pk for room in rooms) for rooms in (self.lost, self.found))
        return (self.occurrence.pk, lost, found, self.nowhere)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a plan wants although others have it.

    `taken` maps what stands against it to the priority of the date concerned; `stretches` are
    all that the plan takes of rooms, buffers included. From its own `series` nothing is taken.
    """

    taken: Mapping[RoomTaken, int]
    stretches: Sequence[tuple[int, Stretch]]
    series: UUID


@dataclass(slots=True)
class Displacing:
    """What comes of a claim: which collisions are `granted`, and who is `displaced` by them."""

    granted: set[RoomTaken] = field(default_factory=set)
    displaced: list[Displacement] = field(default_factory=list)


def displacing(claim: Claim, *, now: datetime, cancel: bool) -> Displacing:
    """Who gives way to a claim, and where they go; nobody else's time or room is touched.

    Only a meeting's booking gives way, of a date that has not begun and whose priority is lower;
    never a hold. It goes to the free room of the same site that seats its people, has all the
    lost one has, and is nearest in size; without any it keeps its time, or is called off if
    `cancel`. Five queries, however many meetings there are.
    """
    found = Displacing()
    dates = _dates_of(claim, now)
    lost: defaultdict[int, set[int]] = defaultdict(set)
    for problem, priority in claim.taken.items():
        date = dates.get((problem.room_id, problem.occurrence_id or 0, problem.stretch))
        if date is None or date.meeting.series == claim.series:
            continue
        if state(date, now) is State.SCHEDULED and date.shown_priority < priority:
            found.granted.add(problem)
            lost[date.pk].add(problem.room_id)
    going = sorted(
        {date.pk: date for date in dates.values() if date.pk in lost}.values(),
        key=lambda date: (date.start, date.pk),
    )
    found.displaced = _placed(going, lost, claim.stretches, now=now, cancel=cancel)
    return found


def _dates_of(claim: Claim, now: datetime) -> dict[tuple[int, int, Stretch], Occurrence]:
    """By room, date and stretch, the bookings of meetings among what is taken."""
    if not claim.taken:
        return {}
    bookings = (
        Booking.objects.live(now)
        .filter(
            kind=Booking.Kind.MEETING,
            room__in={problem.room_id for problem in claim.taken},
            occurrence__in={problem.occurrence_id for problem in claim.taken},
        )
        .select_related("occurrence__meeting__organizer")
        .prefetch_related("occurrence__meeting__rooms", "occurrence__meeting__invitations__user")
    )
    return {
        (row.room_id, row.occurrence.pk, row.stretch): row.occurrence
        for row in bookings
        if row.occurrence is not None
    }


def _placed(
    going: Sequence[Occurrence],
    lost: Mapping[int, set[int]],
    stretches: Sequence[tuple[int, Stretch]],
    *,
    now: datetime,
    cancel: bool,
) -> list[Displacement]:
    """Where each goes, the soonest first; no room is given twice."""
    if not going:
        return []
    wanted = {pk for rooms in lost.values() for pk in rooms}
    known = Room.objects.with_details().in_bulk(wanted)
    rooms = list(Room.objects.at_sites_of(wanted).with_details())  # the smallest first
    barred = _barred(going, rooms, now)
    taken = list(stretches)
    displaced = []
    for date in going:
        usual = [room.pk for room in date.meeting.rooms.all()]
        own = set(usual if date.room_ids is None else date.room_ids)
        seats = len(on_date(date.meeting.invitations.all(), date.recurrence_id))
        found: list[Room] = []
        gone = sorted((known[pk] for pk in lost[date.pk]), key=lambda room: room.pk)
        for room in gone:
            for other in rooms:
                fits = other.capacity >= seats and _has_all(other, room) and other.pk not in own
                held = with_buffers(stretch_for(date.when, other), other)
                free = (other.pk, date.pk) not in barred and not any(
                    pk == other.pk and held.overlaps(stretch) for pk, stretch in taken
                )
                if fits and free:
                    found.append(other)
                    taken.append((other.pk, held))
                    break
        nowhere = not found and not own - lost[date.pk]
        displaced.append(
            Displacement(date, tuple(gone), tuple(found), nowhere, cancelled=nowhere and cancel)
        )
    return displaced


def _has_all(room: Room, lost: Room) -> bool:
    """Whether it is at the same site and has every amenity of the lost one."""
    wanted = {amenity.pk for amenity in lost.amenities.all()}
    return room.site_id == lost.site_id and wanted <= {a.pk for a in room.amenities.all()}


def _barred(
    going: Sequence[Occurrence], rooms: Sequence[Room], now: datetime
) -> set[tuple[int, int]]:
    """(room, date) by id: where something stands against it."""
    asked = Proposal(
        dates=tuple(date.when for date in going),
        people=(),
        rooms=tuple(rooms),
        seats=0,
        names=tuple(str(date.pk) for date in going),
    )
    against = [
        problem
        for problem in find_conflicts(asked, now=now)
        if not isinstance(problem, OverlapsItself)  # they are dates of several meetings
        and (problem.severity >= Severity.WARNS or isinstance(problem, NotYetBookable))
    ]
    everyone = [date.pk for date in going]
    return {
        (getattr(problem, "room_id", 0), pk)
        for problem in against
        for pk in ([int(date_of(problem))] if date_of(problem) else everyone)
    }
