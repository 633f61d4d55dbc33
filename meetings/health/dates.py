"""What is known of the dates of a series: values for whoever shows them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from accounts.models import User
from meetings.conflicts import Asked
from meetings.models import Invitation, Occurrence
from meetings.problems import Problem, Severity, TooFewSeats, date_of, worst
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Shift:
    """Clocks change: from a date on somebody reads `after` instead of `before`."""

    user: User
    before: time
    after: time
    outside_hours: bool


@dataclass(frozen=True, slots=True)
class Later:
    """A room that the date will have: it can be booked from `day` on, a date where it stands."""

    room: Room
    day: date


@dataclass(frozen=True, slots=True)
class DateHealth:
    """One date to come, and what is to be known of it.

    `rooms` are those wanted, `missed` those of them that were taken when they became bookable
    and are free now, `later` those that are booked later. `problems` are what stands against
    it, of a skipped date against holding it after all. `people` come (their calendars are here),
    `seats` is how many come in all, `declined` are required people who do not. `here` holds
    what is so on this date other than on the usual one.
    """

    occurrence: Occurrence
    rooms: tuple[Room, ...]
    people: tuple[Asked, ...]
    seats: int
    problems: tuple[Problem, ...]
    missed: tuple[Room, ...]
    later: tuple[Later, ...]
    declined: tuple[Invitation, ...]
    shifts: tuple[Shift, ...]
    here: tuple[Problem | Invitation, ...]

    @property
    def name(self) -> str:
        """Its recurrence-id."""
        return self.occurrence.recurrence_id

    @property
    def is_live(self) -> bool:
        """Whether it takes place."""
        return self.occurrence.status == Occurrence.Status.SCHEDULED

    @property
    def is_skipped(self) -> bool:
        """Whether it was left out, and can be tried again."""
        return self.occurrence.status == Occurrence.Status.SKIPPED

    @property
    def collides(self) -> bool:
        """Whether somebody required is busy, or it has not got a room it could have by now."""
        dated = [problem for problem in self.problems if date_of(problem)]
        return self.is_live and (worst(dated) >= Severity.WARNS or bool(self.missed))

    @property
    def crowded(self) -> bool:
        """Whether more people come than a room has seats."""
        return self.is_live and any(isinstance(p, TooFewSeats) for p in self.problems)

    @property
    def lost(self) -> tuple[Room, ...]:
        """The wanted rooms that it cannot have, has not got, or that are too small."""
        wrong = {getattr(p, "room_id", None) for p in self.problems if p.severity >= Severity.WARNS}
        return tuple(room for room in self.rooms if room.pk in wrong or room in self.missed)

    @property
    def needs_attention(self) -> bool:
        """Whether there is something about this date that its organizer should look at."""
        return self.is_skipped or self.collides or bool(self.here or self.shifts)


@dataclass(frozen=True)
class Health:
    """All dates to come, in order of start, as far as they are rows.

    That is up to `until`; None if those are all there are. `usual` is what stands against every
    date alike, `absent` are required people who declined all of it.
    """

    dates: tuple[DateHealth, ...]
    until: datetime | None
    usual: tuple[Problem, ...]
    absent: tuple[Invitation, ...]

    @cached_property
    def attention(self) -> tuple[DateHealth, ...]:
        """The dates that its organizer should look at."""
        return tuple(date for date in self.dates if date.needs_attention)

    @property
    def checked(self) -> tuple[DateHealth, ...]:
        """The dates that take place."""
        return tuple(date for date in self.dates if date.is_live)

    @property
    def colliding(self) -> int:
        """How many dates collide."""
        return sum(date.collides for date in self.dates)

    @property
    def skipped(self) -> int:
        """How many dates are left out."""
        return sum(date.is_skipped for date in self.dates)

    @property
    def cancelled(self) -> int:
        """How many dates were called off."""
        return sum(date.occurrence.is_cancelled for date in self.dates)

    @property
    def crowded(self) -> int:
        """On how many dates too many people come for a room."""
        return sum(date.crowded for date in self.dates)

    @property
    def waiting(self) -> int:
        """How many dates have a room that is booked later."""
        return sum(bool(date.later) for date in self.checked)

    @property
    def declined(self) -> int:
        """To how many dates somebody required does not come who comes to others."""
        return sum(any(isinstance(h, Invitation) for h in date.here) for date in self.checked)

    @property
    def shifting(self) -> int:
        """On how many dates somebody's clock begins to show another time."""
        return sum(bool(date.shifts) for date in self.dates)
