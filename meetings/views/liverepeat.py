"""What stands below the controls that say how a meeting repeats."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.formrules import asked_number
from meetings.forms import MeetingForm
from meetings.formvalues import Values
from meetings.recurrence import dates, gives_first, how_many, parts
from meetings.rulewords import rule_words
from meetings.scheduler import Plan
from meetings.timewords import day_words
from meetings.views.formchoices import monthly_words
from meetings.views.planwords import live_dates
from meetings.wallclock import When

DAY = timedelta(days=1)
NEXT_DATES = 5


@dataclass(frozen=True, slots=True)
class Repeat:
    """The rule in words and its next dates, or why it cannot be; what "monthly" can mean.

    `units` are the words after the numbers in the controls. `odd` says so if the first date is
    none that the rule gives.
    """

    words: str
    count: str
    dates: list[str]
    more: bool
    problem: str
    monthly: dict[str, str]
    units: dict[str, str]
    odd: str = ""


def repeat_said(form: MeetingForm, plan: Plan | None, *, now: datetime) -> Repeat:
    """What stands below the controls of a validated form. No queries.

    The dates are those that would take place, as far as there is a plan for them.
    """
    problem = " ".join(str(error) for error in form.errors.get("repeat", []))
    when, rule = form.when, form.rule
    units = unit_words(form.values)
    if when is None or problem or not (rule.rule or rule.rdates):
        return Repeat("", "", [], False, problem, monthly_words(when), units)
    today = now.astimezone(form.cleaned_data["zone"]).date()
    coming = list(islice(_coming(form, plan, today), NEXT_DATES + 1))
    total = _times(form, plan)
    return Repeat(
        rule_words(when, rule.rule) if rule.rule else _("On these dates"),
        ngettext("%d time", "%d times", total) % total if total is not None else "",
        [day_words(day, today=today) for day in coming[:NEXT_DATES]],
        len(coming) > NEXT_DATES,
        "",
        monthly_words(when),
        units,
        "" if not rule.rule or gives_first(when, rule.rule) else _odd(when, today),
    )


def unit_words(values: Values) -> dict[str, str]:
    """`week` after a 1, else `weeks`: for the numbers that stand in the controls."""
    every, times = (asked_number(values.get(name)) or 2 for name in ("every", "times"))
    return {
        "daily": ngettext("day", "days", every),
        "weekly": ngettext("week", "weeks", every),
        "monthly": ngettext("month", "months", every),
        "yearly": ngettext("year", "years", every),
        "times": ngettext("time", "times", times),
    }


def _odd(when: When, today: date) -> str:
    words = {"day": day_words(when.day, today=today)}
    return _("The rule does not give %(day)s, but as the first date it takes place.") % words


def _coming(form: MeetingForm, plan: Plan | None, today: date) -> Iterator[date]:
    """The local days to come: those of the plan, past its end those of the rule."""
    assert form.when is not None
    start = max(today, form.when.day)
    if plan is not None and plan.dates:
        planned = sorted(one.after.day for one in live_dates(plan) if one.after)
        yield from planned
        if plan.checked_until is None:
            return
        checked = plan.checked_until.astimezone(form.cleaned_data["zone"]).date()
        start = max([start, checked, *(day + DAY for day in planned[-1:])])
    yield from (when.day for when in dates(form.when, form.rule.rule, start=start))


def _times(form: MeetingForm, plan: Plan | None) -> int | None:
    """How many times it takes place; None if the rule says so itself, or it has no end."""
    assert form.when is not None
    rule, exceptions = form.rule.rule, bool(form.rule.exdates or form.rule.rdates)
    if rule and parts(rule).count is not None and not exceptions:
        return None
    if exceptions and plan is not None and plan.checked_until is None:
        return len(live_dates(plan))
    return how_many(form.when, rule) if rule and not exceptions else None
