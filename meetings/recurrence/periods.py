"""The days that a rule gives in each of its periods: days, weeks, months or years.

Days are counted as `date.toordinal()` does, where day 1 was a Monday. Each period is worked out
by itself, by the table of RFC 5545, 3.3.10: a part that is wider than the period limits it, one
that is narrower expands it, and several of these give what is in all of them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date

from meetings.recurrence.parts import Parts


def spelled_out(rule: Parts, first: date) -> Parts:
    """The rule with what it leaves to the first date: weekday, day of the month, month."""
    if rule.byday or rule.bymonthday or rule.byyearday or rule.freq == "DAILY":
        return rule
    if rule.freq == "WEEKLY" or rule.byweekno:
        return replace(rule, byday=((0, first.weekday()),))
    if rule.freq == "MONTHLY":
        return replace(rule, bymonthday=(first.day,))
    return replace(rule, bymonthday=(first.day,), bymonth=rule.bymonth or (first.month,))


def period_of(rule: Parts, day: int) -> int:
    """The number of the period that a day lies in; periods follow each other by one.

    Under BYWEEKNO a year is the one that its weeks are counted in, which begins up to three days
    before or after New Year: so every second year's week 1 stays whole.
    """
    if rule.freq == "DAILY":
        return day
    if rule.freq == "WEEKLY":
        return (day - 1 - rule.wkst) // 7
    on = date.fromordinal(day)
    if rule.freq == "MONTHLY":
        return on.year * 12 + on.month - 1
    if rule.byweekno and day >= _week_one(on.year + 1, rule.wkst):
        return on.year + 1
    if rule.byweekno and day < _week_one(on.year, rule.wkst):
        return on.year - 1
    return on.year


def days_in(rule: Parts, period: int) -> list[int]:
    """The days that a rule, spelled out, gives in that period, in order."""
    days = sorted(_GIVERS[rule.freq](rule, period))
    if rule.bysetpos:
        return sorted({days[n] for n in _indexes(rule.bysetpos, len(days))})
    return days


def _in_day(rule: Parts, period: int) -> Collection[int]:
    return (period,) if _allowed(rule, period) else ()


def _in_week(rule: Parts, period: int) -> Collection[int]:
    begins = period * 7 + 1 + rule.wkst
    days = [begins + (weekday - rule.wkst) % 7 for _, weekday in rule.byday]
    return [day for day in days if _allowed(rule, day)] if rule.bymonth else days


def _in_month(rule: Parts, period: int) -> Collection[int]:
    year, month = divmod(period, 12)
    if rule.bymonth and month + 1 not in rule.bymonth:
        return ()
    return _within_month(rule, year, month + 1)


def _in_year(rule: Parts, year: int) -> Collection[int]:
    if rule.byweekno:
        return _in_weeks(rule, year)
    if rule.bymonth and not rule.byyearday:
        return _within_months(rule, year, rule.bymonth)
    begins = date(year, 1, 1).toordinal()
    length = date(year + 1, 1, 1).toordinal() - begins
    found = []
    if rule.byyearday:
        found.append({begins + n for n in _indexes(rule.byyearday, length)})
    if rule.bymonth:
        found.append(_within_months(rule, year, rule.bymonth))
    else:
        if rule.bymonthday:
            found.append(_within_months(replace(rule, byday=()), year, range(1, 13)))
        if rule.byday:
            found.append(_weekdays(rule.byday, begins, length))
    return set.intersection(*found)


def _in_weeks(rule: Parts, year: int) -> Collection[int]:
    begins = _week_one(year, rule.wkst)
    weeks = _indexes(rule.byweekno, (_week_one(year + 1, rule.wkst) - begins) // 7)
    days = {begins + 7 * week + n for week in weeks for n in range(7)}
    return [day for day in days if _allowed(rule, day)]


def _allowed(rule: Parts, day: int) -> bool:
    """Whether a day is within all parts that limit it; weekdays have no ordinals here."""
    if rule.byday and not any(weekday == (day - 1) % 7 for _, weekday in rule.byday):
        return False
    if not (rule.bymonth or rule.bymonthday or rule.byyearday):
        return True
    on = date.fromordinal(day)
    if rule.bymonth and on.month not in rule.bymonth:
        return False
    if rule.bymonthday:
        begins, length = _month(on.year, on.month)
        if day - begins not in _indexes(rule.bymonthday, length):
            return False
    if rule.byyearday:
        begins, end = date(on.year, 1, 1).toordinal(), date(on.year + 1, 1, 1).toordinal()
        return day - begins in _indexes(rule.byyearday, end - begins)
    return True


def _within_months(rule: Parts, year: int, months: Iterable[int]) -> set[int]:
    return set().union(*(_within_month(rule, year, month) for month in months))


def _within_month(rule: Parts, year: int, month: int) -> set[int]:
    """What BYMONTHDAY and BYDAY, counted within the month, both give; all of it without them."""
    begins, length = _month(year, month)
    if rule.byday:
        days = _weekdays(rule.byday, begins, length)
        if not rule.bymonthday:
            return days
        return days & {begins + n for n in _indexes(rule.bymonthday, length)}
    if rule.bymonthday:
        return {begins + n for n in _indexes(rule.bymonthday, length)}
    return set(range(begins, begins + length))


def _weekdays(byday: Iterable[tuple[int, int]], begins: int, length: int) -> set[int]:
    """The weekdays, each or the nth, in a stretch of days."""
    days: set[int] = set()
    for nth, weekday in byday:
        each = range(begins + (weekday + 1 - begins) % 7, begins + length, 7)
        days.update((each[n] for n in _indexes((nth,), len(each))) if nth else each)
    return days


def _indexes(numbers: Iterable[int], size: int) -> list[int]:
    """Where the numbers, from 1 or from the end if negative, stand among so many."""
    return [n - 1 if n > 0 else size + n for n in numbers if abs(n) <= size]


def _week_one(year: int, wkst: int) -> int:
    """The day that week 1 begins on: the first with four days in the year."""
    fourth = date(year, 1, 4).toordinal()
    return fourth - (fourth - 1 - wkst) % 7


def _month(year: int, month: int) -> tuple[int, int]:
    """The first day of a month, and how many it has."""
    begins = date(year, month, 1).toordinal()
    return begins, date(year + month // 12, month % 12 + 1, 1).toordinal() - begins


_GIVERS: dict[str, Callable[[Parts, int], Collection[int]]] = {
    "DAILY": _in_day,
    "WEEKLY": _in_week,
    "MONTHLY": _in_month,
    "YEARLY": _in_year,
}
