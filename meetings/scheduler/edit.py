"""Change a meeting: its fields, its time, its rooms, its people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import User
from meetings import lifecycle
from meetings.conflicts import Asked, Proposal, find_conflicts, stretch_for, with_buffers
from meetings.drafts import Draft
from meetings.events import Told, audience
from meetings.intervals import Stretch
from meetings.lifecycle import Act, State
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.models.ranges import as_range
from meetings.permissions import require_edit
from meetings.problems import Problem, TooFewSeats
from meetings.scheduler.committing import committed, record, require_seen
from meetings.scheduler.differences import changed_fields, draft_of, require_version
from meetings.scheduler.holding import hold_freed, lock_rooms, release_rooms, take_rooms
from meetings.scheduler.plans import Done, Place, Plan, fill, load_rooms, people_of, place_of
from meetings.scheduler.seats import Seating, seat, seating
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room


def plan_edit(meeting: Meeting, draft: Draft, *, by: User, now: datetime) -> Plan:
    """What `edit` would do. Raises InvalidDraft, NotAllowed or WrongState.

    Only what the edit brings is judged: conflicts that were there before and stay are not.
    """
    require_edit(by, meeting)
    lifecycle.require(Act.EDIT, meeting.occurrence, now)
    draft = draft.checked()
    people = seating(meeting, draft.attendees)
    rooms = load_rooms(draft.room_ids)
    had = list(meeting.rooms.all())
    fields = changed_fields(meeting, draft, rooms, people)
    proposal = Proposal(
        dates=(draft.when,),
        people=people_of(people.places),
        rooms=rooms,
        seats=len(people.places),
        free=draft.transparency == Meeting.Transparency.FREE,
        ignoring=meeting,
        holder=by,
    )
    return Plan(
        draft,
        proposal,
        people.places,
        rooms,
        problems=tuple(_new_problems(proposal, fields, had, people, now=now)),
        rooms_taken=tuple(room for room in rooms if room not in had),
        rooms_released=tuple(room for room in had if room not in rooms),
        fields=fields,
        told=tuple(_told(fields, people)),
    )


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
) -> Done:
    """Make a meeting what the draft says, if it is still at `version`.

    Whoever is asked to another time is asked anew; other answers stay. Raises InvalidDraft,
    NotAllowed, WrongState, Conflicted, or Stale with what somebody else changed meanwhile.
    """
    draft = draft.checked()
    pk = meeting.pk

    def work() -> Done:
        (locked,) = Meeting.objects.locked([pk])
        require_version(locked, version)
        old = list(
            Booking.objects.unreleased().filter(
                occurrence__meeting=locked, kind=Booking.Kind.MEETING
            )
        )
        lock_rooms([*draft.room_ids, *(booking.room_id for booking in old)])
        plan = plan_edit(locked, draft, by=by, now=now)
        if not plan.fields:
            return Done(locked, None, plan)
        require_seen(plan, policy=policy, seen=seen)
        change = _write(locked, plan, old, by=by, now=now, undo=undo)
        return Done(locked, record(change), plan)

    return committed(work, plan=lambda: plan_edit(meeting, draft, by=by, now=now))


def end_now(meeting: Meeting, *, by: User, now: datetime, undo: timedelta = timedelta(0)) -> Done:
    """End a meeting that is under way at the next full minute, and give its rooms back.

    Raises NotAllowed or WrongState.
    """
    require_edit(by, meeting)
    lifecycle.require(Act.END_NOW, meeting.occurrence, now)
    when = meeting.when
    if isinstance(when, AllDay):
        gone = (now.astimezone(meeting.zone).date() - when.first).days
        shorter: When = AllDay(when.first, max(1, gone))
    else:
        minutes = -((when.during().start - now) // timedelta(minutes=1))
        shorter = Timed(when.start, when.zone, timedelta(minutes=max(1, minutes)))
    draft = replace(draft_of(meeting), when=shorter)
    return edit(meeting, draft, by=by, now=now, version=meeting.version, policy="allow", undo=undo)


def _moved(fields: dict[str, list[object]]) -> bool:
    return "when" in fields and fields["when"][0] != fields["when"][1]


def _new_problems(
    proposal: Proposal,
    fields: dict[str, list[object]],
    had: Sequence[Room],
    people: Seating,
    *,
    now: datetime,
) -> list[Problem]:
    if _moved(fields) or "transparency" in fields:
        return find_conflicts(proposal, now=now)
    fresh = replace(
        proposal,
        people=tuple(Asked(p.user, p.role == "optional") for p in people.added if p.user),
        rooms=tuple(room for room in proposal.rooms if room not in had),
    )
    problems = find_conflicts(fresh, now=now)
    if people.added:
        problems += [
            TooFewSeats(room.pk, room.capacity, proposal.seats)
            for room in proposal.rooms
            if room in had and room.capacity < proposal.seats
        ]
    return problems


def _told(fields: dict[str, list[object]], people: Seating) -> list[Told[Place]]:
    return list(
        audience(
            Change.Kind.UPDATED,
            fields=fields,
            stayed=[place_of(invitation) for invitation, _role in people.stayed],
            added=people.added,
            removed=[place_of(invitation) for invitation in people.removed],
        )
    )


def _write(
    meeting: Meeting,
    plan: Plan,
    old: list[Booking],
    *,
    by: User,
    now: datetime,
    undo: timedelta,
) -> Change:
    draft, moved = plan.draft, _moved(plan.fields)
    occurrence = meeting.occurrence
    asks_anew = moved and lifecycle.state(occurrence, now) is not State.ONGOING
    people = seating(meeting, draft.attendees)
    fill(meeting, draft)
    meeting.version += 1
    if {"when", "timezone", "location", "rooms"} & set(plan.fields):
        meeting.sequence += 1
    meeting.updated_at = now
    meeting.save()
    meeting.rooms.set(plan.rooms)
    if moved:
        _move(occurrence, draft.when)
    _rebook(occurrence, plan, old, by=by, now=now, undo=undo)
    added = seat(meeting, people, now=now, asks_anew=asks_anew)
    return Change(
        meeting=meeting,
        kind=Change.Kind.UPDATED,
        by=by,
        version=meeting.version,
        fields=plan.fields,
        added=added,
        removed=[invitation.pk for invitation in people.removed],
        created_at=now,
        not_before=now + undo,
    )


def _move(occurrence: Occurrence, when: When) -> None:
    occurrence.during = as_range(when.during())
    occurrence.recurrence_id = when.recurrence_id()
    occurrence.all_day = isinstance(when, AllDay)
    occurrence.save(update_fields=["during", "recurrence_id", "all_day"])


def _rebook(
    occurrence: Occurrence,
    plan: Plan,
    old: Sequence[Booking],
    *,
    by: User,
    now: datetime,
    undo: timedelta,
) -> None:
    """Release first and take afterwards: the constraint judges row by row."""
    when = plan.draft.when
    wanted: dict[int, Stretch] = {
        room.pk: with_buffers(stretch_for(when, room), room) for room in plan.rooms
    }
    gone = [
        booking
        for booking in old
        if booking.room_id not in wanted or booking.stretch != wanted[booking.room_id]
    ]
    staying = {booking.room_id for booking in old} - {booking.room_id for booking in gone}
    fresh = [room for room in plan.rooms if room.pk not in staying]
    release_rooms(gone, now=now)
    take_rooms(occurrence, when, fresh, by=by, now=now)
    hold_freed(gone, by=by, now=now, undo=undo, kept=wanted.items())
