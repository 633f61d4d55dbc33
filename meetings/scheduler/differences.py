"""What differs between a meeting and a draft, and between two versions of a meeting."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from meetings.drafts import PLAIN_FIELDS, Attendee, Draft
from meetings.models import Change, Meeting
from meetings.problems import Difference, Stale
from meetings.scheduler.seats import Seating, series_invitations
from meetings.wallclock import AllDay, When
from rooms.models import Room

COMPARED_FIELDS = (*PLAIN_FIELDS, "reminders")


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
            for invitation in series_invitations(meeting)
            if invitation.removed_at is None and not invitation.is_organizers
        ),
        room_ids=tuple(room.pk for room in meeting.rooms.all()),
        priority=meeting.priority,
        visibility=meeting.visibility,
        transparency=meeting.transparency,
        tentative=meeting.tentative,
        reminders=tuple(meeting.reminders),
    )


def changed_fields(
    meeting: Meeting, draft: Draft, rooms: Sequence[Room], people: Seating
) -> dict[str, list[object]]:
    """What differs, as a Change keeps it: field → [before, after]."""
    fields: dict[str, list[object]] = {}
    for name in COMPARED_FIELDS:
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
    for change in meeting.changes.filter(version__gt=version).order_by("pk"):
        for name, (was, theirs) in change.fields.items():
            if change.kind in (Change.Kind.UPDATED, Change.Kind.CANCELLED, Change.Kind.IMPORTED):
                first = seen[name].was if name in seen else was
                seen[name] = Difference(name, first, theirs)
    raise Stale(
        _("This meeting was changed meanwhile. Your values are kept; look, then save."),
        version=meeting.version,
        differences=[d for d in seen.values() if d.was != d.theirs],
    )
