"""What differs between a meeting and a draft, and between two versions of a meeting."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from meetings.dates import date_of
from meetings.drafts import PLAIN_FIELDS, Attendee, Draft
from meetings.models import Change, Meeting
from meetings.models.invitation import on_date
from meetings.models.occurrence import OWN_FIELDS, when_named
from meetings.problems import Difference, Stale
from meetings.recurrence import continued_from, gives
from meetings.scheduler.plans import Scope
from meetings.scheduler.seats import Seating, all_invitations
from meetings.wallclock import AllDay, When
from rooms.models import Room

CHANGING = (
    *(Change.Kind.UPDATED, Change.Kind.CANCELLED, Change.Kind.IMPORTED),
    Change.Kind.DISPLACED,
)
COMPARED_FIELDS = (*PLAIN_FIELDS, "reminders")


def draft_of(meeting: Meeting, *, scope: Scope = Scope.ALL, recurrence_id: str = "") -> Draft:
    """The draft that would make this meeting: what a form for it starts with.

    For `this`, one date as it is, which does not repeat; for `following`, the rest of the
    series from that date on, unmoved. Raises Occurrence.DoesNotExist.
    """
    whole = Draft(
        title=meeting.title,
        when=meeting.when,
        zone=meeting.zone,
        description=meeting.description,
        location=meeting.location,
        join_link=meeting.join_link,
        attendees=_attendees(meeting, ""),
        room_ids=tuple(room.pk for room in meeting.rooms.all()),
        priority=meeting.priority,
        visibility=meeting.visibility,
        transparency=meeting.transparency,
        tentative=meeting.tentative,
        reminders=tuple(meeting.reminders),
        rrule=meeting.rrule,
    )
    if scope is Scope.ALL or not meeting.is_series:
        return whole
    if scope is Scope.FOLLOWING and recurrence_id == meeting.when.recurrence_id():
        return whole  # what follows the first date is all of it
    row = date_of(meeting, recurrence_id)
    if scope is Scope.FOLLOWING:
        when = when_named(meeting, recurrence_id)
        if not gives(meeting.when, meeting.rrule, when.day):
            return replace(whole, when=when)
        rrule = continued_from(meeting.when, meeting.rrule, when.day)
        return replace(whole, when=when, rrule=rrule)
    own = {name: getattr(row, name) for name in OWN_FIELDS if getattr(row, name) is not None}
    own = {name: tuple(v) if isinstance(v, list) else v for name, v in own.items()}
    return replace(
        whole,
        when=row.when,
        zone=row.timezone or meeting.zone,
        attendees=_attendees(meeting, recurrence_id),
        rrule="",
        **own,
    )


def _attendees(meeting: Meeting, recurrence_id: str) -> tuple[Attendee, ...]:
    """Who is asked to that date, or to the meeting as a whole, the organizer left out."""
    invitations = on_date(all_invitations(meeting), recurrence_id)
    return tuple(
        Attendee(invitation.address, invitation.role, invitation.name)
        for invitation in invitations
        if not invitation.is_organizers
    )


def changed_fields(
    before: Draft, after: Draft, had: Sequence[Room], rooms: Sequence[Room], people: Seating
) -> dict[str, list[object]]:
    """What differs, as a Change keeps it: field → [before, after]."""
    fields: dict[str, list[object]] = {}
    for name in (*COMPARED_FIELDS, "rrule"):
        was, becomes = getattr(before, name), getattr(after, name)
        if name == "reminders":
            was, becomes = list(was), list(becomes)
        if was != becomes:
            fields[name] = [was, becomes]
    if before.when != after.when:
        fields["when"] = [when_value(before.when), when_value(after.when)]
    if before.zone.key != after.zone.key:
        fields["timezone"] = [before.zone.key, after.zone.key]
    if {room.pk for room in had} != {room.pk for room in rooms}:
        fields["rooms"] = [sorted(r.name for r in had), sorted(r.name for r in rooms)]
    for name in ("exdates", "rdates"):
        if getattr(after, name):
            fields[name] = [[], list(getattr(after, name))]
    roles = [(i, role) for i, role in people.stayed if i.role != role]
    if people.added or people.removed or roles:
        before_ = [i for i, _role in people.stayed] + list(people.removed)
        fields["attendees"] = [
            sorted(f"{i.shown_name} ({i.role})" for i in before_ if not i.is_organizers),
            sorted(f"{p.shown_name} ({p.role})" for p in people.places if not p.is_organizers),
        ]
    return fields


def when_value(when: When) -> dict[str, str]:
    """A time as a Change keeps it: instants in UTC, or the first and last date."""
    if isinstance(when, AllDay):
        return {"first": when.first.isoformat(), "last": when.last.isoformat()}
    during = when.during()
    return {"start": during.start.isoformat(), "end": during.end.isoformat()}


def require_version(meeting: Meeting, version: int) -> None:
    """Raise Stale, field by field, if somebody else has changed the meeting since `version`."""
    if meeting.version == version:
        return
    seen: dict[str, Difference] = {}
    later = meeting.changes.filter(version__gt=version)
    told = later.filter(undone_at__isnull=True).exclude(kind=Change.Kind.UNDONE)
    if version < meeting.version and not told.exists():
        return  # whatever was changed was taken back
    for change in later.filter(undone_at__isnull=True).order_by("pk"):
        for name, (was, theirs) in change.fields.items():
            if change.kind in CHANGING:
                first = seen[name].was if name in seen else was
                seen[name] = Difference(name, first, theirs)
    raise Stale(
        _("This meeting was changed meanwhile. Your values are kept; look, then save."),
        version=meeting.version,
        differences=[d for d in seen.values() if d.was != d.theirs],
    )
