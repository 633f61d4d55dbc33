"""How a series is, date by date, and mending it in one save."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from meetings import scheduler
from meetings.formvalues import DECIDE
from meetings.health import DateHealth, Health, health
from meetings.models import Meeting
from meetings.permissions import get_meeting_for, may_edit
from meetings.problems import InvalidDraft, NotAllowed, Refusal, Stale
from meetings.rulewords import rule_words
from meetings.scheduler import Conflicted, Decision, Done, Plan
from meetings.views.outcome import gave_way_words, told_words
from meetings.views.policy import form_policy, says_anyway
from meetings.views.serieschoices import Choices, Group
from meetings.views.seriesvalues import codes_in, decision_of
from meetings.views.serieswords import Statement, about_all, about_dates, as_chosen, summary
from meetings.views.stale import ChangedField, changed_fields
from meetings.views.taking import override_of, taking_for
from meetings.views.undo import say_done
from rooms.models import Room

UNPROCESSABLE, CONFLICT = 422, 409
STEP = 60
LOOKED_AT_ONCE = 3
"""For so many dates that collide other times are looked for without being asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A date as the page shows it.

    `groups` are its choices; none if there is nothing to choose. `times` is how many other times
    are among them, None if they have not been looked for; `asked`, whether they just were.
    """

    date: DateHealth
    field: str
    id: str
    address: str
    statements: list[Statement]
    as_chosen: list[Statement]
    groups: list[Group]
    times: int | None
    asked: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def series(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The dates of a series, for its organizer's side; 404 for others. A POST mends them."""
    meeting = _series_of(request, uid)
    if not meeting.is_series:
        return redirect(meeting)
    page = _Page(request, meeting, timezone.now())
    if request.method != "POST":
        return page.answer()
    if "times" in request.POST:
        return page.answer(asked=request.POST["times"])
    return _mended(page)


def _series_of(request: SignedInRequest, uid: uuid.UUID) -> Meeting:
    try:
        meeting = get_meeting_for(request.user, uid)
    except Meeting.DoesNotExist:
        raise Http404 from None
    if not may_edit(request.user, meeting):
        raise Http404
    return meeting


def _mended(page: "_Page") -> HttpResponse:
    request = page.request
    decisions = page.decisions()
    if decisions is None:
        problem = _("Nothing is saved yet: something that was chosen is not to be had any more.")
        return page.answer(problem=problem, status=UNPROCESSABLE)
    if not decisions:
        messages.info(request, _("Nothing was chosen, so everything stays as it is."))
        return redirect(request.get_full_path())
    override = override_of(request.POST)
    seen = request.POST.get("seen") or None
    if override:
        seen = request.POST.get("seen_taking") or "nothing"
    try:
        done = scheduler.mend(
            page.meeting,
            decisions,
            by=request.user,
            now=page.now,
            version=page.version,
            policy=override or page.policy,
            seen=seen,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )
    except Conflicted as conflict:
        problem = str(conflict) if override else _conflict_words(conflict, page.policy)
        plan = page.planned(decisions) if override else conflict.plan
        return page.answer(plan=plan, problem=problem, status=CONFLICT)
    except InvalidDraft as invalid:  # there is no reason to take the room
        problem = " ".join(invalid.errors.values())
        plan = page.planned(decisions)
        return page.answer(plan=plan, problem=problem, lacks_reason=True, status=UNPROCESSABLE)
    except Stale as stale:
        changed = changed_fields(
            stale.differences, {}, request.user.zone, first=page.meeting.when.day
        )
        fresh = _Page(request, _series_of(request, page.meeting.uid), page.now)
        return fresh.answer(problem=str(stale), changed=changed, status=CONFLICT)
    except NotAllowed:
        raise Http404 from None
    except Refusal as refusal:
        return page.answer(problem=str(refusal), status=CONFLICT)
    said = f"{_done_words(done, len(decisions))} {gave_way_words(done)}".strip()
    say_done(request, said, done, page.now)
    return redirect(request.get_full_path())


def _conflict_words(conflict: Conflicted, policy: str) -> str:
    if conflict.plan.refused:
        return _("Nothing is saved yet: a room is not to be had. Choose again where it says so.")
    if not says_anyway(policy):
        return _("Nothing is saved yet: somebody is busy then. Choose again where it says so.")
    return _("Nothing is saved yet: somebody is busy then. Choose again, or save anyway.")


