"""What the meeting form is for: a new meeting, or the edit of one."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from accounts.models import User
from meetings import scheduler
from meetings.drafts import Draft
from meetings.forms import MeetingForm
from meetings.formvalues import Values, began, meeting_values
from meetings.models import Meeting
from meetings.scheduler import Decisions, Done, Override, Plan
from meetings.views.fetching import editable_meeting
from meetings.views.policy import form_policy, policy_options
from meetings.views.scope import Choice, Reach, choices, reach_of
from meetings.views.scopevalues import scoped_values

Orphans = Literal["keep", "drop"]
ORPHANS: dict[str, Orphans] = {"keep": "keep", "drop": "drop"}


@dataclass(frozen=True, slots=True)
class Errand:
    """Who wants to make a meeting, or change `meeting`, and when it was asked.

    Of a series, `reach` says which dates are changed, `orphans` what becomes of changed dates
    that a new rule does not give, `decisions` what becomes of single dates. `policy` is the
    conflict policy under which it is saved.
    """

    by: User
    now: datetime
    meeting: Meeting | None = None
    reach: Reach = field(default_factory=Reach)
    orphans: Orphans | None = None
    decisions: Decisions = field(default_factory=dict)
    policy: str = field(default_factory=form_policy)

    @property
    def organizer(self) -> User | None:
        """Whose meeting it is; None if it came from outside."""
        return self.meeting.organizer if self.meeting else self.by

    @property
    def address(self) -> str:
        """Where the form is sent."""
        if self.meeting:
            return reverse("meetings:edit", args=[self.meeting.uid]) + self.reach.query
        return reverse("meetings:new")

    @property
    def live_address(self) -> str:
        """Where the panel comes from while the form is filled in."""
        if self.meeting:
            return reverse("meetings:edit_live", args=[self.meeting.uid]) + self.reach.query
        return reverse("meetings:new_live")

    @property
    def find_address(self) -> str:
        """Where the form goes while a time for it is looked for."""
        return self._for_this(reverse("meetings:find"))

    @property
    def offers_address(self) -> str:
        """Where the best times come from that are shown inside the form."""
        return self._for_this(reverse("meetings:find_offers"))

    def _for_this(self, address: str) -> str:
        if self.meeting is None:
            return address
        query = self.reach.query
        return f"{address}{query}{'&' if query else '?'}meeting={self.meeting.uid}"

    @property
    def scopes(self) -> list[Choice]:
        """Which dates can be changed instead."""
        return choices(self.meeting, self.reach, self.now) if self.meeting else []

    @property
    def values(self) -> Values:
        """What the form for an edit starts with."""
        assert self.meeting is not None
        if self.before is None or self.reach.whole:
            return meeting_values(self.meeting)
        return scoped_values(self.meeting, self.before)

    @property
    def before(self) -> Draft | None:
        """The draft that an edit begins with."""
        if self.meeting is None:
            return None
        return scheduler.draft_of(self.meeting, **self.reach.arguments)

    def form(self, values: Values) -> MeetingForm:
        """The form with these values in its fields; from now on it knows what it began with."""
        values.setdefault("began", began(values))
        return MeetingForm(values, organizer=self.organizer, before=self.before)

    def plan(self, draft: Draft) -> Plan:
        """What would happen. Raises what `plan_schedule` and `plan_edit` raise."""
        if self.meeting is None:
            return scheduler.plan_schedule(
                draft, by=self.by, now=self.now, decisions=self.decisions
            )
        return scheduler.plan_edit(
            self.meeting,
            self._within_reach(draft),
            by=self.by,
            now=self.now,
            **self.reach.arguments,
            orphans=self.orphans,
            decisions=self.decisions,
        )

    def commit(
        self, form: MeetingForm, *, seen: str | None, override: Override | None = None
    ) -> Done:
        """Do it, taking rooms from others if so. Raises what `schedule` and `edit` raise."""
        draft = form.draft()
        if self.meeting is None:
            return scheduler.schedule(
                draft,
                by=self.by,
                now=self.now,
                policy=override or self.policy,
                seen=seen,
                key=form.cleaned_data["key"] or None,
                decisions=self.decisions,
            )
        return scheduler.edit(
            self.meeting,
            self._within_reach(draft),
            by=self.by,
            now=self.now,
            version=form.cleaned_data["version"] or 0,
            policy=override or self.policy,
            seen=seen,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
            **self.reach.arguments,
            orphans=self.orphans,
            decisions=self.decisions,
        )

    def _within_reach(self, draft: Draft) -> Draft:
        """The draft without what one date of a series cannot have of its own."""
        if self.meeting is None or not self.reach.single:
            return draft
        return replace(draft, visibility=self.meeting.visibility)

    def under(self, policy: str) -> "Errand":
        """The same errand under the conflict policy chosen in the form, if that is one."""
        known = {option.value for option in policy_options("")}
        return replace(self, policy=policy) if policy in known else self

    def anew(self) -> tuple["Errand", Values]:
        """The same errand on the meeting as it is now, and its values."""
        assert self.meeting is not None
        fresh = replace(self, meeting=Meeting.objects.with_people().get(pk=self.meeting.pk))
        return fresh, fresh.values


def edit_errand(request: SignedInRequest, uid: uuid.UUID) -> Errand:
    """The errand of an edit page or its panel, from the address and what was posted.

    Raises Http404, also for a date that the series does not have, or PermissionDenied.
    """
    meeting = editable_meeting(request.user, uid)
    return Errand(
        request.user,
        timezone.now(),
        meeting,
        reach=reach_of(meeting, request.GET),
        orphans=ORPHANS.get(request.POST.get("orphans", "")),
    )
