"""The rows of a meeting that comes from another calendar: how they differ, and writing them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import new_token
from meetings.models.ranges import as_range
from meetings.scheduler.arrivals import Arrival, Seat
from meetings.scheduler.committing import record, release_rooms
from meetings.scheduler.differences import COMPARED_FIELDS, when_value
from meetings.scheduler.schedule import fill, new_invitation


def meeting_bookings(meeting: Meeting) -> QuerySet[Booking]:
    """The rooms that a meeting holds."""
    return Booking.objects.unreleased().filter(
        occurrence__meeting=meeting, kind=Booking.Kind.MEETING
    )


def differences(
    meeting: Meeting, arrival: Arrival, *, answered: Collection[int], by: User
) -> dict[str, list[object]]:
    """What of the meeting differs from what came: field → [here, there].

    `answered` are the ids of invitations answered here: such an answer stays, unless the
    meeting moves. Nor does one person's calendar of a meeting of others change what a third one
    answered. Uses prefetched people, dates and rooms.
    """
    fields: dict[str, list[object]] = {}
    for name in COMPARED_FIELDS:
        ours, theirs = getattr(meeting, name), getattr(arrival.draft, name)
        if name == "reminders":
            ours, theirs = list(ours), list(theirs)
        if ours != theirs:
            fields[name] = [ours, theirs]
    if meeting.when != arrival.draft.when:
        fields["when"] = [when_value(meeting.when), when_value(arrival.draft.when)]
    if meeting.zone.key != arrival.draft.zone.key:
        fields["timezone"] = [meeting.zone.key, arrival.draft.zone.key]
    if meeting.occurrence.status != _status(arrival):
        fields["status"] = [meeting.occurrence.status, _status(arrival)]
    kept = () if "when" in fields else answered
    return fields | _people_differences(meeting, arrival, kept=kept, by=by)


def _people_differences(
    meeting: Meeting, arrival: Arrival, *, kept: Collection[int], by: User
) -> dict[str, list[object]]:
    rows = _rows(meeting)
    ours = {address: row.role for address, row in rows.items() if row.removed_at is None}
    theirs = {seat.place.address: seat.place.role for seat in arrival.seats}
    if _is_of_others(meeting, by):
        theirs = ours | theirs
    fields: dict[str, list[object]] = {}
    if ours != theirs:
        fields["attendees"] = [
            sorted(f"{address} ({role})" for address, role in people.items())
            for people in (ours, theirs)
        ]
    answers = [
        (row.status, seat.status)
        for seat in arrival.seats
        if (row := rows.get(seat.place.address)) and row.removed_at is None
        if row.status != seat.status and not _answer_stays(row, kept, by=by)
    ]
    if answers:
        fields["answers"] = [[before for before, _ in answers], [after for _, after in answers]]
    return fields


def create(arrival: Arrival, *, by: User, now: datetime, invite: bool) -> Meeting:
    """Write a new meeting. It is `by`'s to change only if she organizes it."""
    own = arrival.organizer == by
    meeting = Meeting(
        organizer=arrival.organizer,
        organizer_email=arrival.organizer_email,
        organizer_name=arrival.organizer_name,
        created_by=by if own else None,
        ical_uid=arrival.ical_uid,
        sequence=arrival.sequence,
        created_at=now,
        updated_at=now,
    )
    fill(meeting, arrival.draft)
    meeting.save(force_insert=True)
    Occurrence.objects.create(
        meeting=meeting,
        recurrence_id=meeting.when.recurrence_id(),
        during=as_range(meeting.when.during()),
        all_day=meeting.all_day,
        status=_status(arrival),
    )
    added = Invitation.objects.bulk_create(
        _invitation(meeting, seat, arrival, now=now) for seat in arrival.seats
    )
    _record(meeting, added, arrival, {}, by=by, now=now, invite=invite)
    return meeting


