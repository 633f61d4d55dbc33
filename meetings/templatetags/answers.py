"""Invitations and their answers in templates."""

import re
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.fieldwords import lead_words
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.occurrences import rooms_of
from meetings.rulewords import rule_words
from meetings.timewords import clock, days_words, moment_words
from meetings.wallclock import AllDay

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
def ended_words(occurrence: Occurrence) -> object:
    """Why nothing is to be answered any more: `This meeting was cancelled.`"""
    single = not occurrence.meeting.is_series
    if occurrence.status == Occurrence.Status.SKIPPED:
        return _("This date is skipped.")
    if occurrence.is_cancelled:
        whole = single or occurrence.meeting.cancelled
        return _("This meeting was cancelled.") if whole else _("This date was cancelled.")
    return _("This meeting is over.") if single else _("This date is over.")


@register.filter
def moved_from(occurrence: Occurrence) -> str:
    """`Wed 10 March, 10:00`: where the rule has a date that was moved; empty if it was not."""
    if not occurrence.meeting.is_series or not occurrence.is_moved:
        return ""
    ruled = when_named(occurrence.meeting, occurrence.recurrence_id)
    if ruled.during().start == occurrence.start:
        return ""
    if isinstance(ruled, AllDay):
        return days_words(ruled.first, ruled.last)
    zone = timezone.get_current_timezone()
    return moment_words(ruled.during().start, zone, today=timezone.localdate())


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
