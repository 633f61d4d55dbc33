"""What is booked where, for those who are about to shut it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, prefetch_related_objects

from accounts.models import User
from meetings import scheduler
from meetings.intervals import Stretch
from meetings.models import Booking
from meetings.permissions import seen_title
from rooms.models import Closure, Room


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting in a room, as one reader may see it, with whom to talk to."""

    title: str
    room: str
    stretch: Stretch
    organizer: str
    address: str


def bookings_ahead(rooms: Iterable[Room], *, now: datetime) -> QuerySet[Booking]:
    """Meetings' bookings of these rooms that are not over, soonest first."""
    return Booking.objects.live(now).filter(
        kind=Booking.Kind.MEETING, room__in=list(rooms), during__endswith__gt=now
    )


def booked_inside(closure: Closure, reader: User, *, now: datetime) -> list[Booked]:
    """The meetings to come that a closure meets, soonest first, in a constant number of queries."""
    met = [
        booking for booking in scheduler.plan_closing(closure, now=now) if booking.stretch.end > now
    ]
    prefetch_related_objects(met, "occurrence__meeting__invitations")
    return [_as_seen(booking, reader) for booking in met]


def _as_seen(booking: Booking, reader: User) -> Booked:
    occurrence = booking.occurrence
    assert occurrence is not None  # the constraint: a meeting's booking has a date
    return Booked(
        title=seen_title(occurrence, reader),
        room=booking.room.name,
        stretch=occurrence.occupied_in(booking.room.zone),
        organizer=occurrence.meeting.organizer_shown,
        address=occurrence.meeting.organizer_address,
    )
