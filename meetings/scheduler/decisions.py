"""What the organizer decides for a single date of a series that collides."""

from collections.abc import Mapping
from dataclasses import dataclass

from meetings.wallclock import When


@dataclass(frozen=True, slots=True)
class Skip:
    """The date is left out; it stays listed and can be tried again."""


@dataclass(frozen=True, slots=True)
class Keep:
    """The date stays: without the rooms that are not to be had, with the people who are busy."""


@dataclass(frozen=True, slots=True)
class OtherRooms:
    """The date has these rooms instead."""

    room_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OtherTime:
    """The date is moved; with `room_ids`, to these rooms."""

    when: When
    room_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    """A date that was skipped, or has not got its rooms, as the series wants it."""


Decision = Skip | Keep | OtherRooms | OtherTime | TryAgain
Decisions = Mapping[str, Decision]
"""By recurrence-id."""


def rooms_in(decisions: Decisions) -> set[int]:
    """The ids of all rooms that are asked for."""
    found: set[int] = set()
    for decision in decisions.values():
        if isinstance(decision, OtherRooms | OtherTime):
            found.update(decision.room_ids or ())
    return found
