"""Rules of repetition by brute force: look at each day and ask whether the rule gives it.

Written from the table of RFC 5545, 3.3.10 and on nothing else, so that it can be compared with.
"""

from collections.abc import Hashable, Iterator
from datetime import date, timedelta

from meetings.recurrence import Parts

DAY = timedelta(days=1)


def dates_of(rule: Parts, first: date, *, before: date) -> list[date]:
    """The days of a series that begins on `first`, up to `before`."""
    found = [first]
    chosen: dict[Hashable, list[date]] = {}
    day = first + DAY
    while day < before and (rule.until is None or day <= rule.until):
        if len(found) == rule.count:
            break
        if _periods_between(rule, first, day) % rule.interval == 0:
            period = _period(rule, day)
            if period not in chosen:
                chosen[period] = _chosen(rule, first, day)
            if day in chosen[period]:
                found.append(day)
        day += DAY
    return found


def _chosen(rule: Parts, first: date, day: date) -> list[date]:
    """What the rule gives in the period that `day` lies in."""
    given = [each for each in _days_of_period(rule, day) if _matches(rule, first, each)]
    if not rule.bysetpos:
        return given
    last = len(given)
    return [
        each
        for place, each in enumerate(given, start=1)
        if place in rule.bysetpos or place - last - 1 in rule.bysetpos
    ]


def _days_of_period(rule: Parts, day: date) -> Iterator[date]:
    begins = day
    while _period(rule, begins - DAY) == _period(rule, day):
        begins -= DAY
    while _period(rule, begins) == _period(rule, day):
        yield begins
        begins += DAY


def _week_start(rule: Parts, day: date) -> date:
    while day.weekday() != rule.wkst:
        day -= DAY
    return day


def _week(rule: Parts, day: date) -> tuple[int, int]:
    """Year and number of a week: those of its fourth day."""
    fourth = _week_start(rule, day) + 3 * DAY
    return fourth.year, (fourth - date(fourth.year, 1, 1)).days // 7 + 1


def _period(rule: Parts, day: date) -> Hashable:
    if rule.freq == "DAILY":
        return day
    if rule.freq == "WEEKLY":
        return _week_start(rule, day)
    if rule.freq == "MONTHLY":
        return day.year, day.month
    return _week(rule, day)[0] if rule.byweekno else day.year


def _periods_between(rule: Parts, first: date, day: date) -> int:
    if rule.freq == "DAILY":
        return (day - first).days
    if rule.freq == "WEEKLY":
        return (_week_start(rule, day) - _week_start(rule, first)).days // 7
    if rule.freq == "MONTHLY":
        return (day.year - first.year) * 12 + day.month - first.month
    if rule.byweekno:
        return _week(rule, day)[0] - _week(rule, first)[0]
    return day.year - first.year


def _matches(rule: Parts, first: date, day: date) -> bool:
    return (
        _month_matches(rule, first, day)
        and _week_number_matches(rule, day)
        and _year_day_matches(rule, day)
        and _month_day_matches(rule, first, day)
        and _weekday_matches(rule, first, day)
    )


def _says_a_day(rule: Parts) -> bool:
    return bool(rule.byday or rule.bymonthday or rule.byyearday)


def _month_matches(rule: Parts, first: date, day: date) -> bool:
    if rule.bymonth:
        return day.month in rule.bymonth
    if rule.freq == "YEARLY" and not (_says_a_day(rule) or rule.byweekno):
        return day.month == first.month
    return True


def _week_number_matches(rule: Parts, day: date) -> bool:
    if not rule.byweekno:
        return True
    year, number = _week(rule, day)
    weeks = _week(rule, date(year, 12, 28))[1]  # which is in the last week, wherever weeks begin
    return number in rule.byweekno or number - weeks - 1 in rule.byweekno


def _year_day_matches(rule: Parts, day: date) -> bool:
    if not rule.byyearday:
        return True
    passed = (day - date(day.year, 1, 1)).days
    left = (date(day.year, 12, 31) - day).days
    return passed + 1 in rule.byyearday or -(left + 1) in rule.byyearday


def _month_end(day: date) -> date:
    while (day + DAY).month == day.month:
        day += DAY
    return day


def _month_day_matches(rule: Parts, first: date, day: date) -> bool:
    if rule.bymonthday:
        left = (_month_end(day) - day).days
        return day.day in rule.bymonthday or -(left + 1) in rule.bymonthday
    if rule.freq in ("MONTHLY", "YEARLY") and not (_says_a_day(rule) or rule.byweekno):
        return day.day == first.day
    return True


def _weekday_matches(rule: Parts, first: date, day: date) -> bool:
    if not rule.byday:
        implied = rule.freq == "WEEKLY" or (rule.byweekno and not _says_a_day(rule))
        return not implied or day.weekday() == first.weekday()
    if rule.freq == "MONTHLY" or rule.bymonth:
        passed, left = day.day - 1, (_month_end(day) - day).days
    else:
        passed = (day - date(day.year, 1, 1)).days
        left = (date(day.year, 12, 31) - day).days
    places = {0, passed // 7 + 1, -(left // 7 + 1)}
    return any(nth in places and weekday == day.weekday() for nth, weekday in rule.byday)
