"""The dates of meetings, whether they are rows already or only follow from a rule.

A series' record is its wall clock, its rule, and the dates that somebody touched. The rows of
the others are an index up to a horizon; past it a date is worked out when it is read, as an
unsaved Occurrence. Whoever wants dates asks here and need not know which is which.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from meetings import recurrence
from meetings.intervals import Stretch
from meetings.models import Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.wallclock import LAST_DATE

HORIZON = timedelta(days=548)
"""How far ahead dates are rows: 18 months."""

DAY = timedelta(days=1)


def horizon(now: datetime) -> datetime:
    """The instant up to which dates are to be rows."""
    return now + HORIZON


@dataclass(frozen=True, slots=True)
class Index:
    """What rows a meeting has to have.

    `rows` are all its dates up to the horizon and the touched ones past it, in order of their
    recurrence-ids, the missing ones unsaved; `stale` those that the record does not give any
    more; `until` is what `Meeting.indexed_until` has to be.
    """

    rows: tuple[Occurrence, ...]
    stale: tuple[Occurrence, ...]
    until: datetime | None


def index_of(meeting: Meeting, rows: Iterable[Occurrence], *, until: datetime) -> Index:
    """What the record says the meeting's rows have to be; `rows` are those there are.

    Reads nothing. Brings the given instances in line: `during` and `all_day` follow from the
    wall clock. A date is known by its recurrence-id and keeps its row.
    """
    there = {row.recurrence_id: row for row in rows}
    found: dict[str, Occurrence] = {}
    for when in recurrence.dates(meeting.when, meeting.rrule):
        if found and when.during().start >= until:  # the first date always is a row
            end: datetime | None = until
            break
        name = when.recurrence_id()
        row = there.pop(name, None) or Occurrence(meeting=meeting, recurrence_id=name)
        if meeting.cancelled:
            row.status = Occurrence.Status.CANCELLED
        found[name] = row
    else:
        end = None
    stale = []
    for row in there.values():
        # Past the index a row may stand all the same: bookings point to it.
        if row.is_touched or (end is not None and _is_given(meeting, row)):
            found[row.recurrence_id] = row
        else:
            stale.append(row)
    for row in found.values():
        row.meeting = meeting
        row.index()
    return Index(tuple(found[name] for name in sorted(found)), tuple(stale), end)


def _is_given(meeting: Meeting, row: Occurrence) -> bool:
    when = when_named(meeting, row.recurrence_id)
    named = when.recurrence_id() == row.recurrence_id
    return named and recurrence.gives(meeting.when, meeting.rrule, when.day)


def dates_in(
    meetings: Collection[Meeting], within: Stretch, *, only_live: bool = True
) -> list[Occurrence]:
    """The dates that touch `within` and take place, in order of start; with these meetings.

    With `only_live` false also those that were skipped or called off. An all-day one is found by
    its UTC dates, so widen by a day and cut. One query, and one more if `within` reaches past the
    index of one of the meetings.
    """
    by_pk = {meeting.pk: meeting for meeting in meetings}
    rows = Occurrence.objects.live() if only_live else Occurrence.objects.all()
    found = list(rows.overlapping(within).filter(meeting__in=by_pk))
    for row in found:
        row.meeting = by_pk[row.meeting_id]
    found += unindexed(meetings, within)
    return sorted(found, key=lambda o: (o.stretch, o.meeting_id, o.recurrence_id))


def unindexed(meetings: Iterable[Meeting], within: Stretch) -> list[Occurrence]:
    """The dates in `within` that no row stands for. A query, only if the rules give some."""
    found = [o for meeting in meetings for o in _past_index(meeting, within)]
    if not found:
        return []
    named = {(o.meeting_id, o.recurrence_id) for o in found}
    rows = Occurrence.objects.filter(
        reduce(or_, (Q(meeting=pk, recurrence_id=name) for pk, name in named))
    )
    there = set(rows.values_list("meeting_id", "recurrence_id"))
    return [o for o in found if (o.meeting_id, o.recurrence_id) not in there]


def _past_index(meeting: Meeting, within: Stretch) -> Iterator[Occurrence]:
    """The dates that the rule gives past the indexed ones, touched or not."""
    indexed = meeting.indexed_until
    if indexed is None or within.end <= indexed or meeting.cancelled:
        return
    first = max(within.start - meeting.length, indexed).date() - DAY
    last = min(within.end.date() + 2 * DAY, LAST_DATE)
    for when in recurrence.dates(meeting.when, meeting.rrule, start=first, end=last):
        occurrence = Occurrence(meeting=meeting, recurrence_id=when.recurrence_id())
        occurrence.index()
        if occurrence.start >= indexed and occurrence.stretch.overlaps(within):
            yield occurrence


def date_of(meeting: Meeting, recurrence_id: str) -> Occurrence:
    """The date of that name: its row, or one past the index, unsaved.

    At most one query, none if the dates are prefetched and it is there. Raises
    Occurrence.DoesNotExist if the meeting has no such date.
    """
    if "\x00" in recurrence_id:  # PostgreSQL knows no such text
        raise Occurrence.DoesNotExist(recurrence_id)
    for row in _rows(meeting, recurrence_id):
        row.meeting = meeting
        return row
    try:
        when = when_named(meeting, recurrence_id)
    except ValueError:
        raise Occurrence.DoesNotExist(recurrence_id) from None
    named = meeting.when.on(when.day).recurrence_id()
    if recurrence_id != named or meeting.indexed_until is None:
        raise Occurrence.DoesNotExist(recurrence_id)
    occurrence = Occurrence(meeting=meeting, recurrence_id=recurrence_id)
    occurrence.index()
    if occurrence.start < meeting.indexed_until or not recurrence.gives(
        meeting.when, meeting.rrule, when.day
    ):
        raise Occurrence.DoesNotExist(recurrence_id)
    if meeting.cancelled:
        occurrence.status = Occurrence.Status.CANCELLED
    return occurrence


def _rows(meeting: Meeting, recurrence_id: str) -> Sequence[Occurrence]:
    if "occurrences" in getattr(meeting, "_prefetched_objects_cache", {}):
        return [row for row in meeting.occurrences.all() if row.recurrence_id == recurrence_id]
    return list(meeting.occurrences.filter(recurrence_id=recurrence_id))


def coming(meeting: Meeting, now: datetime, *, most: int) -> list[Occurrence]:
    """The next `most` dates that are not over, in order of start; also past the index.

    At most two queries. What is over is judged in the meeting's zone.
    """
    rows = [
        row
        for row in meeting.occurrences.live()
        .filter(during__endswith__gt=now - DAY)
        .order_by("during", "pk")[: most + 2]
        if row.occupied_in(meeting.zone).end > now
    ]
    for row in rows:
        row.meeting = meeting
    if len(rows) >= most or meeting.indexed_until is None:
        return rows[:most]
    return (rows + _next_unindexed(meeting, most - len(rows)))[:most]


def _next_unindexed(meeting: Meeting, most: int) -> list[Occurrence]:
    """The first dates past the index, however far apart they are."""
    assert meeting.indexed_until is not None
    found: list[Occurrence] = []
    reach, start = timedelta(days=400), meeting.indexed_until
    last = datetime.combine(LAST_DATE, datetime.min.time(), start.tzinfo)
    while len(found) < most and start < last:
        end = min(start + reach, last)
        found += [o for o in unindexed([meeting], Stretch(start, end)) if start <= o.start < end]
        start, reach = end, reach * 2
    return found


def date_asked(meeting: Meeting, recurrence_id: str, now: datetime) -> Occurrence:
    """The date of that name; without one, the next date of a meeting, or the last if it is over.

    If none to come takes place, the next that was to. Raises Occurrence.DoesNotExist if the
    meeting has no such date.
    """
    if recurrence_id:
        return date_of(meeting, recurrence_id)
    if not meeting.is_series:
        return meeting.occurrence
    rows = meeting.occurrences.order_by("during")
    found = (
        coming(meeting, now, most=1)
        or list(rows.filter(during__endswith__gt=now)[:1])
        or list(rows.reverse()[:1])
    )
    found[0].meeting = meeting
    return found[0]
