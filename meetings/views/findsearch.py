"""What is looked for, put to the slots: the one way from the fields to the best times."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from meetings.availability import Times, times
from meetings.intervals import Stretch
from meetings.slots import AnySlot, Wish, find_series_slots, slots_in
from meetings.views.findform import Wanted
from meetings.views.findplan import Asked
from meetings.wallclock import day_in
from rooms.models import Room, RoomQuerySet

MOST_ROOMS = 60
MOST_SUGGESTIONS = 5


class Searched(NamedTuple):
    """Everybody's time, the wish, and the slots that are suggested, best first."""

    found: Times
    wish: Wish
    slots: Sequence[AnySlot]


def search(
    wanted: Wanted, rooms: Sequence[Room], *, asked: Asked | None, now: datetime
) -> Searched:
    """The best times, in one of `rooms` if one is wanted. A constant number of queries.

    `asked` is the form that a time is looked for, if there is one: what it edits does not
    count, and of a series all dates are weighed.
    """
    zone = wanted.reader.zone
    window = Stretch(day_in(wanted.first, zone).start, day_in(wanted.last, zone).end)
    required, optional = wanted.users("required"), wanted.users("optional")
    ignoring, ignored = asked.ignoring if asked else (None, None)
    found = times(
        [*required, *optional],
        rooms,
        window,
        now=now,
        ignoring=ignoring,
        ignored=ignored,
        holder=wanted.reader,
    )
    wish = Wish(
        required=required,
        optional=optional,
        length=wanted.length,
        window=window,
        zone=zone,
        near=wanted.near,
        seats=wanted.seats if rooms else 0,
        amenities=wanted.amenities,
        site=wanted.site,
        rooms=tuple(rooms),
        ignoring=ignoring,
        holder=wanted.reader,
    )
    if asked and asked.series:
        slots: Sequence[AnySlot] = find_series_slots(
            wish, asked.series, asked.rrule, now=now, most=MOST_SUGGESTIONS
        )
    else:
        slots = slots_in(found, wish, now=now, most=MOST_SUGGESTIONS)
    return Searched(found, wish, slots)


def candidates(rooms: RoomQuerySet, wanted: Wanted) -> list[Room]:
    """At most MOST_ROOMS that could be had: those near people first, then the smallest.

    `rooms` come with their details; near is a site in the zone of somebody required.
    """
    if not wanted.seats:
        return []
    near = rooms.nearest(user.zone for user in wanted.users("required"))
    return list(near.bookable().seating(wanted.seats)[:MOST_ROOMS])
