"""Shut rooms, and let expired holds go."""

from datetime import datetime

from accounts.models import User
from meetings.models import Booking, Undo
from meetings.scheduler.committing import committed
from meetings.scheduler.holding import lock_rooms
from rooms.models import Closure, Room


def plan_closing(closure: Closure, *, now: datetime) -> list[Booking]:
    """The meetings that already have the place then, soonest first. They keep it."""
    return list(
        Booking.objects.live(now)
        .filter(room__in=rooms_of(closure), kind=Booking.Kind.MEETING)
        .filter(during__overlap=closure.during)
        .select_related("room__site", "occurrence__meeting__organizer")
        .order_by("during")
    )


def close_place(closure: Closure, *, by: User, now: datetime) -> list[Booking]:
    """Write a new or changed closure under the locks of its rooms.

    No command can book them meanwhile. Returns the meetings that already have the place then.
    """

    def work() -> list[Booking]:
        lock_rooms(room.pk for room in rooms_of(closure))
        closure.save()
        return plan_closing(closure, now=now)

    return committed(work)


def rooms_of(closure: Closure) -> list[Room]:
    """The rooms that a closure shuts."""
    if closure.room is not None:
        return [closure.room]
    return list(Room.objects.filter(site=closure.site))


def release_expired_holds(*, now: datetime) -> int:
    """Free what only an undo, or another hold that is over, still keeps. Returns how many.

    What was remembered for undoing goes as well when it cannot be undone any more.
    """
    Undo.objects.filter(until__lte=now).delete()
    return (
        Booking.objects.unreleased()
        .filter(kind=Booking.Kind.HOLD, expires_at__lte=now)
        .update(released_at=now)
    )
