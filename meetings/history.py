"""What was done to a meeting, by whom, in words, for those who may see all of it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.fieldwords import field_label, value_words
from meetings.models import Change, Invitation, Meeting

NEWEST = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One change: who did what when, and each field as it was and as it became."""

    at: datetime
    who: str
    what: str
    fields: tuple[tuple[str, str, str], ...]
    reason: str


def history(meeting: Meeting, zone: ZoneInfo) -> list[Step]:
    """The newest changes, newest first, times in `zone`. One query."""
    changes = meeting.changes.select_related("by", "invitation__user").order_by("-pk")
    return [_step(change, zone) for change in changes[:NEWEST]]


def _step(change: Change, zone: ZoneInfo) -> Step:
    updated = change.kind == Change.Kind.UPDATED
    fields = (
        (field_label(name), value_words(name, was, zone), value_words(name, now, zone))
        for name, (was, now) in change.fields.items()
        if updated
    )
    return Step(change.created_at, _who(change), _what(change), tuple(fields), change.reason)


def _who(change: Change) -> str:
    if change.by:
        return str(change.by)
    return change.invitation.shown_name if change.invitation else _("Somebody")


def _what(change: Change) -> str:
    if change.kind == Change.Kind.ANSWERED:
        was, now = change.fields["status"]
        if was == now:
            return _("changed the note")
        return _("answered: %(answer)s") % {"answer": Invitation.Status(now).label}
    if change.kind == Change.Kind.RESENT and change.invitation:
        return _("sent the invitation to %(name)s again") % {"name": change.invitation.shown_name}
    return str(Change.Kind(change.kind).label)
