"""What the form that waits asks for, planned: its dates, and what of them does not count."""

import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.utils import timezone

from accounts.http import SignedInRequest
from meetings.conflicts import Proposal
from meetings.forms import MeetingForm
from meetings.models import Meeting
from meetings.problems import Refusal
from meetings.scheduler import Plan
from meetings.views.errand import Errand
from meetings.views.fetching import editable_meeting
from meetings.views.finddraft import Waiting, wants_room
from meetings.views.findform import MOST_PEOPLE, NO_ROOM
from meetings.views.scope import reach_of
from meetings.wallclock import Timed, When


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for: the meeting it edits, and its plan, as far as there is one."""

    errand: Errand
    form: MeetingForm
    plan: Plan | None

    @property
    def first(self) -> When | None:
        """The first date to come; None without a time."""
        if self.plan and self.plan.proposal.dates:
            return self.plan.proposal.dates[0]
        return self.form.when

    @property
    def series(self) -> Proposal | None:
        """All dates to come, if a time for a series is looked for; None for an all-day one."""
        plan = self.plan
        if plan is None or not plan.draft.repeats or self.errand.reach.single:
            return None
        return plan.proposal if isinstance(plan.draft.when, Timed) and self.first else None

    @property
    def rrule(self) -> str:
        """The rule that the dates may be moved by; empty if it was written out, for a rule may
        name its weekday.
        """
        by_hand = self.form.values.get("repeat") == "rule"
        return "" if self.plan is None or by_hand else self.plan.draft.rrule

    @property
    def ignoring(self) -> tuple[Meeting | None, frozenset[int] | None]:
        """What takes nobody's time: the meeting that is edited, or only some dates of it."""
        if self.plan is None:
            return self.errand.meeting, None
        return self.plan.proposal.ignoring, self.plan.proposal.ignored

    def moved(self, found: Timed) -> Timed:
        """The first date of all, moved like the first one to come, which is to be at `found`."""
        when, first = self.form.when, self.first
        if not isinstance(when, Timed) or not isinstance(first, Timed):
            return found
        return replace(found, start=when.start + (found.start - first.start))


def asked_by(errand: Errand, form: MeetingForm) -> Asked:
    """What a form asks for; it need not be whole yet."""
    form.is_valid()
    draft = form.sketch()
    plan = None
    if draft is not None:
        with suppress(Refusal):  # the form says why; a time can be looked for all the same
            plan = errand.plan(draft)
    return Asked(errand, form, plan)


def asked_by_waiting(request: SignedInRequest, waiting: Waiting | None) -> Asked | None:
    """What the form that waits asks for; None without one, or if it cannot be edited any more."""
    if waiting is None:
        return None
    errand = Errand(request.user, timezone.now())
    if waiting.meeting:
        query = QueryDict(urlsplit(waiting.address).query)
        try:
            meeting = editable_meeting(request.user, uuid.UUID(waiting.meeting))
            errand = replace(errand, meeting=meeting, reach=reach_of(meeting, query))
        except (Http404, PermissionDenied):
            return None
    return asked_by(errand, errand.form(dict(waiting.values) | {"who": ""}))


def query_of(waiting: Waiting, asked: Asked) -> str:
    """What the page that finds a time begins with, for this form."""
    values, errand, when = waiting.values, asked.errand, asked.first
    query = QueryDict(mutable=True)
    if len(asked.form.attendees) < MOST_PEOPLE:  # else the page takes them from the form
        query["required"], query["optional"] = values["required"], values["optional"]
    if isinstance(when, Timed):
        near = when.during().start.astimezone(errand.by.zone).replace(tzinfo=None)
        query["length"] = str(int(when.length.total_seconds()) // 60)
        query["near"] = near.isoformat(timespec="minutes")
    if when:
        today = errand.now.astimezone(errand.by.zone).date()
        query["from"] = max(when.day, today).isoformat()
    if not wants_room(values):
        query["room"] = NO_ROOM
    query["draft"] = waiting.key
    return query.urlencode(safe="@:")
