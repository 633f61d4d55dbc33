"""Zones that a file defines itself by a VTIMEZONE (RFC 5545, 3.6.5) under a name of its own."""

import calendar
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from meetings.ical.lines import Component
from meetings.ical.zones import well_known_zones
from meetings.wallclock import FIRST_DATE, LAST_DATE

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class _Onset:
    """A change of offset at an instant, with the local time from which it is felt."""

    at: datetime  # naive, in UTC
    local: datetime
    before: timedelta
    after: timedelta


class CustomZone:
    """A zone by its VTIMEZONE. Raises ValueError if that is not of the usual yearly form."""

    def __init__(self, component: Component) -> None:
        observances = [p for p in component.parts if p.name in ("STANDARD", "DAYLIGHT")]
        self._onsets = sorted(onset for part in observances for onset in _onsets(part))
        if not self._onsets:
            raise ValueError("It defines no offset.")
        self._at = [onset.at for onset in self._onsets]
        self._local = [onset.local for onset in self._onsets]
        self._alike: dict[int, ZoneInfo | None] = {}

    def instant(self, local: datetime) -> datetime:
        """The instant (UTC) at which its clocks show `local`, by the rule of `wallclock`."""
        n = bisect_right(self._local, local)
        offset = self._onsets[n - 1].after if n else self._onsets[0].before
        return (local - offset).replace(tzinfo=UTC)

    def like(self, year: int, preferred: ZoneInfo) -> ZoneInfo | None:
        """The IANA zone with the same offsets on every day of that year, if there is one."""
        if year not in self._alike:
            days = [datetime(year, 1, 1, 12) + timedelta(days=n) for n in range(365)]
            offsets = [(day.replace(tzinfo=UTC), self._offset(day)) for day in days]
            self._alike[year] = next(
                (
                    zone
                    for zone in [preferred, *well_known_zones()]
                    if all(day.astimezone(zone).utcoffset() == offset for day, offset in offsets)
                ),
                None,
            )
        return self._alike[year]

    def _offset(self, at: datetime) -> timedelta:
        n = bisect_right(self._at, at)
        return self._onsets[n - 1].after if n else self._onsets[0].before


def fixed_zone(offset: timedelta) -> ZoneInfo:
    """A zone that always has this offset, if there is one (whole hours); else UTC."""
    hours = round(offset / _HOUR)
    if offset != hours * _HOUR or not -12 <= hours <= 14 or hours == 0:
        return ZoneInfo("UTC")
    return ZoneInfo(f"Etc/GMT{-hours:+d}")  # their signs are turned round


def _onsets(part: Component) -> list[_Onset]:
    """Every change that a STANDARD or DAYLIGHT part describes, within our calendar."""
    before, after = _offset(part, "TZOFFSETFROM"), _offset(part, "TZOFFSETTO")
    # A local time in a gap takes the offset from before, so the change is felt at its end.
    felt = max(after - before, timedelta(0))
    return [_Onset(local - before, local + felt, before, after) for local in _local_onsets(part)]


def _offset(part: Component, name: str) -> timedelta:
    found = _OFFSET.fullmatch(part.word(name))
    if not found:
        raise ValueError(f"{name} in {part.name} is no offset.")
    sign, hours, minutes, seconds = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    if offset >= timedelta(days=1):
        raise ValueError(f"{name} in {part.name} is no offset.")
    return -offset if sign == "-" else offset


def _local_onsets(part: Component) -> list[datetime]:
    start = _local_time(part.word("DTSTART"))
    onsets = [start, *(_local_time(t) for p in part.all("RDATE") for t in p.raw.split(",") if t)]
    for rule in part.all("RRULE"):
        onsets += _yearly(rule.raw.strip().upper(), start)
    return onsets


def _local_time(text: str) -> datetime:
    """A naive time, no earlier than our calendar begins (Windows writes the year 1601)."""
    local = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 (the wall clock)
    return local.replace(year=FIRST_DATE.year, day=1) if local.year < FIRST_DATE.year else local


def _yearly(rule: str, start: datetime) -> list[datetime]:
    """The dates of FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU and its like; all that zones need."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    if parts.pop("FREQ", "") != "YEARLY" or parts.pop("INTERVAL", "1") != "1":
        raise ValueError("Its clocks do not change once a year.")
    parts.pop("WKST", None)
    until = _local_time(parts.pop("UNTIL")[:15]) if "T" in parts.get("UNTIL", "") else None
    month = int(parts.pop("BYMONTH", start.month))
    weekday = _BYDAY.fullmatch(parts.pop("BYDAY", ""))
    days = {int(day) for day in parts.pop("BYMONTHDAY", "").split(",") if day}
    if parts or not (weekday or days) or not 1 <= month <= 12:
        raise ValueError(f"Its rule {rule} is not understood.")
    onsets = []
    for year in range(start.year, LAST_DATE.year + 1):
        day = _day_of(year, month, weekday, days)
        onset = datetime.combine(day, start.time()) if day else None
        if onset and onset >= start and (until is None or onset <= until):
            onsets.append(onset)
    return onsets


def _day_of(year: int, month: int, weekday: re.Match[str] | None, days: set[int]) -> date | None:
    """The day of the month that has this weekday, or the nth such, among `days` if given."""
    last = calendar.monthrange(year, month)[1]
    found = [date(year, month, n) for n in range(1, last + 1) if not days or n in days]
    if weekday:
        found = [day for day in found if _WEEKDAYS[day.weekday()] == weekday[2]]
        nth = int(weekday[1] or 1)
        found = found[nth:][:1] if nth < 0 else found[nth - 1 :][:1]
    return found[0] if found else None
