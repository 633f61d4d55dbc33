"""When an event is: DTSTART, DTEND, DURATION and dates of a series, to the wall clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar.prop import vDuration

from meetings.ical.customzones import CustomZone, fixed_zone
from meetings.ical.lines import Component, Property
from meetings.ical.text import one_line
from meetings.ical.zones import is_abbreviation, zone_named
from meetings.wallclock import OUTSIDE_CALENDAR, AllDay, Timed, When, instant

_DATE_TIME = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")
_DAY = timedelta(days=1)
_UTC = ZoneInfo("UTC")
# Expanding a zone's rules costs milliseconds; no calendar program defines this many.
_MOST_CUSTOM_ZONES = 100


class LeaveOut(Exception):
    """This event cannot be taken as it is; says in a full sentence why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A DATE-TIME: what the wall clock shows in a zone of ours, and the instant it means."""

    local: datetime
    zone: ZoneInfo
    at: datetime
    is_utc: bool = False


class Zones:
    """The zones of one calendar: well-known names, its own definitions, and a default.

    `default` is the zone of times without one: the calendar's (X-WR-TIMEZONE) or that of whoever
    reads it. `remarks` collects what had to be changed, in sentences.
    """

    def __init__(self, calendar: Component, default: ZoneInfo) -> None:
        self.default = zone_named(calendar.text("X-WR-TIMEZONE")) or default
        defined = [part for part in calendar.parts if part.name == "VTIMEZONE"]
        self._defined = {part.text("TZID").strip(): part for part in defined[:_MOST_CUSTOM_ZONES]}
        self._custom: dict[str, CustomZone | None] = {}
        self.remarks: list[str] = []

    def moment(self, local: datetime, tzid: str) -> Moment:
        """What a local time in the zone called `tzid` ('' for none) means."""
        zone = zone_named(tzid) if tzid else self.default
        defined = self._defined.get(tzid)
        if zone is None and defined:
            zone = zone_named(defined.text("X-LIC-LOCATION"))
        if zone is None or (defined and is_abbreviation(tzid)):
            return self._own(local, tzid, named=zone)
        return Moment(local, zone, instant(local, zone))

    def _own(self, local: datetime, tzid: str, *, named: ZoneInfo | None) -> Moment:
        """A local time by the file's own VTIMEZONE, in the zone of ours that is like it.

        Rather in the zone called so, if there is one; if none is like it, that counts after all.
        """
        custom = self._custom_zone(tzid)
        like = custom.like(local.year, named or self.default) if custom else None
        if like is None and named:
            return Moment(local, named, instant(local, named))
        if custom is None:
            raise LeaveOut(f"Its time zone “{one_line(tzid)}” is unknown.")
        at = custom.instant(local)
        zone = like or fixed_zone(local - at.replace(tzinfo=None))
        if like is None:
            self.remarks.append(
                f"No known time zone is like its “{one_line(tzid)}”. Its times are kept exactly, "
                f"in {zone.key}."
            )
        return shown_in(zone, at)

    def _custom_zone(self, tzid: str) -> CustomZone | None:
        """The zone as the file defines it; None if it does not, or in an unusual way."""
        if tzid not in self._custom:
            try:
                self._custom[tzid] = CustomZone(self._defined[tzid])
            except (KeyError, ValueError):
                self._custom[tzid] = None
        return self._custom[tzid]


def shown_in(zone: ZoneInfo, at: datetime) -> Moment:
    """The instant on the wall clock of `zone`; in UTC if it is the second of a time shown twice.

    There a local time means the first, so this instant has no local name.
    """
    local = at.astimezone(zone)
    if local.fold:
        return Moment(at.replace(tzinfo=None), _UTC, at)
    return Moment(local.replace(tzinfo=None), zone, at)


def read_when(event: Component, zones: Zones) -> When:
    """When a VEVENT is. Raises LeaveOut if that is not certain, or no time at all."""
    start_property = event.first("DTSTART")
    if start_property is None:
        raise LeaveOut("It has no start (DTSTART).")
    start = _read(start_property, zones, "start")
    end_property = event.first("DTEND")
    end = _read(end_property, zones, "end") if end_property else None
    try:
        if isinstance(start, Moment):
            return _timed(event, start, end, zones)
        return AllDay(start, _days(event, start, end))
    except OverflowError:
        raise LeaveOut(OUTSIDE_CALENDAR) from None
    except ValueError as refusal:  # Timed and AllDay say why in a sentence
        raise LeaveOut(str(refusal)) from None


def _timed(event: Component, start: Moment, end: Moment | date | None, zones: Zones) -> When:
    if isinstance(end, date):
        raise LeaveOut("It starts at a time of day but ends on a date.")
    length = end.at - start.at if end else _exact_length(event, start)
    if not length:
        raise LeaveOut("It takes no time: it has no end, or ends when it starts.")
    if length < timedelta(0):
        raise LeaveOut("It ends before it starts.")
    if event.word("X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE":
        midnight, days = start.local.time() == time.min, round(length / _DAY)
        if midnight and abs(length - days * _DAY) <= timedelta(hours=1):  # a clock change within
            return AllDay(start.local.date(), days)
    repeats = any(event.first(name) for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    if start.is_utc and not repeats:
        # Google writes single events in UTC and their zone once, as the calendar's.
        start = shown_in(zones.default, start.at)
    return Timed(start.local, start.zone, length)


def _exact_length(event: Component, start: Moment) -> timedelta:
    """DURATION: weeks and days by the wall clock, the rest exactly (RFC 5545, 3.3.6)."""
    nominal, exact = _duration(event)
    return instant(start.local + nominal, start.zone) + exact - start.at


def _days(event: Component, first: date, end: Moment | date | None) -> int:
    if isinstance(end, Moment):
        raise LeaveOut("It starts on a date but ends at a time of day.")
    if end is None:
        nominal, exact = _duration(event)
        length = nominal + exact
    else:
        length = end - first
    if length < timedelta(0):
        raise LeaveOut("It ends before it starts.")
    if length % _DAY:
        raise LeaveOut("It starts on a date but does not last whole days.")
    return max(length.days, 1)  # many write the same date as start and end


def _duration(event: Component) -> tuple[timedelta, timedelta]:
    """DURATION in two parts: weeks and days, then hours, minutes and seconds."""
    found = event.first("DURATION")
    text = found.raw.strip().upper() if found else "PT0S"
    try:
        total = duration(text)
        clock = text.partition("T")[2]
        exact = duration(f"PT{clock}") if clock else timedelta(0)
    except ValueError:
        raise LeaveOut(f"Its length “{one_line(text)}” cannot be read.") from None
    if text.startswith("-"):
        raise LeaveOut("It ends before it starts.")
    return total - exact, exact


def duration(text: str) -> timedelta:
    """A DURATION value (RFC 5545, 3.3.6). Raises ValueError."""
    length: timedelta = vDuration.from_ical(text)  # type: ignore[no-untyped-call]
    return length


def _read(found: Property, zones: Zones, what: str) -> Moment | date:
    """A DATE or DATE-TIME, whichever the value looks like: many leave VALUE=DATE out."""
    tzid, raw = found.param("TZID"), found.raw.strip()
    if not raw and ":" in tzid:  # Exchange sometimes quotes too much: TZID="Zone:20200609T090000"
        tzid, _, raw = tzid.rpartition(":")
    return parse(raw, tzid, zones, what)


def parse(raw: str, tzid: str, zones: Zones, what: str) -> Moment | date:
    """The DATE or DATE-TIME written as `raw`; `what` names it in the sentence of refusal."""
    found = _DATE_TIME.fullmatch(raw.upper())
    try:
        if not found:
            raise ValueError
        day, clock, is_utc = found.groups()
        local = datetime.strptime(day + (clock or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if clock is None:
            return local.date()
        if is_utc:
            return Moment(local, _UTC, local.replace(tzinfo=UTC), is_utc=True)
        return zones.moment(local, tzid)
    except OverflowError:
        raise LeaveOut(OUTSIDE_CALENDAR) from None
    except ValueError:
        text = one_line(raw)[:60]
        raise LeaveOut(f"Its {what} “{text}” is no date or time.") from None


def dates_of_series(event: Component, name: str, series: When, zones: Zones) -> tuple[str, ...]:
    """EXDATE, RDATE or RECURRENCE-ID as wall-clock starts of the series (recurrence-ids)."""
    written = [
        (raw.strip(), found.param("TZID"))
        for found in event.all(name)
        for raw in found.raw.split(",")
    ]
    if any("/" in raw for raw, _ in written):
        raise LeaveOut("It repeats by periods with lengths of their own, which is unusual.")
    return tuple(
        _on_wall_clock(parse(raw, tzid, zones, name), series) for raw, tzid in written if raw
    )


def _on_wall_clock(value: Moment | date, series: When) -> str:
    if isinstance(series, AllDay):
        # As written: midnight in whatever zone stands for the date.
        return (value.local.date() if isinstance(value, Moment) else value).isoformat()
    if isinstance(value, Moment):
        return value.at.astimezone(series.zone).replace(tzinfo=None).isoformat()
    return datetime.combine(value, series.start.time()).isoformat()
