"""Stretches of time and what can be done with them: pure functions and values, no clock.

A stretch is half-open, `[start, end)`: one that ends as another begins does not overlap it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from operator import attrgetter
from typing import Generic, TypeVar

T = TypeVar("T")

_ZERO = timedelta(0)
# The order of stretches, several times as fast as comparing them one with another.
_IN_ORDER = attrgetter("start", "end")


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """The instants from `start` up to, not including, `end`; both aware datetimes in UTC.

    An empty one (`start == end`) is allowed, since a date that a zone skipped has no instants;
    like PostgreSQL's empty range it overlaps nothing, and `merge`, `subtract` and `gaps` drop it.
    Raises ValueError if it ends before it starts or a bound is not in UTC.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Local times of one zone are compared by their wall clocks, which is wrong at a clock
        # change; so only UTC comes in.
        if not (_in_utc(self.start) and _in_utc(self.end)):
            raise ValueError("A stretch of time needs a start and an end in UTC.")
        if self.end < self.start:
            raise ValueError("A stretch of time cannot end before it starts.")

    @property
    def length(self) -> timedelta:
        """The time that really passes between start and end."""
        return self.end - self.start

    def overlaps(self, other: "Stretch") -> bool:
        """Whether at least one instant lies in both."""
        return max(self.start, other.start) < min(self.end, other.end)


def _in_utc(at: datetime) -> bool:
    """Asked of each of many thousands, so the usual zone is recognized before its offset."""
    return at.tzinfo is UTC or at.utcoffset() == _ZERO


class IntervalTree(Generic[T]):
    """Answers again and again which of many stretches overlap a given one.

    A static augmented interval tree: the stretches sorted by start are the tree (the root of any
    part of the list is its middle), and each node knows the greatest end below it. Building
    takes O(n log n), a question that finds k of n takes O(log n + k) where they lie together.
    """

    __slots__ = ("_entries", "_greatest")

    def __init__(self, entries: Iterable[tuple[Stretch, T]]) -> None:
        # The key keeps the values out of the comparison; sorting is stable, so entries with the
        # same stretch stay in the order they came in.
        self._entries = sorted(
            (entry for entry in entries if entry[0].start < entry[0].end),
            key=lambda entry: _IN_ORDER(entry[0]),
        )
        self._greatest = [stretch.end for stretch, _ in self._entries]
        self._augment(0, len(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def _augment(self, low: int, high: int) -> None:
        """Write into each node of `[low, high)` the greatest end found in its subtree."""
        if high - low < 2:
            return
        middle = (low + high) // 2
        self._augment(low, middle)
        self._augment(middle + 1, high)
        for below, above in ((low, middle), (middle + 1, high)):
            if below < above:
                self._greatest[middle] = max(
                    self._greatest[middle], self._greatest[(below + above) // 2]
                )

    def overlapping(self, stretch: Stretch) -> list[tuple[Stretch, T]]:
        """Every entry that overlaps `stretch`, in order of start (then end)."""
        if stretch.start == stretch.end:
            return []
        return list(self._walk(stretch, 0, len(self._entries)))

    def _walk(self, stretch: Stretch, low: int, high: int) -> Iterator[tuple[Stretch, T]]:
        if low >= high:
            return
        middle = (low + high) // 2
        if self._greatest[middle] <= stretch.start:  # all below has ended by then
            return
        yield from self._walk(stretch, low, middle)
        entry = self._entries[middle]
        if entry[0].start >= stretch.end:  # nothing to the right begins early enough
            return
        if entry[0].end > stretch.start:
            yield entry
        yield from self._walk(stretch, middle + 1, high)


def merge(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same instants as disjoint stretches in order; those that touch become one."""
    merged: list[Stretch] = []
    for stretch in sorted(stretches, key=_IN_ORDER):
        if stretch.start == stretch.end:
            continue
        if merged and stretch.start <= merged[-1].end:
            if stretch.end > merged[-1].end:
                merged[-1] = Stretch(merged[-1].start, stretch.end)
        else:
            merged.append(stretch)
    return merged


def clip(stretch: Stretch, to: Stretch) -> Stretch | None:
    """The part of `stretch` that lies in `to`; None if they do not overlap."""
    if not stretch.overlaps(to):
        return None
    if to.start <= stretch.start and stretch.end <= to.end:
        return stretch
    return Stretch(max(stretch.start, to.start), min(stretch.end, to.end))


def gaps(busy: Iterable[Stretch], within: Stretch) -> list[Stretch]:
    """What of `within` is not busy: disjoint stretches in order."""
    touching = merge(stretch for stretch in busy if stretch.overlaps(within))
    taken = [part for stretch in touching if (part := clip(stretch, within))]
    edges = [within.start, *(edge for part in taken for edge in (part.start, part.end)), within.end]
    return [Stretch(end, start) for end, start in list(pairwise(edges))[::2] if end < start]


def subtract(stretches: Iterable[Stretch], holes: Iterable[Stretch]) -> list[Stretch]:
    """The instants of `stretches` that lie in none of `holes`: disjoint stretches in order."""
    tree = IntervalTree((hole, None) for hole in merge(holes))
    return [
        left
        for stretch in merge(stretches)
        for left in gaps((hole for hole, _ in tree.overlapping(stretch)), within=stretch)
    ]


@dataclass(frozen=True, slots=True)
class Lane:
    """Where something stands in a calendar's grid: column `index` (from 0) of `of` columns."""

    index: int
    of: int


def lanes(stretches: Sequence[Stretch]) -> list[Lane]:
    """Columns for stretches drawn side by side, one lane per stretch, in the order given.

    1. In order of start, the longer first, each takes the first column that is free by then.
    2. A cluster is what hangs together by overlapping, also through others; it ends where
       nothing goes on. All in a cluster share its number of columns, which is the least
       possible: the greatest number of stretches that run at one instant.
    """
    order = sorted(
        (n for n, stretch in enumerate(stretches) if stretch.start < stretch.end),
        key=lambda n: (stretches[n].start, -stretches[n].length),
    )
    placed = [Lane(0, 1)] * len(stretches)
    for cluster in _clusters(stretches, order):
        columns = _columns(stretches, cluster)
        width = max(columns) + 1
        for n, column in zip(cluster, columns, strict=True):
            placed[n] = Lane(column, width)
    return placed


def _clusters(stretches: Sequence[Stretch], order: Sequence[int]) -> Iterator[list[int]]:
    """Cut `order` (positions by start) wherever everything before has ended."""
    cluster: list[int] = []
    end: datetime | None = None
    for n in order:
        if end is not None and stretches[n].start >= end:
            yield cluster
            cluster, end = [], None
        cluster.append(n)
        end = stretches[n].end if end is None else max(end, stretches[n].end)
    if cluster:
        yield cluster


def _columns(stretches: Sequence[Stretch], cluster: Sequence[int]) -> list[int]:
    """The first free column for each of a cluster, which is given in order of start."""
    free: list[int] = []  # columns used before and free again, lowest first
    running: list[tuple[datetime, int]] = []  # (end, column), earliest end first
    columns = []
    for n in cluster:
        while running and running[0][0] <= stretches[n].start:
            heappush(free, heappop(running)[1])
        column = heappop(free) if free else len(running)
        heappush(running, (stretches[n].end, column))
        columns.append(column)
    return columns
