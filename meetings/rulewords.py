"""Rules of repetition in words, and why a rule cannot be: for pages, mails and problems.

Each sentence is put together from whole patterns around a list of days, so that a translation
may order it otherwise.
"""

from dataclasses import replace
from datetime import date

from django.utils.dateformat import format as written
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, ngettext, pgettext

from meetings.recurrence import ONCE, BadRule, Parts, parts
from meetings.recurrence.periods import spelled_out
from meetings.ruledays import (
    ALL_DAYS,
    WORKDAYS,
    all_of,
    any_of,
    chosen,
    day_items,
    days_on,
    month_names,
    week_items,
    weekday_items,
    weekday_names,
)
from meetings.timewords import clock_face
from meetings.wallclock import Timed, When

_LEAP_YEAR = 2024


def rule_words(when: When, rule: str, *, zone_shown: bool = True) -> str:
    """A canonical rule in words: `Every second Tuesday at 9:00 until 30 June 2027, Europe/Berlin`.

    Of a series that begins at `when`; a timed one says its zone unless `zone_shown` is false.
    A rule that has no good words is given as it is.
    """
    if not rule:
        return gettext("Does not repeat")
    if rule == ONCE:  # its other dates were added one by one
        return gettext("On single dates")
    asked = parts(rule)
    words = _pattern_words(_plainer(spelled_out(asked, when.day)))
    if words is None:
        words = gettext("By the rule %(rule)s") % {
            "rule": replace(asked, count=None, until=None).text()
        }
    if isinstance(when, Timed):
        words = gettext("%(dates)s at %(time)s") % {
            "dates": words,
            "time": clock_face(when.start.time()),
        }
    words = _with_end(_with_weeks(words, asked), asked)
    if isinstance(when, Timed) and zone_shown:
        return gettext("%(rule)s, %(zone)s") % {"rule": words, "zone": when.zone.key}
    return words


def bad_rule_words(error: BadRule) -> str:
    """Why a rule cannot be, and what to write instead."""
    return gettext(error.sentence) % error.words


def _with_weeks(words: str, rule: Parts) -> str:
    """Says when weeks begin, if another day would give other dates."""
    several = len(rule.byday) > 1 and (rule.interval > 1 or rule.bysetpos)
    if not rule.wkst or not (rule.byweekno or (rule.freq == "WEEKLY" and several)):
        return words
    note = gettext("%(rule)s (weeks begin on %(weekday)s)")
    return note % {"rule": words, "weekday": WEEKDAYS[rule.wkst]}


def _with_end(words: str, rule: Parts) -> str:
    if rule.until is not None:
        last = pgettext("the last day of a series, as Django's date formats", "j F Y")
        return gettext("%(rule)s until %(day)s") % {
            "rule": words,
            "day": written(rule.until, last),
        }
    if rule.count is not None:
        times = ngettext("%(rule)s, %(n)d time", "%(rule)s, %(n)d times", rule.count)
        return times % {"rule": words, "n": rule.count}
    return words


def _plainer(rule: Parts) -> Parts:
    """The same dates said by weeks, months or years, if one of these is how people say it."""
    counted = rule.byyearday or rule.byweekno
    if rule.interval > 1 or rule.bysetpos or counted or rule.freq == "WEEKLY":
        return rule
    if rule.byday and not rule.bymonthday and not any(nth for nth, _ in rule.byday):
        return replace(rule, freq="WEEKLY")
    if rule.bymonthday or rule.freq == "MONTHLY":
        by_month = rule.bymonth or (rule.freq == "YEARLY" and any(nth for nth, _ in rule.byday))
        return replace(rule, freq="YEARLY" if by_month else "MONTHLY")
    return rule


def _pattern_words(rule: Parts) -> str | None:
    """The dates in words, time and end aside; None if there are no good ones."""
    if rule.freq == "DAILY":
        return _daily(rule)
    if rule.freq == "WEEKLY":
        return _weekly(rule)
    if rule.freq == "MONTHLY":
        return _monthly(rule)
    return _yearly(rule)


def _daily(rule: Parts) -> str | None:
    if rule.bysetpos or (rule.bymonthday and rule.byday):
        return None
    if rule.interval == 2:
        words = gettext("Every second day")
    else:
        words = ngettext("Every day", "Every %(n)d days", rule.interval) % {"n": rule.interval}
    if rule.bymonthday:
        words = _if_that_is(words, day_items(rule.bymonthday))
    if rule.byday:
        words = _if_that_is(words, weekday_names(rule))
    return _in_months(words, rule)


