"""Days of rules in words: weekdays, days of months and years, the first or last of several."""

from collections.abc import Iterable, Sequence

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from meetings.recurrence import Parts

ALL_DAYS = set(range(7))
WORKDAYS = {0, 1, 2, 3, 4}
_NTH = {
    1: gettext_lazy("the first %(day)s"),
    2: gettext_lazy("the second %(day)s"),
    3: gettext_lazy("the third %(day)s"),
    4: gettext_lazy("the fourth %(day)s"),
    5: gettext_lazy("the fifth %(day)s"),
    -1: gettext_lazy("the last %(day)s"),
    -2: gettext_lazy("the second-to-last %(day)s"),
    -3: gettext_lazy("the third-to-last %(day)s"),
}
_PLACES = {
    1: pgettext_lazy("of several days", "the first"),
    2: pgettext_lazy("of several days", "the second"),
    3: pgettext_lazy("of several days", "the third"),
    -1: pgettext_lazy("of several days", "the last"),
}


def weekday_names(rule: Parts) -> list[str]:
    """`Tuesday`, `Thursday`: without ordinals, in the order of the rule's weeks."""
    ordered = sorted(_weekdays(rule), key=lambda n: (n - rule.wkst) % 7)
    return [str(WEEKDAYS[n]) for n in ordered]


def month_names(rule: Parts) -> str:
    """`June, July and August`."""
    return all_of([MONTHS[n] for n in rule.bymonth])


def days_on(rule: Parts) -> str:
    """The days of a month or year: `the second Tuesday`, `day 1 and the last day`.

    What BYSETPOS chooses too: `the last weekday`, `the first of Tuesday and Thursday`. Days
    that BYDAY limits only are for the caller to say.
    """
    if rule.bymonthday:
        days = all_of(day_items(rule.bymonthday))
        return chosen(rule, days) if rule.bysetpos else days
    kind = _kind_of_day(rule)
    if kind:
        every = [gettext("every %(day)s") % {"day": kind}]
        return all_of([_nth_day(n, kind) for n in rule.bysetpos] or every)
    return chosen(rule, all_of(weekday_items(rule))) if rule.bysetpos else _each_weekday(rule)


def chosen(rule: Parts, days: str) -> str:
    """What BYSETPOS chooses: `the first and the last of Tuesday, Wednesday and Thursday`."""
    places = [
        str(_PLACES[n]) if n in _PLACES else _numbered(gettext("number %(n)s"), n)
        for n in rule.bysetpos
    ]
    return gettext("%(places)s of %(days)s") % {"places": all_of(places), "days": days}


def weekday_items(rule: Parts) -> list[str]:
    """`Monday`, `the second Tuesday`, `the last Friday`."""
    named = ((nth, str(WEEKDAYS[weekday])) for nth, weekday in rule.byday)
    return [_nth_day(nth, name) if nth else name for nth, name in named]


def day_items(numbers: Sequence[int]) -> list[str]:
    """`day 1`, `days 7–13`, `the last day`."""
    items = []
    for first, last in _runs(numbers):
        if first < 0 and first in _NTH:
            items.append(_nth_day(first, gettext("day")))
        elif first == last:
            items.append(_numbered(gettext("day %(n)s"), first))
        else:
            items.append(gettext("days %(first)d–%(last)d") % {"first": first, "last": last})
    return items


def week_items(numbers: Iterable[int]) -> list[str]:
    """`week 20`, `the last week`."""
    return [
        gettext("the last week") if n == -1 else _numbered(gettext("week %(n)s"), n)
        for n in numbers
    ]


def all_of(items: Iterable[object]) -> str:
    """`Monday, Tuesday and Friday`."""
    return get_text_list([str(item) for item in items], gettext("and"))


def any_of(items: Iterable[str]) -> str:
    """`Monday, Tuesday or Friday`."""
    return get_text_list([*items], gettext("or"))


def _weekdays(rule: Parts) -> set[int]:
    return {weekday for _, weekday in rule.byday}


def _kind_of_day(rule: Parts) -> str | None:
    """What each of the rule's weekdays is called, if they have one name."""
    if any(nth for nth, _ in rule.byday):
        return None
    weekdays = _weekdays(rule)
    if weekdays == ALL_DAYS:
        return gettext("day")
    if weekdays == WORKDAYS:
        return gettext("weekday")
    if weekdays == ALL_DAYS - WORKDAYS:
        return gettext("weekend day")
    return str(WEEKDAYS[min(weekdays)]) if len(weekdays) == 1 else None


def _each_weekday(rule: Parts) -> str:
    """`every Monday and the last Friday`."""
    return all_of(
        item if nth else gettext("every %(day)s") % {"day": item}
        for (nth, _), item in zip(rule.byday, weekday_items(rule), strict=True)
    )


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Three and more days in a row as first and last; others by themselves."""
    found: list[tuple[int, int]] = []
    for n in numbers:
        if found and n > 0 and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return [
        piece
        for first, last in found
        for piece in ([(first, first), (last, last)] if last == first + 1 else [(first, last)])
    ]


def _nth_day(n: int, day: str) -> str:
    if n in _NTH:
        return str(_NTH[n] % {"day": day})
    return _numbered(gettext("%(day)s number %(n)s"), n, day=day)


def _numbered(pattern: str, n: int, **words: str) -> str:
    """The pattern with a number, which if negative is counted from the end."""
    said = pattern % {"n": abs(n), **words}
    return said if n > 0 else gettext("%(day)s from the end") % {"day": said}
