"""Between the wall clock, which people agree on, and instants, which can be compared.

A meeting's truth is its wall clock: local start, zone, length, or dates for an all-day one.
Here it becomes instants. The rule at clock changes: a local time that does not exist takes the
offset from before the gap; one that exists twice is the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from meetings.intervals import Stretch, merge

FIRST_DATE = date(1900, 1, 1)
LAST_DATE = date(2199, 12, 31)
"""Meetings lie between these dates, so that no zone or page ever runs off Python's calendar."""

OUTSIDE_CALENDAR = f"Meetings lie between the years {FIRST_DATE.year} and {LAST_DATE.year}."
MINUTES_A_DAY = 24 * 60

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `local`, a naive datetime.

    PEP 495's `fold=0` is the rule above: in a gap it takes the offset from before, of two it
    means the first. Raises ValueError if `local` is aware.
    """
    if local.tzinfo is not None:
        raise ValueError("A wall-clock time comes without a zone of its own.")
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in `zone`, also where clocks skip 00:00."""
    return instant(datetime.combine(day, time.min), zone)


def day_in(day: date, zone: ZoneInfo) -> Stretch:
    """That local date's instants: 24 hours, 23 or 25 at clock changes, none if it was skipped.

    Every instant belongs to exactly one date: a day ends where the next begins.
    """
    return Stretch(midnight(day, zone), midnight(day + _DAY, zone))


def week_of(day: date) -> list[date]:
    """The seven dates of the week that `day` lies in, Monday first."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def working_stretches(day: date, zone: ZoneInfo, hours: Sequence[tuple[int, int]]) -> list[Stretch]:
    """When somebody works on `day`, in order and disjoint.

    `hours` are pairs of minutes from midnight *on the wall clock* (540 is 09:00 on every day,
    1440 the end of the day), so they are longer or shorter across a clock change. Raises
    ValueError for a pair outside 0 to 1440, or whose end is not after its start.
    """
    stretches = []
    for begins, ends in hours:
        if not 0 <= begins < ends <= MINUTES_A_DAY:
            raise ValueError("Working hours start and end within one day, the end after the start.")
        start, end = _at_minute(day, begins, zone), _at_minute(day, ends, zone)
        if start < end:  # what lies in a gap is no time at all
            stretches.append(Stretch(start, end))
    return merge(stretches)


def _at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(day, time.min) + timedelta(minutes=minute), zone)


@dataclass(frozen=True, slots=True)
class Timed:
    """When a meeting with a time of day is: naive local start, zone, exact length.

    Raises ValueError with a sentence for people if the length is not positive, a part is not
    in whole seconds, or it leaves the calendar (FIRST_DATE to LAST_DATE).
    """

    start: datetime
    zone: ZoneInfo
    length: timedelta

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            raise ValueError("A wall-clock time comes without a zone of its own.")
        if self.length <= timedelta(0):
            raise ValueError("The end must be after the start.")
        if self.start.microsecond or self.length % _SECOND:
            raise ValueError("Start and length must be whole seconds.")
        _refuse_outside_calendar(self.start, self.length)

    @property
    def day(self) -> date:
        """The local date on which it starts."""
        return self.start.date()

    def on(self, day: date) -> "Timed":
        """The same time of day, zone and length on another date."""
        return replace(self, start=datetime.combine(day, self.start.time()))

    def during(self) -> Stretch:
        """The instants it takes; its length passes exactly, clock change or not."""
        start = instant(self.start, self.zone)
        return Stretch(start, start + self.length)

    def recurrence_id(self) -> str:
        """The wall-clock start that names this date of a meeting: '2027-03-29T09:00:00'."""
        return self.start.isoformat()


@dataclass(frozen=True, slots=True)
class AllDay:
    """When an all-day meeting is: its first date and how many days it lasts.

    Raises ValueError with a sentence for people if it lasts less than a day or leaves the
    calendar (FIRST_DATE to LAST_DATE).
    """

    first: date
    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("An all-day meeting lasts at least one day.")
        if self.days > (LAST_DATE - FIRST_DATE).days:
            raise ValueError(OUTSIDE_CALENDAR)
        _refuse_outside_calendar(datetime.combine(self.first, time.min), timedelta(days=self.days))

    @property
    def day(self) -> date:
        """The date on which it starts."""
        return self.first

    def on(self, day: date) -> "AllDay":
        """As many days from another date on."""
        return replace(self, first=day)

    @property
    def last(self) -> date:
        """The last date it covers."""
        return self.first + timedelta(days=self.days - 1)

    def during(self) -> Stretch:
        """Midnight to midnight UTC. Only to find it: whom it occupies when, says stretch_in."""
        start = datetime.combine(self.first, time.min, UTC)
        return Stretch(start, start + timedelta(days=self.days))

    def stretch_in(self, zone: ZoneInfo) -> Stretch:
        """The instants of its dates in `zone`: that of a person, or of a room."""
        return Stretch(midnight(self.first, zone), midnight(self.last + _DAY, zone))

    def recurrence_id(self) -> str:
        """The date that names this date of a meeting: '2027-03-29'."""
        return self.first.isoformat()


When = Timed | AllDay


def _refuse_outside_calendar(start: datetime, length: timedelta) -> None:
    """Compared without adding, since a sum may lie beyond what Python can count."""
    first = datetime.combine(FIRST_DATE, time.min)
    end = datetime.combine(LAST_DATE + _DAY, time.min)
    if not first <= start < end or length > end - start:
        raise ValueError(OUTSIDE_CALENDAR)
