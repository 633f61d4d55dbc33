"""From a rule to the dates of a series, on the wall clock."""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from meetings.recurrence.parts import Parts, parts
from meetings.recurrence.periods import days_in, period_of, spelled_out
from meetings.wallclock import LAST_DATE, When


def dates(
    when: When, rule: str, *, start: date | None = None, end: date | None = None
) -> Iterator[When]:
    """The dates of a series in order, lazily: those whose local first day is in [start, end).

    The first date, `when` itself, is always one, also if the rule does not give it; it counts
    toward COUNT (RFC 5545, 3.8.5.3). Nothing goes beyond LAST_DATE; but for that, endless
    rules are endless. Without COUNT a late `start` costs no more than an early one.
    """
    for day in days_of(when.day, rule, start=start, end=end):
        try:
            yield when.on(day)
        except ValueError:  # it would last beyond the calendar
            return


def days_of(
    first: date, rule: str, *, start: date | None = None, end: date | None = None
) -> Iterator[date]:
    """The same as days alone, for a series that begins on `first`."""
    start = start or first
    if start <= first and (end is None or first < end):
        yield first
    if not rule:
        return
    asked = spelled_out(parts(rule), first)
    stop = LAST_DATE.toordinal() + 1
    if end is not None:
        stop = min(stop, end.toordinal())
    if asked.until is not None:
        stop = min(stop, asked.until.toordinal() + 1)
    begin = max(start, first).toordinal()
    if asked.count is None:
        found = _days_from(asked, first, begin, stop)
    elif _is_regular(asked):
        found = _days_from(asked, first, begin, min(stop, _last_counted(asked, first) + 1))
    else:
        counted = islice(_days_from(asked, first, first.toordinal(), stop), asked.count - 1)
        found = (day for day in counted if day >= begin)
    yield from map(date.fromordinal, found)


def _days_from(rule: Parts, first: date, begin: int, stop: int) -> Iterator[int]:
    """The days in [begin, stop) after the first that the rule gives, COUNT and UNTIL aside."""
    if begin >= stop:
        return
    after = first.toordinal()
    begin = max(begin, after + 1)
    origin = period_of(rule, after)
    passed = (period_of(rule, begin) - origin) // rule.interval
    final = period_of(rule, stop - 1)
    for period in range(origin + passed * rule.interval, final + 1, rule.interval):
        for day in days_in(rule, period):
            if day >= stop:
                return
            if day >= begin:
                yield day


def _is_regular(rule: Parts) -> bool:
    """Whether every period gives as many days, so that COUNT need not be walked."""
    if rule.bymonth or rule.bysetpos:
        return False
    return rule.freq == "WEEKLY" or (
        rule.freq == "DAILY" and not rule.byday and not rule.bymonthday
    )


def _last_counted(rule: Parts, first: date) -> int:
    """The day on which a regular rule with COUNT ends."""
    after = first.toordinal()
    left = (rule.count or 1) - 1
    if not left:
        return after
    origin = period_of(rule, after)
    opening = days_in(rule, origin)
    left += sum(1 for day in opening if day <= after)  # as if counted from the period's start
    periods, rest = divmod(left - 1, len(opening))
    return days_in(rule, origin + periods * rule.interval)[rest]


def gives(when: When, rule: str, day: date) -> bool:
    """Whether a date of the series is on that day."""
    return any(dates(when, rule, start=day, end=day + timedelta(days=1)))


def gives_first(when: When, rule: str) -> bool:
    """Whether the rule gives the first date by itself, which is one in any case."""
    asked = spelled_out(parts(rule), when.day)
    first = when.day.toordinal()
    return first in days_in(asked, period_of(asked, first))


def last(when: When, rule: str) -> When | None:
    """The last date of the series; None if it is endless."""
    if is_endless(rule):
        return None
    return deque(dates(when, rule), maxlen=1).pop()


def how_many(when: When, rule: str) -> int | None:
    """How many dates the series has; None if it is endless."""
    return None if is_endless(rule) else sum(1 for _ in dates(when, rule))


def is_endless(rule: str) -> bool:
    """Whether a rule has neither COUNT nor UNTIL."""
    return bool(rule) and parts(rule).count is None and parts(rule).until is None
