"""What is chosen for a date of a series, as text in a form and as a decision."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from meetings.scheduler import Decision, OtherRooms, OtherTime, Skip, TryAgain
from meetings.wallclock import AllDay, When
from rooms.models import Room

SKIP, AGAIN = "skip", "again"
ROOMS, TIME = "room", "time"


def rooms_value(rooms: Iterable[Room]) -> str:
    """These rooms instead: `room:blue-room,green-room`."""
    return f"{ROOMS}:{','.join(room.code for room in rooms)}"


def time_value(when: When, rooms: Iterable[Room] | None = None) -> str:
    """Another time, in the rooms it has or in these: `time:2027-03-10T14:00:00,blue-room`."""
    if rooms is None:
        return f"{TIME}:{when.recurrence_id()}"
    return f"{TIME}:{','.join([when.recurrence_id(), *(room.code for room in rooms)])}"


def codes_in(choice: str) -> list[str]:
    """The codes of the rooms that a choice names."""
    kind, _colon, value = choice.partition(":")
    pieces = [piece for piece in value.split(",") if piece]
    return {ROOMS: pieces, TIME: pieces[1:]}.get(kind, [])


def decision_of(
    choice: str, when: When, rooms: Mapping[str, int], *, now: datetime
) -> Decision | None:
    """The decision a choice means for a date at `when`; None for one that cannot be.

    `rooms` are the ids of the rooms there are, by code.
    """
    kind, _colon, value = choice.partition(":")
    codes = codes_in(choice)
    if not all(code in rooms for code in codes):
        return None
    ids = tuple(rooms[code] for code in codes)
    if choice == SKIP:
        return Skip()
    if choice == AGAIN:
        return TryAgain()
    if kind == ROOMS:
        return OtherRooms(ids)
    if kind != TIME:
        return None
    moved = time_in(value, when)
    if moved is None or moved.during().start <= now:
        return None
    return OtherTime(moved, ids if codes else None)


def time_in(value: str, when: When) -> When | None:
    """The date at `when` moved to the time that begins the text; None if there is none."""
    start = value.partition(",")[0]
    try:
        if isinstance(when, AllDay):
            return when.on(date.fromisoformat(start))
        return replace(when, start=datetime.fromisoformat(start))
    except ValueError:
        return None
