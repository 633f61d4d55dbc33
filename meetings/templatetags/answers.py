"""Invitations and their answers in templates."""

import re
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.dates import date_asked
from meetings.fieldwords import lead_words
from meetings.lifecycle import Act, allows
from meetings.models import Invitation, Meeting, Occurrence
from meetings.occurrences import rooms_of
from meetings.rulewords import rule_words
from meetings.timewords import clock, moment_words

register = template.Library()

ANSWERS = {
    Invitation.Status.ACCEPTED: _("Accept"),
    Invitation.Status.TENTATIVE: _("Maybe"),
    Invitation.Status.DECLINED: _("Decline"),
}
GIVEN = {
    Invitation.Status.NEEDS_ACTION: _("You have not answered."),
    Invitation.Status.ACCEPTED: _("You accepted."),
    Invitation.Status.TENTATIVE: _("You answered “maybe”."),
    Invitation.Status.DECLINED: _("You declined."),
}
MARKS = {
    Invitation.Status.ACCEPTED: "mark-yes",
    Invitation.Status.TENTATIVE: "mark-maybe",
    Invitation.Status.DECLINED: "mark-no",
}
SCHEME = re.compile(r"^https?://", re.IGNORECASE)


@register.simple_tag
def answers() -> list[tuple[str, object, str]]:
    """What can be answered: the status, the word on its button, the class of its mark."""
    return [(status.value, word, MARKS[status]) for status, word in ANSWERS.items()]


@register.filter
def mark(status: str) -> str:
    """The classes of the mark that stands for an answer."""
    return f"mark {MARKS.get(Invitation.Status(status), '')}".strip()


@register.filter
def given_words(invitation: Invitation) -> object:
    """`You accepted.`"""
    return GIVEN[Invitation.Status(invitation.status)]


@register.filter
def answerable(invitation: Invitation) -> bool:
    """Whether an answer is still taken: not once it is over or cancelled."""
    return allows(Act.ANSWER, _asked(invitation), timezone.now())


@register.filter
def called_off(invitation: Invitation) -> bool:
    """Whether the date that the invitation is for was called off."""
    return _asked(invitation).is_cancelled


@register.filter
def date_answered(invitation: Invitation) -> str:
    """The recurrence-id of the date that can be answered by itself; empty if there is no other."""
    return _asked(invitation).recurrence_id if invitation.meeting.is_series else ""


def _asked(invitation: Invitation) -> Occurrence:
    """The date that an invitation is shown for: set by the page, else the next one."""
    shown: Occurrence | None = getattr(invitation, "asked_date", None)
    return shown or date_asked(invitation.meeting, invitation.recurrence_id, timezone.now())


@register.filter
def repeats_words(meeting: Meeting) -> str:
    """`Every Wednesday at 10:00, Europe/Berlin`; empty for a single meeting."""
    return rule_words(meeting.when, meeting.rrule) if meeting.is_series else ""


@register.filter
def place(occurrence: Occurrence) -> str:
    """`Blue Room, first floor kitchen`: its rooms, then what was written. After `with_rooms`."""
    written = [occurrence.shown_location] if occurrence.shown_location else []
    return ", ".join([*(room.name for room in rooms_of(occurrence)), *written])


@register.filter
def without_scheme(link: str) -> str:
    """`meet.example.com/review`: a link as people read it."""
    return SCHEME.sub("", link).rstrip("/")


@register.filter
def leads(minutes: list[int]) -> str:
    """`15 min, 1 hour`: how long before people are reminded."""
    return ", ".join(lead_words(lead) for lead in sorted(minutes))


@register.filter
def near_moment(at: datetime) -> str:
    """`10:32` if that is today for the reader, else `Wed 11 March, 10:32`."""
    zone = timezone.get_current_timezone()
    if timezone.localtime(at).date() == timezone.localdate():
        return clock(at, zone)
    return moment_words(at, zone, today=timezone.localdate())