def _done_words(done: Done, dates: int) -> str:
    title = done.meeting.title
    if done.change is None:
        return _("%(title)s stays as it was.") % {"title": title}
    mended = ngettext(
        "%(n)d date of %(title)s is changed.", "%(n)d dates of %(title)s are changed.", dates
    ) % {"n": dates, "title": title}
    return f"{mended} {told_words(done)}".strip()


class _Page:
    """The page of a series: its dates, and what was chosen for them."""

    def __init__(self, request: SignedInRequest, meeting: Meeting, now: datetime) -> None:
        self.request = request
        self.meeting = meeting
        self.now = now
        self.policy = form_policy()
        self.health = health(meeting, now=now)
        self.chosen = {
            name.removeprefix(DECIDE): str(choice)
            for name, choice in request.POST.items()
            if name.startswith(DECIDE) and choice
        }

    @property
    def version(self) -> int:
        """The version of the meeting that was looked at."""
        typed = self.request.POST.get("version", "")
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def decisions(self) -> dict[str, Decision] | None:
        """What was chosen, by recurrence-id; None if something of it cannot be."""
        codes = [code for choice in self.chosen.values() for code in codes_in(choice)]
        found = Room.objects.filter(code__in=[code.replace("\x00", "") for code in codes])
        rooms = dict(found.values_list("code", "pk")) if codes else {}
        dates = {date.name: date.occurrence for date in self.health.dates}
        decided: dict[str, Decision] = {}
        for name, choice in self.chosen.items():
            when = dates[name].when if name in dates else None
            decision = decision_of(choice, when, rooms, now=self.now) if when else None
            if decision is None:
                return None
            decided[name] = decision
        return decided

    def planned(self, decisions: dict[str, Decision]) -> Plan:
        """What saving would do, without taking rooms from others."""
        return scheduler.plan_mend(self.meeting, decisions, by=self.request.user, now=self.now)

    def answer(
        self,
        *,
        asked: str = "",
        plan: Plan | None = None,
        problem: str = "",
        changed: list[ChangedField] | None = None,
        lacks_reason: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """The page; `asked` names the date that other times were asked for."""
        found, reader = self.health, self.request.user
        only = self._only(found)
        among = found.attention if only else found.dates
        shown = self._shown(among, asked)
        colliding = as_chosen(plan.problems, reader) if plan else {}
        context: dict[str, Any] = {
            "meeting": self.meeting,
            "rule": rule_words(self.meeting.when, self.meeting.rrule),
            "health": found,
            "summary": summary(found, reader),
            "about_all": [*about_all(found, reader), *colliding.get("", [])],
            "rows": self._rows(shown, asked, colliding),
            "only": only,
            "more": len(among) > len(shown) and len(shown) + STEP,
            "left": len(among) - len(shown),
            "version": self.meeting.version,
            "problem": problem,
            "changed": changed,
            "plan": plan,
            "anyway": plan is not None and not plan.refused and says_anyway(self.policy),
            "now": self.now,
            "taking": plan
            and taking_for(plan, self.request.POST, by=reader, now=self.now, editing=True),
            "lacks_reason": lacks_reason,
        }
        return render(self.request, "meetings/series.html", context, status=status)

    def _only(self, found: Health) -> bool:
        """Whether only the dates that need attention are shown: if there are any, unless asked."""
        return bool(found.attention) and self.request.GET.get("which") != "all"

    def _shown(self, among: Sequence[DateHealth], asked: str) -> list[DateHealth]:
        """The first ones, and those that something was chosen or asked for."""
        typed = self.request.GET.get("show", "")
        most = int(typed) if typed.isdecimal() and len(typed) < 6 else STEP
        first = {date.name for date in among[: max(most, 1)]}
        return [d for d in self.health.dates if d.name in first or d.name in (asked, *self.chosen)]

    def _rows(
        self, shown: list[DateHealth], asked: str, colliding: dict[str, list[Statement]]
    ) -> list[Row]:
        reader = self.request.user
        at_once = [date.name for date in shown if date.collides][:LOOKED_AT_ONCE]
        choices = Choices(
            self.meeting,
            shown,
            looked={asked, *at_once, *colliding},
            chosen=self.chosen,
            by=reader,
            now=self.now,
        )
        said = about_dates(shown, reader, now=self.now)
        return [
            Row(
                date,
                DECIDE + date.name,
                "date-" + "".join(filter(str.isalnum, date.name)),
                f"{self.meeting.get_absolute_url()}?date={date.name}",
                [s for s in said[date.name] if s not in colliding.get(date.name, [])],
                colliding.get(date.name, []),
                choices.groups(date),
                choices.times_of(date),
                date.name == asked,
            )
            for date in shown
        ]
