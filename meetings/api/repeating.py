"""How a meeting repeats, as requests say it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import Field

from accounts.rest import Day, Identifier, Number, Strict, Text, invalid
from meetings.recurrence import BadRule, Parts, Pasted, canonical, parts, pasted
from meetings.rulewords import bad_rule_words
from meetings.wallclock import AllDay, Timed, When

MOST_NAMED = 1000
LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


class Repeating(Strict):
    """`rrule`; or `frequency` and what goes with it, on the weekday or date it begins on."""

    rrule: Text | None = Field(
        None, description="RFC 5545, with or without `RRULE:`; empty for what does not repeat."
    )
    frequency: Literal["daily", "weekly", "monthly", "yearly"] | None = None
    interval: Number = Field(1, description="2 for every second day, week, month or year.")
    count: Number | None = Field(None, description="How many dates there are.")
    until: Day | None = Field(None, description="The last day, included.")
    exdates: list[Identifier] = Field(
        default_factory=list,
        max_length=MOST_NAMED,
        description="Recurrence-ids of dates to leave out, beside those left out already.",
    )
    rdates: list[Identifier] = Field(
        default_factory=list,
        max_length=MOST_NAMED,
        description="Recurrence-ids of dates to add, beside those added already.",
    )


def repeating_from(body: Repeating, when: When, *, had: str = "") -> Pasted:
    """The rule and the dates left out and added, of a series that begins at `when`.

    What is not said stays as in `had`, the rule so far. Raises Refused naming the field.
    """
    asked = _rule(body, when, had)
    return Pasted(
        asked.rule,
        (*asked.exdates, *_names(body.exdates, when, "exdates")),
        (*asked.rdates, *_names(body.rdates, when, "rdates")),
    )


def _rule(body: Repeating, when: When, had: str) -> Pasted:
    said = body.model_fields_set & {"frequency", "interval", "count", "until"}
    if "rrule" in body.model_fields_set and (body.rrule or not said):
        if said:
            sentence = _("The rule says all of it: leave out %(fields)s.")
            raise invalid("rrule", sentence % {"fields": ", ".join(sorted(said))})
        try:
            return pasted(body.rrule or "", when)
        except BadRule as error:
            raise invalid("rrule", bad_rule_words(error)) from None
    if not said:
        return Pasted(had)
    rule = _built(body, had)
    try:
        return Pasted(canonical(rule.text(), when))
    except BadRule as error:
        field = error.part.lower()
        name = field if field in ("interval", "count", "until") else "frequency"
        raise invalid(name, bad_rule_words(error)) from None


def _built(body: Repeating, had: str) -> Parts:
    said = body.model_fields_set
    if body.frequency:
        return Parts(body.frequency.upper(), body.interval, body.count, body.until)
    if not had:
        raise invalid("frequency", _("Say how often it repeats: frequency, or rrule."))
    rule = parts(had)
    if "interval" in said:
        rule = replace(rule, interval=body.interval)
    if said & {"count", "until"}:
        rule = replace(rule, count=body.count, until=body.until)
    return rule


def _names(names: Sequence[str], when: When, field: str) -> list[str]:
    """Dates as recurrence-ids have them; a date alone is that day's date of the series."""
    found = []
    for number, name in enumerate(names):
        try:
            found.append(_named(name, when).recurrence_id())
        except ValueError:
            sentence = _("Write the local start, like %(example)s.")
            example = {"example": when.recurrence_id()}
            raise invalid(f"{field}.{number}", sentence % example) from None
    return found


def _named(name: str, when: When) -> When:
    """Raises ValueError."""
    if isinstance(when, AllDay) or len(name) == len("2027-03-29"):
        return when.on(date.fromisoformat(name))
    if not LOCAL.fullmatch(name):
        raise ValueError(name)
    return Timed(datetime.fromisoformat(name), when.zone, when.length)
