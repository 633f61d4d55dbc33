"""Keep the rows of series up with the record: extend them, compare them, restore them.

Each meeting is a transaction of its own, so a run that is killed leaves whole ones, and running
any of this twice is harmless.
"""

import logging
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection
from psycopg.types.range import Range

from meetings import recurrence
from meetings.dates import Index, horizon, index_of
from meetings.models import Invitation, Meeting, Occurrence
from meetings.problems import Refusal
from meetings.scheduler.clocks import rebook
from meetings.scheduler.committing import committed
from meetings.scheduler.rooming import book_wanted
from meetings.scheduler.sheets import Sheet
from meetings.scheduler.spans import wrong_spans

logger = logging.getLogger(__name__)

SLACK = timedelta(days=1)
"""How far the rows may fall behind the horizon: a series is extended once a day."""

FOR_EVER = datetime.max.replace(tzinfo=UTC)

# Series with a date to come that wants a room it neither has nor has missed. Where a room's days
# end in its zone is judged later; two days more than its limit hold them all.
LACKING = """
WITH coming AS NOT MATERIALIZED (
    SELECT o.id, o.meeting_id, o.during, o.missed_rooms, o.room_ids
    FROM meetings_occurrence o
    JOIN meetings_meeting m ON m.id = o.meeting_id AND m.rrule <> ''
    WHERE o.status = 'scheduled' AND lower(o.during) > %(now)s
), wanting AS (
    SELECT coming.id, meeting_id, during, missed_rooms, w.room_id
    FROM coming JOIN meetings_meeting_rooms w USING (meeting_id)
    WHERE room_ids IS NULL
    UNION ALL
    SELECT id, meeting_id, during, missed_rooms, unnest(room_ids) FROM coming
)
SELECT DISTINCT wanting.meeting_id
FROM wanting
JOIN rooms_room r ON r.id = wanting.room_id
LEFT JOIN meetings_booking b ON b.occurrence_id = wanting.id AND b.room_id = r.id
    AND b.released_at IS NULL AND b.kind = 'meeting'
WHERE b.id IS NULL AND NOT r.id = ANY(wanting.missed_rooms)
  AND (r.horizon_days IS NULL
       OR lower(wanting.during) < %(now)s + (r.horizon_days + 2) * interval '1 day')
"""


class Wrong(StrEnum):
    """How rows can differ from what the record says."""

    MISSING = "is missing"
    STALE = "is not a date of the meeting any more"
    OTHER = "has another time or status than the record gives"
    UNTIL = "says wrongly how far its rows reach"
    SPAN = "has invitations that do not reach over all its dates"


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference between rows and record; `date` is its recurrence-id, if it is of a date."""

    wrong: Wrong
    date: str = ""

    def __str__(self) -> str:
        return f"{self.date or 'the meeting'} {self.wrong}"


def check(meeting: Meeting, *, now: datetime) -> list[Drift]:
    """How the meeting's rows differ from what its record says; writes nothing."""
    return _compare(meeting, now=now).drifts


def rebuild(meeting: Meeting, *, now: datetime) -> list[Drift]:
    """Make the meeting's rows what its record says; returns what was different.

    Rows keep their ids. Rooms of a date to come that turns out to be at another time are booked
    anew; those of a date that was missing are booked when the series is extended next.
    """
    pk = meeting.pk

    def work() -> list[Drift]:
        (locked,) = Meeting.objects.locked([pk])
        found = _compare(locked, now=now)
        if found.drifts:
            _restore(locked, found, now=now)
        return found.drifts

    return committed(work)


def series_to_extend(now: datetime) -> list[int]:
    """The ids of series that lack rows, or rooms that may be free to book by now."""
    behind = Meeting.objects.filter(
        indexed_until__lt=horizon(now) - SLACK, cancelled=False
    ).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(LACKING, {"now": now})
        lacking = {pk for (pk,) in cursor.fetchall()}
    return sorted(lacking.union(behind))


