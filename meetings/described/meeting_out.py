"""Meetings as they go out, as much of each as the viewer may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import Stamp, stamp
from meetings.dates import date_asked
from meetings.described.conflicts_out import ConflictOut
from meetings.described.when_out import WhenOut, when_out
from meetings.lifecycle import state, state_of_all
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.permissions import Sight, sight
from meetings.rulewords import rule_words
from rooms.models import Room

UNSEEN: dict[str, Any] = {"attendees": None, "organizer_attendance": None}


class AttendeeOut(Schema):
    """Somebody's place on a meeting, and the answer."""

    invitation_id: str
    email: str
    name: str
    role: str
    status: str = Field(description="needs-action, accepted, tentative or declined.")
    responded_at: Stamp | None


class MeetingOut(WhenOut):
    """A meeting, or one date of a series; null is what the viewer may not see."""

    meeting_id: str
    series_id: str
    recurrence_id: str | None = None
    title: str
    status: str = Field(description="scheduled, ongoing, completed, cancelled or skipped.")
    organizer: str
    timezone: str
    rrule: str
    rule_in_words: str | None
    room_id: str | None
    room_ids: list[str]
    visibility: str
    description: str | None
    location: str | None
    join_link: str | None
    transparency: str
    tentative: bool
    priority: str
    reminders: list[int] | None
    attendees: list[AttendeeOut] | None = Field(description="Without the organizer.")
    organizer_attendance: AttendeeOut | None = Field(
        description="The organizer's own place: who organizes need not come."
    )
    version: int
    created_at: Stamp
    updated_at: Stamp


class BookedOut(MeetingOut):
    """A meeting as a command left it, and what it did."""

    invitations_sent: int
    conflicts: list[ConflictOut]
    displaced: list[str] = Field(description="What became of meetings that had to give way.")
    room_booked: bool


def meeting_out(
    meeting: Meeting,
    viewer: User,
    *,
    now: datetime,
    zone: ZoneInfo | None,
    recurrence_id: str = "",
    kind: type[MeetingOut] = MeetingOut,
    **more: Any,
) -> MeetingOut:
    """The meeting, or its date of that name, for somebody who may see at least its title.

    Times in `zone`, else UTC. Wants `with_people()` rows. `kind` may say more of it, with `more`.
    Raises Occurrence.DoesNotExist.
    """
    shown = None
    if recurrence_id or not meeting.is_series:
        shown = date_asked(meeting, recurrence_id, now)
    seen = sight(viewer, meeting, recurrence_id)
    if seen < Sight.PUBLIC:  # asked to other dates only
        raise Occurrence.DoesNotExist(recurrence_id)
    inside = seen >= Sight.PARTICIPANT
    rooms = _rooms(meeting, shown)
    return kind(
        meeting_id=str(meeting.uid),
        series_id=str(meeting.series),
        recurrence_id=recurrence_id or None,
        title=shown.shown_title if shown else meeting.title,
        status=(state(shown, now) if shown else state_of_all(meeting, now)).value,
        organizer=meeting.organizer_address,
        **when_out(shown.when if shown else meeting.when, zone),
        timezone=meeting.zone.key,
        rrule=meeting.rrule,
        rule_in_words=rule_words(meeting.when, meeting.rrule) if meeting.is_series else None,
        room_id=rooms[0] if rooms else None,
        room_ids=rooms,
        visibility=meeting.visibility,
        description=_own(shown, meeting, "description") if inside else None,
        location=_own(shown, meeting, "location") if inside else None,
        join_link=_own(shown, meeting, "join_link") if inside else None,
        transparency=_own(shown, meeting, "transparency"),
        tentative=_own(shown, meeting, "tentative"),
        priority=Meeting.Priority(_own(shown, meeting, "priority")).name.lower(),
        reminders=_own(shown, meeting, "reminders") if inside else None,
        **(_people(meeting, recurrence_id, zone) if inside else UNSEEN),
        version=meeting.version,
        created_at=stamp(meeting.created_at, zone),
        updated_at=stamp(meeting.updated_at, zone),
        **more,
    )


def _own(date: Occurrence | None, meeting: Meeting, field: str) -> Any:
    """What the date has of its own there, else what its meeting has."""
    own = getattr(date, field) if date else None
    return getattr(meeting, field) if own is None else own


def _rooms(meeting: Meeting, date: Occurrence | None) -> list[str]:
    """The codes of the rooms wanted."""
    if date is None or date.room_ids is None:
        return [room.code for room in meeting.rooms.all()]
    rooms = Room.objects.in_bulk(date.room_ids)
    return [rooms[pk].code for pk in date.room_ids if pk in rooms]


def _people(meeting: Meeting, recurrence_id: str, zone: ZoneInfo | None) -> dict[str, Any]:
    """Those asked to come, and the organizer apart from them."""
    rows: Sequence[Invitation] = on_date(meeting.invitations.all(), recurrence_id)
    for row in rows:
        row.meeting = meeting
    organizers = [attendee_out(row, zone) for row in rows if row.is_organizers]
    return {
        "attendees": [attendee_out(row, zone) for row in rows if not row.is_organizers],
        "organizer_attendance": organizers[0] if organizers else None,
    }


def attendee_out(row: Invitation, zone: ZoneInfo | None) -> AttendeeOut:
    """Somebody's place, for those who are on the meeting; the row comes with its user."""
    return AttendeeOut(
        invitation_id=str(row.uid),
        email=row.address,
        name=row.shown_name,
        role=row.role,
        status=row.status,
        responded_at=stamp(row.responded_at, zone) if row.responded_at else None,
    )
