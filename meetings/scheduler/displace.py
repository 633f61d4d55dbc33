"""Take rooms from meetings of lower priority, in the transaction of the booking that does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import User
from meetings.displacing import Displacement
from meetings.models import Change, Meeting, Occurrence
from meetings.scheduler.committing import MoreToLock, record
from meetings.scheduler.datewise import date_values
from meetings.scheduler.plans import Plan, load_rooms
from meetings.scheduler.policies import Override, Policy, taking_over
from meetings.scheduler.sheets import Sheet, copied, with_own_rooms, write
from meetings.scheduler.spans import respan
from rooms.models import Room

NO_WINDOW = timedelta(0)


@dataclass(slots=True)
class Locks:
    """The meetings that give way and the rooms they go to, by id: what else has to be locked."""

    meetings: set[int] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)

    def add(self, displaced: Iterable[Displacement]) -> None:
        """These as well."""
        for displacement in displaced:
            self.meetings.add(displacement.occurrence.meeting_id)
            self.rooms.update(room.pk for room in displacement.found)

    def require(self, plan: Plan) -> None:
        """Raise MoreToLock, and keep what is missing for the next try, unless all is locked."""
        known = Locks(set(self.meetings), set(self.rooms))
        self.add(plan.displaced)
        if known != self:
            raise MoreToLock


def locks_for(policy: str | Policy, plan: Callable[[], Plan], *, now: datetime) -> Locks:
    """What the policy will have to lock, as far as can be seen before anything is locked."""
    locks = Locks()
    if isinstance(policy, Override):
        locks.add(taking_over(plan(), now=now, cancel=policy.cancel).displaced)
    return locks


def displace(plan: Plan, policy: str | Policy, *, by: User, now: datetime) -> list[Change]:
    """Write what becomes of those whose rooms a plan takes; one change for each meeting.

    All of them and the rooms are locked. They are told at once: this has no undo window.
    """
    if not plan.displaced:
        return []
    assert isinstance(policy, Override)
    of_meeting: defaultdict[int, list[Displacement]] = defaultdict(list)
    for displacement in plan.displaced:
        of_meeting[displacement.occurrence.meeting_id].append(displacement)
    return [
        _displace(displaced, reason=policy.reason.strip()[:1000], by=by, now=now)
        for _pk, displaced in sorted(of_meeting.items())
    ]


def _displace(displaced: Sequence[Displacement], *, reason: str, by: User, now: datetime) -> Change:
    meeting = Meeting.objects.get(pk=displaced[0].occurrence.meeting_id)
    had = load_rooms([room.pk for room in meeting.rooms.all()])
    rows = list(meeting.occurrences.all())
    for row in rows:
        row.meeting = meeting
    sheet = copied(meeting, rows, had)
    with_own_rooms(sheet, [room.pk for one in displaced for room in one.found])
    names = [one.occurrence.recurrence_id for one in displaced]
    for one in displaced:
        _move(sheet, one)
    fields = _fields(sheet, had, names)
    sheet.next_version(now)
    sheet.meeting.save()
    sheet.meeting.rooms.set(sheet.rooms)
    write(sheet, by=None, now=now, undo=NO_WINDOW)
    respan(sheet)
    return record(
        Change(
            meeting=sheet.meeting,
            dates=names if meeting.is_series else [],
            kind=Change.Kind.DISPLACED,
            by=by,
            version=sheet.meeting.version,
            fields=fields,
            reason=reason,
            created_at=now,
            not_before=now,
        )
    )


def _move(sheet: Sheet, displacement: Displacement) -> None:
    """Give the date its other rooms, as its own in a series, or call it off.

    A date of a series without any goes on wanting what it lost, so that it can be tried again.
    """
    row = sheet.row(displacement.occurrence.recurrence_id)
    if displacement.cancelled:
        row.status = Occurrence.Status.CANCELLED
        sheet.meeting.cancelled = sheet.meeting.cancelled or not sheet.meeting.is_series
        return
    lost = {room.pk for room in displacement.lost}
    kept = [room for room in sheet.wanted(row) if room.pk not in lost]
    if sheet.meeting.is_series and not displacement.found:
        row.missed_rooms = sorted({*row.missed_rooms, *lost})
    elif sheet.meeting.is_series:
        row.room_ids = [room.pk for room in (*kept, *displacement.found)]
    else:
        sheet.rooms = (*kept, *displacement.found)


def _fields(sheet: Sheet, had: Sequence[Room], names: Sequence[str]) -> dict[str, list[object]]:
    """What differs, as a Change keeps it."""
    if sheet.meeting.is_series:
        return {"dates": [*date_values(sheet, names)]}
    if sheet.meeting.cancelled:
        return {"status": [Occurrence.Status.SCHEDULED.value, Occurrence.Status.CANCELLED.value]}
    return {"rooms": [sorted(r.name for r in had), sorted(r.name for r in sheet.rooms)]}
