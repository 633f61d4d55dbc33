"""Which rooms fit a question, and in which order: judged in the database, for all rooms at once.

1. What needs a zone or a rule of ours (opening hours, closures, how far ahead a room can be
   booked) is worked out by `barring` with the code that judges proposals, and goes along with
   the question: as bits, one for each date, for rooms that are alike in it.
2. In the database each booking in the way becomes bits as well: it spoils the dates that end
   after it begins and start before it ends, found by bisection, with the room's buffers.
3. The dates that a room cannot have are the bits of either; fewer of them stand first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Q, Value, When
from django.db.models.sql import Query

from meetings.conflicts import Proposal
from meetings.intervals import merge
from meetings.models import Booking, Occurrence
from meetings.models.ranges import during_any
from meetings.slots.barring import Barring
from rooms.models import RoomQuerySet

NO_ROOM = Q(pk__in=())
# Kept as steps of their own: the planner cannot guess how many bookings a multirange meets. Each
# room has a kind; the outer join only tells the planner that none is lost by looking it up.
JUDGED = """
WITH candidates AS ({candidates}),
kinds AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[],
                         %s::varbit[], %s::varbit[], %s::varbit[])
        AS k (site_id, hours, horizon, before, after, clock, weighed, booked, barred)
),
clocks AS MATERIALIZED (
    SELECT clock, starts::timestamptz[] AS starts, ends::timestamptz[] AS ends
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS c (clock, starts, ends)
),
rooms AS MATERIALIZED (
    SELECT c.*, k.clock, k.weighed, k.booked, k.barred,
           make_interval(mins => k.before) AS before, make_interval(mins => k.after) AS after
    FROM candidates c
    LEFT JOIN kinds k ON k.site_id = c.site_id AND k.hours = c.hours
        AND k.horizon = COALESCE(c.horizon_days, -1)
        AND k.before = c.buffer_before AND k.after = c.buffer_after
),
held AS MATERIALIZED ({held}),
taken AS (
    SELECT room_id, bit_or(
        (%s::varbit >> width_bucket(lower(during) - after, ends))
        & (%s::varbit << (%s - width_bucket(
            upper(during) + before - interval '1 microsecond', starts)))
    ) AS bits
    FROM held JOIN rooms ON rooms.id = room_id JOIN clocks USING (clock)
    GROUP BY room_id
),
shut AS (SELECT * FROM unnest(%s::bigint[], %s::varbit[]) AS s (room_id, bits)),
shut_sites AS (SELECT * FROM unnest(%s::bigint[], %s::varbit[]) AS s (site_id, bits)),
offers AS (
    SELECT room_id, count(*) AS count FROM rooms_room_amenities
    WHERE amenity_id = ANY(%s::bigint[]) GROUP BY room_id
),
weighed AS (
    SELECT id, name, capacity, near, active,
           GREATEST(%s - capacity, 0) AS short,
           %s - COALESCE(offers.count, 0) AS lacking,
           bit_count(barred | (COALESCE(taken.bits, %s::varbit) & booked)
                     | ((COALESCE(shut.bits, %s::varbit) | COALESCE(shut_sites.bits, %s::varbit))
                        & weighed)) AS lost
    FROM rooms
    LEFT JOIN taken ON taken.room_id = id
    LEFT JOIN shut ON shut.room_id = id
    LEFT JOIN shut_sites USING (site_id)
    LEFT JOIN offers ON offers.room_id = id
),
judged AS MATERIALIZED (
    SELECT *, (short > 0)::int + (lacking > 0)::int + (lost > 0)::int AS rules FROM weighed
)
SELECT id, active AND rules = 0, (SELECT count(*) FROM judged),
       (SELECT count(*) FROM judged WHERE active AND rules = 0)
FROM judged
ORDER BY active DESC, rules, lost, lacking, short, near DESC, capacity, name, id
OFFSET LEAST(%s, GREATEST((SELECT count(*) FROM judged) - 1, 0) / %s * %s) LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class RoomQuestion:
    """What a room is wanted for: the proposal's dates and seats; its people and rooms do not count.

    `rooms` are those to choose from (by site or by name, say), `amenities` ids of what they are
    to have. Of rooms against which equally little stands, those that are `near` come first.
    `next_free` asks also when rooms that are taken or shut at a single time are free next.
    """

    proposal: Proposal
    rooms: RoomQuerySet
    amenities: frozenset[int] = frozenset()
    near: Q = NO_ROOM
    next_free: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A page of room ids in order, those of them that fit, and how many rooms there are."""

    ids: list[int]
    fitting: frozenset[int]
    total: int
    total_fitting: int


def judge(question: RoomQuestion, *, now: datetime, first: int, most: int) -> Judged:
    """The rooms from the `first` on (the last page's, if there are not so many), `most` of them.

    Six queries, eleven where rooms have opening hours of their own.
    """
    proposal = question.proposal
    barring = Barring(proposal, question.rooms, now=now)
    count = len(proposal.dates)
    ones, none = "1" * count, "0" * count
    candidates, room_values = _candidates(question).sql_with_params()
    held, held_values = _held(proposal, barring, now).sql_with_params()
    amenities = sorted(question.amenities)
    values: list[Any] = [
        *room_values,
        *barring.kinds(),
        *barring.clocks(),
        *held_values,
        *(ones, ones, count),
        *barring.rooms(),
        *barring.sites(),
        *(amenities, proposal.seats, len(amenities), none, none, none),
        *(first, most, most, most),
    ]
    with connection.cursor() as cursor:
        cursor.execute(JUDGED.format(candidates=candidates, held=held), values)
        found = cursor.fetchall()
    total, fitting = found[0][2:] if found else (0, 0)
    return Judged(
        [pk for pk, *_rest in found],
        frozenset(pk for pk, fits, *_rest in found if fits),
        total,
        fitting,
    )


def marked_near(rooms: RoomQuerySet, near: Q) -> RoomQuerySet:
    """The rooms with `near`, whether they are preferred."""
    flag = Case(When(near, then=Value(True)), default=Value(False), output_field=BooleanField())
    found: RoomQuerySet = rooms.annotate(near=flag)
    return found


def _candidates(question: RoomQuestion) -> Query:
    names = ("id", "site_id", "hours", "horizon_days", "buffer_before", "buffer_after")
    rooms = marked_near(question.rooms, question.near).order_by()
    query: Query = rooms.values(*names, "name", "capacity", "active", "near").query
    return query


def _held(proposal: Proposal, barring: Barring, now: datetime) -> Query:
    """What may be in the way, as `availability.occupied` counts it."""
    around = merge(proposal.around(rooms=barring.alike))
    held = Booking.objects.live(now).filter(during_any("during", around))
    if proposal.holder is not None:
        held = held.exclude(kind=Booking.Kind.HOLD, held_by=proposal.holder)
    if proposal.ignoring is not None:
        own = Occurrence.objects.filter(meeting=proposal.ignoring)
        if proposal.ignored is not None:
            own = own.filter(pk__in=proposal.ignored)
        held = held.exclude(kind=Booking.Kind.MEETING, occurrence__in=own.values("pk"))
    return held.values("room_id", "during").query
