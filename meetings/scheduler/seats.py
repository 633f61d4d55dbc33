"""Who sits in a meeting, and how that changes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from psycopg.types.range import Range

from accounts.models import User, normal_address
from meetings.drafts import Attendee
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import new_token, on_date
from meetings.models.ranges import as_range
from meetings.scheduler.plans import Place, place_of


def all_invitations(meeting: Meeting) -> list[Invitation]:
    """Every row, also those for single dates, each with this very meeting object. One query."""
    rows = list(meeting.invitations.select_related("user"))
    for row in rows:
        row.meeting = meeting
    return rows


@dataclass(frozen=True, slots=True)
class Seating:
    """How the people of a meeting change: invitations that stay or go, places to be filled.

    `apart` are those of people who are asked to single dates only, and stay.
    """

    stayed: tuple[tuple[Invitation, str], ...]  # with the role asked for
    removed: tuple[Invitation, ...]
    added: tuple[Place, ...]
    apart: tuple[Invitation, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Everybody on the meeting afterwards."""
        kept = (replace(place_of(invitation), role=role) for invitation, role in self.stayed)
        return (*kept, *self.added)


def seating(meeting: Meeting, attendees: Sequence[Attendee], *, recurrence_id: str = "") -> Seating:
    """How the people of a meeting, or of one date, have to change to be these and the organizer.

    Three queries.
    """
    asked = {normal_address(person.email): person for person in attendees}
    stayed, removed = [], []
    rows = all_invitations(meeting)
    apart = () if recurrence_id else on_single_dates(rows)
    for invitation in on_date(rows, recurrence_id):
        person = asked.pop(normal_address(invitation.address), None)
        if invitation.is_organizers:
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
    return Seating(tuple(stayed), tuple(removed), added, apart)


def on_single_dates(rows: Sequence[Invitation]) -> tuple[Invitation, ...]:
    """Of all rows of a meeting those of people who are asked to single dates only."""
    whole = {row.person for row in on_date(rows, "")}
    dated = (row for row in rows if row.recurrence_id and row.removed_at is None)
    return tuple(row for row in dated if row.person not in whole)


def seat(
    meeting: Meeting,
    people: Seating,
    *,
    span: Range[datetime] | None,
    now: datetime,
    asks_anew: bool,
) -> list[int]:
    """Write who stays, goes and comes; returns the ids of the invitations that are new.

    The spans of those who stay are right already.
    """
    gone = {invitation.person for invitation in people.removed}
    for invitation in all_invitations(meeting) if gone else ():
        # Their rows for single dates go as well; an invitation to a date alone stays.
        if invitation.person in gone and invitation.removed_at is None:
            invitation.removed_at = now
            invitation.save(update_fields=["removed_at"])
    for invitation in people.removed:
        invitation.removed_at = now
    changed = []
    for invitation, role in people.stayed:
        asks = asks_anew and not invitation.is_organizers
        if asks or invitation.role != role:
            changed.append(invitation)
        if invitation.role != role:
            _alike(invitation).update(role=role)
        invitation.role = role
        if asks:
            ask_anew(invitation)
    Invitation.objects.bulk_update(changed, ["role", "status", "note", "responded_at"])
    return [_invite(meeting, place, "", span, now=now).pk for place in people.added]


def _alike(invitation: Invitation) -> QuerySet[Invitation]:
    """The person's rows for single dates that have the same role as that for the whole meeting."""
    rows = Invitation.objects.filter(meeting=invitation.meeting_id, role=invitation.role)
    rows = rows.filter(user=invitation.user_id, email__iexact=invitation.email)
    return rows.exclude(recurrence_id="")


