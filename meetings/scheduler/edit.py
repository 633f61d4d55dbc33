"""Change a meeting: its fields, its time, its rooms, its people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User, normal_address
from meetings import lifecycle
from meetings.conflicts import Asked, Proposal, find_conflicts, stretch_for, with_buffers
from meetings.drafts import Attendee, Draft
from meetings.events import Told, audience
from meetings.intervals import Stretch
from meetings.lifecycle import Act, State
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import new_token
from meetings.models.ranges import as_range
from meetings.permissions import require_edit
from meetings.problems import Difference, Problem, Stale, TooFewSeats
from meetings.scheduler.committing import (
    committed,
    hold_freed,
    lock_rooms,
    record,
    release_rooms,
    require_seen,
    take_rooms,
)
from meetings.scheduler.plans import Done, Place, Plan, load_rooms, people_of, place_of
from meetings.scheduler.schedule import fill, new_invitation
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room

PLAIN_FIELDS = (
    "title",
    "description",
    "location",
    "join_link",
    "priority",
    "visibility",
    "transparency",
    "tentative",
    "reminders",
)


def draft_of(meeting: Meeting) -> Draft:
    """The draft that would make this meeting: what a form for it starts with."""
    return Draft(
        title=meeting.title,
        when=meeting.when,
        zone=meeting.zone,
        description=meeting.description,
        location=meeting.location,
        join_link=meeting.join_link,
        attendees=tuple(
            Attendee(invitation.address, invitation.role, invitation.name)
            for invitation in _series_invitations(meeting)
            if invitation.removed_at is None and not invitation.is_organizers
        ),
        room_ids=tuple(room.pk for room in meeting.rooms.all()),
        priority=meeting.priority,
        visibility=meeting.visibility,
        transparency=meeting.transparency,
        tentative=meeting.tentative,
        reminders=tuple(meeting.reminders),
    )


@dataclass(frozen=True, slots=True)
class _People:
    """How the people of a meeting change: invitations that stay or go, places to be filled."""

    stayed: tuple[tuple[Invitation, str], ...]  # with the role asked for
    removed: tuple[Invitation, ...]
    added: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Everybody on the meeting afterwards."""
        kept = (replace(place_of(invitation), role=role) for invitation, role in self.stayed)
        return (*kept, *self.added)


def plan_edit(meeting: Meeting, draft: Draft, *, by: User, now: datetime) -> Plan:
    """What `edit` would do. Raises InvalidDraft, NotAllowed or WrongState.

    Only what the edit brings is judged: conflicts that were there before and stay are not.
    """
    require_edit(by, meeting)
    lifecycle.require(Act.EDIT, meeting.occurrence, now)
    draft = draft.checked()
    people = _people(meeting, draft.attendees)
    rooms = load_rooms(draft.room_ids)
    had = list(meeting.rooms.all())
    fields = _changed_fields(meeting, draft, rooms, people)
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


def require_version(meeting: Meeting, version: int) -> None:
    """Raise Stale, field by field, if somebody else has changed the meeting since `version`."""
    if meeting.version == version:
        return
    seen: dict[str, Difference] = {}
    for change in meeting.changes.filter(version__gt=version).order_by("pk"):
        for name, (was, theirs) in change.fields.items():
            if change.kind in (Change.Kind.UPDATED, Change.Kind.CANCELLED, Change.Kind.IMPORTED):
                first = seen[name].was if name in seen else was
                seen[name] = Difference(name, first, theirs)
    raise Stale(
        _("Somebody else changed this meeting meanwhile. Your values are kept; look, then save."),
        version=meeting.version,
        differences=[d for d in seen.values() if d.was != d.theirs],
    )


def when_value(when: When) -> dict[str, str]:
    """A time as a Change keeps it: instants in UTC, or the first and last date."""
    if isinstance(when, AllDay):
        return {"first": when.first.isoformat(), "last": when.last.isoformat()}
    during = when.during()
    return {"start": during.start.isoformat(), "end": during.end.isoformat()}


def _series_invitations(meeting: Meeting) -> list[Invitation]:
    """The rows for the whole meeting, each with this very meeting object. One or two queries."""
    rows = [i for i in meeting.invitations.select_related("user") if not i.recurrence_id]
    for row in rows:
        row.meeting = meeting
    return rows


