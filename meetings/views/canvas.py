"""A day laid out against its hours: what strips are drawn on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from meetings.intervals import Stretch, clip
from meetings.timewords import clock_range
from meetings.wallclock import day_in

OPENS, CLOSES = 7, 20
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a strip, in the reader's wall clock; `mark` is a class of the stylesheet."""

    start: str
    end: str
    mark: str


class Canvas:
    """A day in the reader's zone, with the hours that are drawn."""

    def __init__(self, day: date, zone: ZoneInfo, hours: range) -> None:
        self.day, self.zone, self.hours = day, zone, hours
        self.within = day_in(day, zone)

    def span(self, stretch: Stretch, mark: str) -> Span | None:
        """The part of `stretch` that is drawn; None if there is none."""
        first, last = (minute_of(at, self.day, self.zone) for at in (stretch.start, stretch.end))
        start, end = max(first, self.hours.start * 60), min(last, self.hours.stop * 60)
        return Span(_written(start), _written(end), mark) if start < end else None

    def spans(self, marked: Iterable[tuple[Stretch, str]]) -> tuple[Span, ...]:
        """All that is drawn of these."""
        return tuple(span for stretch, mark in marked if (span := self.span(stretch, mark)))

    def words(self, stretches: Sequence[Stretch]) -> str:
        """`9:00–9:15, 10:00–11:30`, cut to the day."""
        inside = [part for stretch in stretches if (part := clip(stretch, self.within))]
        return ", ".join(clock_range(s.start, s.end, self.zone) for s in inside)


def minute_of(at: datetime, day: date, zone: ZoneInfo) -> int:
    """Minutes from midnight on the wall clock of `day`; 0 before it, 1440 after."""
    local = at.astimezone(zone)
    if local.date() != day:
        return 0 if local.date() < day else MINUTES
    return local.hour * 60 + local.minute


def hours_around(day: date, zone: ZoneInfo, shown: Iterable[Stretch]) -> range:
    """The usual hours, and more where something of that day that is to be shown lies outside.

    What takes the whole day needs no more.
    """
    opens, closes = OPENS, CLOSES
    for stretch in shown:
        start, end = (minute_of(at, day, zone) for at in (stretch.start, stretch.end))
        if start < end and (start, end) != (0, MINUTES):
            opens, closes = min(opens, start // 60), max(closes, -(-end // 60))
    return range(opens, closes)


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
