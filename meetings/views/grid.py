"""Days side by side against the hours: which block stands where. Pure; the stylesheet places.

Everything stands on the wall clock of one zone, in minutes from midnight. At a clock change a
skipped hour is drawn empty, and what runs in a repeated hour stands where its clock reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from meetings.intervals import Lane, Stretch, lanes, merge
from meetings.views.bands import (
    ALWAYS,
    Away,
    Band,
    as_stretch,
    away_on,
    bands_on,
    less,
    minute,
    minutes_on,
    within,
)
from meetings.wallclock import MINUTES_A_DAY

T = TypeVar("T")

STEP = 5
"""Minutes; the stylesheet places blocks to this."""
SHORTEST = 15
"""Minutes; a shorter block is drawn this long, so that it can be read and hit."""
USUAL_HOURS = (7, 21)
MOST_LANES = 20
"""The stylesheet knows no more columns within a day."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something to draw: its instants and, if it takes whole days, the first and the last."""

    value: T
    stretch: Stretch
    dates: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Block(Band, Generic[T]):
    """An item in a day's column, in a lane beside those it would cover."""

    value: T
    lane: Lane


@dataclass(frozen=True, slots=True)
class More(Band):
    """So many items that found no lane of their own here."""

    count: int
    lane: Lane


@dataclass(frozen=True, slots=True)
class Day(Generic[T]):
    """A column: blocks in order of start, the hours that are offered, and those taken off."""

    date: date
    blocks: tuple[Block[T] | More, ...]
    lit: tuple[Band, ...]
    away: tuple[Away, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar(Generic[T]):
    """An item over whole days: from column `column` (from 1) over `span` columns."""

    value: T
    column: int
    span: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Grid(Generic[T]):
    """The whole: columns, bars above them, and the hours between which the window is open."""

    days: tuple[Day[T], ...]
    bars: tuple[Bar[T], ...]
    opens: int
    closes: int

    @property
    def hours(self) -> range:
        """The hours that begin in the window."""
        return range(self.opens, self.closes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.bars and not any(day.blocks for day in self.days)


def lay_out(
    days: Sequence[date],
    zone: ZoneInfo,
    items: Iterable[Item[T]],
    *,
    lit: Sequence[Stretch] | None,
    away: Sequence[tuple[Stretch, str]] = (),
    most_lanes: int = MOST_LANES,
) -> Grid[T]:
    """Lay items out over consecutive `days` of `zone`.

    What takes whole days, or 24 hours and more, becomes a bar. `lit` is when time is offered;
    None lights all of it. `away` is time off with what it is called; it is not lit. The window
    is open from 7 to 21, or wider if something lies outside; time off and a day that is lit at
    all hours do not count for that. Where more than `most_lanes` stand side by side, the last
    lane counts the others.
    """
    timed, bars = [], []
    for item in items:
        if span := _whole_days(item, zone):
            bars.append((item.value, *span))
        else:
            timed.append(item)
    blocks = [_blocks(day, zone, timed, most_lanes) for day in days]
    offered = [[ALWAYS] if lit is None else bands_on(day, zone, lit) for day in days]
    columns: list[Sequence[Band]] = [*blocks, *offered]
    off = [stretch for stretch, _label in away]
    drawn = [band for column in columns for band in column if band != ALWAYS]
    opens = min([USUAL_HOURS[0], *(band.top // 60 for band in drawn)])
    closes = max([USUAL_HOURS[1], *(ceil(band.bottom / 60) for band in drawn)])
    laid = (
        Day(
            day,
            tuple(column),
            tuple(within(opens, closes, less(day, zone, light, off))),
            tuple(away_on(day, zone, away, opens, closes)),
        )
        for day, column, light in zip(days, blocks, offered, strict=True)
    )
    return Grid(tuple(laid), tuple(_bars(days, bars)), opens, closes)


def _whole_days(item: Item[T], zone: ZoneInfo) -> tuple[date, date] | None:
    """The first and last date of what belongs above the columns."""
    if item.dates or item.stretch.length < _DAY:
        return item.dates
    last_moment = item.stretch.end - timedelta(microseconds=1)
    return item.stretch.start.astimezone(zone).date(), last_moment.astimezone(zone).date()


def _blocks(
    day: date, zone: ZoneInfo, items: Sequence[Item[T]], most_lanes: int
) -> list[Block[T] | More]:
    """The column's blocks, in order of start, the longer first."""
    taken = minutes_on(day, [item.stretch for item in items], zone)
    drawn = [
        (_snapped(*minutes), item.value)
        for item, minutes in zip(items, taken, strict=True)
        if minutes
    ]
    drawn.sort(key=lambda block: (block[0].top, -block[0].bottom))
    # Lanes are for what is drawn: instants an hour apart may stand at the same place.
    spans = [as_stretch(band) for band, _ in drawn]
    placed: list[Block[T] | More] = []
    hidden = []
    for (band, value), span, lane in zip(drawn, spans, lanes(spans), strict=True):
        if lane.of > most_lanes and lane.index >= most_lanes - 1:
            hidden.append(span)
        else:
            lane = Lane(lane.index, min(lane.of, most_lanes))
            placed.append(Block(band.top, band.bottom, value, lane))
    placed += _counted(hidden, Lane(most_lanes - 1, most_lanes))
    return sorted(placed, key=lambda block: (block.top, -block.bottom))


def _snapped(begins: int, ends: int) -> Band:
    """To the step outwards, and at least the shortest that is drawn."""
    top = begins // STEP * STEP
    bottom = max(ceil(ends / STEP) * STEP, top + SHORTEST)
    if bottom > MINUTES_A_DAY:
        return Band(MINUTES_A_DAY - SHORTEST, MINUTES_A_DAY)
    return Band(top, bottom)


def _counted(hidden: Sequence[Stretch], lane: Lane) -> list[More]:
    """One for each stretch of time in which items are hidden, with how many they are."""
    found = []
    for span in merge(hidden):
        count = sum(one.overlaps(span) for one in hidden)
        found.append(More(minute(span.start), minute(span.end), count, lane))
    return found


def _bars(days: Sequence[date], spans: Iterable[tuple[T, date, date]]) -> list[Bar[T]]:
    """Bars clipped to the columns, in the order in which rows are filled: by start, long first."""
    bars = []
    for value, first, last in sorted(spans, key=lambda span: (span[1], -span[2].toordinal())):
        begins, ends = max(first, days[0]), min(last, days[-1])
        if begins <= ends:
            column = (begins - days[0]).days + 1
            bars.append(Bar(value, column, (ends - begins).days + 1, first, last))
    return bars
