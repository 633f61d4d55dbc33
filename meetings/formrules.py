"""How a meeting repeats: what the form's controls say, and rules of repetition, there and back."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from meetings.recurrence import BadRule, Parts, Pasted, parts, pasted
from meetings.recurrence.parts import WEEKDAYS
from meetings.rulewords import bad_rule_words
from meetings.wallclock import When

REPEAT = ("repeat", "every", "on", "by", "ends", "ends_on", "times", "rule")
"""The fields that say it. `on` is a list of weekdays, the others are texts."""

FREQUENCIES = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY"}
WORKDAYS = tuple((0, weekday) for weekday in range(5))
NOT_REPEATED: dict[str, Any] = {
    "repeat": "",
    "every": "1",
    "on": [],
    "by": "date",
    "ends": "",
    "ends_on": "",
    "times": "10",
    "rule": "",
}

_NUMBER = re.compile(r"[0-9]{1,9}")


def asked_rule(values: Mapping[str, Any], when: When) -> Pasted:
    """The rule that the controls say for a series that begins at `when`.

    Raises ValidationError with a sentence.
    """
    kind = values.get("repeat", "")
    if not kind:
        return Pasted("")
    if kind == "rule" and not str(values.get("rule", "")).strip():
        raise ValidationError(_("Write a rule, for example FREQ=WEEKLY;INTERVAL=2;BYDAY=TU."))
    text = str(values["rule"]) if kind == "rule" else _built(kind, values, when)
    try:
        return pasted(text, when)
    except BadRule as error:
        raise ValidationError(bad_rule_words(error)) from error


def _built(kind: str, values: Mapping[str, Any], when: When) -> str:
    if kind == "weekdays":
        rule = Parts("WEEKLY", byday=WORKDAYS)
    elif kind in FREQUENCIES:
        rule = Parts(FREQUENCIES[kind], _number(values.get("every") or "1"))
    else:
        raise ValidationError(_("Choose how it repeats from the list."))
    if kind == "weekly":
        rule = replace(rule, byday=_weekdays(values.get("on", []), when))
    elif kind == "monthly":
        rule = replace(rule, **monthly(str(values.get("by", "")), when))
    return _ended(rule, values).text()


def monthly(by: str, when: When) -> dict[str, Any]:
    """The parts of a monthly rule: by `last` day, `nth` weekday, last `weekday`, or by date."""
    day = when.day
    if by == "last":
        return {"bymonthday": (-1,)}
    if by == "nth":
        return {"byday": (((day.day + 6) // 7, day.weekday()),)}
    if by == "weekday":
        return {"byday": ((-1, day.weekday()),)}
    return {"bymonthday": (day.day,)}


def _weekdays(names: Any, when: When) -> tuple[tuple[int, int], ...]:
    """The weekdays ticked; that of the first date if there are none."""
    chosen = sorted({WEEKDAYS.index(name) for name in names if name in WEEKDAYS})
    return tuple((0, weekday) for weekday in chosen or [when.day.weekday()])


def asked_number(text: Any) -> int:
    """The number that was typed; 0 if it is none."""
    return int(text) if _NUMBER.fullmatch(str(text).strip()) else 0


def _number(text: Any) -> int:
    number = asked_number(text)
    if not number:
        raise ValidationError(_("Give a whole number from 1, for example 2."))
    return number


def _ended(rule: Parts, values: Mapping[str, Any]) -> Parts:
    if values.get("ends") == "after":
        return replace(rule, count=_number(values.get("times", "")))
    if values.get("ends") != "on":
        return rule
    try:
        return replace(rule, until=date.fromisoformat(str(values.get("ends_on", ""))))
    except ValueError as error:
        raise ValidationError(_("Choose the last day on which it may take place.")) from error


def rule_values(rule: str, when: When) -> dict[str, Any]:
    """What the controls show for a canonical rule; the text field for one they cannot say."""
    if not rule:
        return dict(NOT_REPEATED)
    asked = parts(rule)
    found = NOT_REPEATED | _kind(replace(asked, count=None, until=None), when)
    if found["repeat"] == "rule":
        return found | {"rule": rule}
    if asked.count is not None:
        return found | {"ends": "after", "times": str(asked.count)}
    if asked.until is not None:
        return found | {"ends": "on", "ends_on": asked.until.isoformat()}
    return found


def _kind(asked: Parts, when: When) -> dict[str, Any]:
    """The controls that give the rule, its end aside."""
    every = {"every": str(asked.interval)}
    plain = Parts(asked.freq, asked.interval)
    if asked.freq == "WEEKLY" and asked == replace(plain, byday=asked.byday):
        if asked == Parts("WEEKLY", byday=WORKDAYS):
            return {"repeat": "weekdays"}
        named = [WEEKDAYS[weekday] for _nth, weekday in asked.byday]
        return {"repeat": "weekly", "on": named or [WEEKDAYS[when.day.weekday()]], **every}
    if asked.freq == "MONTHLY":
        for by in ("date", "last", "nth", "weekday"):
            if asked == replace(plain, **monthly(by, when)) or (by == "date" and asked == plain):
                return {"repeat": "monthly", "by": by, **every}
    if asked.freq == "YEARLY" and asked in (plain, replace(plain, **_that_day(when))):
        return {"repeat": "yearly", **every}
    if asked == plain and asked.freq == "DAILY":
        return {"repeat": "daily", **every}
    return {"repeat": "rule"}


def _that_day(when: When) -> dict[str, Any]:
    return {"bymonth": (when.day.month,), "bymonthday": (when.day.day,)}
