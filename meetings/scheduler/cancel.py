"""Call a meeting off."""

from datetime import datetime, timedelta

from accounts.models import User
from meetings import lifecycle
from meetings.conflicts import Proposal
from meetings.events import audience
from meetings.lifecycle import Act
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.permissions import require_edit
from meetings.scheduler.committing import committed, record
from meetings.scheduler.differences import draft_of, require_version
from meetings.scheduler.holding import hold_freed, lock_rooms, release_rooms
from meetings.scheduler.plans import Done, Plan, place_of
from rooms.models import Room


def plan_cancel(meeting: Meeting, *, by: User, now: datetime) -> Plan:
    """What `cancel` would do. Raises NotAllowed or WrongState."""
    require_edit(by, meeting)
    lifecycle.require(Act.CANCEL, meeting.occurrence, now)
    places = tuple(
        place_of(invitation)
        for invitation in meeting.invitations.select_related("user", "meeting")
        if invitation.removed_at is None and not invitation.recurrence_id
    )
    rooms = tuple(
        Room.objects.filter(
            bookings__in=Booking.objects.unreleased().filter(
                occurrence__meeting=meeting, kind=Booking.Kind.MEETING
            )
        ).distinct()
    )
    return Plan(
        draft_of(meeting),
        Proposal((meeting.when,), (), (), seats=len(places), ignoring=meeting),
        places,
        rooms=(),
        rooms_released=rooms,
        told=tuple(audience(Change.Kind.CANCELLED, fields=(), stayed=places)),
    )


def cancel(
    meeting: Meeting,
    *,
    by: User,
    now: datetime,
    version: int | None = None,
    reason: str = "",
    undo: timedelta = timedelta(0),
) -> Done:
    """Call the meeting off, give its rooms back and tell everybody invited.

    With `version`, only if nobody changed it meanwhile. Raises NotAllowed, WrongState, Stale.
    """
    pk = meeting.pk

    def work() -> Done:
        (locked,) = Meeting.objects.locked([pk])
        if version is not None:
            require_version(locked, version)
        held = Booking.objects.unreleased().filter(occurrence__meeting=locked)
        lock_rooms(held.values_list("room", flat=True))
        plan = plan_cancel(locked, by=by, now=now)
        change = _write(locked, by=by, now=now, undo=undo)
        change.reason = reason.strip()[:1000]
        return Done(locked, record(change), plan)

    return committed(work)


def _write(meeting: Meeting, *, by: User, now: datetime, undo: timedelta) -> Change:
    occurrence = meeting.occurrence
    bookings = list(
        Booking.objects.unreleased().filter(occurrence=occurrence, kind=Booking.Kind.MEETING)
    )
    before = occurrence.status
    occurrence.status = Occurrence.Status.CANCELLED
    occurrence.save(update_fields=["status"])
    release_rooms(bookings, now=now)
    hold_freed(bookings, by=by, now=now, undo=undo)
    meeting.invitations.update(span=None)
    meeting.version += 1
    meeting.sequence += 1
    meeting.updated_at = now
    meeting.save(update_fields=["version", "sequence", "updated_at"])
    return Change(
        meeting=meeting,
        dates=[occurrence.recurrence_id],
        kind=Change.Kind.CANCELLED,
        by=by,
        version=meeting.version,
        fields={"status": [before, occurrence.status]},
        created_at=now,
        not_before=now + undo,
    )
