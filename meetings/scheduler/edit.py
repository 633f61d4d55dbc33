"""Change a meeting: its fields, its time, its rooms, its people; one date of it, some, or all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from meetings import lifecycle, recurrence
from meetings.conflicts import Asked
from meetings.dates import coming, date_of
from meetings.drafts import Draft
from meetings.events import Told, audience
from meetings.lifecycle import Act, State
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.permissions import require_edit
from meetings.problems import InvalidDraft, Problem, TooFewSeats, Undecided, WrongState
from meetings.scheduler.committing import committed, record, require_seen
from meetings.scheduler.datewise import date_values
from meetings.scheduler.decisions import Decisions, rooms_in
from meetings.scheduler.differences import changed_fields, draft_of, require_version
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import (
    NOTHING_DECIDED,
    Done,
    Place,
    Plan,
    Scope,
    add_and_leave_out,
    load_rooms,
    people_of,
    place_of,
    planned_dates,
    proposal_of,
)
from meetings.scheduler.rearranging import Arrangement, arrange
from meetings.scheduler.remembering import remember, rows_of
from meetings.scheduler.reshaping import (
    Rename,
    change_one,
    drop,
    has_begun,
    orphans_of,
    require_ruled,
    reshape,
    rest_of,
    split,
    split_off,
)
from meetings.scheduler.seats import Seating, seating
from meetings.scheduler.sheets import Sheet, copied, decide, with_own_rooms
from meetings.scheduler.weighing import weigh
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room


@dataclass(slots=True)
class _Edit:
    """An edit being worked out: what it starts from, and the sheets it leads to."""

    meeting: Meeting
    draft: Draft
    scope: Scope
    recurrence_id: str
    before: Draft
    people: Seating
    rooms: tuple[Room, ...]
    had: tuple[Room, ...]
    main: Sheet
    earlier: Sheet | None = None
    singles: list[Sheet] = field(default_factory=list)
    orphans: list[Occurrence] = field(default_factory=list)
    renamed: Rename = str
    kept_past: int = 0
    row: Occurrence | None = None

    @property
    def ignored(self) -> frozenset[int]:
        """Which dates of the meeting give way to the edited ones: not those that stay."""
        if self.row is None:
            return frozenset(self.main.before)
        return frozenset([self.row.pk] if self.row.pk else [])


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
    policy: str = "reject",
    seen: str | None = None,
    undo: timedelta = timedelta(0),
    scope: Scope = Scope.ALL,
    recurrence_id: str = "",
    orphans: str | None = None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Done:
    """Make a meeting, or some of its dates, what the draft says, if it is still at `version`.

    `scope` and `recurrence_id` say which dates: `this` one; this and the `following`, which go
    on as a part of their own; or `all`. What has begun stays as it was: an edit of all that
    would change it goes on from the first date to come, as `following` does. `orphans` says
    what becomes of changed dates that a new rule does not give: "keep" them as single meetings,
    or "drop" them. `decisions` are for dates that collide.

    Whoever is asked to another time is asked anew; other answers stay. Raises InvalidDraft,
    NotAllowed, WrongState, Conflicted, Undecided, Occurrence.DoesNotExist, or Stale with what
    somebody else changed meanwhile.
    """
    draft = _checked(draft, meeting, scope)
    pk = meeting.pk

    def planned(of: Meeting) -> tuple[Plan, _Edit]:
        return _planned(
            of,
            draft,
            by=by,
            now=now,
            scope=scope,
            recurrence_id=recurrence_id,
            orphans=orphans,
            decisions=decisions,
        )

    def work() -> Done:
        (locked,) = Meeting.objects.locked([pk])
        require_version(locked, version)
        held = Booking.objects.unreleased().filter(occurrence__meeting=locked)
        own = locked.occurrences.exclude(room_ids=None).values_list("room_ids", flat=True)
        lock_rooms(
            {
                *draft.room_ids,
                *rooms_in(decisions),
                *locked.rooms.values_list("pk", flat=True),
                *held.values_list("room_id", flat=True),
                *(room for rooms in own for room in rooms or ()),
            }
        )
        plan, made = planned(locked)
        if not plan.fields:
            return Done(locked, None, plan)
        if made.orphans and orphans is None:
            raise Undecided(
                _("Say what is to become of the changed dates that the new rule does not give."),
                dates=[row.recurrence_id for row in made.orphans],
            )
        require_seen(plan, policy=policy, seen=seen)
        change = _write(made, plan, by=by, now=now, undo=undo)
        return Done(change.meeting, change, plan)

    return committed(work, plan=lambda: planned(meeting)[0])


def end_now(
    meeting: Meeting,
    *,
    by: User,
    now: datetime,
    undo: timedelta = timedelta(0),
    recurrence_id: str = "",
) -> Done:
    """End a date that is under way at the next full minute, and give its rooms back.

    Raises NotAllowed or WrongState.
    """
    require_edit(by, meeting)
    row = date_of(meeting, recurrence_id) if meeting.is_series else meeting.occurrence
    lifecycle.require(Act.END_NOW, row, now)
    when = row.when
    if isinstance(when, AllDay):
        gone = (now.astimezone(meeting.zone).date() - when.first).days
        shorter: When = AllDay(when.first, max(1, gone))
    else:
        minutes = -((when.during().start - now) // timedelta(minutes=1))
        shorter = Timed(when.start, when.zone, timedelta(minutes=max(1, minutes)))
    scope = Scope.THIS if meeting.is_series else Scope.ALL
    draft = replace(draft_of(meeting, scope=scope, recurrence_id=recurrence_id), when=shorter)
    return edit(
        meeting,
        draft,
        by=by,
        now=now,
        version=meeting.version,
        policy="allow",
        undo=undo,
        scope=scope,
        recurrence_id=recurrence_id,
    )


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
) -> tuple[Plan, _Edit]:
    require_edit(by, meeting)
    draft = _checked(draft, meeting, scope)
    made = _made(meeting, draft, scope, recurrence_id, now)
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


def _made(meeting: Meeting, draft: Draft, scope: Scope, name: str, now: datetime) -> _Edit:
    """The sheets that the edit leads to, before anything is decided or judged."""
    had = load_rooms([room.pk for room in meeting.rooms.all()])
    rows = list(meeting.occurrences.all())
    for row in rows:
        row.meeting = meeting
    if not meeting.is_series:
        scope = Scope.ALL
    if scope is Scope.THIS:
        return _made_of_one(meeting, draft, name, rows, had, now)
    if scope is Scope.FOLLOWING and name != meeting.when.recurrence_id():
        lifecycle.require(Act.EDIT, date_of(meeting, name), now)
        require_ruled(meeting, name)
        day = when_named(meeting, name).day
        before = draft_of(meeting, scope=scope, recurrence_id=name)
        return _made_of_part(meeting, draft, before, day, rows, had, now)
    _require_some(meeting, rows, now)
    made = _made_of_all(meeting, draft, rows, had, now)
    begun = [row for row in rows if has_begun(row, now)]
    if begun and not _changes(made.main, begun) and _leaves_series(meeting, made.main, begun):
        raise WrongState(_("A date that was moved is over already, so this stays a series."))
    if meeting.is_series and begun and _changes(made.main, begun):
        day = _first_to_come(meeting, rows, now)
        before = rest_of(draft_of(meeting), meeting, day)
        rest = rest_of(draft, meeting, day)
        made = _made_of_part(meeting, rest, before, day, rows, had, now)
        made.kept_past = len(begun)
    return made


def _made_of_one(
    meeting: Meeting,
    draft: Draft,
    name: str,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> _Edit:
    sheet = copied(meeting, rows, had)
    found = date_of(meeting, name)
    lifecycle.require(Act.EDIT, found, now)
    if not found.pk:
        found.meeting = sheet.meeting
        sheet.rows.append(found)
    row = sheet.row(name)
    before = draft_of(meeting, scope=Scope.THIS, recurrence_id=name)
    held = sheet.wanted(row)
    rooms = load_rooms(draft.room_ids)
    sheet.others |= {room.pk: room for room in rooms}
    change_one(sheet, row, draft)
    people = seating(meeting, draft.attendees, recurrence_id=name)
    return _Edit(meeting, draft, Scope.THIS, name, before, people, rooms, held, sheet, row=row)


def _made_of_all(
    meeting: Meeting,
    draft: Draft,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> _Edit:
    people, rooms = seating(meeting, draft.attendees), load_rooms(draft.room_ids)
    sheet = copied(meeting, rows, had)
    sheet.rooms = rooms
    renamed = reshape(sheet, draft, now)
    before = draft_of(meeting)
    return _Edit(meeting, draft, Scope.ALL, "", before, people, rooms, had, sheet, renamed=renamed)


def _made_of_part(
    meeting: Meeting,
    draft: Draft,
    before: Draft,
    day: date,
    rows: Sequence[Occurrence],
    had: tuple[Room, ...],
    now: datetime,
) -> _Edit:
    people, rooms = seating(meeting, draft.attendees), load_rooms(draft.room_ids)
    earlier, later = split(meeting, rows, had, day, now)
    later.rooms = rooms
    renamed = reshape(later, draft, now)
    name = meeting.when.on(day).recurrence_id()
    return _Edit(
        meeting,
        draft,
        Scope.FOLLOWING,
        name,
        before,
        people,
        rooms,
        had,
        later,
        earlier=earlier,
        renamed=renamed,
    )


def _require_some(meeting: Meeting, rows: Sequence[Occurrence], now: datetime) -> None:
    """Raise WrongState unless some date can still be edited."""
    found = coming(meeting, now, most=1) or sorted(rows, key=lambda row: row.stretch)[-1:]
    for row in found:
        row.meeting = meeting
        lifecycle.require(Act.EDIT, row, now)


def _leaves_series(meeting: Meeting, sheet: Sheet, begun: Sequence[Occurrence]) -> bool:
    """Whether a series becomes single although dates besides the first are over or under way."""
    name = meeting.when.recurrence_id()
    single = meeting.is_series and not sheet.meeting.is_series
    return single and any(row.recurrence_id != name for row in begun)


def _changes(sheet: Sheet, rows: Sequence[Occurrence]) -> bool:
    """Whether any of these dates is another one, or none, on the sheet."""
    there = {row.pk: row for row in sheet.rows if row.pk}
    return any(
        row.pk not in there or there[row.pk].stretch != sheet.before[row.pk].stretch for row in rows
    )


def _first_to_come(meeting: Meeting, rows: Sequence[Occurrence], now: datetime) -> date:
    """The first day of the rule whose date has not begun."""
    begun = {row.recurrence_id for row in rows if has_begun(row, now)}
    for when in recurrence.dates(meeting.when, meeting.rrule):
        if when.recurrence_id() not in begun and when.during().start > now:
            return when.day
    # Nothing of the rule is left: what is to come was moved or added by itself.
    lifecycle.require(Act.EDIT, sorted(rows, key=lambda row: row.stretch)[-1], now)
    raise WrongState(_("Only dates that were moved or added are left. Change them one by one."))


def _problems(
    made: _Edit,
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


def _apart(made: _Edit, now: datetime) -> list[Place]:
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


def _write(made: _Edit, plan: Plan, *, by: User, now: datetime, undo: timedelta) -> Change:
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


def _record_part(made: _Edit, part: Meeting, change: Change) -> None:
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


def _moved(made: _Edit, now: datetime) -> bool:
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
