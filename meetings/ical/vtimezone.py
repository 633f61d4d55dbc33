"""Writing VTIMEZONE: a zone's clock changes in a form that every calendar program reads.

Most zones change their clocks twice a year by a rule ("last Sunday in March"): two yearly
RRULEs. A zone that follows no such rule in these years gets its single changes, each by itself.
Exchange reads no lists of RDATEs, so there are none.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

# So many years must follow a rule to be written as one: over fewer, "last Sunday" and "fourth
# Sunday" may fall on the same dates.
_YEARS = 8
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """A clock change: the wall clock at that moment still runs by the offset `before`."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=256)
def vtimezone(zone: ZoneInfo, year: int, now: int = 0) -> icalendar.Timezone:
    """A VTIMEZONE for events of `year` and those after it; it begins a year earlier.

    It holds for some years after that, and after the year `now` if that is later, so that what
    began long ago and goes on is right today. What it gives is shared: do not change it.
    """
    first, now = year - 1, max(year - 1, now)
    changes = _changes(zone, first, now)
    component = icalendar.Timezone()
    component.add("TZID", zone.key)
    singles, rules = [], _yearly(changes, now - first + _YEARS)
    if not rules:
        newest = [change for change in changes if change.onset.year >= now]
        rules = _yearly(newest, _YEARS)
        singles = [change for change in changes if not rules or change.onset.year < now]
    if singles or not rules:
        for change in [_standing(zone, first), *singles]:
            component.add_component(_observance(change))
    for change, rule in rules:
        component.add_component(_observance(change, rule))
    return component


def _changes(zone: ZoneInfo, first: int, now: int) -> list[_Change]:
    """The zone's clock changes until some years from `now`: sought day by day, then by halves."""
    found = []
    day = datetime(first, 1, 1, tzinfo=UTC)
    while day.year < now + _YEARS:
        following = day + timedelta(days=1)
        if _offset(zone, day) != _offset(zone, following):
            found.append(_pinpoint(zone, day, following))
        day = following
    return found


def _pinpoint(zone: ZoneInfo, before: datetime, after: datetime) -> _Change:
    offset = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    onset = after.replace(tzinfo=None) + offset
    return _Change(onset, offset, _offset(zone, after), after.astimezone(zone).tzname() or "")


def _standing(zone: ZoneInfo, year: int) -> _Change:
    """The offset that already holds when the years begin."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    offset = _offset(zone, start)
    return _Change(datetime(year, 1, 1), offset, offset, start.astimezone(zone).tzname() or "")


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _yearly(changes: list[_Change], years: int) -> list[tuple[_Change, dict[str, object]]]:
    """The two changes of the first of so many years, each with its rule; none without one."""
    if len(changes) != 2 * years:
        return []
    rules = []
    for same in (changes[0::2], changes[1::2]):
        rule = _rule(same)
        if rule is None:
            return []
        rules.append((same[0], rule))
    return rules


def _rule(changes: list[_Change]) -> dict[str, object] | None:
    """ "Second Sunday in March" or "last Sunday in March", if that names every one of them."""
    first = changes[0]
    alike = {(c.onset.month, c.onset.weekday(), c.onset.time(), c.before, c.after) for c in changes}
    years = {c.onset.year for c in changes}
    if len(alike) != 1 or len(years) != len(changes):
        return None
    if all(_is_last(c.onset) for c in changes):
        nth = -1
    elif len({(c.onset.day - 1) // 7 for c in changes}) == 1:
        nth = (first.onset.day - 1) // 7 + 1
    else:
        return None
    weekday = _WEEKDAYS[first.onset.weekday()]
    return {"FREQ": "YEARLY", "BYMONTH": first.onset.month, "BYDAY": f"{nth}{weekday}"}


def _is_last(day: datetime) -> bool:
    """Whether no later day of the month has this weekday."""
    return day.day + 7 > calendar.monthrange(day.year, day.month)[1]


def _observance(
    change: _Change, rule: dict[str, object] | None = None
) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    summer = change.after > change.before
    part = icalendar.TimezoneDaylight() if summer else icalendar.TimezoneStandard()
    part.add("DTSTART", change.onset)
    part.add("TZOFFSETFROM", change.before)
    part.add("TZOFFSETTO", change.after)
    part.add("TZNAME", change.name)
    if rule:
        part.add("RRULE", rule)
    return part
