"""The panel beside the calendar: one meeting, with as much as the reader may see."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.asking import asking, date_shown
from meetings.attendance import attendance
from meetings.drafts import LINK
from meetings.lifecycle import Act, allows, state
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import Sight, get_meeting_for, may_edit, sight
from meetings.rulewords import rule_words


def panel(reader: User, uid: str, now: datetime, *, date: str = "") -> dict[str, Any]:
    """What the panel says of the meeting `uid`, of a series on that date or else on its next.

    Raises Http404 for what is no uid, an unknown one and a private meeting of others, and
    Occurrence.DoesNotExist for a date that the meeting does not have for the reader.
    """
    try:
        meeting = get_meeting_for(reader, uuid.UUID(uid))
    except (ValueError, Meeting.DoesNotExist):
        raise Http404 from None
    rows = [row for row in meeting.invitations.all() if row.user_id == reader.pk]
    occurrence = date_shown(meeting, rows, date, now)
    seen = sight(reader, meeting, occurrence.recurrence_id)
    if seen < Sight.PUBLIC:
        raise Occurrence.DoesNotExist
    with_rooms([occurrence])
    shown: dict[str, Any] = {
        "uid": str(meeting.uid),
        "address": meeting.get_absolute_url(),
        "title": occurrence.shown_title,
        "occurrence": occurrence,
        "rooms": rooms_of(occurrence),
        "organizer": meeting.organizer_shown,
        "organizes": meeting.organizer_id == reader.pk,
        "private": meeting.is_private,
        "state": str(state(occurrence, now)),
        "date": occurrence.recurrence_id if meeting.is_series else "",
        "repeats": _repeats(meeting, rows),
    }
    if seen >= Sight.PARTICIPANT:
        shown |= _for_participants(reader, occurrence, rows, now)
    if may_edit(reader, meeting):
        shown["can_edit"] = allows(Act.EDIT, occurrence, now)
        shown["can_cancel"] = allows(Act.CANCEL, occurrence, now)
        shown["has_health"] = meeting.is_series
    return shown


def _repeats(meeting: Meeting, rows: list[Invitation]) -> str:
    """The rule in words; for somebody who is asked to single dates, that she is."""
    if not meeting.is_series:
        return ""
    if any(row.removed_at is None for row in rows) and not on_date(rows, ""):
        return _("One date of a series. You are asked to this one alone.")
    return rule_words(meeting.when, meeting.rrule)


def _for_participants(
    reader: User, occurrence: Occurrence, rows: list[Invitation], now: datetime
) -> dict[str, Any]:
    return {
        "details": occurrence,
        "joinable": bool(LINK.fullmatch(occurrence.shown_join_link)),
        "asking": asking(occurrence, rows, now),
        "attendance": attendance(occurrence, reader.zone),
    }