def _weekly(rule: Parts) -> str:
    weekdays = {weekday for _, weekday in rule.byday}
    days = all_of(weekday_names(rule))
    if rule.bysetpos:
        words = _each_week(rule.interval, chosen(rule, days))
    elif rule.interval == 1 and weekdays == ALL_DAYS:
        words = gettext("Every day")
    elif rule.interval == 1 and weekdays == WORKDAYS:
        words = gettext("Every weekday")
    elif rule.interval == 1:
        words = gettext("Every %(weekdays)s") % {"weekdays": days}
    elif rule.interval == 2 and len(weekdays) == 1:
        words = gettext("Every second %(weekday)s") % {"weekday": days}
    else:
        words = _each_week(rule.interval, days)
    return _in_months(words, rule)


def _each_week(n: int, days: str) -> str:
    if n == 2:
        return gettext("Every second week on %(days)s") % {"days": days}
    every = ngettext("Every week on %(days)s", "Every %(n)d weeks on %(days)s", n)
    return every % {"days": days, "n": n}


def _monthly(rule: Parts) -> str | None:
    if rule.bymonthday and rule.byday and rule.bysetpos:
        return None
    days = days_on(rule)
    if rule.interval == 2:
        words = gettext("Every second month on %(days)s") % {"days": days}
    else:
        every = ngettext("Every month on %(days)s", "Every %(n)d months on %(days)s", rule.interval)
        words = every % {"days": days, "n": rule.interval}
    if rule.bymonthday and rule.byday:
        words = _if_that_is(words, weekday_items(rule))
    return _in_months(words, rule)


def _yearly(rule: Parts) -> str | None:
    days = _days_of_year(rule)
    if days is None:
        return None
    n = rule.interval
    if n == 2:
        words = gettext("Every second year on %(days)s") % {"days": days}
    else:
        every = ngettext("Every year on %(days)s", "Every %(n)d years on %(days)s", n)
        words = every % {"days": days, "n": n}
    if rule.byday and (rule.bymonthday or rule.byyearday):
        words = _if_that_is(words, weekday_items(rule))
    return _in_months(words, rule) if rule.byweekno or rule.byyearday else words


def _days_of_year(rule: Parts) -> str | None:
    """`24 December`, `the second Tuesday of March`, `day 100 of the year`, `Monday in week 20`.

    None where a choice or an ordinal is about more than one list of days.
    """
    lists = [rule.byweekno, rule.byyearday, rule.bymonthday]
    if sum(map(bool, lists)) > 1 or (rule.bysetpos and (any(lists) or len(rule.bymonth) > 1)):
        return None
    if rule.byweekno:
        weeks = all_of(week_items(rule.byweekno))
        words = {"weekdays": all_of(weekday_names(rule)), "weeks": weeks}
        return gettext("%(weekdays)s in %(weeks)s") % words
    ordinals = any(nth for nth, _ in rule.byday)
    if rule.byyearday:
        return None if ordinals else _of(all_of(day_items(rule.byyearday)), gettext("the year"))
    if rule.bymonth:
        return _dates(rule) or _of(days_on(rule), month_names(rule))
    if rule.bymonthday:
        return None if ordinals else _of(days_on(rule), gettext("every month"))
    return _of(days_on(rule), gettext("the year"))


def _dates(rule: Parts) -> str | None:
    """`1 March`, for plain dates of one month."""
    if rule.byday or len(rule.bymonth) > 1 or len(rule.bymonthday) > 3:
        return None
    form = pgettext("a day of every year, as Django's date formats", "j F")
    try:
        days = [date(_LEAP_YEAR, rule.bymonth[0], n) for n in rule.bymonthday]
    except ValueError:  # counted from the end, or no day of that month
        return None
    return all_of(written(day, form) for day in days)


def _of(days: str, whole: str) -> str:
    return gettext("%(days)s of %(whole)s") % {"days": days, "whole": whole}


def _in_months(words: str, rule: Parts) -> str:
    if not rule.bymonth:
        return words
    return gettext("%(rule)s in %(months)s") % {"rule": words, "months": month_names(rule)}


def _if_that_is(words: str, days: list[str]) -> str:
    return gettext("%(dates)s if that is %(days)s") % {"dates": words, "days": any_of(days)}
