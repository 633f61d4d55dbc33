"""What the panel says about a series: the dates of it that collide, and better times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.conflicts import find_conflicts
from meetings.forms import MeetingForm
from meetings.formvalues import DECIDE
from meetings.models.occurrence import when_named
from meetings.problems import NotYetBookable, Problem, Severity, date_of
from meetings.readable import Finding, readable
from meetings.scheduler import Decisions, OtherTime, Plan, first_date
from meetings.slots import RoomOffer, SeriesAlternative, series_alternatives
from meetings.timewords import day_words
from meetings.views.formchoices import Option
from meetings.views.livechoices import Choices
from meetings.views.offers import Offer, use_of, when_words
from meetings.views.planwords import listed, live_dates
from meetings.wallclock import When

MOST_DATES = 60
MOST_SERIES_TIMES = 3


@dataclass(frozen=True, slots=True)
class CollidingDate:
    """A date that collides or was decided about: what is so, and what can become of it."""

    field: str
    day: str
    findings: list[Finding]
    choices: list[Option]


@dataclass(frozen=True, slots=True)
class SeriesDates:
    """The dates of a series that need a word; `unsaid` is how many more there are.

    `total` is how many dates to come take place.
    """

    summary: str
    total: int
    dates: list[CollidingDate]
    unsaid: int
    checked: str


def general(problems: Sequence[Problem]) -> list[Problem]:
    """Of the problems of a series those about all of it; a room not bookable yet only once."""
    found = [problem for problem in problems if not date_of(problem)]
    later: dict[int, NotYetBookable] = {}
    for problem in problems:
        if isinstance(problem, NotYetBookable) and problem.later:
            later.setdefault(problem.room_id, problem)
    return [*found, *later.values()]


def series_dates(
    plan: Plan, form: MeetingForm, offers: Sequence[RoomOffer], *, reader: User, now: datetime
) -> SeriesDates | None:
    """The dates that collide, with their choices, and those decided about; None if single.

    A constant number of queries, however many dates there are.
    """
    if not plan.draft.repeats:
        return None
    decisions = form.decisions()
    chosen = {name: str(form.values.get(DECIDE + name, "")) for name in decisions}
    known = {planned.name for planned in plan.dates}
    names = sorted(known.intersection({*plan.colliding, *chosen}))
    shown = names[:MOST_DATES]
    whens = _undecided(plan, shown, decisions)
    against = _against(plan, whens, now)
    findings: dict[str, list[Finding]] = {name: [] for name in shown}
    for finding in readable([p for name in shown for p in against[name]], reader, reader.zone):
        findings[finding.date].append(finding)
    options = Choices(plan, whens, against, offers, zone=reader.zone, now=now)
    return SeriesDates(
        _summary(plan),
        len(live_dates(plan)),
        [
            CollidingDate(
                DECIDE + name,
                when_words(whens[name], reader.zone),
                findings[name],
                options.of(name, chosen.get(name, ""), decisions.get(name)),
            )
            for name in shown
        ],
        len(names) - len(shown),
        checked_words(plan, reader),
    )


def _undecided(plan: Plan, names: Sequence[str], decisions: Decisions) -> dict[str, When]:
    """When these dates are, whatever was decided about them."""
    after = {planned.name: planned.after for planned in plan.dates}
    meeting = plan.sheets[0].meeting
    return {
        name: when_named(meeting, name)
        if isinstance(decisions.get(name), OtherTime)
        else after[name] or when_named(meeting, name)
        for name in names
    }


def _against(plan: Plan, whens: dict[str, When], now: datetime) -> dict[str, list[Problem]]:
    """What stands against these dates; where something was decided, what it was decided for."""
    found = {name: plan.colliding.get(name, []) for name in whens}
    settled = {name: when for name, when in whens.items() if not found[name]}
    if settled:
        proposal = replace(
            plan.proposal, dates=tuple(settled.values()), names=tuple(settled), rooms=plan.rooms
        )
        for problem in find_conflicts(proposal, now=now):
            if date_of(problem) and problem.severity >= Severity.WARNS:
                found[date_of(problem)].append(problem)
    return found


def _summary(plan: Plan) -> str:
    """`3 of 52 dates collide`; empty if none does."""
    wrong, total = len(plan.colliding), len(live_dates(plan))
    if not wrong:
        return ""
    return ngettext(
        "%(wrong)d of %(total)d dates collides", "%(wrong)d of %(total)d dates collide", wrong
    ) % {"wrong": wrong, "total": total}


def series_times(
    plan: Plan, form: MeetingForm, offers: Sequence[RoomOffer], *, reader: User, now: datetime
) -> list[Offer]:
    """Up to three times for the series at which fewer of its dates collide. Three queries."""
    if not plan.colliding:
        return []
    sites = {room.site_id for room in plan.rooms}
    rooms = [offer.room for offer in offers if offer.room.site_id in sites]
    found = series_alternatives(
        plan.proposal, plan.draft.rrule, rooms, now=now, most=MOST_SERIES_TIMES
    )
    times = [(first_date(plan, alternative), alternative) for alternative in found]
    if form.values.get("repeat") == "rule":  # which may name the weekday
        times = [(when, one) for when, one in times if when.day == plan.draft.when.day]
    return [
        Offer(
            use_of(when, alternative.rooms),
            when_words(when, reader.zone),
            " ".join(_why(alternative)),
        )
        for when, alternative in times
    ]


def _why(alternative: SeriesAlternative) -> Iterator[str]:
    if alternative.colliding:
        yield ngettext(
            "%(wrong)d of %(total)d dates collides.",
            "%(wrong)d of %(total)d dates collide.",
            alternative.colliding,
        ) % {"wrong": alternative.colliding, "total": alternative.of}
    else:
        yield _("No date collides.")
    if alternative.outside_hours:
        yield _("Outside working hours.")
    if alternative.rooms:
        yield _("In %(rooms)s.") % {"rooms": listed([room.name for room in alternative.rooms])}


def checked_words(plan: Plan, reader: User) -> str:
    """How far ahead the dates of a series were looked at; empty if that is all of them."""
    if plan.checked_until is None:
        return ""
    day = day_words(plan.checked_until.astimezone(reader.zone).date())
    return _("Looked at up to %(day)s; later dates are booked as they come near.") % {"day": day}
