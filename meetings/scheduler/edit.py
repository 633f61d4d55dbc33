"""Change a meeting: its fields, its time, its rooms, its people; one date of it, some, or all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from accounts.models import User
from meetings import lifecycle
from meetings.conflicts import Asked
from meetings.drafts import Draft
from meetings.events import Told, audience
from meetings.lifecycle import State
from meetings.models import Booking, Change, CounterProposal, Meeting
from meetings.models.occurrence import when_named
from meetings.permissions import require_edit
from meetings.problems import InvalidDraft, Problem, TooFewSeats, Undecided
from meetings.scheduler.committing import committed, record
from meetings.scheduler.datewise import date_values
from meetings.scheduler.decisions import Decisions, rooms_in
from meetings.scheduler.differences import changed_fields, require_version
from meetings.scheduler.displace import NO_WINDOW, displace, locks_for
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import (
    NOTHING_DECIDED,
    Done,
    Place,
    Plan,
    Scope,
    add_and_leave_out,
    people_of,
    place_of,
    planned_dates,
    proposal_of,
    require_recent,
)
from meetings.scheduler.policies import Policy
from meetings.scheduler.proposing import require_open, take_proposal
from meetings.scheduler.rearranging import Arrangement, arrange
from meetings.scheduler.remembering import remember, rows_of
from meetings.scheduler.reshaping import (
    drop,
    orphans_of,
    split_off,
)
from meetings.scheduler.resolving import resolved
from meetings.scheduler.revising import Revision, revise
from meetings.scheduler.seats import Seating
from meetings.scheduler.sheets import decide, with_own_rooms
from meetings.scheduler.weighing import weigh


def plan_edit(
    meeting: Meeting,
    draft: Draft,
    *,
    by: User,
    now: datetime,
    scope: Scope = Scope.ALL,
    recurrence_id: str = "",
    orphans: str | None = None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Plan:
    """What `edit` would do. Raises InvalidDraft, NotAllowed, WrongState, Occurrence.DoesNotExist.

    Only what the edit brings is judged: conflicts that were there before and stay are not.
    """
    return _planned(
        meeting,
        draft,
        by=by,
        now=now,
        scope=scope,
        recurrence_id=recurrence_id,
        orphans=orphans,
        decisions=decisions,
    )[0]


def edit(
    meeting: Meeting,
    draft: Draft,
    *,
    by: User,
    now: datetime,
    version: int,
    policy: str | Policy = "reject",
    seen: str | None = None,
    undo: timedelta = timedelta(0),
    scope: Scope = Scope.ALL,
    recurrence_id: str = "",
    orphans: str | None = None,
    decisions: Decisions = NOTHING_DECIDED,
    accepting: CounterProposal | None = None,
) -> Done:
    """Make a meeting, or some of its dates, what the draft says, if it is still at `version`.

    `scope` and `recurrence_id` say which dates: `this` one; this and the `following`, which go
    on as a part of their own; or `all`. What has begun stays as it was: an edit of all that
    would change it goes on from the first date to come, as `following` does. `orphans` says
    what becomes of changed dates that a new rule does not give: "keep" them as single meetings,
    or "drop" them. `decisions` are for dates that collide. The edit may be `accepting` a
    proposal: see `accept_proposal`.

    Whoever is asked to another time is asked anew; other answers stay. Raises InvalidDraft,
    NotAllowed, WrongState, Conflicted, Undecided, Occurrence.DoesNotExist, or Stale with what
    somebody else changed meanwhile.
    """
    draft = _checked(draft, meeting, scope)
    pk = meeting.pk

    planned = partial(
        _planned,
        draft=draft,
        by=by,
        now=now,
        scope=scope,
        recurrence_id=recurrence_id,
        orphans=orphans,
        decisions=decisions,
    )
    locks = locks_for(policy, lambda: planned(meeting)[0], now=now)

    def work() -> Done:
        (locked,) = (m for m in Meeting.objects.locked([pk, *locks.meetings]) if m.pk == pk)
        proposal = accepting and require_open(accepting, locked, now)
        require_version(locked, version)
        lock_rooms({*draft.room_ids, *rooms_in(decisions), *_rooms_of(locked), *locks.rooms})
        plan, made = planned(locked)
        if not plan.fields:
            return Done(locked, None, plan)
        if made.orphans and orphans is None:
            raise Undecided(
                _("Say what is to become of the changed dates that the new rule does not give."),
                dates=[row.recurrence_id for row in made.orphans],
            )
        plan = resolved(policy, plan, by=by, now=now, seen=seen, decisions=decisions)
        locks.require(plan)
        displace(plan, policy, by=by, now=now)
        window = NO_WINDOW if plan.displaced else undo
        change = _write(made, plan, by=by, now=now, undo=window)
        if proposal:
            take_proposal(proposal, change, now)
        return Done(change.meeting, change, plan)

    return committed(work, plan=lambda: planned(meeting)[0])


def _rooms_of(meeting: Meeting) -> set[int]:
    """The rooms that the meeting or a date of it wants or holds."""
    held = Booking.objects.unreleased().filter(occurrence__meeting=meeting)
    own = meeting.occurrences.exclude(room_ids=None).values_list("room_ids", flat=True)
    return {
        *meeting.rooms.values_list("pk", flat=True),
        *held.values_list("room_id", flat=True),
        *(room for rooms in own for room in rooms or ()),
    }


def _checked(draft: Draft, meeting: Meeting, scope: Scope) -> Draft:
    """The draft in one spelling; one for a single date of a series has no rule of its own."""
    if scope is Scope.THIS and meeting.is_series:
        if draft.rrule not in ("", meeting.rrule) or draft.exdates or draft.rdates:
            sentence = _("How it repeats is the same for all dates. Change the whole series.")
            raise InvalidDraft({"rrule": sentence})
        draft = replace(draft, rrule="")
    return draft.checked()


def _planned(
    meeting: Meeting,
    draft: Draft,
    *,
    by: User,
    now: datetime,
    scope: Scope,
    recurrence_id: str,
    orphans: str | None,
    decisions: Decisions,
) -> tuple[Plan, Revision]:
    require_edit(by, meeting)
    draft = _checked(draft, meeting, scope)
    if scope is not Scope.THIS and (draft.rrule, draft.when) != (meeting.rrule, meeting.when):
        require_recent(draft, now)
    made = revise(meeting, draft, scope, recurrence_id, now)
    made.orphans = orphans_of(made.main, now) if made.row is None else []
    if orphans == "keep":
        made.singles = [split_off(made.main, row, now) for row in made.orphans]
    elif orphans == "drop":
        drop(made.main, made.orphans)
    if made.row is None:
        add_and_leave_out(made.main, made.draft)
    if made.row is not None:
        decisions = {n: d for n, d in decisions.items() if n == made.row.recurrence_id}
    decide(made.main, decisions)
    with_own_rooms(made.main, rooms_in(decisions))
    fields = changed_fields(made.before, made.draft, made.had, made.rooms, made.people)
    problems = _problems(made, fields, decisions, by=by, now=now)
    if decisions:
        fields["dates"] = [*date_values(made.main, decisions)]
    places = made.people.places
    rows = [made.row] if made.row else made.main.live(now) or made.main.rows[:1]
    plan = Plan(
        made.draft,
        proposal_of(made.main, rows, places, holder=by, ignoring=meeting, ignored=made.ignored),
        places,
        made.rooms,
        problems=tuple(problems),
        rooms_taken=tuple(room for room in made.rooms if room not in made.had),
        rooms_released=tuple(room for room in made.had if room not in made.rooms),
        fields=fields,
        told=tuple(_told(fields, made.people, _apart(made, now))),
        scope=made.scope,
        dates=planned_dates(made.main, problems, now),
        orphans=tuple(made.orphans),
        kept_past=made.kept_past,
        checked_until=made.main.meeting.indexed_until,
        sheets=(made.main,),
    )
    return plan, made


def _problems(
    made: Revision,
    fields: dict[str, list[object]],
    decisions: Decisions,
    *,
    by: User,
    now: datetime,
) -> list[Problem]:
    people, main = made.people, made.main
    problems = weigh(
        main,
        people=people_of(people.places),
        added=tuple(Asked(p.user, p.role == "optional") for p in people.added if p.user),
        seats=len(people.places),
        holder=by,
        now=now,
        ignoring=made.meeting,
        ignored=made.ignored,
        decisions=decisions,
        dates=None if made.row is None else {made.row.recurrence_id},
        repeats=main.meeting.is_series,
        anew="transparency" in fields,
    )
    if people.added:
        known = {getattr(problem, "room_id", None) for problem in problems}
        problems += [
            TooFewSeats(room.pk, room.capacity, len(people.places))
            for room in made.rooms
            if room in made.had and room.pk not in known and room.capacity < len(people.places)
        ]
    return problems


def _apart(made: Revision, now: datetime) -> list[Place]:
    """The people who are asked only to single dates to come that are edited, each once."""
    first = when_named(made.meeting, made.recurrence_id).day if made.recurrence_id else None
    places = {
        row.person: place_of(row)
        for row in made.people.apart
        if row.span
        and row.span.upper > now
        and (first is None or when_named(made.meeting, row.recurrence_id).day >= first)
    }
    added = {place.address for place in made.people.added}
    return [place for place in places.values() if place.address not in added]


def _told(
    fields: dict[str, list[object]], people: Seating, apart: Sequence[Place]
) -> list[Told[Place]]:
    return list(
        audience(
            Change.Kind.UPDATED,
            fields=fields,
            stayed=[*(place_of(invitation) for invitation, _role in people.stayed), *apart],
            added=people.added,
            removed=[place_of(invitation) for invitation in people.removed],
        )
    )


def _write(made: Revision, plan: Plan, *, by: User, now: datetime, undo: timedelta) -> Change:
    before = rows_of(made.meeting) if undo else {}
    moved = _moved(made, now)
    ongoing = (
        not made.meeting.is_series
        and lifecycle.state(made.meeting.occurrence, now) is State.ONGOING
    )
    arrangement = Arrangement(
        made.main,
        made.people,
        earlier=made.earlier,
        singles=tuple(made.singles),
        renamed=made.renamed,
        row=made.row,
        asks_anew=moved and not ongoing,
        sequence=bool({"when", "timezone", "location", "rooms", "rrule"} & set(plan.fields)),
    )
    added, removed = arrange(made.meeting, arrangement, by=by, now=now, undo=undo)
    change = record(
        Change(
            meeting=made.main.meeting,
            dates=[made.recurrence_id] if made.row else [],
            kind=Change.Kind.UPDATED,
            by=by,
            version=made.main.meeting.version,
            fields=plan.fields,
            added=added,
            removed=removed,
            created_at=now,
            not_before=now + undo,
        )
    )
    if made.earlier is not None:
        _record_part(made, made.earlier.meeting, change)
    for single in made.singles:
        _record_part(made, single.meeting, change)
    created = [single.meeting for single in made.singles]
    if made.earlier is not None:
        created.append(made.main.meeting)
    remember(change, before, created=created)
    return change


def _record_part(made: Revision, part: Meeting, change: Change) -> None:
    """Write down that a series ends earlier, or that one of its dates goes on by itself.

    Who is on the meeting is told that; who was taken off the later part, of the earlier one.
    """
    record(
        Change(
            meeting=part,
            kind=Change.Kind.UPDATED,
            by=change.by,
            version=part.version,
            fields={"rrule": [made.meeting.rrule, part.rrule]},
            part_of=change,
            created_at=change.created_at,
            not_before=change.not_before,
        )
    )


def _moved(made: Revision, now: datetime) -> bool:
    """Whether dates to come that somebody may have answered are at another time."""
    main = made.main
    if made.row is not None:
        was = main.before.get(made.row.pk) if made.row.pk else None
        return made.before.when != made.draft.when if was is None else main.is_fresh(made.row)
    for row in main.live(now):
        was = main.before.get(row.pk) if row.pk else None
        if was is not None and was.live and was.stretch != row.stretch:
            return True
    gone = [row for row in main.stale if main.before[row.pk].live]
    new = [row for row in main.live(now) if row.pk is None]
    return bool(gone and new and any(main.before[row.pk].stretch.end > now for row in gone))
