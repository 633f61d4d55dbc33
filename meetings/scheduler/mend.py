"""Mend several dates of a series in one go: skip, other rooms, other times, try again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from accounts.models import User
from meetings import lifecycle
from meetings.dates import date_of
from meetings.events import audience
from meetings.lifecycle import Act, State
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.permissions import require_edit
from meetings.problems import WrongState
from meetings.scheduler.committing import committed, record
from meetings.scheduler.datewise import date_values
from meetings.scheduler.decisions import Decisions, rooms_in
from meetings.scheduler.differences import draft_of, require_version
from meetings.scheduler.displace import NO_WINDOW, displace, locks_for
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import (
    Done,
    Place,
    Plan,
    load_rooms,
    people_of,
    place_of,
    planned_dates,
    proposal_of,
)
from meetings.scheduler.policies import Policy
from meetings.scheduler.remembering import remember, rows_of
from meetings.scheduler.resolving import resolved
from meetings.scheduler.seats import Seating, all_invitations, seat_on_date
from meetings.scheduler.sheets import (
    Sheet,
    copied,
    decide,
    with_own_rooms,
    write,
)
from meetings.scheduler.spans import respan
from meetings.scheduler.weighing import weigh


def plan_mend(meeting: Meeting, decisions: Decisions, *, by: User, now: datetime) -> Plan:
    """What `mend` would do. Raises NotAllowed, WrongState or Occurrence.DoesNotExist."""
    return _planned(meeting, decisions, by=by, now=now)[0]


def mend(
    meeting: Meeting,
    decisions: Decisions,
    *,
    by: User,
    now: datetime,
    version: int,
    policy: str | Policy = "reject",
    seen: str | None = None,
    undo: timedelta = timedelta(0),
) -> Done:
    """Do what was decided for dates of a series, all of it or nothing.

    Who is asked to a date at another time is asked anew for it. Raises NotAllowed, WrongState,
    Conflicted, Stale, Occurrence.DoesNotExist, and what the policy raises.
    """
    pk = meeting.pk
    planned = partial(plan_mend, decisions=decisions, by=by, now=now)
    locks = locks_for(policy, lambda: planned(meeting), now=now)

    def work() -> Done:
        (locked,) = (m for m in Meeting.objects.locked([pk, *locks.meetings]) if m.pk == pk)
        require_version(locked, version)
        held = Booking.objects.unreleased().filter(occurrence__meeting=locked)
        lock_rooms(
            {
                *rooms_in(decisions),
                *locked.rooms.values_list("pk", flat=True),
                *held.values_list("room_id", flat=True),
                *locks.rooms,
            }
        )
        plan, sheet = _planned(locked, decisions, by=by, now=now)
        if not plan.fields:
            return Done(locked, None, plan)
        plan = resolved(policy, plan, by=by, now=now, seen=seen, decisions=decisions)
        locks.require(plan)
        displace(plan, policy, by=by, now=now)
        window = NO_WINDOW if plan.displaced else undo
        change = _write(locked, plan, sheet, decisions, by=by, now=now, undo=window)
        return Done(sheet.meeting, change, plan)

    return committed(work, plan=lambda: planned(meeting))


def _planned(
    meeting: Meeting, decisions: Decisions, *, by: User, now: datetime
) -> tuple[Plan, Sheet]:
    require_edit(by, meeting)
    had = load_rooms([room.pk for room in meeting.rooms.all()])
    sheet = copied(meeting, list(meeting.occurrences.all()), had)
    for name in decisions:
        row = date_of(meeting, name)
        if lifecycle.state(row, now) is not State.SKIPPED:
            lifecycle.require(Act.EDIT, row, now)
        elif row.occupied_in(meeting.zone).end <= now:
            raise WrongState(_("A skipped date that is over stays skipped."))
        if not row.pk:
            row.meeting = sheet.meeting
            sheet.rows.append(row)
    decide(sheet, decisions)
    with_own_rooms(sheet, rooms_in(decisions))
    places = tuple(place_of(row) for row in on_date(all_invitations(meeting), ""))
    problems = weigh(
        sheet,
        people=people_of(places),
        added=(),
        seats=len(places),
        holder=by,
        now=now,
        ignoring=meeting,
        ignored=frozenset(
            row.pk for row in sheet.rows if row.pk and row.recurrence_id in decisions
        ),
        decisions=decisions,
        dates=set(decisions),
        repeats=meeting.is_series,
    )
    changed = [row.recurrence_id for row in _touched(sheet, decisions)]
    fields: dict[str, list[object]] = {"dates": [*date_values(sheet, changed)]} if changed else {}
    rows = [row for row in sheet.rows if row.recurrence_id in decisions] or sheet.rows[:1]
    plan = Plan(
        draft_of(meeting),
        proposal_of(sheet, rows, places, holder=by, ignoring=meeting),
        places,
        had,
        problems=tuple(problems),
        fields=fields,
        told=tuple(audience(Change.Kind.UPDATED, fields=fields, stayed=_on(meeting, changed))),
        dates=planned_dates(sheet, problems, now),
        checked_until=meeting.indexed_until,
        sheets=(sheet,),
    )
    return plan, sheet


def _on(meeting: Meeting, names: Iterable[str]) -> list[Place]:
    """Everybody on one of these dates, each once."""
    rows = all_invitations(meeting)
    on = {i.person: i for name in names for i in on_date(rows, name)}
    return [place_of(invitation) for invitation in on.values()]


def _touched(sheet: Sheet, decisions: Decisions) -> list[Occurrence]:
    """The dates that are not as they were."""
    return [
        row
        for row in sheet.rows
        if row.recurrence_id in decisions and (sheet.is_changed(row) or sheet.to_take(row))
    ]


def _write(
    meeting: Meeting,
    plan: Plan,
    sheet: Sheet,
    decisions: Decisions,
    *,
    by: User,
    now: datetime,
    undo: timedelta,
) -> Change:
    before = rows_of(meeting) if undo else {}
    rows = _touched(sheet, decisions)
    moved = [row for row in rows if _is_moved(sheet, row)]
    sheet.next_version(now)
    sheet.meeting.save()
    write(sheet, by=by, now=now, undo=undo)
    respan(sheet)
    for row in moved:
        invitations = on_date(all_invitations(sheet.meeting), row.recurrence_id)
        people = Seating(tuple((i, i.role) for i in invitations), (), ())
        seat_on_date(row, people, now=now, asks_anew=True)
    change = record(
        Change(
            meeting=sheet.meeting,
            dates=[row.recurrence_id for row in rows],
            kind=Change.Kind.UPDATED,
            by=by,
            version=sheet.meeting.version,
            fields=plan.fields,
            created_at=now,
            not_before=now + undo,
        )
    )
    remember(change, before)
    return change


def _is_moved(sheet: Sheet, row: Occurrence) -> bool:
    was = sheet.before.get(row.pk)
    live = row.status == Occurrence.Status.SCHEDULED
    return live and was is not None and was.stretch != row.stretch