def seat_on_date(
    row: Occurrence, people: Seating, *, now: datetime, asks_anew: bool
) -> tuple[list[int], list[int]]:
    """Write who comes to one date only, or does not; the ids of who is new and who is off."""
    meeting, span = row.meeting, as_range(row.stretch)
    removed = []
    for invitation in people.removed:
        own = _for_date(invitation, row)
        own.removed_at = now
        own.save()
        removed.append(own.pk)
    for invitation, role in people.stayed:
        asks = asks_anew and not invitation.is_organizers
        if asks or role != invitation.role or invitation.recurrence_id:
            own = _for_date(invitation, row)
            own.role, own.span = role, span
            if asks:
                ask_anew(own)
            own.save()
    added = [_invite(meeting, place, row.recurrence_id, span, now=now).pk for place in people.added]
    return added, removed


def _for_date(invitation: Invitation, row: Occurrence) -> Invitation:
    """The person's row for that date alone: this one, or an unsaved copy of the series' row."""
    if invitation.recurrence_id:
        return invitation
    return copy_for(invitation, row.meeting, row.recurrence_id, as_range(row.stretch))


def copy_for(
    invitation: Invitation, meeting: Meeting, recurrence_id: str, span: Range[datetime] | None
) -> Invitation:
    """An unsaved row for the same person, with the same answer and a token of its own."""
    return Invitation(
        meeting=meeting,
        recurrence_id=recurrence_id,
        user=invitation.user,
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,
        status=invitation.status,
        note=invitation.note,
        span=span,
        sent_at=invitation.sent_at,
        responded_at=invitation.responded_at,
    )


def fold(meeting: Meeting) -> None:
    """What counted on the one date of a meeting that does not repeat any more counts for all.

    A row for that date becomes the person's row for the meeting or is merged into it, with what
    refers to it; rows for dates that are gone go as well.
    """
    rows = all_invitations(meeting)
    whole = {row.person: row for row in rows if not row.recurrence_id}
    name = meeting.occurrence.recurrence_id
    for own in [row for row in rows if row.recurrence_id]:
        kept = whole.get(own.person)
        if kept is None and own.recurrence_id == name:
            own.recurrence_id = ""
            own.save(update_fields=["recurrence_id"])
            continue
        if kept is not None and own.recurrence_id == name:
            for field in ("role", "status", "note", "responded_at", "removed_at"):
                setattr(kept, field, getattr(own, field))
            kept.save()
        if kept is not None:
            _refer_to(kept, own)
        own.delete()


def _refer_to(kept: Invitation, gone: Invitation) -> None:
    """Have whatever refers to a row refer to another, unless that has the same already."""
    for relation in Invitation._meta.related_objects:
        name = relation.field.name
        for row in relation.related_model._base_manager.filter(**{name: gone}):
            setattr(row, name, kept)
            with suppress(IntegrityError), transaction.atomic():
                row.save(update_fields=[name])


def ask_anew(invitation: Invitation) -> None:
    """Forget the answer: what was answered has moved."""
    invitation.status, invitation.note = Invitation.Status.NEEDS_ACTION, ""
    invitation.responded_at = None


def _invite(
    meeting: Meeting,
    place: Place,
    recurrence_id: str,
    span: Range[datetime] | None,
    *,
    now: datetime,
) -> Invitation:
    """A new invitation, or the row of somebody who was removed before, with a new token."""
    fresh = new_invitation(meeting, place, now=now, span=span)
    fresh.recurrence_id = recurrence_id
    before = meeting.invitations.filter(
        user=place.user, email__iexact=place.email, recurrence_id=recurrence_id
    ).first()
    if before is not None:
        fresh.pk, fresh.uid, fresh.token = before.pk, before.uid, new_token()
    fresh.save(force_update=before is not None, force_insert=before is None)
    return fresh


def new_invitation(
    meeting: Meeting, place: Place, *, now: datetime, span: Range[datetime] | None = None
) -> Invitation:
    """An unsaved invitation; the organizer has accepted her own.

    Without `span`, that of the first date.
    """
    accepted = place.is_organizers
    return Invitation(
        meeting=meeting,
        user=place.user,
        email=place.email,
        name=place.name,
        role=place.role,
        status=Invitation.Status.ACCEPTED if accepted else Invitation.Status.NEEDS_ACTION,
        responded_at=now if accepted else None,
        span=span or as_range(meeting.when.during()),
    )
