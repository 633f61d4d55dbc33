"""Days, weeks and months as the calendar names them and leafs through them. Pure."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dateformat import format as written
from django.utils.translation import pgettext

from meetings.wallclock import FIRST_DATE, LAST_DATE, week_of

DAY, WEEK = "day", "week"
STEPS = {DAY: timedelta(days=1), WEEK: timedelta(days=7)}


def read_date(text: str) -> date | None:
    """The date of an address, `2027-03-10`; None unless it is one of the calendar's."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return _in_calendar(day)


def step(view: str, focus: date, count: int) -> date | None:
    """The date `count` days or weeks away; None past the calendar's ends."""
    return _in_calendar(focus + count * STEPS[view])


def title_of(days: Sequence[date]) -> str:
    """`9 – 15 March 2027`, `29 March – 4 April 2027`; a single day is `Wed 10 March 2027`."""
    first, last = days[0], days[-1]
    if len(days) == 1:
        return written(first, pgettext("the title of a day, as Django's date formats", "D j F Y"))
    whole = pgettext("the last day in the title of a week, as Django's date formats", "j F Y")
    if first.year != last.year:
        opening = whole
    elif first.month != last.month:
        opening = pgettext("the first day in the title of a week over two months", "j F")
    else:
        opening = pgettext("the first day in the title of a week within a month", "j")
    return f"{written(first, opening)} – {written(last, whole)}"


@dataclass(frozen=True, slots=True)
class SmallMonth:
    """The month around a date as weeks of seven dates; neighbours are None past the ends."""

    first: date
    weeks: tuple[tuple[date, ...], ...]
    earlier: date | None
    later: date | None


def small_month(focus: date) -> SmallMonth:
    """The month of `focus`, and the same day of the months before and after."""
    weeks = []
    monday = week_of(focus.replace(day=1))[0]
    while monday <= _same_day(focus, 0, day=31):
        weeks.append(tuple(week_of(monday)))
        monday += STEPS[WEEK]
    return SmallMonth(
        focus.replace(day=1),
        tuple(weeks),
        _in_calendar(_same_day(focus, -1)),
        _in_calendar(_same_day(focus, 1)),
    )


def _same_day(focus: date, months: int, *, day: int | None = None) -> date:
    """That day, or the last, of the month `months` away."""
    year, month = divmod(focus.year * 12 + focus.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day or focus.day, last))


def _in_calendar(day: date) -> date | None:
    return day if FIRST_DATE <= day <= LAST_DATE else None
