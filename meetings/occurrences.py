"""Calendars: what is on between two instants, for a person and in a room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, prefetch_related_objects

from accounts.models import User
from meetings.availability import WIDEST_OFFSET
from meetings.intervals import Stretch
from meetings.models import Booking, Invitation, Meeting, Occurrence
from meetings.models.ranges import among, as_range
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Entry:
    """One date on somebody's calendar, with the answer that counts for it."""

    occurrence: Occurrence
    invitation: Invitation
    stretch: Stretch
    """The instants it takes in the person's zone, also of an all-day date."""

    @property
    def meeting(self) -> Meeting:
        """The meeting it is a date of."""
        return self.occurrence.meeting


def calendar_of(user: User, within: Stretch) -> list[Entry]:
    """What is on `user`'s calendar in `within`, in order of start; two queries.

    Declined dates are there too, cancelled and skipped ones are not. Goes by the index on
    (person, span): history costs nothing.
    """
    near = Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
    invitations = _invitations(user, near)
    occurrences = (
        Occurrence.objects.live()
        .overlapping(near)
        .filter(meeting__in={meeting_id for meeting_id, _ in invitations})
    )
    entries = []
    for occurrence in occurrences:
        mine = invitations.get((occurrence.meeting_id, occurrence.recurrence_id))
        mine = mine or invitations.get((occurrence.meeting_id, ""))
        if mine is None:  # asked to another date only
            continue
        occurrence.meeting = mine.meeting
        stretch = occurrence.occupied_in(user.zone)
        if stretch.overlaps(within):
            entries.append(Entry(occurrence, mine, stretch))
    return sorted(entries, key=lambda entry: (entry.stretch, entry.occurrence.pk))


def _invitations(user: User, near: Stretch) -> dict[tuple[int, str], Invitation]:
    """The person's invitations that reach into `near`, by meeting and date ("" for all)."""
    found = (
        Invitation.objects.current()
        # The index is of users' rows only, and PostgreSQL wants that said.
        .filter(user__isnull=False)
        .filter(among("user_id", [user.pk]), span__overlap=as_range(near))
        .select_related("meeting")
        .order_by()
    )
    return {(invitation.meeting_id, invitation.recurrence_id): invitation for invitation in found}


def with_rooms(occurrences: Iterable[Occurrence]) -> None:
    """Prefetches the rooms that these dates have, for `rooms_of`; one query."""
    held = Booking.objects.unreleased().filter(kind=Booking.Kind.MEETING)
    with_room = Prefetch("bookings", held.select_related("room__site").order_by("room__name"))
    prefetch_related_objects(list(occurrences), with_room)


def rooms_of(occurrence: Occurrence) -> list[Room]:
    """The rooms this date really has, by name; after `with_rooms` without a query."""
    return [booking.room for booking in occurrence.bookings.all()]


def how_many_come(meetings: Collection[int]) -> dict[int, int]:
    """How many people are on each of these meetings (ids), the organizer too; one query."""
    counted = (
        Invitation.objects.current()
        .filter(meeting__in=meetings, recurrence_id="")
        .order_by()
        .values_list("meeting")
        .annotate(Count("pk"))
    )
    return dict(counted)


def occurrences_in_room(room: Room, within: Stretch, *, now: datetime) -> list[Occurrence]:
    """The dates that hold `room` in `within`, in order of start, with meeting and organizer.

    One query. Titles are for the face to cut (`permissions.titles_hidden_from`).
    """
    held = Booking.objects.live(now).filter(
        among("room_id", [room.pk]),
        during__overlap=as_range(within),
        kind=Booking.Kind.MEETING,  # what an undo keeps may belong to a date that has moved
    )
    occurrences = Occurrence.objects.live().filter(pk__in=held.values("occurrence"))
    return list(occurrences.select_related("meeting__organizer").order_by("during", "pk"))