def _people(meeting: Meeting, attendees: Sequence[Attendee]) -> _People:
    asked = {normal_address(person.email): person for person in attendees}
    stayed, removed = [], []
    for invitation in _series_invitations(meeting):
        person = asked.pop(normal_address(invitation.address), None)
        if invitation.removed_at is not None:
            if person is not None:
                asked[normal_address(person.email)] = person
        elif invitation.is_organizers:
            stayed.append((invitation, invitation.role))
        elif person is not None:
            stayed.append((invitation, person.role))
        else:
            removed.append(invitation)
    asked.pop(normal_address(meeting.organizer_address), None)
    users = {
        user.email: user
        for user in User.objects.with_addresses(asked).prefetch_related("working_hours")
    }
    added = tuple(
        Place(user, "" if user else address, "" if user else person.name, person.role)
        for address, person in asked.items()
        for user in [users.get(address)]
    )
    return _People(tuple(stayed), tuple(removed), added)


def _changed_fields(
    meeting: Meeting, draft: Draft, rooms: Sequence[Room], people: _People
) -> dict[str, list[object]]:
    """What differs, as a Change keeps it: field → [before, after]."""
    fields: dict[str, list[object]] = {}
    for name in PLAIN_FIELDS:
        before, after = getattr(meeting, name), getattr(draft, name)
        if name == "reminders":
            before, after = list(before), list(after)
        if before != after:
            fields[name] = [before, after]
    if meeting.when != draft.when:
        fields["when"] = [when_value(meeting.when), when_value(draft.when)]
    if meeting.zone.key != draft.zone.key:
        fields["timezone"] = [meeting.zone.key, draft.zone.key]
    had = {room.pk: room.name for room in meeting.rooms.all()}
    if set(had) != {room.pk for room in rooms}:
        fields["rooms"] = [sorted(had.values()), sorted(room.name for room in rooms)]
    roles = [(i, role) for i, role in people.stayed if i.role != role]
    if people.added or people.removed or roles:
        before_ = [i for i, _role in people.stayed] + list(people.removed)
        fields["attendees"] = [
            sorted(f"{i.shown_name} ({i.role})" for i in before_ if not i.is_organizers),
            sorted(f"{p.shown_name} ({p.role})" for p in people.places if not p.is_organizers),
        ]
    return fields


def _moved(fields: dict[str, list[object]]) -> bool:
    return "when" in fields and fields["when"][0] != fields["when"][1]


def _new_problems(
    proposal: Proposal,
    fields: dict[str, list[object]],
    had: Sequence[Room],
    people: _People,
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


def _told(fields: dict[str, list[object]], people: _People) -> list[Told[Place]]:
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
    people = _people(meeting, draft.attendees)
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
    added = _seat(meeting, people, now=now, asks_anew=asks_anew)
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
    occurrence.save(update_fields=["during", "recurrence_id"])


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


def _seat(meeting: Meeting, people: _People, *, now: datetime, asks_anew: bool) -> list[int]:
    """Write who stays, goes and comes; returns the ids of the invitations that are new."""
    span = as_range(meeting.when.during())
    for invitation in people.removed:
        invitation.removed_at = now
        invitation.save(update_fields=["removed_at"])
    for invitation, role in people.stayed:
        invitation.role, invitation.span = role, span
        if asks_anew and not invitation.is_organizers:
            invitation.status, invitation.note = Invitation.Status.NEEDS_ACTION, ""
            invitation.responded_at = None
        invitation.save()
    return [_invite(meeting, place, now=now).pk for place in people.added]


def _invite(meeting: Meeting, place: Place, *, now: datetime) -> Invitation:
    """A new invitation, or the row of somebody who was removed before, with a new token."""
    fresh = new_invitation(meeting, place, now=now)
    before = meeting.invitations.filter(
        user=place.user, email__iexact=place.email, recurrence_id=""
    ).first()
    if before is not None:
        fresh.pk, fresh.uid, fresh.token = before.pk, before.uid, new_token()
    fresh.save(force_update=before is not None, force_insert=before is None)
    return fresh
