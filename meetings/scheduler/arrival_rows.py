"""The rows of a meeting that comes from another calendar: how they differ, and writing them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.db.models import QuerySet
from psycopg.types.range import Range

from accounts.models import User
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import new_token
from meetings.scheduler.arrival_dates import (
    answer_differences,
    date_differences,
    filled,
    write_answers,
    write_dates,
)
from meetings.scheduler.arrivals import Arrival, Seat
from meetings.scheduler.committing import record
from meetings.scheduler.differences import COMPARED_FIELDS, when_value
from meetings.scheduler.holding import release_rooms
from meetings.scheduler.seats import new_invitation
from meetings.scheduler.sheets import Sheet
from meetings.scheduler.spans import span_of

Span = Range[datetime] | None


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
    fields = _differences_of_whole(meeting, arrival) if arrival.whole else {}
    dates = date_differences(meeting, arrival)
    if dates:
        fields["dates"] = [*dates]
    kept = () if "when" in fields else answered
    return fields | _people_differences(meeting, arrival, kept=kept, by=by)


def _differences_of_whole(meeting: Meeting, arrival: Arrival) -> dict[str, list[object]]:
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
    if meeting.rrule != arrival.draft.rrule:
        fields["rrule"] = [meeting.rrule, arrival.draft.rrule]
    if is_cancelled(meeting) != arrival.cancelled:
        fields["status"] = [_status(is_cancelled(meeting)), _status(arrival.cancelled)]
    return fields


def is_cancelled(meeting: Meeting) -> bool:
    """Whether the whole meeting was called off here."""
    return meeting.cancelled if meeting.is_series else meeting.occurrence.is_cancelled


def _people_differences(
    meeting: Meeting, arrival: Arrival, *, kept: Collection[int], by: User
) -> dict[str, list[object]]:
    fields: dict[str, list[object]] = {}
    leaves = not _is_of_others(meeting, by)
    answers = answer_differences(meeting, arrival, kept=kept, leaves=leaves)
    if arrival.whole:
        fields = _place_differences(meeting, arrival, by=by)
        answers += _answers_of_whole(meeting, arrival, kept=kept, by=by)
    if answers:
        fields["answers"] = [[before for before, _ in answers], [after for _, after in answers]]
    return fields


def _place_differences(meeting: Meeting, arrival: Arrival, *, by: User) -> dict[str, list[object]]:
    rows = _rows(meeting)
    ours = {address: row.role for address, row in rows.items() if row.removed_at is None}
    theirs = {seat.place.address: seat.place.role for seat in arrival.seats}
    if _is_of_others(meeting, by):
        theirs = ours | theirs
    if ours == theirs:
        return {}
    return {
        "attendees": [
            sorted(f"{address} ({role})" for address, role in people.items())
            for people in (ours, theirs)
        ]
    }


def _answers_of_whole(
    meeting: Meeting, arrival: Arrival, *, kept: Collection[int], by: User
) -> list[tuple[str, str]]:
    rows = _rows(meeting)
    return [
        (row.status, seat.status)
        for seat in arrival.seats
        if (row := rows.get(seat.place.address)) and row.removed_at is None
        if row.status != seat.status and not _answer_stays(row, kept, by=by)
    ]


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
    filled(meeting, arrival)
    meeting.save(force_insert=True)
    rows = write_dates(meeting, arrival, now=now)
    span = span_of(Sheet(meeting, rows, ()))
    added = Invitation.objects.bulk_create(
        _invitation(meeting, seat, span, now=now) for seat in arrival.seats
    )
    leaves = not _is_of_others(meeting, by)
    write_answers(meeting, arrival, rows, kept=(), leaves=leaves, now=now)
    _record(meeting, added, span, {}, by=by, now=now, invite=invite)
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
    filled(meeting, arrival)
    meeting.sequence = max(meeting.sequence, arrival.sequence)
    if altered:
        meeting.version += 1
        meeting.updated_at = now
    meeting.save()
    rows = write_dates(meeting, arrival, now=now)
    off = [row.pk for row in rows if row.status == Occurrence.Status.CANCELLED]
    release_rooms(list(meeting_bookings(meeting).filter(occurrence__in=off)), now=now)
    span = span_of(Sheet(meeting, rows, ()))
    kept = () if "when" in fields else answered
    added = list(_seat(meeting, arrival, span, kept=kept, by=by, now=now))
    leaves = not _is_of_others(meeting, by)
    write_answers(meeting, arrival, rows, kept=kept, leaves=leaves, now=now)
    _record(meeting, added, span, altered, by=by, now=now, invite=invite)


def _seat(
    meeting: Meeting,
    arrival: Arrival,
    span: Span,
    *,
    kept: Collection[int],
    by: User,
    now: datetime,
) -> Iterator[Invitation]:
    """Write everybody's place; yields the invitations that are new.

    Nobody leaves a meeting of others: their calendars often show one guest alone.
    """
    rows = _rows(meeting)
    for seat in arrival.seats if arrival.whole else ():
        row = rows.pop(seat.place.address, None)
        if row is None or row.removed_at is not None:
            fresh = _invitation(meeting, seat, span, now=now)
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
            if arrival.whole and not _is_of_others(meeting, by):
                row.removed_at = now
            row.save(update_fields=["span", "removed_at"])


def _invitation(meeting: Meeting, seat: Seat, span: Span, *, now: datetime) -> Invitation:
    """An unsaved invitation with the answer that came; when it was given nobody says."""
    invitation = new_invitation(meeting, seat.place, now=now)
    invitation.status, invitation.responded_at = seat.status, None
    invitation.span = span
    return invitation


def _record(
    meeting: Meeting,
    added: list[Invitation],
    span: Span,
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
    over = span is None or (span.upper is not None and span.upper <= now)
    if not invite or over or _is_of_others(meeting, by):
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


def _status(cancelled: bool) -> str:
    return Occurrence.Status.CANCELLED if cancelled else Occurrence.Status.SCHEDULED
