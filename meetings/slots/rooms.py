"""What stands against rooms, and which of them are free on which date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meetings.conflicts import Proposal, find_conflicts
from meetings.problems import NotYetBookable, Problem, Severity, date_of, worst
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class RoomOffer:
    """A room and all that stands against it; nothing, if it fits and is free.

    `missing` are wanted amenities (ids) that it lacks. `free_from` is when it is free next, for
    as long as asked, if it is not at the time asked for.
    """

    room: Room
    problems: tuple[Problem, ...] = ()
    missing: frozenset[int] = frozenset()
    free_from: datetime | None = None

    @property
    def free(self) -> bool:
        """Whether it fits and can be booked without a word."""
        return not self.missing and worst(self.problems) < Severity.WARNS


def rooms_for(proposal: Proposal, rooms: Sequence[Room], *, now: datetime) -> list[RoomOffer]:
    """What stands against each of `rooms`, in their order. Two queries; they come with details."""
    found: dict[int, list[Problem]] = defaultdict(list)
    if rooms:
        for problem in find_conflicts(replace(proposal, people=(), rooms=tuple(rooms)), now=now):
            found[getattr(problem, "room_id")].append(problem)  # noqa: B009
    return [RoomOffer(room, tuple(found[room.pk])) for room in rooms]


def free_by_date(
    proposal: Proposal, rooms: Sequence[Room], *, now: datetime
) -> dict[str, list[Room]]:
    """By date (its recurrence-id), those of `rooms` that fit and can be booked, in their order.

    `rooms` come with their details. Two queries, however many dates and rooms there are.
    """
    asked = replace(proposal, people=(), rooms=tuple(rooms))
    wrong = {
        (getattr(problem, "room_id", None), date_of(problem))
        for problem in find_conflicts(asked, now=now)
        if problem.severity >= Severity.WARNS or isinstance(problem, NotYetBookable)
    }
    return {
        name: [room for room in rooms if not {(room.pk, name), (room.pk, "")} & wrong]
        for name, _when in asked.named
    }
