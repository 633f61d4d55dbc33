"""The dates of a series that comes from another calendar: how they differ, and writing them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from meetings.dates import horizon, index_of
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import new_token
from meetings.models.ranges import as_range
from meetings.scheduler.arrivals import Arrival, ArrivedDate
from meetings.scheduler.arriving_series import OWN_VALUES
from meetings.scheduler.plans import Place, fill
from meetings.scheduler.seats import new_invitation

_SCHEDULED, _CANCELLED = Occurrence.Status.SCHEDULED, Occurrence.Status.CANCELLED
_RULE, _ADDED = Occurrence.Origin.RULE, Occurrence.Origin.ADDED

Facts = tuple[object, ...]
_AS_THE_SERIES: Facts = (_SCHEDULED, _RULE, None, *(None for _name in OWN_VALUES))


def filled(meeting: Meeting, arrival: Arrival) -> None:
    """Take over the values of the whole, unless only single dates came."""
    if arrival.whole:
        fill(meeting, arrival.draft)
        meeting.rrule = arrival.draft.rrule
        meeting.cancelled = arrival.cancelled


def date_differences(meeting: Meeting, arrival: Arrival) -> list[list[str]] | None:
    """The names of dates that differ, [here, there]; None if none does. Uses prefetched rows."""
    if not (meeting.is_series or arrival.dates):
        return None
    ours = {
        row.recurrence_id: _facts(row)
        for row in meeting.occurrences.all()
        if arrival.whole or row.recurrence_id in arrival.dates
    }
    after = Meeting() if arrival.whole else meeting
    filled(after, arrival)
    theirs = {}
    for name, arrived in arrival.dates.items():
        row = Occurrence(meeting=after, recurrence_id=name)
        _apply(row, arrived)
        theirs[name] = _facts(row)
    if meeting.cancelled and after.cancelled:
        ours, theirs = _all_cancelled(ours), _all_cancelled(theirs)
    names = {
        name
        for name in ours.keys() | theirs.keys()
        if ours.get(name, _AS_THE_SERIES) != theirs.get(name, _AS_THE_SERIES)
    }
    if not names:
        return None
    return [sorted(names & ours.keys()), sorted(names & theirs.keys())]


def _facts(row: Occurrence) -> Facts:
    own = (getattr(row, name) for name in OWN_VALUES)
    return (row.status, row.origin, row.when if row.is_moved else None, *own)


def _all_cancelled(dates: Mapping[str, Facts]) -> dict[str, Facts]:
    """Of a series called off as a whole it says nothing that a date is cancelled."""
    return {name: (_SCHEDULED, *facts[1:]) for name, facts in dates.items()}


def _apply(row: Occurrence, arrived: ArrivedDate) -> None:
    """Make a date what came; the rooms it has of its own here stay."""
    row.status = _CANCELLED if arrived.cancelled else _SCHEDULED
    row.origin = _ADDED if arrived.added else _RULE
    for name in OWN_VALUES:
        setattr(row, name, arrived.own.get(name))
    row.local_date = row.local_time = row.length = row.timezone = None
    if arrived.when is not None:
        row.when = arrived.when


def write_dates(meeting: Meeting, arrival: Arrival, *, now: datetime) -> list[Occurrence]:
    """Bring the rows of a saved meeting in line, up to the horizon; returns them.

    A single meeting keeps its row when it moves.
    """
    rows = list(meeting.occurrences.all())
    if not meeting.rrule and len(rows) == 1:
        rows[0].recurrence_id = meeting.when.recurrence_id()
    there = {row.recurrence_id: row for row in rows}
    for row in rows:
        row.meeting = meeting
        if arrival.whole:
            _apply(row, ArrivedDate())
    for name, arrived in arrival.dates.items():
        row = there.setdefault(name, Occurrence(meeting=meeting, recurrence_id=name))
        _apply(row, arrived)
    until = max(horizon(now), meeting.indexed_until or now)
    index = index_of(meeting, there.values(), until=until)
    if meeting.cancelled:
        for row in index.rows:
            row.status = _CANCELLED
    meeting.indexed_until = index.until
    meeting.save(update_fields=["indexed_until"])
    Occurrence.objects.filter(pk__in=[row.pk for row in index.stale]).delete()
    written = [f.name for f in Occurrence._meta.concrete_fields if f.name != "id"]
    Occurrence.objects.bulk_update([row for row in index.rows if row.pk], written, batch_size=1000)
    Occurrence.objects.bulk_create([row for row in index.rows if not row.pk], batch_size=1000)
    return list(index.rows)


def answer_differences(
    meeting: Meeting, arrival: Arrival, *, kept: Collection[int], leaves: bool
) -> list[tuple[str, str]]:
    """(here, there) of each answer or absence for one date that differs.

    `kept` are the ids of invitations answered here, which stay; without `leaves`, nobody is
    taken off a date.
    """
    ours = {
        _key(row): row.status if row.removed_at is None else "absent"
        for row in _date_rows(meeting, arrival)
        if row.pk not in kept
    }
    fixed = {_key(row) for row in _date_rows(meeting, arrival) if row.pk in kept}
    theirs = {
        key: "absent" if status is None else status
        for key, (_place, status) in _wanted(arrival, leaves=leaves).items()
        if key not in fixed
    }
    return [
        (ours.get(key, ""), theirs.get(key, ""))
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]


def write_answers(
    meeting: Meeting,
    arrival: Arrival,
    rows: Iterable[Occurrence],
    *,
    kept: Collection[int],
    leaves: bool,
    now: datetime,
) -> None:
    """Write the invitations for single dates; each reaches over its date."""
    live = {r.recurrence_id: as_range(r.stretch) for r in rows if r.status == _SCHEDULED}
    wanted = _wanted(arrival, leaves=leaves)
    concerned = list(_date_rows(meeting, arrival))
    for row in meeting.invitations.all():
        if not row.recurrence_id:
            continue
        key = _key(row)
        found = wanted.pop(key, None)
        if row in concerned and row.pk not in kept:
            if found is None:
                row.delete()
                continue
            _answer(row, *found, now=now)
        row.span = live.get(row.recurrence_id)
        row.save()
    for (name, _address), (place, status) in wanted.items():
        fresh = new_invitation(meeting, place, now=now)
        fresh.recurrence_id, fresh.token = name, new_token()
        fresh.responded_at, fresh.span = None, live.get(name)
        _answer(fresh, place, status, now=now)
        fresh.save(force_insert=True)


def _answer(row: Invitation, place: Place, status: str | None, *, now: datetime) -> None:
    row.role = place.role
    row.removed_at = (row.removed_at or now) if status is None else None
    if status is not None and row.status != status:
        row.status, row.note, row.responded_at = status, "", None


def _wanted(arrival: Arrival, *, leaves: bool) -> dict[tuple[str, str], tuple[Place, str | None]]:
    """By date and address: whose place, and the answer; None for somebody who is not on it."""
    found: dict[tuple[str, str], tuple[Place, str | None]] = {}
    for name, arrived in arrival.dates.items():
        for seat in arrived.seats:
            found[name, seat.place.address.lower()] = (seat.place, seat.status)
        for place in arrived.absent if leaves else ():
            found[name, place.address.lower()] = (place, None)
    return found


def _date_rows(meeting: Meeting, arrival: Arrival) -> Iterator[Invitation]:
    """The invitations for single dates that the calendar speaks of."""
    for row in meeting.invitations.all():
        if row.recurrence_id and (arrival.whole or row.recurrence_id in arrival.dates):
            yield row


def _key(row: Invitation) -> tuple[str, str]:
    return row.recurrence_id, row.address.lower()
