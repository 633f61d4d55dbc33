"""Rules of a part of a series, and of a series that was moved."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from meetings.recurrence.expanding import days_of
from meetings.recurrence.parts import Parts, parts
from meetings.wallclock import When


def ended_before(when: When, rule: str, day: date) -> str:
    """The rule of the part of the series before `day`; '' if only its first date is left.

    Raises ValueError if no date is left: `day` lies after the first.
    """
    before = list(days_of(when.day, rule, end=day))
    if not before:
        raise ValueError("Nothing of the series lies before that day.")
    if len(before) == 1:
        return ""
    asked = parts(rule)
    if asked.count is not None:
        return replace(asked, count=len(before)).text()
    return replace(asked, until=before[-1]).text()


def continued_from(when: When, rule: str, day: date) -> str:
    """The rule of the part that begins on `day`, a date of the series; '' if it is the last.

    What the rule leaves to its first date stays the same, since it gives `day` too, and
    intervals go on from there. Raises ValueError if it does not give `day`.
    """
    first = when.day
    ahead = list(islice(days_of(first, rule, start=day), 2))
    if not ahead or ahead[0] != day:
        raise ValueError("The series has no date on that day.")
    if len(ahead) == 1:
        return ""
    asked = parts(rule)
    if asked.count is None:
        return rule
    before = sum(1 for _ in days_of(first, rule, end=day))
    return replace(asked, count=asked.count - before).text()


def moved(rule: str, by_days: int, when: When) -> str:
    """The rule of a series whose first date, now `when`, moves by so many days.

    Weekdays of a weekly rule move along, weeks with them where they count; one date of a month
    becomes the new one, an nth weekday that of the new first date. Other rules keep their days,
    and UNTIL always moves along.
    """
    if not rule or not by_days:
        return rule
    asked = parts(rule)
    old = when.day
    new = old + timedelta(days=by_days)
    if asked.until:
        asked = replace(asked, until=asked.until + timedelta(days=by_days))
    if asked.freq in ("DAILY", "WEEKLY"):
        return _weekdays_moved(asked, by_days, old).text()
    return _within_month_moved(asked, old, new).text()


def _weekdays_moved(asked: Parts, by_days: int, old: date) -> Parts:
    if asked.bymonth or asked.bymonthday or not asked.byday:
        return asked
    byday = tuple(sorted((0, (weekday + by_days) % 7) for _, weekday in asked.byday))
    every_week = asked.interval == 1 and not asked.bysetpos
    if asked.freq == "DAILY" or every_week or asked.byday == ((0, old.weekday()),):
        return replace(asked, byday=byday)
    return replace(asked, byday=byday, wkst=(asked.wkst + by_days) % 7)


def _within_month_moved(asked: Parts, old: date, new: date) -> Parts:
    if asked.byweekno or asked.byyearday or asked.bysetpos or len(asked.bymonth) > 1:
        return asked
    if asked.bymonth and (asked.bymonth != (old.month,) or asked.freq == "MONTHLY"):
        return asked
    bymonth = (new.month,) if asked.bymonth else ()
    if asked.bymonthday == (old.day,) and not asked.byday:
        return replace(asked, bymonthday=(new.day,), bymonth=bymonth)
    if asked.bymonthday == (_from_end(old),) and not asked.byday:
        day = _from_end(new) if _same_month(old, new) else new.day
        return replace(asked, bymonthday=(day,), bymonth=bymonth)
    within_month = asked.freq == "MONTHLY" or asked.bymonth
    if asked.byday and not asked.bymonthday and within_month:
        return _nth_moved(asked, old, new, bymonth)
    if not asked.byday and not asked.bymonthday:
        return replace(asked, bymonth=bymonth)
    return asked


def _nth_moved(asked: Parts, old: date, new: date, bymonth: tuple[int, ...]) -> Parts:
    from_end = asked.byday == ((_nth_from_end(old), old.weekday()),)
    if not from_end and asked.byday != ((_nth(old), old.weekday()),):
        return asked
    nth = _nth_from_end(new) if from_end and _same_month(old, new) else _nth(new)
    if abs(nth) == 5:  # not every month has a fifth one, but each has a last and a first
        nth = -1 if nth > 0 else 1
    return replace(asked, byday=((nth, new.weekday()),), bymonth=bymonth)


def _same_month(one: date, other: date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


def _from_end(day: date) -> int:
    """-1 for the last day of a month."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (day - following).days


def _nth(day: date) -> int:
    return (day.day - 1) // 7 + 1


def _nth_from_end(day: date) -> int:
    return -((-_from_end(day) - 1) // 7 + 1)
