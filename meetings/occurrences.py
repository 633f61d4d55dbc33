"""Calendars: what is on between two instants, for a person and in a room."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from accounts.models import User
from meetings.availability import WIDEST_OFFSET
from meetings.dates import dates_in
from meetings.intervals import Stretch
from meetings.models import Booking, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
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

    @property
    def key(self) -> tuple[int, str]:
        """What names the date: the meeting's id and the recurrence-id."""
        return self.occurrence.key


def calendar_of(user: User, within: Stretch) -> list[Entry]:
    """What is on `user`'s calendar in `within`, in order of start.

    Declined dates are there too; cancelled and skipped ones are not, nor those that she is not
    on. Goes by the index on (person, span): history costs nothing. Two queries, and one more if
    a series reaches past its index here.
    """
    near = Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
    invitations = _invitations(user, near)
    entries = []
    for date in dates_in([rows[0].meeting for rows in invitations.values()], near):
        stretch = date.occupied_in(user.zone)
        if not stretch.overlaps(within):
            continue
        mine = on_date(invitations[date.meeting_id], date.recurrence_id)
        entries += [Entry(date, invitation, stretch) for invitation in mine]
    return sorted(entries, key=lambda entry: (entry.stretch, entry.key))


def _invitations(user: User, near: Stretch) -> dict[int, list[Invitation]]:
    """The person's rows that reach into `near` by meeting, also those that take her off a date."""
    found = (
        # As the index has it: PostgreSQL wants that said.
        Invitation.objects.filter(user__isnull=False)
        .filter(Q(removed_at__isnull=True) | ~Q(recurrence_id=""))
        .filter(among("user_id", [user.pk]), span__overlap=as_range(near))
        .select_related("meeting")
        .order_by()
    )
    by_meeting: defaultdict[int, list[Invitation]] = defaultdict(list)
    for invitation in found:
        by_meeting[invitation.meeting_id].append(invitation)
    return by_meeting


def with_rooms(occurrences: Iterable[Occurrence]) -> None:
    """Prefetches the rooms that these dates have, for `rooms_of`; one query."""
    held = Booking.objects.unreleased().filter(kind=Booking.Kind.MEETING)
    with_room = Prefetch("bookings", held.select_related("room__site").order_by("room__name"))
    # A date past the index holds nothing.
    prefetch_related_objects([date for date in occurrences if date.pk], with_room)


def rooms_of(occurrence: Occurrence) -> list[Room]:
    """The rooms this date really has, by name; after `with_rooms` without a query."""
    return [booking.room for booking in occurrence.bookings.all()] if occurrence.pk else []


def wanted_rooms(
    meeting: Meeting, dates: Iterable[Occurrence], *, known: Mapping[int, Room] | None = None
) -> dict[str, list[Room]]:
    """By recurrence-id, the rooms that dates of `meeting` have or are still to get, by name.

    Those that somebody else had by the time they could be booked are not among them. A query for
    the meeting's rooms unless prefetched, and one more if a date has other rooms of its own that
    are not `known` by id.
    """
    usual = {room.pk: room for room in meeting.rooms.all()}
    wanted = {}
    for date in dates:
        ids = usual if date.room_ids is None else date.room_ids
        wanted[date.recurrence_id] = [pk for pk in ids if pk not in date.missed_rooms]
    known = usual | dict(known or {})
    others = {pk for ids in wanted.values() for pk in ids} - set(known)
    known |= Room.objects.select_related("site").in_bulk(others) if others else {}
    return {
        name: sorted((known[pk] for pk in ids if pk in known), key=lambda room: room.name)
        for name, ids in wanted.items()
    }


def how_many_come(dates: Collection[Occurrence]) -> dict[tuple[int, str], int]:
    """How many people are on each of these dates, the organizer too.

    By meeting (id) and recurrence-id. One query, and one more if one is a date of a series.
    """
    meetings = {date.meeting_id for date in dates}
    on_all = dict(
        Invitation.objects.current()
        .filter(meeting__in=meetings, recurrence_id="")
        .order_by()
        .values_list("meeting")
        .annotate(Count("pk"))
    )
    differing = _differing([date for date in dates if date.meeting.is_series])
    return {
        (date.meeting_id, date.recurrence_id): on_all.get(date.meeting_id, 0)
        + differing.get((date.meeting_id, date.recurrence_id), 0)
        for date in dates
    }


def _differing(dates: Collection[Occurrence]) -> Counter[tuple[int, str]]:
    """How many more, or fewer, people are on single dates than on their series."""
    found: Counter[tuple[int, str]] = Counter()
    if not dates:
        return found
    on_all = Invitation.objects.current().filter(
        Q(user=OuterRef("user")) | Q(user=None, email__iexact=OuterRef("email")),
        meeting=OuterRef("meeting"),
        recurrence_id="",
    )
    rows = Invitation.objects.filter(
        meeting__in={date.meeting_id for date in dates},
        recurrence_id__in={date.recurrence_id for date in dates},
    ).annotate(on_all=Exists(on_all))
    for meeting, name, removed_at, is_on_all in rows.order_by().values_list(
        "meeting", "recurrence_id", "removed_at", "on_all"
    ):
        found[meeting, name] += (removed_at is None) - is_on_all
    return found


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
