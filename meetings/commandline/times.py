"""Times as they are typed in a shell: ISO 8601, on the wall clock of a zone unless it says which.

Everything here raises CommandError with what to write instead.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.commandline import wrong_usage
from accounts.models import User
from accounts.zones import is_zone
from meetings.formtimes import length_between
from meetings.intervals import Stretch
from meetings.wallclock import (
    FIRST_DATE,
    LAST_DATE,
    OUTSIDE_CALENDAR,
    AllDay,
    Timed,
    When,
    instant,
    midnight,
)

DAY = re.compile(r"\d{4}-\d\d-\d\d")
CLOCK = re.compile(r"\d{1,2}:\d\d")
ONE_DAY = timedelta(days=1)


def zone_asked(name: str | None, person: User) -> ZoneInfo:
    """The zone of that name, else the person's."""
    if name is None:
        return person.zone
    if not is_zone(name):
        raise wrong_usage(f"“{name}” is no time zone; write one like Europe/Berlin.")
    return ZoneInfo(name)


def when_asked(
    start: str, end: str | None, minutes: int | None, zone: ZoneInfo, *, usual: When | None = None
) -> When:
    """When it is, on the wall clock of `zone`; a start without a time of day is an all-day one.

    It ends at `end` (of an all-day one the last day), or `minutes` later, or else is as long as
    `usual`.
    """
    if end is not None and minutes is not None:
        raise wrong_usage("Say --end or --minutes, not both.")
    try:
        if DAY.fullmatch(start):
            return _all_day(start, end, minutes, usual)
        local = _local(start, zone)
        return Timed(local, zone, _length(local, end, minutes, zone, usual))
    except OverflowError:
        raise wrong_usage(OUTSIDE_CALENDAR) from None
    except ValueError as error:
        raise wrong_usage(str(error)) from None


def window_asked(first: str, last: str, zone: ZoneInfo) -> Stretch:
    """The stretch between two times; days are whole ones, the last is included."""
    begin = midnight(_day(first), zone) if DAY.fullmatch(first) else _instant(first, zone)
    end = midnight(_day(last) + ONE_DAY, zone) if DAY.fullmatch(last) else _instant(last, zone)
    if end <= begin:
        raise wrong_usage("--to must be after --from.")
    return Stretch(begin, end)


def _all_day(start: str, end: str | None, minutes: int | None, usual: When | None) -> AllDay:
    if minutes is not None or (end is not None and not DAY.fullmatch(end)):
        raise wrong_usage("An all-day meeting ends on a day: --end 2027-03-12, or no --end.")
    first = _day(start)
    if end is None:
        return AllDay(first, usual.days if isinstance(usual, AllDay) else 1)
    if _day(end) < first:
        raise wrong_usage("--end is before --start.")
    return AllDay(first, (_day(end) - first).days + 1)


def _length(
    start: datetime, end: str | None, minutes: int | None, zone: ZoneInfo, usual: When | None
) -> timedelta:
    if minutes is not None:
        return timedelta(minutes=minutes)
    if end is None:
        if not isinstance(usual, Timed):
            raise wrong_usage("Say how long it takes: --minutes 30, or --end.")
        return usual.length
    if CLOCK.fullmatch(end):
        end = f"{start.date()}T{end:0>5}"
    return length_between(start, _local(end, zone), zone)


def _local(text: str, zone: ZoneInfo) -> datetime:
    """A time as clocks in `zone` show it, naive."""
    found = _read(text)
    if found.tzinfo is None:
        return found
    local = found.astimezone(zone).replace(tzinfo=None)
    if instant(local, zone) != found:
        # A wall clock shows this time twice, and a meeting is at the first of them.
        raise wrong_usage(f"Clocks in {zone.key} show {text} twice; choose --zone UTC for it.")
    return local


def _instant(text: str, zone: ZoneInfo) -> datetime:
    found = _read(text)
    return instant(found, zone) if found.tzinfo is None else found.astimezone(UTC)


def _read(text: str) -> datetime:
    example = "write it like 2027-03-10T14:00, or with an offset, 2027-03-10T14:00+01:00."
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_usage(f"“{text}” is no time; {example}") from None
    if DAY.fullmatch(text):
        raise wrong_usage(f"“{text}” has no time of day; {example}")
    if not FIRST_DATE < found.date() < LAST_DATE:
        raise wrong_usage(OUTSIDE_CALENDAR)
    return found


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong_usage(f"“{text}” is no day; write it like 2027-03-10.") from None
    if not FIRST_DATE <= day <= LAST_DATE:
        raise wrong_usage(OUTSIDE_CALENDAR)
    return day
