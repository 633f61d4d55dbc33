"""New rules of a time zone: dates to come keep their wall clock and move on the time line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.scheduler.committing import committed, record
from meetings.scheduler.holding import lock_rooms, release_rooms
from meetings.scheduler.rooming import book_wanted

Moved = tuple[Meeting, Sequence[Occurrence]]


def dates_to_move(now: datetime) -> dict[Meeting, list[Occurrence]]:
    """The dates not over whose instants are not what the wall clock gives, by meeting.

    Their `during` is the new one already, unsaved.
    """
    found: dict[Meeting, list[Occurrence]] = defaultdict(list)
    rows = Occurrence.objects.filter(during__endswith__gt=now, all_day=False)
    for row in rows.select_related("meeting").order_by("meeting", "during").iterator(2000):
        before = row.during
        row.index()
        if row.during != before:
            found[row.meeting].append(row)
    return dict(found)


def apply_zone_rules(*, now: datetime) -> list[Change]:
    """Move the dates to come whose instants new zone rules have moved, and tell the people.

    Their rooms are released first and taken anew. Meetings that have rooms in common are one
    transaction, so that neighbours that move together do not stand in each other's way. Where
    a room is lost by it, the organizer is told. Dates that are over stay as they were.
    """
    changes = []
    for group in _groups(dates_to_move(now)):
        changes += _move(group, now=now)
    return changes


def _groups(meetings: Iterable[Meeting]) -> Iterator[set[int]]:
    """The meetings' ids, those together that rooms connect."""
    groups: list[tuple[set[int], set[int]]] = []
    booked: dict[int, set[int]] = defaultdict(set)
    wanted = Booking.objects.unreleased().filter(occurrence__meeting__in=list(meetings))
    for meeting_id, room_id in wanted.values_list("occurrence__meeting_id", "room_id").distinct():
        booked[meeting_id].add(room_id)
    for meeting in meetings:
        members, rooms = {meeting.pk}, set(booked[meeting.pk])
        for group in [g for g in groups if g[1] & rooms]:
            groups.remove(group)
            members |= group[0]
            rooms |= group[1]
        groups.append((members, rooms))
    return (members for members, _rooms in groups)


def _move(ids: set[int], *, now: datetime) -> list[Change]:
    def work() -> list[Change]:
        moved: list[Moved] = []
        for meeting in Meeting.objects.locked(ids):
            rows = [
                row
                for row in meeting.occurrences.filter(during__endswith__gt=now, all_day=False)
                if _moves(row, meeting)
            ]
            if rows:
                moved.append((meeting, rows))
        Occurrence.objects.bulk_update([row for _m, rows in moved for row in rows], ["during"])
        rebook(moved, now=now)
        return [
            _tell_of(meeting, live, now=now)
            for meeting, rows in moved
            if (live := [row for row in rows if row.status == row.Status.SCHEDULED])
        ]

    return committed(work)


def _moves(row: Occurrence, meeting: Meeting) -> bool:
    before, row.meeting = row.during, meeting
    row.index()
    return bool(row.during != before)


def rebook(moved: Iterable[Moved], *, now: datetime) -> None:
    """Give back the rooms of moved dates to come, all first, then book them where they are now.

    The meetings are locked. Rooms that a date had missed before stay missed.
    """
    pairs = [
        (meeting, [row for row in rows if row.start > now])
        for meeting, rows in moved
        if any(row.start > now for row in rows)
    ]
    bookings = list(
        Booking.objects.unreleased().filter(
            occurrence__in=[row for _meeting, rows in pairs for row in rows],
            kind=Booking.Kind.MEETING,
        )
    )
    lock_rooms(booking.room_id for booking in bookings)
    if bookings:
        release_rooms(bookings, now=now)
    had = {booking.occurrence_id for booking in bookings}
    for meeting, rows in pairs:
        book_wanted(meeting, [row for row in rows if row.pk in had], now=now)


def _tell_of(meeting: Meeting, rows: Sequence[Occurrence], *, now: datetime) -> Change:
    return record(
        Change(
            meeting=meeting,
            kind=Change.Kind.CLOCKS,
            dates=[row.recurrence_id for row in rows],
            version=meeting.version,
            created_at=now,
            not_before=now,
        )
    )
