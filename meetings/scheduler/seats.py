"""Who sits in a meeting, and how that changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.models import User, normal_address
from meetings.drafts import Attendee
from meetings.models import Invitation, Meeting
from meetings.models.invitation import new_token
from meetings.models.ranges import as_range
from meetings.scheduler.plans import Place, place_of
from meetings.scheduler.schedule import new_invitation


def series_invitations(meeting: Meeting) -> list[Invitation]:
    """The rows for the whole meeting, each with this very meeting object. One or two queries."""
    rows = [i for i in meeting.invitations.select_related("user") if not i.recurrence_id]
    for row in rows:
        row.meeting = meeting
    return rows


@dataclass(frozen=True, slots=True)
class Seating:
    """How the people of a meeting change: invitations that stay or go, places to be filled."""

    stayed: tuple[tuple[Invitation, str], ...]  # with the role asked for
    removed: tuple[Invitation, ...]
    added: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Everybody on the meeting afterwards."""
        kept = (replace(place_of(invitation), role=role) for invitation, role in self.stayed)
        return (*kept, *self.added)


def seating(meeting: Meeting, attendees: Sequence[Attendee]) -> Seating:
    """How the people of a meeting have to change to be these and the organizer. Three queries."""
    asked = {normal_address(person.email): person for person in attendees}
    stayed, removed = [], []
    for invitation in series_invitations(meeting):
        person = asked.pop(normal_address(invitation.address), None)
        if invitation.removed_at is not None:
            if person is not None:
                asked[normal_address(person.email)] = person
        elif invitation.is_organizers:
            stayed.append((invitation, invitation.role))
        elif person is not None:
            stayed.append((invitation, person.role))
        else:
            removed.append(invitation)
    asked.pop(normal_address(meeting.organizer_address), None)
    users = {
        user.email: user
        for user in User.objects.with_addresses(asked).prefetch_related("working_hours")
    }
    added = tuple(
        Place(user, "" if user else address, "" if user else person.name, person.role)
        for address, person in asked.items()
        for user in [users.get(address)]
    )
    return Seating(tuple(stayed), tuple(removed), added)


def seat(meeting: Meeting, people: Seating, *, now: datetime, asks_anew: bool) -> list[int]:
    """Write who stays, goes and comes; returns the ids of the invitations that are new."""
    span = as_range(meeting.when.during())
    for invitation in people.removed:
        invitation.removed_at = now
        invitation.save(update_fields=["removed_at"])
    for invitation, role in people.stayed:
        invitation.role, invitation.span = role, span
        if asks_anew and not invitation.is_organizers:
            invitation.status, invitation.note = Invitation.Status.NEEDS_ACTION, ""
            invitation.responded_at = None
        invitation.save()
    return [_invite(meeting, place, now=now).pk for place in people.added]


def _invite(meeting: Meeting, place: Place, *, now: datetime) -> Invitation:
    """A new invitation, or the row of somebody who was removed before, with a new token."""
    fresh = new_invitation(meeting, place, now=now)
    before = meeting.invitations.filter(
        user=place.user, email__iexact=place.email, recurrence_id=""
    ).first()
    if before is not None:
        fresh.pk, fresh.uid, fresh.token = before.pk, before.uid, new_token()
    fresh.save(force_update=before is not None, force_insert=before is None)
    return fresh
