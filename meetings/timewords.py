"""Times in words: the one way pages, mails and problems write a day, a range and a zone.

Instants are aware, stretches half-open, and every function is told the reader's zone. A year is
written only when it is not the one of `today` (the reader's day; the clock's if not given).
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.translation import gettext, pgettext

LETTERS = re.compile(r"[A-Za-z]+")
NO_TIME = timedelta(0)


def clock(at: datetime, zone: tzinfo) -> str:
    """The wall clock without a leading zero: `9:30`."""
    return clock_face(at.astimezone(zone).time())


def clock_face(shown: time) -> str:
    """A time of day as clocks show it: `9:30`."""
    return f"{shown.hour}:{shown.minute:02}"


def day_words(day: date, *, today: date | None = None) -> str:
    """`Wed 11 March`, with the year if it is not this one."""
    if day.year == (today or timezone.now().date()).year:
        return written(day, pgettext("a day of this year, as Django's date formats", "D j F"))
    return written(day, pgettext("a day of another year, as Django's date formats", "D j F Y"))


def moment_words(at: datetime, zone: tzinfo, *, today: date | None = None) -> str:
    """`Wed 11 March, 14:00`."""
    return f"{day_words(at.astimezone(zone).date(), today=today)}, {clock(at, zone)}"


def clock_range(start: datetime, end: datetime, zone: tzinfo, *, today: date | None = None) -> str:
    """`10:00–11:30` for a page that has said the day; a later last day is named.

    Until midnight is `24:00`. Across a change of the clocks each end names its offset, for the
    two alone could read the same.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() == last.date():
        if first.utcoffset() != last.utcoffset():
            return (
                f"{clock(start, zone)} {zone_short(zone, start)}"
                f" – {clock(end, zone)} {zone_short(zone, end)}"
            )
        return f"{clock(start, zone)}–{clock(end, zone)}"
    if last.date() - first.date() == timedelta(days=1) and not (last.hour or last.minute):
        return f"{clock(start, zone)}–24:00"
    return f"{clock(start, zone)} – {moment_words(end, zone, today=today)}"


def range_words(start: datetime, end: datetime, zone: tzinfo, *, today: date | None = None) -> str:
    """`Wed 11 March, 14:00–15:00`; `Wed 11 March, 22:00 – Thu 12 March, 1:00` over midnight."""
    first = day_words(start.astimezone(zone).date(), today=today)
    return f"{first}, {clock_range(start, end, zone, today=today)}"


def days_words(first: date, last: date, *, today: date | None = None) -> str:
    """Whole days, both included: `Mon 9 – Wed 11 March`; one day alone is `Mon 9 March`."""
    if first >= last:
        return day_words(first, today=today)
    if first.year != last.year:
        with_year = pgettext("a day of another year, as Django's date formats", "D j F Y")
        return f"{written(first, with_year)} – {written(last, with_year)}"
    if first.month == last.month:
        opening = pgettext("the first of two days of one month, as Django's date formats", "D j")
    else:
        opening = pgettext("a day of this year, as Django's date formats", "D j F")
    return f"{written(first, opening)} – {day_words(last, today=today)}"


def near_day_words(day: date, *, today: date) -> str:
    """`Today`, `Tomorrow`, `Thu` within a week, else the whole day: for narrow lists."""
    ahead = (day - today).days
    if ahead in (0, 1):
        return gettext("Tomorrow") if ahead else gettext("Today")
    if 1 < ahead < 7:
        return written(day, pgettext("a day of this week, as Django's date formats", "D"))
    return day_words(day, today=today)


def near_words(start: datetime, end: datetime, zone: tzinfo, *, today: date) -> str:
    """`Today 11:15–12:00`, `Thu 14:00–15:00`: for narrow lists that look a week ahead."""
    first = near_day_words(start.astimezone(zone).date(), today=today)
    return f"{first} {clock_range(start, end, zone, today=today)}"


def zone_short(zone: tzinfo, at: datetime) -> str:
    """What the zone is called at that instant: `CET`, or `UTC+5:30` where it has no letters."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    return name if LETTERS.fullmatch(name) else offset_words(local.utcoffset() or NO_TIME)


def offset_words(offset: timedelta) -> str:
    """`UTC+5:30`, `UTC−3`, `UTC`."""
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def zone_place(zone: ZoneInfo) -> str:
    """The place a zone is named after: `Berlin`, `Buenos Aires`, `UTC`."""
    return zone.key.rpartition("/")[2].replace("_", " ")
