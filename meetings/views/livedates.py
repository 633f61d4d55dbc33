"""What the panel says about a series: its rule in words, and the dates of it that collide."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.conflicts import find_conflicts
from meetings.forms import MeetingForm
from meetings.formvalues import DECIDE
from meetings.models.occurrence import when_named
from meetings.problems import NotYetBookable, Problem, Severity, date_of
from meetings.readable import Finding, readable
from meetings.recurrence import dates, gives_first, how_many, parts
from meetings.rulewords import rule_words
from meetings.scheduler import Plan, PlannedDate
from meetings.slots import RoomOffer, SeriesAlternative, alternatives, series_alternatives
from meetings.timewords import day_words
from meetings.views.formchoices import Option, monthly_words
from meetings.views.offers import Offer, use_of, when_words
from meetings.views.planwords import listed
from meetings.wallclock import AllDay, When
from rooms.models import Room

DAY = timedelta(days=1)
NEXT_DATES = 5
MOST_DATES = 60
MOST_ROOMS_TRIED = 40
MOST_ROOMS_OFFERED = 3
MOST_TIMES_OFFERED = 2
MOST_DATES_TIMED = 3  # the soonest undecided ones; looking for times costs more than for rooms
MOST_SERIES_TIMES = 3


@dataclass(frozen=True, slots=True)
class Repeat:
    """The rule in words and its next dates, or why it cannot be; what "monthly" can mean.

    `odd` says so if the first date is none that the rule gives.
    """

    words: str
    count: str
    dates: list[str]
    more: bool
    problem: str
    monthly: dict[str, str]
    odd: str = ""


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


def repeat_said(form: MeetingForm, plan: Plan | None, *, now: datetime) -> Repeat:
    """What stands below the controls of a validated form. No queries.

    The dates are those that would take place, as far as there is a plan for them.
    """
    problem = " ".join(str(error) for error in form.errors.get("repeat", []))
    when, rule = form.when, form.rule
    if when is None or problem or not (rule.rule or rule.rdates):
        return Repeat("", "", [], False, problem, monthly_words(when))
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
        "" if not rule.rule or gives_first(when, rule.rule) else _odd(when, today),
    )


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


def live_dates(plan: Plan) -> list[PlannedDate]:
    """The dates to come that take place."""
    return [one for one in plan.dates if one.after is not None]


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
    colliding = plan.colliding
    chosen = {name: str(form.values.get(DECIDE + name, "")) for name in form.decisions()}
    known = {planned.name for planned in plan.dates}
    names = sorted(known.intersection({*colliding, *chosen}))
    shown = names[:MOST_DATES]
    findings: dict[str, list[Finding]] = {name: [] for name in shown}
    told = [problem for name in shown for problem in colliding.get(name, [])]
    for finding in readable(told, reader, reader.zone):
        findings[finding.date].append(finding)
    options = _Options(plan, shown, offers, zone=reader.zone, now=now)
    return SeriesDates(
        _summary(plan),
        len(live_dates(plan)),
        [
            CollidingDate(
                DECIDE + name,
                when_words(options.whens[name], reader.zone),
                findings[name],
                options.of(name, chosen.get(name, "")),
            )
            for name in shown
        ],
        len(names) - len(shown),
        _checked(plan, reader),
    )


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
    """Up to three times for the series at which fewer of its dates collide. Two queries."""
    if not plan.colliding:
        return []
    sites = {room.site_id for room in plan.rooms}
    rooms = [offer.room for offer in offers if offer.room.site_id in sites]
    found = series_alternatives(
        plan.proposal, plan.draft.rrule, rooms, now=now, most=MOST_SERIES_TIMES
    )
    times = [(_shifted(plan, alternative), alternative) for alternative in found]
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


def _shifted(plan: Plan, alternative: SeriesAlternative) -> When:
    """The first date of all, moved like the first one to come."""
    when, asked, other = plan.draft.when, plan.proposal.dates[0], alternative.when
    if isinstance(when, AllDay) or isinstance(asked, AllDay) or isinstance(other, AllDay):
        return when.on(when.day + (other.day - asked.day))
    return replace(when, start=when.start + (other.start - asked.start))


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


def _checked(plan: Plan, reader: User) -> str:
    if plan.checked_until is None:
        return ""
    day = day_words(plan.checked_until.astimezone(reader.zone).date())
    return _("Looked at up to %(day)s; later dates are booked as they come near.") % {"day": day}


class _Options:
    """What can become of each date that collides: free rooms are looked up for all at once."""

    def __init__(
        self,
        plan: Plan,
        names: Sequence[str],
        offers: Iterable[RoomOffer],
        *,
        zone: ZoneInfo,
        now: datetime,
    ) -> None:
        self.plan, self.zone = plan, zone
        after = {planned.name: planned.after for planned in plan.dates}
        meeting = plan.sheets[0].meeting
        self.whens: dict[str, When] = {
            name: after[name] or when_named(meeting, name) for name in names
        }
        self.lost = {name: self._lost(plan.colliding.get(name, [])) for name in names}
        self.rooms = {room.code: room for offer in offers for room in (offer.room,)}
        self.free = self._free(now)
        undecided = [name for name in names if name in plan.colliding][:MOST_DATES_TIMED]
        self.times = {name: self._times(name, now) for name in undecided}

    def _times(self, name: str, now: datetime) -> list[When]:
        """Other times of one date at which all can come and its rooms are free."""
        one = replace(self.plan.proposal, dates=(self.whens[name],), names=(name,))
        found = alternatives(one, (), now=now, most=MOST_TIMES_OFFERED)
        return [alternative.when for alternative in found]

    def _lost(self, problems: Sequence[Problem]) -> list[Room]:
        wrong = {getattr(problem, "room_id", None) for problem in problems}
        return [room for room in self.plan.rooms if room.pk in wrong]

    def _free(self, now: datetime) -> dict[str, list[Room]]:
        """By date, the rooms of the same sites that fit and are free; nearest in size first."""
        asked = {name: self.whens[name] for name, lost in self.lost.items() if lost}
        sites = {room.site_id for room in self.plan.rooms}
        rooms = [
            room
            for room in self.rooms.values()
            if room.site_id in sites and room not in self.plan.rooms
        ]
        tried = sorted(rooms, key=lambda room: (room.capacity, room.name))[:MOST_ROOMS_TRIED]
        if not asked or not tried:
            return {}
        problems = find_conflicts(
            replace(
                self.plan.proposal,
                dates=tuple(asked.values()),
                names=tuple(asked),
                people=(),
                rooms=tuple(tried),
            ),
            now=now,
        )
        wrong = {
            (getattr(problem, "room_id", None), date_of(problem))
            for problem in problems
            if problem.severity >= Severity.WARNS or isinstance(problem, NotYetBookable)
        }
        return {
            name: [r for r in tried if not {(r.pk, name), (r.pk, "")} & wrong] for name in asked
        }

    def of(self, name: str, chosen: str) -> list[Option]:
        """The choices for one date; what was chosen stays among them."""
        lost = self.lost[name]
        keep = _("Keep it anyway")
        if lost:
            keep = _("Keep it without %(rooms)s") % {"rooms": listed([r.name for r in lost])}
        choices = {"": _("Not decided"), "skip": _("Leave this date out"), "keep": keep}
        for room in self.free.get(name, [])[:MOST_ROOMS_OFFERED]:
            instead = [room if kept == lost[0] else kept for kept in self.plan.rooms]
            value = "room:" + ",".join(kept.code for kept in instead)
            choices[value] = _("Take %(room)s") % {"room": room.name}
        for when in self.times.get(name, []):
            choices[f"time:{when.recurrence_id()}"] = self._at(when)
        if chosen and chosen not in choices:
            choices[chosen] = self._chosen(name, chosen)
        return [Option(value, label, value == chosen) for value, label in choices.items()]

    def _at(self, when: When) -> str:
        return _("At %(when)s") % {"when": when_words(when, self.zone)}

    def _chosen(self, name: str, chosen: str) -> str:
        """What a choice is called that is not offered (any more) since it is taken."""
        if chosen.startswith("time:"):  # the date is there already
            return self._at(self.whens[name])
        codes = chosen.removeprefix("room:").split(",")
        names = [self.rooms[code].name if code in self.rooms else code for code in codes]
        return _("Take %(room)s") % {"room": listed(names)}
