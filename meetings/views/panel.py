"""The panel beside the calendar: one meeting, with as much as the reader may see."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404

from accounts.models import User
from meetings.attendance import attendance
from meetings.drafts import LINK
from meetings.lifecycle import Act, allows, state
from meetings.models import Meeting
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import Sight, get_meeting_for, may_edit, sight


def panel(reader: User, uid: str, now: datetime) -> dict[str, Any]:
    """What the panel says of the meeting `uid`.

    Raises Http404 for what is no uid, an unknown one and a private meeting of others alike.
    """
    try:
        meeting = get_meeting_for(reader, uuid.UUID(uid))
    except (ValueError, Meeting.DoesNotExist):
        raise Http404 from None
    occurrence = meeting.occurrence
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
    }
    if sight(reader, meeting) >= Sight.PARTICIPANT:
        shown |= _for_participants(reader, meeting)
    if may_edit(reader, meeting):
        shown["can_edit"] = allows(Act.EDIT, occurrence, now)
        shown["can_cancel"] = allows(Act.CANCEL, occurrence, now)
    return shown


def _for_participants(reader: User, meeting: Meeting) -> dict[str, Any]:
    mine = (i for i in meeting.invitations.all() if i.user_id == reader.pk and not i.removed_at)
    return {
        "details": meeting.occurrence,
        "joinable": bool(LINK.fullmatch(meeting.occurrence.shown_join_link)),
        "invitation": next(mine, None),
        "attendance": attendance(meeting, reader.zone),
    }
