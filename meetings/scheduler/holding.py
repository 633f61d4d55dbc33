"""Taking rooms, giving them back, and keeping what an undo may need."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import User
from meetings.conflicts import stretch_for, with_buffers
from meetings.intervals import Stretch, subtract
from meetings.models import Booking, Occurrence
from meetings.models.ranges import as_range, during_any
from meetings.wallclock import When
from rooms.models import Room


def lock_rooms(room_ids: Iterable[int]) -> None:
    """Lock rooms against other commands until the transaction ends."""
    ids = set(room_ids)
    if ids:
        rooms = Room.objects.filter(pk__in=ids).order_by("pk")
        list(rooms.select_for_update(no_key=True).values_list("pk"))


def take_rooms(
    occurrence: Occurrence, when: When, rooms: Sequence[Room], *, by: User | None, now: datetime
) -> None:
    """Book locked rooms for an occurrence; expired holds and `by`'s own give way."""
    take_all([(occurrence, room) for room in rooms], by=by, now=now, when=when)


def take_all(
    wanted: Sequence[tuple[Occurrence, Room]],
    *,
    by: User | None,
    now: datetime,
    when: When | None = None,
) -> None:
    """Book locked rooms for dates (at `when`, if given); expired holds and `by`'s own give way.

    Two statements, however many dates there are.
    """
    if not wanted:
        return
    during = [
        with_buffers(stretch_for(when or occurrence.when, room), room)
        for occurrence, room in wanted
    ]
    yields = Q(expires_at__lte=now)
    if by is not None:
        yields |= Q(held_by=by)
    Booking.objects.unreleased().filter(
        yields,
        during_any("during", during),
        kind=Booking.Kind.HOLD,
        room__in={room.pk for _occurrence, room in wanted},
    ).update(released_at=now)
    Booking.objects.bulk_create(
        Booking(room=room, occurrence=occurrence, during=as_range(stretch), created_at=now)
        for (occurrence, room), stretch in zip(wanted, during, strict=True)
        if stretch.length  # none of a day that there never was in the room's zone
    )


def release_rooms(bookings: Sequence[Booking], *, now: datetime) -> None:
    """Give back these bookings' rooms, and end what an earlier undo of the same dates held."""
    occurrences = {booking.occurrence_id for booking in bookings}
    Booking.objects.unreleased().filter(
        Q(pk__in=[booking.pk for booking in bookings])
        | Q(kind=Booking.Kind.HOLD, occurrence__in=occurrences)
    ).update(released_at=now)


def hold_freed(
    bookings: Sequence[Booking],
    *,
    by: User,
    now: datetime,
    undo: timedelta,
    kept: Iterable[tuple[int, Stretch]] = (),
) -> None:
    """While a change can be undone, hold for `by` what it freed.

    `kept` names (room id, stretch) that the meeting's new bookings cover: no hold is made there.
    """
    covered = list(kept)
    Booking.objects.bulk_create(
        Booking(
            room_id=booking.room_id,
            occurrence_id=booking.occurrence_id,
            kind=Booking.Kind.HOLD,
            during=as_range(part),
            held_by=by,
            expires_at=now + undo,
            created_at=now,
        )
        for booking in bookings
        if undo
        for part in subtract([booking.stretch], [s for pk, s in covered if pk == booking.room_id])
        if part.end > now
    )
