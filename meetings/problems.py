"""What stands against a proposal, as values; and the refusals that commands raise.

    Refusal
    ├── InvalidDraft   a field is wrong
    ├── NotAllowed     this person may not do it
    ├── WrongState     nobody can do it any more
    ├── Stale          somebody else has changed the meeting meanwhile
    └── Conflicted     rooms or people collide (raised with the plan; see `scheduler.plans`)

A problem holds ids only. `meetings.readable` makes sentences of it for one viewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from meetings.intervals import Stretch


class Severity(IntEnum):
    """How much a problem weighs."""

    NOTES = 1  # worth knowing
    WARNS = 2  # refused until the person says "anyway"
    REFUSES = 3  # cannot be


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """Another meeting, or a hold, has the room over `stretch` (buffers included)."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    occurrence_id: int | None


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The room or its site is shut over `stretch`."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    reason: str


@dataclass(frozen=True, slots=True)
class OutsideOpeningHours:
    """The room is not open over all of the meeting; `open` is what it offers that day."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    open: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class RoomInactive:
    """The room is out of use."""

    severity: ClassVar = Severity.REFUSES
    room_id: int


@dataclass(frozen=True, slots=True)
class TooFewSeats:
    """More people than seats. A warning only: some may join from elsewhere."""

    severity: ClassVar = Severity.WARNS
    room_id: int
    seats: int
    people: int


@dataclass(frozen=True, slots=True)
class PersonBusy:
    """Somebody has another meeting over `stretch`; perhaps, if `tentative`.

    Optional people who cannot come are worth knowing, no more.
    """

    user_id: int
    stretch: Stretch
    occurrence_id: int
    tentative: bool
    optional: bool

    @property
    def severity(self) -> Severity:
        """A warning for a required person."""
        return Severity.NOTES if self.optional else Severity.WARNS


@dataclass(frozen=True, slots=True)
class OutsideWorkingHours:
    """The meeting (`stretch`) is not wholly inside the person's working hours."""

    severity: ClassVar = Severity.NOTES
    user_id: int
    stretch: Stretch
    optional: bool


RoomProblem = RoomTaken | RoomClosed | OutsideOpeningHours | RoomInactive | TooFewSeats
PersonProblem = PersonBusy | OutsideWorkingHours
Problem = RoomProblem | PersonProblem


def worst(problems: Sequence[Problem]) -> Severity:
    """The heaviest severity among them; NOTES if there are none."""
    return max((problem.severity for problem in problems), default=Severity.NOTES)


class Refusal(Exception):
    """A command did nothing; `str()` is a sentence that says why and what can be done."""


class InvalidDraft(Refusal):
    """Fields that cannot be; `errors` maps each to its sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class NotAllowed(Refusal):
    """This person may not do it."""


class WrongState(Refusal):
    """It is over, cancelled or under way, so it cannot be done any more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody else changed in one field since it was read; values as a Change has them."""

    field: str
    was: object
    theirs: object


class Stale(Refusal):
    """The meeting is at `version` now; `differences` says what changed since it was read."""

    def __init__(self, sentence: str, *, version: int, differences: Sequence[Difference]) -> None:
        super().__init__(sentence)
        self.version = version
        self.differences = tuple(differences)
