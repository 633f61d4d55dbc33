"""Parts of a day's column, in minutes on the wall clock: what is offered, and what is taken off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from meetings.intervals import Stretch, clip, subtract
from meetings.wallclock import MINUTES_A_DAY, day_in

Minutes = tuple[int, int]

_MIDNIGHT = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a day's column, in minutes from midnight."""

    top: int
    bottom: int

    @property
    def begins(self) -> str:
        """The upper edge for the stylesheet: `09:30`."""
        return _clock(self.top)

    @property
    def ends(self) -> str:
        """The lower edge: `10:15`, at most `24:00`."""
        return _clock(self.bottom)


ALWAYS = Band(0, MINUTES_A_DAY)


@dataclass(frozen=True, slots=True)
class Away(Band):
    """Time off, and what it is called."""

    label: str


def minutes_on(day: date, stretches: Iterable[Stretch], zone: ZoneInfo) -> list[Minutes | None]:
    """The wall-clock minutes, from and to, that each stretch takes of `day`; None for nothing.

    One that ends, by the clock, before it began (clocks were set back meanwhile) is as long as
    the time that really passes.
    """
    whole = day_in(day, zone)
    return [_minutes_of(part, whole, zone) if (part := clip(s, whole)) else None for s in stretches]


def _minutes_of(part: Stretch, whole: Stretch, zone: ZoneInfo) -> Minutes:
    start = part.start.astimezone(zone)
    begins = start.hour * 60 + start.minute
    if part.end == whole.end:
        return begins, MINUTES_A_DAY
    end = part.end.astimezone(zone)
    ends = end.hour * 60 + end.minute + (1 if end.second or end.microsecond else 0)
    if ends <= begins:
        ends = begins + ceil(part.length / timedelta(minutes=1))
    return begins, min(ends, MINUTES_A_DAY)


def bands_on(day: date, zone: ZoneInfo, stretches: Iterable[Stretch]) -> list[Band]:
    """The parts of `day` that these stretches take."""
    return [Band(*minutes) for minutes in minutes_on(day, stretches, zone) if minutes]


def away_on(
    day: date, zone: ZoneInfo, away: Iterable[tuple[Stretch, str]], opens: int, closes: int
) -> Iterator[Away]:
    """The parts of `day` that are taken off, as far as the window shows them."""
    for stretch, label in away:
        for band in within(opens, closes, bands_on(day, zone, [stretch])):
            if band.top < band.bottom:
                yield Away(band.top, band.bottom, label)


def less(
    day: date, zone: ZoneInfo, light: Sequence[Band], off: Sequence[Stretch]
) -> Sequence[Band]:
    """The light, less what is taken off of that day."""
    taken = [as_stretch(band) for band in bands_on(day, zone, off)]
    if not taken:
        return light
    left = subtract([as_stretch(band) for band in light], taken)
    return [Band(minute(part.start), minute(part.end)) for part in left]


def within(opens: int, closes: int, light: Iterable[Band]) -> list[Band]:
    """These parts as far as the window shows them."""
    return [Band(max(band.top, opens * 60), min(band.bottom, closes * 60)) for band in light]


def as_stretch(band: Band) -> Stretch:
    """A part as instants of some day, to be reckoned with."""
    return Stretch(
        _MIDNIGHT + timedelta(minutes=band.top), _MIDNIGHT + timedelta(minutes=band.bottom)
    )


def minute(edge: datetime) -> int:
    """The minute of the day at such an instant."""
    return (edge - _MIDNIGHT) // timedelta(minutes=1)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
