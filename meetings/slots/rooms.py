"""Other rooms: what stands against each, and which are free on which date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meetings.conflicts import Proposal, find_conflicts
from meetings.problems import NotYetBookable, Problem, Severity, date_of, worst
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
