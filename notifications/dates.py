"""What became of single dates of a series, as one person is told it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from meetings.dates import date_of
from meetings.events import dates_in
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.occurrence import when_named
from meetings.scheduler.differences import when_value
from meetings.wallclock import Timed
from notifications.facts import Altered, Facts, ends_of, facts_of_dates, net, when_from
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class DateTold:
    """What became of one date of a series.

    It is `off` for the person, who need not come where it takes place without her (`spared`),
    or it takes place again, or was added (`back`). `missed` are rooms it could not get.
    """

    recurrence_id: str
    facts: Facts
    altered: tuple[Altered, ...] = ()
    off: bool = False
    spared: bool = False
    back: bool = False
    missed: tuple[str, ...] = ()
    reason: str = ""


def dates_told(
    meeting: Meeting, invitation: Invitation, since: Sequence[Change]
) -> tuple[DateTold, ...]:
    """What became of single dates for somebody on the series, in order of the dates.

    `meeting` has its people, rooms and dates prefetched. At most two queries more.
    """
    changes: dict[str, list[Change]] = {}
    for change in since:
        for name in dates_in(change):
            changes.setdefault(name, []).append(change)
    rows = {name: row for name in sorted(changes) if (row := _date_of(meeting, name))}
    facts = facts_of_dates(meeting, rows.values())
    mine = [i for i in meeting.invitations.all() if i.person == invitation.person]
    lost = _room_names(rows.values()) if invitation.is_organizers else {}
    told = (
        _date_told(row, mine, facts[row.recurrence_id], name, changes[name], lost)
        for name, row in rows.items()
    )
    return tuple(one for one in told if one is not None)


def _date_of(meeting: Meeting, name: str) -> Occurrence | None:
    """The date of that name; it may have another since the time of day of all was changed."""
    for known_as in (name, meeting.when.on(date.fromisoformat(name[:10])).recurrence_id()):
        try:
            return date_of(meeting, known_as)
        except Occurrence.DoesNotExist:
            continue
    return None


def _room_names(rows: Iterable[Occurrence]) -> dict[int, str]:
    missed = {pk for row in rows for pk in row.missed_rooms}
    return dict(Room.objects.filter(pk__in=missed).values_list("pk", "name")) if missed else {}


def _date_told(
    row: Occurrence,
    mine: Sequence[Invitation],
    facts: Facts,
    name: str,
    since: Sequence[Change],
    lost: Mapping[int, str],
) -> DateTold | None:
    ends = ends_of(since, name)
    altered = tuple(net(since, facts, recurrence_id=name))
    rows = {i.pk for i in mine}
    kinds = {change.kind for change in since}
    removed = any(rows & set(change.removed) for change in since)
    added = any(rows & set(change.added) for change in since)
    called = row.recurrence_id
    if not on_date(mine, called):
        # Who was taken off before learns nothing of what came after.
        told = DateTold(called, facts, altered, off=True, spared=True)
        return told if removed else None
    if row.status != Occurrence.Status.SCHEDULED:
        told = DateTold(called, facts, altered, off=True, reason=reason_of(since))
        return told if "status" in ends else None
    missed = tuple(sorted(lost[pk] for pk in row.missed_rooms if pk in lost))
    if Change.Kind.ROOMS in kinds and missed:
        return DateTold(called, facts, missed=missed)
    back = added or "status" in ends
    if altered or back or Change.Kind.CLOCKS in kinds:
        return DateTold(called, facts, altered, back=back)
    return None


def altered_with_all(
    row: Occurrence, since: Sequence[Change], facts: Facts, known: set[str]
) -> list[Altered]:
    """What changes of all the series mean for one of its dates."""
    ends = ends_of((change for change in since if not change.dates), "")
    found = [a for a in net(since, facts) if a.field in ends and a.field not in {*known, "when"}]
    if "when" not in ends or "when" in known:
        return found
    was, now = (when_from(value, row.meeting.zone) for value in ends["when"])
    before = was.on(when_named(row.meeting, row.recurrence_id).day)
    if row.is_moved:  # by as much as all the others
        if not (isinstance(was, Timed) and isinstance(now, Timed)):
            return found
        by = datetime.combine(now.day, was.start.time()) - datetime.combine(
            now.day, now.start.time()
        )
        when = facts.when
        before = replace(when, start=when.start + by) if isinstance(when, Timed) else when
    if before == facts.when:
        return found
    return [Altered("when", when_value(before), when_value(facts.when)), *found]


def reason_of(changes: Iterable[Change]) -> str:
    """Why it was called off, as the organizer last said."""
    reasons = [c.reason for c in changes if c.kind == Change.Kind.CANCELLED]
    return reasons[-1] if reasons else ""
