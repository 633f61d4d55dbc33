"""The rooms that dates of a series want and do not have yet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from meetings.conflicts import Proposal, find_conflicts
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.problems import NotYetBookable, TooFewSeats, date_of
from meetings.scheduler.committing import record
from meetings.scheduler.holding import lock_rooms, take_rooms
from rooms.models import Room


def book_wanted(meeting: Meeting, rows: Iterable[Occurrence], *, now: datetime) -> Change | None:
    """Book what these rows of a locked meeting want, have not got, and have not missed.

    A room that cannot be booked so far ahead yet is left for later. One that somebody else has,
    or that is shut or out of use then, goes into the row's `missed_rooms`; the change that
    tells the organizer of it is recorded and returned, if there is any.
    """
    wanting = _wanting(meeting, list(rows), now)
    lock_rooms(wanting)
    rooms = list(Room.objects.with_details().filter(pk__in=wanting).order_by("pk"))
    got: dict[str, list[Room]] = defaultdict(list)
    missed: dict[str, list[Room]] = defaultdict(list)
    for room in rooms:
        free, lost = _divide(room, wanting[room.pk], now=now)
        for name in free:
            got[name].append(room)
        for name in lost:
            missed[name].append(room)
    by_name = {row.recurrence_id: row for wanted in wanting.values() for row in wanted}
    for name, free_rooms in got.items():
        take_rooms(by_name[name], by_name[name].when, free_rooms, by=None, now=now)
    for name, lost_rooms in missed.items():
        by_name[name].missed_rooms += [room.pk for room in lost_rooms]
        by_name[name].save(update_fields=["missed_rooms"])
    return _tell_of(meeting, missed, now=now) if missed else None


def _wanting(
    meeting: Meeting, rows: Sequence[Occurrence], now: datetime
) -> dict[int, list[Occurrence]]:
    """The dates to come that lack a room they want, by the room's id. Two queries."""
    coming = [row for row in rows if row.status == row.Status.SCHEDULED and row.start > now]
    has = set(
        Booking.objects.unreleased()
        .filter(occurrence__in=coming, kind=Booking.Kind.MEETING)
        .values_list("occurrence_id", "room_id")
    )
    of_all = list(meeting.rooms.values_list("pk", flat=True))
    wanting: dict[int, list[Occurrence]] = defaultdict(list)
    for row in coming:
        for pk in of_all if row.room_ids is None else row.room_ids:
            if (row.pk, pk) not in has and pk not in row.missed_rooms:
                wanting[pk].append(row)
    return wanting


def _divide(
    room: Room, rows: Sequence[Occurrence], *, now: datetime
) -> tuple[list[str], list[str]]:
    """Which of these dates can have the room, and which have lost it; the others have to wait.

    The meeting's own other dates stand in the way like anybody's.
    """
    names = tuple(row.recurrence_id for row in rows)
    asked = Proposal(
        tuple(row.when for row in rows), (), (room,), seats=0, names=names, repeats=True
    )
    later, lost = set(), set()
    for problem in find_conflicts(asked, now=now):
        if isinstance(problem, NotYetBookable):
            later.add(problem.date)
        elif not isinstance(problem, TooFewSeats):
            lost |= {date_of(problem)} if date_of(problem) else set(names)
    return (
        [name for name in names if name not in later | lost],
        [name for name in names if name in lost - later],
    )


def _tell_of(meeting: Meeting, missed: dict[str, list[Room]], *, now: datetime) -> Change:
    names = sorted({room.name for rooms in missed.values() for room in rooms})
    return record(
        Change(
            meeting=meeting,
            kind=Change.Kind.ROOMS,
            dates=sorted(missed),
            version=meeting.version,
            fields={"rooms_missed": [[], names]},
            created_at=now,
            not_before=now,
        )
    )
