"""Other rooms for the same dates, and what stands against each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meetings.conflicts import Proposal, find_conflicts
from meetings.problems import Problem, Severity, worst
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class RoomOffer:
    """A room and all that stands against it; nothing, if it fits and is free."""

    room: Room
    problems: tuple[Problem, ...]

    @property
    def free(self) -> bool:
        """Whether it can be booked without a word."""
        return worst(self.problems) < Severity.WARNS


def rooms_for(proposal: Proposal, rooms: Sequence[Room], *, now: datetime) -> list[RoomOffer]:
    """These rooms for the proposal's dates: fitting and free first, the nearest in size first.

    `rooms` come with their details. Three queries, however many rooms there are.
    """
    found = find_conflicts(replace(proposal, people=(), rooms=tuple(rooms)), now=now)
    by_room: dict[int, list[Problem]] = {}
    for problem in found:
        by_room.setdefault(getattr(problem, "room_id"), []).append(problem)  # noqa: B009
    offers = [RoomOffer(room, tuple(by_room.get(room.pk, ()))) for room in rooms]
    return sorted(
        offers, key=lambda o: (worst(o.problems) if o.problems else 0, o.room.capacity, o.room.name)
    )
