"""What the meeting form is for: a new meeting, or the edit of one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Draft
from meetings.forms import MeetingForm
from meetings.formvalues import Values, began, meeting_values
from meetings.models import Meeting
from meetings.scheduler import Done, Plan


@dataclass(frozen=True, slots=True)
class Errand:
    """Who wants to make a meeting, or change `meeting`, and when it was asked."""

    by: User
    now: datetime
    meeting: Meeting | None = None

    @property
    def organizer(self) -> User | None:
        """Whose meeting it is; None if it came from outside."""
        return self.meeting.organizer if self.meeting else self.by

    @property
    def address(self) -> str:
        """Where the form is sent."""
        if self.meeting:
            return reverse("meetings:edit", args=[self.meeting.uid])
        return reverse("meetings:new")

    @property
    def live_address(self) -> str:
        """Where the panel comes from while the form is filled in."""
        if self.meeting:
            return reverse("meetings:edit_live", args=[self.meeting.uid])
        return reverse("meetings:new_live")

    def form(self, values: Values) -> MeetingForm:
        """The form with these values in its fields; from now on it knows what it began with."""
        values.setdefault("began", began(values))
        return MeetingForm(values, organizer=self.organizer, meeting=self.meeting)

    def plan(self, draft: Draft) -> Plan:
        """What would happen. Raises what `plan_schedule` and `plan_edit` raise."""
        if self.meeting:
            return scheduler.plan_edit(self.meeting, draft, by=self.by, now=self.now)
        return scheduler.plan_schedule(draft, by=self.by, now=self.now)

    def commit(self, form: MeetingForm, *, policy: str, seen: str | None) -> Done:
        """Do it. Raises what `schedule` and `edit` raise."""
        draft = form.draft()
        if self.meeting is None:
            key = form.cleaned_data["key"] or None
            return scheduler.schedule(
                draft, by=self.by, now=self.now, policy=policy, seen=seen, key=key
            )
        return scheduler.edit(
            self.meeting,
            draft,
            by=self.by,
            now=self.now,
            version=form.cleaned_data["version"] or 0,
            policy=policy,
            seen=seen,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )

    def anew(self) -> tuple["Errand", Values]:
        """The same errand on the meeting as it is now, and its values."""
        assert self.meeting is not None
        fresh = Meeting.objects.with_people().get(pk=self.meeting.pk)
        return replace(self, meeting=fresh), meeting_values(fresh)
