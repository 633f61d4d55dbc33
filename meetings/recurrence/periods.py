"""The days that a rule gives in each of its periods (days, weeks, months or years).

Days are counted as `date.toordinal()` does, where day 1 was a Monday. What a rule leaves out
(the weekday, the day of the month, the month) is that of the first date (RFC 5545, 3.3.10).
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from meetings.recurrence.parts import Parts

_NEW_YEAR_DAYS = 4
"""The first week of a year is the first that has so many of its days (RFC 5545, 3.3.10)."""


def period_of(rule: Parts, day: int) -> int:
    """The number of the period that a day lies in; periods follow each other by one.

    Under BYWEEKNO years are those that weeks are counted in: they begin with week 1, up to
    three days before or after New Year.
    """
    if rule.freq == "DAILY":
        return day
    if rule.freq == "WEEKLY":
        return (day - 1 - rule.wkst) // 7
    on = date.fromordinal(day)
    if rule.freq == "MONTHLY":
        return on.year * 12 + on.month - 1
    if rule.byweekno:
        return (
            on.year
            + (day >= _week_one(on.year + 1, rule.wkst))
            - (day < _week_one(on.year, rule.wkst))
        )
    return on.year


def days_in(rule: Parts, period: int, first: date) -> list[int]:
    """The days that the rule gives in that period, in order, also those before `first`."""
    days = _GIVERS[rule.freq](rule, period, first)
    if rule.bysetpos:
        ordered = sorted(days)
        size = len(ordered)
        days = {ordered[n - 1 if n > 0 else n] for n in rule.bysetpos if abs(n) <= size}
    return sorted(days)


def _day_of_daily(rule: Parts, period: int, first: date) -> Collection[int]:
    if rule.byday and not any(weekday == (period - 1) % 7 for _, weekday in rule.byday):
        return ()
    on = date.fromordinal(period)
    if rule.bymonth and on.month not in rule.bymonth:
        return ()
    if rule.bymonthday:
        before = on.day - _month_length(on.year, on.month) - 1
        if on.day not in rule.bymonthday and before not in rule.bymonthday:
            return ()
    return (period,)


def _days_of_weekly(rule: Parts, period: int, first: date) -> Collection[int]:
    begins = period * 7 + 1 + rule.wkst
    weekdays = {weekday for _, weekday in rule.byday} or {first.weekday()}
    days = [begins + (weekday - rule.wkst) % 7 for weekday in weekdays]
    if rule.bymonth:
        days = [day for day in days if date.fromordinal(day).month in rule.bymonth]
    return days


def _days_of_monthly(rule: Parts, period: int, first: date) -> Collection[int]:
    year, month = divmod(period, 12)
    if rule.bymonth and month + 1 not in rule.bymonth:
        return ()
    return _days_of_month(rule, year, month + 1, first)


def _days_of_month(rule: Parts, year: int, month: int, first: date) -> set[int]:
    begins, length = date(year, month, 1).toordinal(), _month_length(year, month)
    if not rule.byday:
        return _counted(rule.bymonthday or (first.day,), begins, length)
    days = _weekdays(rule.byday, begins, length)
    return days & _counted(rule.bymonthday, begins, length) if rule.bymonthday else days


def _days_of_yearly(rule: Parts, year: int, first: date) -> Collection[int]:
    if rule.byweekno:
        return _days_of_weeks(rule, year, first)
    by_month = rule.bymonth or rule.bymonthday or not rule.byday
    if not rule.byyearday and by_month and (rule.bymonth or not _has_ordinals(rule)):
        every = range(1, 13) if rule.bymonthday or rule.byday else (first.month,)
        months = rule.bymonth or every
        return set().union(*(_days_of_month(rule, year, month, first) for month in months))
    begins = date(year, 1, 1).toordinal()
    length = date(year + 1, 1, 1).toordinal() - begins
    days = _counted(rule.byyearday, begins, length) if rule.byyearday else None
    if rule.byday and not rule.bymonth:
        weekdays = _weekdays(rule.byday, begins, length)
        days = weekdays if days is None else days & weekdays
    return _within_months(rule, days or set(), weekdays_too=bool(rule.bymonth))


def _days_of_weeks(rule: Parts, year: int, first: date) -> Collection[int]:
    """BYWEEKNO: days of those weeks, as the other parts or the first date's weekday limit them."""
    begins, end = _week_one(year, rule.wkst), _week_one(year + 1, rule.wkst)
    weeks = (end - begins) // 7
    numbers = {n - 1 if n > 0 else weeks + n for n in rule.byweekno if abs(n) <= weeks}
    weekdays = {weekday for _, weekday in rule.byday}
    if not (weekdays or rule.bymonthday or rule.byyearday):
        weekdays = {first.weekday()}
    days = {begins + 7 * n + k for n in numbers for k in range(7)}
    if weekdays:
        days = {day for day in days if (day - 1) % 7 in weekdays}
    if rule.byyearday:
        days = {day for day in days if _is_year_day(rule.byyearday, day)}
    return _within_months(rule, days, weekdays_too=False)


def _is_year_day(numbers: Collection[int], day: int) -> bool:
    year = date.fromordinal(day).year
    begins, end = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    return day - begins + 1 in numbers or day - end in numbers


def _within_months(rule: Parts, days: set[int], *, weekdays_too: bool) -> set[int]:
    """Those of the days that BYMONTH, BYMONTHDAY and, if wanted, BYDAY within a month allow."""
    if not (rule.bymonth or rule.bymonthday):
        return days
    kept = set()
    for day in days:
        on = date.fromordinal(day)
        if rule.bymonth and on.month not in rule.bymonth:
            continue
        begins, length = day - on.day + 1, _month_length(on.year, on.month)
        if rule.bymonthday and day not in _counted(rule.bymonthday, begins, length):
            continue
        if weekdays_too and rule.byday and day not in _weekdays(rule.byday, begins, length):
            continue
        kept.add(day)
    return kept


def _counted(numbers: Iterable[int], begins: int, length: int) -> set[int]:
    """The days with those numbers, from the end if negative, in a stretch of days."""
    return {begins + (n - 1 if n > 0 else length + n) for n in numbers if abs(n) <= length}


def _weekdays(byday: Iterable[tuple[int, int]], begins: int, length: int) -> set[int]:
    """The weekdays, all of them or the nth, in a stretch of days."""
    days: set[int] = set()
    for nth, weekday in byday:
        found = range(begins + (weekday - (begins - 1)) % 7, begins + length, 7)
        if not nth:
            days.update(found)
        elif abs(nth) <= len(found):
            days.add(found[nth - 1 if nth > 0 else nth])
    return days


def _has_ordinals(rule: Parts) -> bool:
    return any(nth for nth, _ in rule.byday)


def _week_one(year: int, wkst: int) -> int:
    """The day that week 1 of the year begins on."""
    fourth = date(year, 1, _NEW_YEAR_DAYS).toordinal()
    return fourth - (fourth - 1 - wkst) % 7


def _month_length(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


_GIVERS: dict[str, Callable[[Parts, int, date], Collection[int]]] = {
    "DAILY": _day_of_daily,
    "WEEKLY": _days_of_weekly,
    "MONTHLY": _days_of_monthly,
    "YEARLY": _days_of_yearly,
}
