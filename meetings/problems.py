"""What stands against a proposal, as values; and the refusals that commands raise.

    Refusal
    ├── InvalidDraft   a field is wrong
    ├── NotAllowed     this person may not do it
    ├── WrongState     nobody can do it any more
    ├── Stale          somebody else has changed the meeting meanwhile
    ├── Undecided      what is to become of some dates has to be said
    └── Conflicted     rooms or people collide (raised with the plan; see `scheduler.plans`)

A problem holds ids only. `meetings.readable` makes sentences of it for one viewer. `date` is
the recurrence-id of the proposed date that it stands against; empty if against all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    date: str = ""


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The room or its site is shut over `stretch`."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    reason: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class OutsideOpeningHours:
    """The room is not open over all of the meeting; `open` is what it offers that day."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    open: tuple[Stretch, ...]
    date: str = ""


@dataclass(frozen=True, slots=True)
class NotYetBookable:
    """The room cannot be booked as far ahead as `stretch` yet, only up to `until`.

    A series gets it later, when the date has come near enough (`later`); a single meeting does
    not.
    """

    room_id: int
    stretch: Stretch
    until: datetime
    later: bool
    date: str = ""

    @property
    def severity(self) -> Severity:
        """Worth knowing where it is booked later."""
        return Severity.NOTES if self.later else Severity.REFUSES


@dataclass(frozen=True, slots=True)
class OverlapsItself:
    """Two dates of the series want the room at the same time; the other is at `stretch`."""

    severity: ClassVar = Severity.REFUSES
    room_id: int
    stretch: Stretch
    date: str = ""


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

    Optional people who cannot come, and who perhaps cannot, are worth knowing, no more.
    """

    user_id: int
    stretch: Stretch
    occurrence_id: int
    tentative: bool
    optional: bool
    date: str = ""

    @property
    def severity(self) -> Severity:
        """A warning for a required person who cannot come for certain."""
        return Severity.NOTES if self.optional or self.tentative else Severity.WARNS


@dataclass(frozen=True, slots=True)
class PersonAway:
    """Somebody is out of office over `stretch`. Weighs as much as another meeting."""

    user_id: int
    stretch: Stretch
    optional: bool
    date: str = ""

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
    date: str = ""


RoomProblem = (
    RoomTaken
    | RoomClosed
    | OutsideOpeningHours
    | NotYetBookable
    | OverlapsItself
    | RoomInactive
    | TooFewSeats
)
PersonProblem = PersonBusy | PersonAway | OutsideWorkingHours
Problem = RoomProblem | PersonProblem


def date_of(problem: Problem) -> str:
    """The recurrence-id of the date it stands against; empty if against all of them."""
    return getattr(problem, "date", "")


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


class Undecided(Refusal):
    """The new rule does not give some changed dates: keep them as single meetings, or drop them.

    `dates` are their recurrence-ids.
    """

    def __init__(self, sentence: str, *, dates: Sequence[str]) -> None:
        super().__init__(sentence)
        self.dates = tuple(dates)