def extend_series(pk: int, *, now: datetime) -> bool:
    """Add a series' rows up to the horizon, and book what its dates want; whether it did any.

    Where a wanted room is not to be had, the organizer is told.
    """

    def work() -> bool:
        (meeting,) = Meeting.objects.locked([pk])
        rows = list(meeting.occurrences.all())
        index = index_of(meeting, rows, until=_reach(meeting, now))
        # Only what is new: times that the rules of a zone have moved are announced by `clocks`.
        new = Occurrence.objects.bulk_create(row for row in index.rows if row.pk is None)
        moved_on = meeting.indexed_until != index.until
        if moved_on:
            meeting.indexed_until = index.until
            meeting.save(update_fields=["indexed_until"])
        there = meeting.occurrences.filter(during__endswith__gt=now).order_by("during")
        told = book_wanted(meeting, _of(meeting, there), now=now)
        return bool(new or moved_on or told)

    return committed(work)


def extend(*, now: datetime) -> int:
    """Extend every series that has to be; returns how many. One that cannot be is logged."""
    return sum(extend_or_log(pk, now=now) for pk in series_to_extend(now))


def extend_or_log(pk: int, *, now: datetime) -> bool:
    """As `extend_series`; one that fails must not keep the others waiting."""
    try:
        return extend_series(pk, now=now)
    except Refusal as refusal:
        logger.warning("Meeting %s was not extended: %s", pk, refusal)
    except Exception:
        logger.exception("Meeting %s could not be extended", pk)
    return False


def _of(meeting: Meeting, rows: Iterable[Occurrence]) -> list[Occurrence]:
    found = list(rows)
    for row in found:
        row.meeting = meeting
    return found


def _reach(meeting: Meeting, now: datetime) -> datetime:
    """How far to extend: never back, and not at all where every date is a row."""
    if meeting.indexed_until is None:
        return _claimed(meeting, now)
    return max(meeting.indexed_until, horizon(now))


def _claimed(meeting: Meeting, now: datetime) -> datetime:
    """How far the rows are said to reach."""
    if meeting.indexed_until is not None:
        return meeting.indexed_until
    endless = meeting.is_series and recurrence.last(meeting.when, meeting.rrule) is None
    return horizon(now) if endless else FOR_EVER


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The rows as they have to be, beside how they were; `changed` maps those to be updated."""

    index: Index
    changed: dict[int, Range[datetime]]
    spans: list[Invitation]
    drifts: list[Drift]


def _compare(meeting: Meeting, *, now: datetime) -> _Comparison:
    rows = _of(meeting, meeting.occurrences.all())
    was = {row.pk: (row.during, row.all_day, row.status) for row in rows}
    index = index_of(meeting, rows, until=_claimed(meeting, now))
    changed: dict[int, Range[datetime]] = {}
    drifts = []
    for row in index.rows:
        if row.pk not in was:
            drifts.append(Drift(Wrong.MISSING, row.recurrence_id))
        elif was[row.pk] != (row.during, row.all_day, row.status):
            changed[row.pk] = was[row.pk][0]
            drifts.append(Drift(Wrong.OTHER, row.recurrence_id))
    drifts += [Drift(Wrong.STALE, row.recurrence_id) for row in index.stale]
    if index.until != meeting.indexed_until:
        drifts.append(Drift(Wrong.UNTIL))
    right = copy(meeting)
    right.indexed_until = index.until
    spans = wrong_spans(Sheet(right, list(index.rows), ()))
    if spans:
        drifts.append(Drift(Wrong.SPAN))
    return _Comparison(index, changed, spans, drifts)


def _restore(meeting: Meeting, found: _Comparison, *, now: datetime) -> None:
    Occurrence.objects.filter(pk__in=[row.pk for row in found.index.stale]).delete()
    updated = [row for row in found.index.rows if row.pk in found.changed]
    Occurrence.objects.bulk_update(updated, ["during", "all_day", "status"])
    Occurrence.objects.bulk_create(row for row in found.index.rows if row.pk is None)
    moved = [row for row in updated if row.during != found.changed[row.pk]]
    rebook([(meeting, moved)], now=now)
    Invitation.objects.bulk_update(found.spans, ["span"])
    meeting.indexed_until = found.index.until
    meeting.save(update_fields=["indexed_until"])
