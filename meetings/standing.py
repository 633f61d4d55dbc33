"""Whether rooms are free at this moment, and until when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from meetings.availability import busy_rooms, closures_of, open_time
from meetings.intervals import Stretch, merge, subtract
from rooms.models import Room

# Far enough to find the next opening after a week without one.
AHEAD = timedelta(days=8)


class Now(StrEnum):
    """What a room is at this moment."""

    FREE = "free"
    TAKEN = "taken"
    SHUT = "shut"  # by a closure
    NOT_OPEN = "not open"  # outside its opening hours
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a room is now: free until then, or not free until then.

    `until` is None where nothing changes within a week. `reason` is a closure's.
    """

    is_now: Now
    until: datetime | None = None
    reason: str = ""


def standings(rooms: Collection[Room], *, now: datetime) -> dict[int, Standing]:
    """Each room's standing by id, in two queries; `rooms` come `with_details()`."""
    ahead = Stretch(now, now + AHEAD)
    taken = busy_rooms(rooms, ahead, now=now)
    shut = closures_of(rooms, [ahead])
    return {
        room.pk: standing(
            ahead,
            open_time(room, ahead),
            [held.stretch for held in taken[room.pk]],
            shut.get(room.pk, []),
        )
        if room.active
        else Standing(Now.INACTIVE)
        for room in rooms
    }


def standing(
    ahead: Stretch,
    opened: Sequence[Stretch],
    taken: Sequence[Stretch],
    shut: Sequence[tuple[Stretch, str]],
) -> Standing:
    """What a room is at the start of `ahead`, from its hours, bookings and closures then."""
    now = Stretch(ahead.start, ahead.start + timedelta(microseconds=1))
    offered = subtract(opened, [stretch for stretch, _ in shut])
    free = subtract(offered, taken)
    if free and free[0].overlaps(now):
        return Standing(Now.FREE, free[0].end if free[0].end < ahead.end else None)
    if any(stretch.overlaps(now) for stretch in merge(taken)):
        return Standing(Now.TAKEN, free[0].start if free else None)
    until = offered[0].start if offered else None
    for stretch, reason in shut:
        if stretch.overlaps(now):
            return Standing(Now.SHUT, until or stretch.end, reason)
    return Standing(Now.NOT_OPEN, until)
