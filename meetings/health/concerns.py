"""What concerns a date of a series, and what is so on every date alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from meetings.intervals import Stretch
from meetings.models import Invitation
from meetings.problems import (
    NotYetBookable,
    OutsideWorkingHours,
    OverlapsItself,
    PersonAway,
    PersonBusy,
    Problem,
    RoomInactive,
    RoomTaken,
    TooFewSeats,
)
from rooms.models import Room

Fit = RoomInactive | TooFewSeats
"""What stands against a room on whatever date."""


def bookable_from(room: Room, stretch: Stretch) -> date:
    """The day, where the room stands, from which it can be booked over `stretch`."""
    last = (stretch.end - timedelta.resolution).astimezone(room.zone).date()
    return last - timedelta(days=room.horizon_days or 0)


@dataclass(frozen=True, slots=True)
class Concern:
    """Which problems concern a date: of whom (and whether optional), of which rooms."""

    optional: dict[int, bool]
    is_free: bool
    wanted: set[int]
    held: set[int]

    def kept(self, problem: Problem) -> Problem | None:
        """The problem as it is for this date; None if it is none."""
        if isinstance(problem, PersonBusy | PersonAway):
            if self.is_free or problem.user_id not in self.optional:
                return None
            return replace(problem, optional=self.optional[problem.user_id])
        if isinstance(problem, OutsideWorkingHours):
            return problem if problem.user_id in self.optional else None
        if problem.room_id not in self.wanted or isinstance(problem, OverlapsItself):
            return None
        # What it has, it has: with the buffers and the horizon of the day it was booked.
        settled = isinstance(problem, RoomTaken | NotYetBookable) and problem.room_id in self.held
        return None if settled else problem


def of_size(rooms: Iterable[Room], people: int) -> Iterator[Fit]:
    """What stands against rooms for so many people, whatever the date."""
    for room in rooms:
        if not room.active:
            yield RoomInactive(room.pk)
        if room.capacity < people:
            yield TooFewSeats(room.pk, room.capacity, people)


def unusual(problems: Iterable[Fit], usual: Sequence[Fit]) -> Iterator[Problem]:
    """Those that are worse than on the usual date."""
    for problem in problems:
        alike = [p for p in usual if type(p) is type(problem) and p.room_id == problem.room_id]
        if not alike or getattr(problem, "people", 0) > getattr(alike[0], "people", 0):
            yield problem


def absent(invitations: Iterable[Invitation]) -> Iterator[Invitation]:
    """Required people who do not come; the organizer knows of herself."""
    for invitation in invitations:
        required = invitation.role == Invitation.Role.REQUIRED
        if required and invitation.declined and not invitation.is_organizers:
            yield invitation
