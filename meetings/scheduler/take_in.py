"""Take in the events of another calendar. Taking in the same calendar again changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.ical import Event
from meetings.models import BESIDE, Change, Meeting
from meetings.problems import InvalidDraft
from meetings.scheduler.arrival_rows import create, differences, meeting_bookings, update
from meetings.scheduler.arrivals import LONGEST_ADDRESS, LONGEST_UID, Arrival, addresses_in
from meetings.scheduler.arriving_series import arrival_of_all
from meetings.scheduler.committing import committed

# Imports wait for each other: two with the same event would both find it missing.
_ONE_AT_A_TIME = 0x5CED0001


class Outcome(StrEnum):
    """What becomes of an event."""

    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event and what becomes of it; `reason` says why it is left out.

    The changed dates of a series have no entry of their own: they come in with it.

    `meeting` is the one it is kept as; `fields` are the differences from it, as a Change has
    them, and `answers` if somebody's answer differs.
    """

    event: Event
    outcome: Outcome
    reason: str = ""
    arrival: Arrival | None = None
    meeting: Meeting | None = None
    fields: Mapping[str, list[object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is here already: accounts by address, meetings by organizer's address and UID, the
    ids of invitations answered here, and of meetings that their organizer looks after here."""

    users: Mapping[str, User]
    meetings: Mapping[tuple[str, str], Meeting]
    answered: frozenset[int]
    looked_after: frozenset[int]


def plan_take_in(events: Sequence[Event], *, by: User) -> list[Entry]:
    """What `take_in` would do with each event, in their order.

    A constant number of queries, and two for each event that differs from what is kept here.
    """
    return _entries(events, _kept(events), by=by)


def take_in(
    events: Sequence[Event], *, by: User, now: datetime, invite: bool = False
) -> list[Entry]:
    """Make these events meetings of `by`'s calendar, all of them or none; says what was done.

    Known ones (by UID and organizer) are brought up to date unless they were changed here since.
    An event of another organizer stays theirs: `by` attends it and cannot change it, and if they
    look after it here, this changes nothing of it. Nobody is told; with `invite`, those new on a
    coming meeting of `by`'s own get the invitation. Rooms are not booked. Raises WrongState if
    others are in the way for too long.
    """

    def work() -> list[Entry]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        found = Meeting.objects.filter(ical_uid__in={event.uid for event in events})
        Meeting.objects.locked(found.values_list("pk", flat=True))
        kept = _kept(events)
        entries = _entries(events, kept, by=by)
        for entry in entries:
            _write(entry, kept, by=by, now=now, invite=invite)
        return entries

    return committed(work)


def _write(entry: Entry, kept: _Kept, *, by: User, now: datetime, invite: bool) -> None:
    if entry.arrival is None:
        return
    if entry.outcome is Outcome.NEW:
        create(entry.arrival, by=by, now=now, invite=invite)
    elif entry.meeting and entry.fields:
        update(
            entry.meeting,
            entry.arrival,
            entry.fields,
            answered=kept.answered,
            by=by,
            now=now,
            invite=invite,
        )


def _kept(events: Sequence[Event]) -> _Kept:
    users = User.objects.with_addresses(addresses_in(events))
    meetings = list(
        Meeting.objects.with_people().filter(ical_uid__in={event.uid for event in events})
    )
    changes = Change.objects.filter(meeting__in=meetings)
    answers = changes.filter(kind=Change.Kind.ANSWERED)
    organizers = changes.exclude(kind__in=BESIDE).filter(by=F("meeting__organizer"))
    return _Kept(
        {user.email: user for user in users},
        {(meeting.organizer_address.lower(), meeting.ical_uid): meeting for meeting in meetings},
        frozenset(pk for (pk,) in answers.values_list("invitation_id") if pk),
        frozenset(pk for (pk,) in organizers.values_list("meeting_id")),
    )


def _entries(events: Sequence[Event], kept: _Kept, *, by: User) -> list[Entry]:
    """What becomes of each event, where it or the first of its series is in the file."""
    whose = {e.uid: _organizer(e, by) for e in events if not e.recurrence_id}
    groups: dict[tuple[str, str], dict[str, Event]] = {}
    order: list[tuple[str, str] | Entry] = []
    for event in events:
        organizer = _organizer(event, by)
        if event.recurrence_id and event.organizer is None:
            organizer = whose.get(event.uid, organizer)
        key = (organizer, event.uid)
        if key not in groups:
            order.append(key)
        group = groups.setdefault(key, {})
        if event.recurrence_id in group:
            order.append(Entry(event, Outcome.LEFT_OUT, _("The file has it twice.")))
        else:
            group[event.recurrence_id] = event
    return [
        place if isinstance(place, Entry) else _entry(place, groups[place], kept, by=by)
        for place in order
    ]


def _organizer(event: Event, by: User) -> str:
    return event.organizer.email if event.organizer else by.email


def _entry(key: tuple[str, str], group: Mapping[str, Event], kept: _Kept, *, by: User) -> Entry:
    """What becomes of the events of one UID, by their recurrence-ids."""
    organizer, uid = key
    event = group.get("") or next(iter(group.values()))
    if len(uid) > LONGEST_UID or len(organizer) > LONGEST_ADDRESS:
        return Entry(event, Outcome.LEFT_OUT, _("Its UID or its organizer’s address is too long."))
    meeting = kept.meetings.get(key)
    try:
        arrival = arrival_of_all(list(group.values()), meeting, by=by, users=kept.users)
    except InvalidDraft as error:
        return Entry(event, Outcome.LEFT_OUT, str(error))
    if meeting is None:
        return Entry(event, Outcome.NEW, arrival=arrival)
    return _of_known(event, arrival, meeting, kept, by=by)


def _of_known(event: Event, arrival: Arrival, meeting: Meeting, kept: _Kept, *, by: User) -> Entry:
    """What becomes of an event that is kept here already."""
    if meeting.organizer_id != by.pk and meeting.pk in kept.looked_after:
        return _of_others(event, arrival, meeting, by)
    arrival = _on_our_wall_clock(arrival, meeting)
    fields = differences(meeting, arrival, answered=kept.answered, by=by)
    reason = _why_ours_counts(arrival, meeting, fields) if fields else ""
    if reason:
        return Entry(event, Outcome.LEFT_OUT, reason, meeting=meeting)
    if not fields:
        outcome = Outcome.UNCHANGED
    elif arrival.cancelled and "status" in fields:
        outcome = Outcome.CANCELLED
    else:
        outcome = Outcome.CHANGED
    return Entry(event, outcome, arrival=arrival, meeting=meeting, fields=fields)


def _of_others(event: Event, arrival: Arrival, meeting: Meeting, by: User) -> Entry:
    """An event whose organizer looks after it here: somebody else's calendar changes nothing."""
    if any(row.user_id == by.pk and row.removed_at is None for row in meeting.invitations.all()):
        return Entry(event, Outcome.UNCHANGED, arrival=arrival, meeting=meeting)
    reason = _("%(organizer)s organizes it here and has not invited %(person)s.") % {
        "organizer": meeting.organizer_shown,
        "person": by,
    }
    return Entry(event, Outcome.LEFT_OUT, reason, meeting=meeting)


def _on_our_wall_clock(arrival: Arrival, meeting: Meeting) -> Arrival:
    """With our wall clock where it means the same time, which can be written in many ways."""
    theirs, ours = arrival.draft.when, meeting.when
    if arrival.draft.rrule and theirs != ours:  # another wall clock gives other dates
        return arrival
    if type(theirs) is not type(ours) or theirs.during() != ours.during():
        return arrival
    return replace(arrival, draft=replace(arrival.draft, when=ours, zone=meeting.zone))


def _why_ours_counts(arrival: Arrival, meeting: Meeting, fields: Mapping[str, list[object]]) -> str:
    """Why the event is left out although it differs from the meeting kept here; '' if it is not.

    What nobody touched since it came in follows the calendar; what was changed here only follows
    a version that is newer for certain.
    """
    if arrival.sequence < meeting.sequence:
        return _("What is kept here is a newer version of it.")
    if _moves_rooms(arrival, meeting, fields):
        return _("It has another time here, and holds rooms. Move it here.")
    modified = arrival.last_modified
    if arrival.sequence > meeting.sequence or (modified and modified > meeting.updated_at):
        return ""
    last = meeting.changes.exclude(kind__in=[*BESIDE, Change.Kind.RESENT]).order_by("pk").last()
    if last and last.kind == Change.Kind.IMPORTED:
        return ""
    return _("It was changed here since, and stays as it is here.")


def _moves_rooms(arrival: Arrival, meeting: Meeting, fields: Mapping[str, list[object]]) -> bool:
    """Whether dates that hold rooms would move or go; one that is cancelled gives them back."""
    held = meeting_bookings(meeting)
    if "when" in fields or "rrule" in fields or (meeting.is_series and "timezone" in fields):
        return held.exists()
    if "dates" not in fields:
        return False
    names = [
        name
        for name in {str(name) for side in fields["dates"] for name in side}  # type: ignore[attr-defined]
        if name not in arrival.dates or not arrival.dates[name].cancelled
    ]
    return held.filter(occurrence__recurrence_id__in=names).exists()
