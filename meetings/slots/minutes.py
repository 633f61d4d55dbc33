"""Ranges of whole minutes at which something may begin: sorted, disjoint, half-open."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from meetings.intervals import Stretch

MINUTE = timedelta(minutes=1)
NO_TIME = timedelta(0)

Range = tuple[int, int]
Ranges = list[Range]


@dataclass(frozen=True, slots=True)
class Starts:
    """The whole minutes at which something of `length` may begin: `count` from `origin` on."""

    origin: datetime
    count: int
    length: timedelta

    @classmethod
    def within(cls, window: Stretch, length: timedelta) -> "Starts":
        """Those at which it begins and ends in `window`; none if it is too long for that."""
        epoch = datetime(2000, 1, 1, tzinfo=UTC)
        origin = epoch - (epoch - window.start) // MINUTE * MINUTE
        return cls(origin, max(0, (window.end - length - origin) // MINUTE + 1), length)

    @property
    def all(self) -> Ranges:
        """Every one of them."""
        return [(0, self.count)] if self.count else []

    def at(self, minute: int) -> datetime:
        """The instant of a start."""
        return self.origin + minute * MINUTE

    def spoilt(
        self,
        taken: Iterable[Stretch],
        *,
        before: timedelta = NO_TIME,
        after: timedelta = NO_TIME,
    ) -> Ranges:
        """Starts at which it would overlap one of these, with what is kept free around it.

        `taken` in order of start.
        """
        origin, reach = self.origin, self.origin + self.length + after
        return self._cut(
            ((each.start - reach) // MINUTE + 1, -((origin - each.end - before) // MINUTE))
            for each in taken
        )

    def inside(self, offered: Iterable[Stretch]) -> Ranges:
        """Starts at which all of it would lie in one of these, which are in order and disjoint."""
        origin, reach = self.origin, self.origin + self.length
        return self._cut(
            (-((origin - each.start) // MINUTE), (each.end - reach) // MINUTE + 1)
            for each in offered
        )

    def _cut(self, ranges: Iterable[Range]) -> Ranges:
        """What of these, given in order, can be a start at all."""
        count = self.count
        return joined((max(low, 0), min(high, count)) for low, high in ranges)


def joined(ranges: Iterable[Range]) -> Ranges:
    """The same minutes, of ranges in order of their starts; those that touch become one."""
    found: Ranges = []
    last = -1
    for low, high in ranges:
        if low >= high:
            continue
        if low > last:
            found.append((low, high))
            last = high
        elif high > last:
            found[-1] = (found[-1][0], high)
            last = high
    return found


def common(some: Ranges, others: Ranges) -> Ranges:
    """The minutes that are in both."""
    found: Ranges = []
    n = m = 0
    while n < len(some) and m < len(others):
        low, high = max(some[n][0], others[m][0]), min(some[n][1], others[m][1])
        if low < high:
            found.append((low, high))
        if some[n][1] < others[m][1]:
            n += 1
        else:
            m += 1
    return found


def without(some: Ranges, others: Ranges) -> Ranges:
    """The minutes of `some` that are not in `others`."""
    if not some or not others:
        return some
    edges = [0, *(edge for each in others for edge in each), max(some[-1][1], others[-1][1])]
    between = list(zip(edges[::2], edges[1::2], strict=True))
    return common(some, joined(between))


def holds(ranges: Ranges, minute: int) -> bool:
    """Whether one of the ranges has this minute."""
    at = bisect_right(ranges, minute, key=itemgetter(0)) - 1
    return at >= 0 and minute < ranges[at][1]
