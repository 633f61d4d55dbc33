"""What is looked for when a time is to be found, and what is found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import User
from meetings.intervals import Stretch
from meetings.models import Meeting
from rooms.models import Room

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who is to meet, for how long, when at all, and in what kind of room.

    People with their working hours prefetched and `rooms` with `with_details()`. Who is both
    required and optional is required. `zone` is that of the organizer, whose quarters of an hour
    are tried; `near` is the time that was asked for, if one was. With `seats` a room is wanted:
    one of `rooms` that is in use, has so many seats and all `amenities`, and is at `site`; if no
    site is named, one where most of the required people are comes first.

    What the meeting `ignoring` takes does not count, nor a hold of `holder`'s own.
    Raises ValueError for a length that is no time at all.
    """

    required: tuple[User, ...]
    optional: tuple[User, ...] = ()
    length: timedelta
    window: Stretch
    zone: ZoneInfo
    near: datetime | None = None
    seats: int = 0
    amenities: frozenset[int] = field(default_factory=frozenset)
    site: int | None = None
    rooms: tuple[Room, ...] = ()
    ignoring: Meeting | None = None
    holder: User | None = None

    def __post_init__(self) -> None:
        if self.length <= NO_TIME:
            raise ValueError("A meeting lasts longer than no time at all.")

    @property
    def coming(self) -> dict[int, User]:
        """The required people by id."""
        return {person.pk: person for person in self.required}

    @property
    def perhaps_coming(self) -> dict[int, User]:
        """The optional people by id, without those who are required."""
        required = self.coming
        return {person.pk: person for person in self.optional if person.pk not in required}


class RoomFit(IntEnum):
    """How well the best free room suits; FITS too where no room is wanted."""

    FITS = 0
    ELSEWHERE = 1
    NONE = 2


class Rank(NamedTuple):
    """What slots are sorted by, the least first; each value decides only between equals.

    Required people who cannot come, those who perhaps cannot, those who can but outside their
    working hours, those of them for whom it is night; the same of optional people; the room; the
    time between `start` and what was asked for; the start itself.
    """

    missing: int
    perhaps: int
    outside: int
    night: int
    optional_missing: int
    optional_perhaps: int
    optional_outside: int
    optional_night: int
    room: RoomFit
    away: timedelta
    start: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to meet, with the values it was ranked by; people as user ids.

    `missing` cannot come, `perhaps` are taken tentatively, `outside` could come but not inside
    their working hours, nor, if they are among `night`, between 7:00 and 20:00. `room` is the
    best free one that fits; None if there is none, or none is wanted.
    """

    stretch: Stretch
    missing: tuple[int, ...]
    perhaps: tuple[int, ...]
    outside: tuple[int, ...]
    night: tuple[int, ...]
    optional_missing: tuple[int, ...]
    optional_perhaps: tuple[int, ...]
    optional_outside: tuple[int, ...]
    optional_night: tuple[int, ...]
    room: Room | None
    rank: Rank

    @property
    def is_compromise(self) -> bool:
        """Whether somebody required cannot come."""
        return bool(self.missing)

    @property
    def late_for(self) -> set[int]:
        """Those outside their working hours."""
        return {*self.outside, *self.optional_outside}
