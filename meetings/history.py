"""What was done to a meeting, by whom, in words, for those who may see all of it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.fieldwords import field_label, names_words, value_words
from meetings.models import Change, Invitation, Meeting

Kind = Change.Kind
NEWEST = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One change: who did what when, and each field as it was and as it became.

    `number` names it; `kind` is that of the Change.
    """

    number: int
    kind: str
    at: datetime
    who: str
    what: str
    fields: tuple[tuple[str, str, str], ...]
    reason: str


def history(
    meeting: Meeting, zone: ZoneInfo, *, before: int | None = None, most: int = NEWEST
) -> list[Step]:
    """The newest changes (`before` a number), newest first, times in `zone`. One query."""
    changes = meeting.changes.select_related("by", "invitation__user").order_by("-pk")
    if before is not None:
        changes = changes.filter(pk__lt=before)
    return [_step(change, meeting, zone) for change in changes[:most]]


def _step(change: Change, meeting: Meeting, zone: ZoneInfo) -> Step:
    fields = tuple(
        (
            field_label(name),
            value_words(name, was, zone, first=meeting.when.day),
            value_words(name, now, zone, first=meeting.when.day),
        )
        for name, (was, now) in change.fields.items()
        if (change.kind in (Kind.UPDATED, Kind.DISPLACED) and name != "status")
        or (change.kind == Kind.CANCELLED and name == "rrule")
    )
    what = _what(change, names_words(change.dates) if meeting.is_series else "")
    if change.undone_at is not None:
        what = _("%(what)s, which was undone") % {"what": what}
    return Step(
        change.pk, change.kind, change.created_at, _who(change), what, fields, change.reason
    )


def _who(change: Change) -> str:
    if change.by:
        return str(change.by)
    # The nightly step and new rules of a time zone are nobody's doing.
    return change.invitation.shown_name if change.invitation else _("The scheduler")


def _what(change: Change, dates: str) -> str:
    if change.kind == Kind.ANSWERED:
        return _answered(change, dates)
    if change.kind == Kind.RESENT and change.invitation:
        return _("sent the invitation to %(name)s again") % {"name": change.invitation.shown_name}
    if change.kind == Kind.ROOMS:
        rooms = ", ".join(change.fields["rooms_missed"][1])
        return _("could not book %(rooms)s for %(dates)s") % {"rooms": rooms, "dates": dates}
    if change.kind == Kind.ENDING:
        return _("noted that the series ends: %(dates)s is its last date") % {"dates": dates}
    if change.kind == Kind.DISPLACED:
        taken = _("took the room of %(dates)s for another meeting")
        return taken % {"dates": dates} if dates else _("took the room for another meeting")
    if change.kind == Kind.CLOCKS:
        return _("moved %(dates)s by new rules of a time zone; the local time stays") % {
            "dates": dates or _("it")
        }
    if change.kind == Kind.UPDATED and change.proposal_id:
        return _("accepted a proposed time")
    if change.kind == Kind.UNDONE:
        return _("took back what was done before")
    label = Kind(change.kind).label
    return f"{label} {dates}" if dates else str(label)


def _answered(change: Change, dates: str) -> str:
    was, now = change.fields["status"]
    answer = Invitation.Status(now).label
    if was == now:
        if dates:
            return _("changed the note for %(dates)s") % {"dates": dates}
        return _("changed the note")
    if dates:
        return _("answered for %(dates)s: %(answer)s") % {"dates": dates, "answer": answer}
    return _("answered: %(answer)s") % {"answer": answer}
