"""The panel beside the calendar: one meeting, with as much as the reader may see."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404

from accounts.models import User
from meetings.attendance import attendance
from meetings.dates import date_asked
from meetings.drafts import LINK
from meetings.lifecycle import Act, allows, state
from meetings.models import Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import Sight, get_meeting_for, may_edit, sight
from meetings.rulewords import rule_words


def panel(reader: User, uid: str, now: datetime, *, date: str = "") -> dict[str, Any]:
    """What the panel says of the meeting `uid`, of a series on that date or else on its next.

    Raises Http404 for what is no uid, an unknown one, a private meeting of others and a date
    that the meeting does not have.
    """
    try:
        meeting = get_meeting_for(reader, uuid.UUID(uid))
        occurrence = date_asked(meeting, date, now)
    except (ValueError, Meeting.DoesNotExist, Occurrence.DoesNotExist):
        raise Http404 from None
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
        "repeats": rule_words(meeting.when, meeting.rrule) if meeting.is_series else "",
    }
    if sight(reader, meeting) >= Sight.PARTICIPANT:
        shown |= _for_participants(reader, occurrence)
    if may_edit(reader, meeting):
        shown["can_edit"] = allows(Act.EDIT, occurrence, now)
        shown["can_cancel"] = allows(Act.CANCEL, occurrence, now)
        shown["has_health"] = meeting.is_series
    return shown


def _for_participants(reader: User, occurrence: Occurrence) -> dict[str, Any]:
    rows = on_date(occurrence.meeting.invitations.all(), occurrence.recurrence_id)
    mine = next((row for row in rows if row.user_id == reader.pk), None)
    if mine is not None:
        mine.asked_date = occurrence  # type: ignore[attr-defined] # for the answer buttons
    return {
        "details": occurrence,
        "joinable": bool(LINK.fullmatch(occurrence.shown_join_link)),
        "invitation": mine,
        "attendance": attendance(occurrence, reader.zone),
    }