def update(
    meeting: Meeting,
    arrival: Arrival,
    fields: Mapping[str, list[object]],
    *,
    answered: Collection[int],
    by: User,
    now: datetime,
    invite: bool,
) -> None:
    """Make a locked meeting what came, where it differs by `fields`."""
    altered = {name: values for name, values in fields.items() if name != "answers"}
    fill(meeting, arrival.draft)
    meeting.sequence = max(meeting.sequence, arrival.sequence)
    if altered:
        meeting.version += 1
        meeting.updated_at = now
    meeting.save()
    occurrence = meeting.occurrence
    occurrence.during = as_range(meeting.when.during())
    occurrence.recurrence_id = meeting.when.recurrence_id()
    occurrence.all_day = meeting.all_day
    occurrence.status = _status(arrival)
    occurrence.save(update_fields=["during", "recurrence_id", "all_day", "status"])
    if arrival.cancelled:
        release_rooms(list(meeting_bookings(meeting)), now=now)
    kept = () if "when" in fields else answered
    added = list(_seat(meeting, arrival, kept=kept, by=by, now=now))
    _record(meeting, added, arrival, altered, by=by, now=now, invite=invite)


def _seat(
    meeting: Meeting,
    arrival: Arrival,
    *,
    kept: Collection[int],
    by: User,
    now: datetime,
) -> Iterator[Invitation]:
    """Write everybody's place; yields the invitations that are new.

    Nobody leaves a meeting of others: their calendars often show one guest alone.
    """
    rows = _rows(meeting)
    span = None if arrival.cancelled else as_range(meeting.when.during())
    for seat in arrival.seats:
        row = rows.pop(seat.place.address, None)
        if row is None or row.removed_at is not None:
            fresh = _invitation(meeting, seat, arrival, now=now)
            if row is not None:
                fresh.pk, fresh.uid, fresh.token = row.pk, row.uid, new_token()
            fresh.save(force_insert=row is None, force_update=row is not None)
            yield fresh
            continue
        row.role, row.span = seat.place.role, span
        if row.status != seat.status and not _answer_stays(row, kept, by=by):
            row.status, row.note, row.responded_at = seat.status, "", None
        row.save()
    for row in rows.values():
        if row.removed_at is None:
            row.span = span
            if not _is_of_others(meeting, by):
                row.removed_at = now
            row.save(update_fields=["span", "removed_at"])


def _invitation(meeting: Meeting, seat: Seat, arrival: Arrival, *, now: datetime) -> Invitation:
    """An unsaved invitation with the answer that came; when it was given nobody says."""
    invitation = new_invitation(meeting, seat.place, now=now)
    invitation.status, invitation.responded_at = seat.status, None
    if arrival.cancelled:
        invitation.span = None
    return invitation


def _record(
    meeting: Meeting,
    added: list[Invitation],
    arrival: Arrival,
    fields: Mapping[str, list[object]],
    *,
    by: User,
    now: datetime,
    invite: bool,
) -> None:
    """Write down what came in, which is announced to nobody, and the invitations asked for."""
    change = Change(
        meeting=meeting,
        kind=Change.Kind.IMPORTED,
        by=by,
        version=meeting.version,
        fields=dict(fields),
        added=[invitation.pk for invitation in added],
        created_at=now,
        not_before=now,
        announced_at=now,
    )
    record(change)
    over = meeting.when.during().end <= now
    if not invite or over or arrival.cancelled or _is_of_others(meeting, by):
        return
    for invitation in added:
        if not invitation.is_organizers:
            record(
                Change(
                    meeting=meeting,
                    kind=Change.Kind.RESENT,
                    by=by,
                    invitation=invitation,
                    version=meeting.version,
                    created_at=now,
                    not_before=now,
                )
            )


def _rows(meeting: Meeting) -> dict[str, Invitation]:
    """The invitations to the whole meeting by address, those of people removed included."""
    return {row.address.lower(): row for row in meeting.invitations.all() if not row.recurrence_id}


def _answer_stays(row: Invitation, kept: Collection[int], *, by: User) -> bool:
    """Whether the answer here counts: given here, or known better by the person's own calendar."""
    own = row.user_id in (None, by.pk)
    return row.pk in kept or (_is_of_others(row.meeting, by) and not own)


def _is_of_others(meeting: Meeting, by: User) -> bool:
    return meeting.organizer_id != by.pk


def _status(arrival: Arrival) -> str:
    status = Occurrence.Status
    return status.CANCELLED if arrival.cancelled else status.SCHEDULED
