"""Who is on a meeting and what they said, for those who may see its people."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from accounts.models import User
from meetings.availability import working_time
from meetings.intervals import Stretch, subtract
from meetings.models import CounterProposal, Invitation, Occurrence
from meetings.models.invitation import on_date
from meetings.timewords import clock, zone_short


@dataclass(frozen=True, slots=True)
class Attending:
    """Somebody on a meeting; `there` is the local start where that differs from the reader's.

    `proposes` says that she proposes another time, and nobody has answered that.
    """

    invitation: Invitation
    there: str = ""
    outside_hours: bool = False
    proposes: bool = False


@dataclass(frozen=True, slots=True)
class Attendance:
    """Everybody, the organizer first, then required and optional people; how many said what."""

    people: tuple[Attending, ...]
    accepted: int
    tentative: int
    declined: int
    waiting: int


def attendance(occurrence: Occurrence, reader: ZoneInfo) -> Attendance:
    """Everybody who is invited to that date, for somebody who reads times in `reader`.

    One query for working hours, one for proposals, and one for the invitations unless they are
    prefetched.
    """
    meeting = occurrence.meeting
    invitations = on_date(meeting.invitations.all(), occurrence.recurrence_id)
    invitations.sort(key=lambda i: (not i.is_organizers, i.role != Invitation.Role.REQUIRED, i.pk))
    prefetch_related_objects([i.user for i in invitations if i.user], "working_hours")
    proposing = _proposing(occurrence)
    said = Counter(i.status for i in invitations)
    return Attendance(
        tuple(
            replace(_attending(i, occurrence, reader), proposes=i.person in proposing)
            for i in invitations
        ),
        accepted=said[Invitation.Status.ACCEPTED],
        tentative=said[Invitation.Status.TENTATIVE],
        declined=said[Invitation.Status.DECLINED],
        waiting=said[Invitation.Status.NEEDS_ACTION],
    )


def _proposing(occurrence: Occurrence) -> set[int | str]:
    """Who proposes another time for that date."""
    rows = CounterProposal.objects.open().filter(meeting=occurrence.meeting)
    return {
        row.invitation.person
        for row in rows.select_related("invitation")
        if row.recurrence_id in ("", occurrence.recurrence_id) and row.is_for(occurrence)
    }


def _attending(invitation: Invitation, occurrence: Occurrence, reader: ZoneInfo) -> Attending:
    user = invitation.user
    if user is None or occurrence.all_day:
        return Attending(invitation)
    outside = not _works(user, occurrence.stretch)
    elsewhere = _offset(user.zone, occurrence.start) != _offset(reader, occurrence.start)
    if not elsewhere:
        return Attending(invitation, outside_hours=outside)
    there = f"{clock(occurrence.start, user.zone)} {zone_short(user.zone, occurrence.start)}"
    return Attending(invitation, there, outside)


def _works(user: User, stretch: Stretch) -> bool:
    """Whether all of `stretch` lies in working hours; somebody who never said always works."""
    hours = working_time(user, stretch)
    return hours is None or not subtract([stretch], hours)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
