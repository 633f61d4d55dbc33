"""The live panel of the meeting form: everybody's day, what collides, what could be instead."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from meetings.forms import MeetingForm
from meetings.formvalues import POLICY, WHEN, storable, typed_values
from meetings.problems import OutsideWorkingHours, PersonProblem, Problem, Refusal, Severity
from meetings.readable import Finding, readable
from meetings.scheduler import Plan
from meetings.views.errand import Errand, edit_errand
from meetings.views.liveclocks import outside_hours, remarks
from meetings.views.livedates import SeriesDates, general, series_dates, series_times
from meetings.views.liverepeat import Repeat, repeat_said
from meetings.views.offers import Offer, other_rooms, other_times
from meetings.views.planwords import button_words, listed, plan_words
from meetings.views.policy import says_anyway
from meetings.views.roomlist import RoomList, list_rooms, weigh_rooms
from meetings.views.strips import Strips, strips_of
from meetings.views.taking import Taking, taking_for

MOST_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class Panel:
    """All that is said about a form while it is filled in."""

    plan: Plan | None
    missing: str
    strips: Strips | None
    summary: str
    findings: list[Finding]
    unsaid: int
    late: list[str]
    remarks: list[str]
    swaps: list[Offer]
    times: list[Offer]
    rooms: RoomList
    plan_words: str
    button: str
    repeat: Repeat
    policy: str
    series: SeriesDates | None = None
    taking: Taking | None = None

    @property
    def all_well(self) -> str:
        """What stands where collisions would be told of."""
        return "" if self.summary else _("Nothing collides")

    @property
    def anyway(self) -> bool:
        """Whether the button has to say "anyway"."""
        warned = self.plan is not None and self.plan.warned and not self.plan.refused
        return warned and says_anyway(self.policy)


def panel_for(errand: Errand, form: MeetingForm, *, plan: Plan | None = None) -> Panel:
    """The panel of a validated form; `plan` if a command has just made one."""
    reader, now, editing = errand.by, errand.now, errand.meeting is not None
    errand, missing = replace(errand, decisions=form.decisions()), ""
    if plan is None:
        plan, missing = _plan(errand, form)
    chosen = plan.rooms if plan else form.cleaned_data.get("rooms", [])
    named = storable(str(form.values.get("room_q", "")))
    offers = weigh_rooms(plan, chosen, named=named, zone=reader.zone, now=now)
    count = len(plan.proposal.dates) if plan else 1
    rooms = list_rooms(offers, chosen, known=plan is not None, zone=reader.zone, dates=count)
    repeat = repeat_said(form, plan, now=now)
    if plan is None:
        words = button_words(None, editing=editing, policy=errand.policy)
        return Panel(
            None, missing, None, "", [], 0, [], [], [], [], rooms, "", words, repeat, errand.policy
        )
    unfiltered = weigh_rooms(plan, chosen, named="", zone=reader.zone, now=now) if named else offers
    series = (
        None
        if errand.reach.single
        else series_dates(plan, form, unfiltered, reader=reader, now=now)
    )
    problems = general(plan.problems) if series else plan.problems
    findings = readable(_without_hours(problems), reader, reader.zone)
    return Panel(
        plan,
        "",
        strips_of(plan, reader=reader, now=now, ignoring=errand.meeting),
        (series.summary if series else "") or _summary(plan),
        findings[:MOST_FINDINGS],
        len(findings[MOST_FINDINGS:]),
        list(outside_hours(plan, reader)),
        list(remarks(plan, reader, now)),
        other_rooms(plan, unfiltered),
        series_times(plan, form, unfiltered, reader=reader, now=now)
        if series
        else other_times(plan, unfiltered, reader=reader, now=now),
        rooms,
        "" if repeat.problem else plan_words(plan, editing=editing),
        button_words(None if repeat.problem else plan, editing=editing, policy=errand.policy),
        repeat,
        errand.policy,
        series,
        None
        if repeat.problem
        else taking_for(plan, form.values, by=reader, now=now, editing=editing),
    )


def _plan(errand: Errand, form: MeetingForm) -> tuple[Plan | None, str]:
    """The plan of what can be read so far, or why there is none."""
    draft = form.sketch()
    if draft is None:
        wrong = [str(error) for name in WHEN for error in form.errors.get(name, [])]
        return None, " ".join(wrong) or _("Give a day and a time to see who is free.")
    try:
        return errand.plan(draft), ""
    except Refusal as refusal:
        return None, str(refusal)


def _summary(plan: Plan) -> str:
    """`1 person and 1 room collide`, or that all is well."""
    weighty = [problem for problem in plan.problems if problem.severity >= Severity.WARNS]
    people = len({p.user_id for p in weighty if isinstance(p, PersonProblem)})
    rooms = len({p.room_id for p in weighty if not isinstance(p, PersonProblem)})
    parts = [
        ngettext("%d person", "%d people", people) % people if people else "",
        ngettext("%d room", "%d rooms", rooms) % rooms if rooms else "",
    ]
    colliding = listed([part for part in parts if part])
    if not colliding:
        return ""
    return ngettext("%(what)s collides", "%(what)s collide", people + rooms) % {"what": colliding}


def _without_hours(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if not isinstance(problem, OutsideWorkingHours)]


@login_required
@require_POST
def new_live(request: SignedInRequest) -> HttpResponse:
    """The panel for a new meeting."""
    return _live(request, Errand(request.user, timezone.now()))


@login_required
@require_POST
def edit_live(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The panel for an edit."""
    return _live(request, edit_errand(request, uid))


def _live(request: SignedInRequest, errand: Errand) -> HttpResponse:
    """The panel, and out of band the rooms and the foot of the form."""
    values = typed_values(request.POST) | {"who": ""}  # a half-typed name is nobody yet
    errand = errand.under(values.get(POLICY, ""))
    form = errand.form(values)
    form.is_valid()
    context = {"panel": panel_for(errand, form), "errand": errand, "values": values, "apart": True}
    return render(request, "meetings/_live.html", context)
