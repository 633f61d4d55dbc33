"""Shifting all dates of a series alike, and finding at which shifts something is in the way."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from meetings.intervals import Stretch
from meetings.recurrence import parts
from meetings.slots.nearby import EARLIEST, LATEST, STEP
from meetings.wallclock import FIRST_DATE, LAST_DATE, AllDay, When, instant

NEIGHBOURS = (-1, 0, 1)
NO_TIME = timedelta(0)


class Shift(NamedTuple):
    """By how much all dates are moved on the wall clock."""

    days: int
    clock: timedelta = NO_TIME

    @property
    def by(self) -> timedelta:
        """Both together."""
        return timedelta(days=self.days) + self.clock

    @property
    def distance(self) -> tuple[int, timedelta]:
        """On another day the same time of day is the nearest."""
        return abs(self.days), abs(self.clock)


def shifts_for(asked: When, rrule: str, days: Iterable[int] = NEIGHBOURS) -> list[Shift]:
    """What to try, the earliest first: on these days, where the series may move to them."""
    days = [n for n in days if n == 0 or _may_neighbour(asked, rrule, n)]
    if isinstance(asked, AllDay):
        return [Shift(day) for day in days]
    clock = asked.start - datetime.combine(asked.day, time.min)
    latest = LATEST - asked.length
    steps = range((latest - EARLIEST) // STEP + 1)
    clocks = {clock, *(EARLIEST + n * STEP for n in steps)}
    shifts = (Shift(day, other - clock) for day in days for other in clocks)
    return sorted(shifts, key=lambda shift: shift.by)


def _may_neighbour(asked: When, rrule: str, days: int) -> bool:
    """Whether a series on one weekday may be on another; not from a weekday into a weekend."""
    rule = parts(rrule) if rrule else None
    day = asked.day + timedelta(days=days)
    if rule is None or rule.freq != "WEEKLY" or len(rule.byday) > 1 or rule.bymonth:
        return False
    return FIRST_DATE <= day <= LAST_DATE and (day.weekday() < 5 or asked.day.weekday() >= 5)


@dataclass(frozen=True, slots=True)
class Tries:
    """One date at each shift, in order of start; `shifts` says which is which."""

    starts: list[datetime]
    ends: list[datetime]
    shifts: list[int]

    def spoilt(
        self, by: Stretch, before: timedelta = NO_TIME, after: timedelta = NO_TIME
    ) -> list[int]:
        """The shifts at which the date, with buffers around it, overlaps the stretch."""
        low = bisect_right(self.ends, by.start - after)
        high = bisect_left(self.starts, by.end + before)
        return self.shifts[low:high]

    def whole(self, before: timedelta = NO_TIME, after: timedelta = NO_TIME) -> Stretch:
        """From the first start to the last end, with buffers."""
        return Stretch(self.starts[0] - before, self.ends[-1] + after)


def tries_of(when: When, shifts: Sequence[Shift], zone: ZoneInfo | None) -> Tries:
    """A date at each shift; `zone` is whose instants an all-day one takes."""
    found: list[tuple[datetime, datetime, int]] = []
    for at, shift in enumerate(shifts):
        if isinstance(when, AllDay):
            days = replace(when, first=when.first + shift.by)
            taken = days.stretch_in(zone) if zone else days.during()
            found.append((taken.start, taken.end, at))
        else:
            # Bare instants: building each date as a whole would take most of the time.
            start = instant(when.start + shift.by, when.zone)
            found.append((start, start + when.length, at))
    found = sorted(each for each in found if each[0] < each[1])
    return Tries([s for s, _, _ in found], [e for _, e, _ in found], [at for _, _, at in found])


def moved(when: When, shift: Shift) -> When:
    """The date, shifted on its wall clock."""
    if isinstance(when, AllDay):
        return replace(when, first=when.first + shift.by)
    return replace(when, start=when.start + shift.by)
