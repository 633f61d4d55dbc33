"""The text/calendar part (iMIP, RFC 6047): what a calendar program does with a message."""

from collections.abc import Sequence
from dataclasses import replace

from meetings import ical, recurrence
from meetings.calendar_file import date_event, series_events
from meetings.dates import date_of
from meetings.ical.values import Answer, Method, Role, Transparency, Visibility
from meetings.models import Invitation, Meeting
from meetings.models.invitation import on_date
from meetings.occurrences import wanted_rooms
from notifications.channels.links import page_of
from notifications.models import Delivery
from notifications.told import Telling
from rooms.models import Room

METHODS: dict[str, Method] = {
    Delivery.Kind.INVITATION: "REQUEST",
    Delivery.Kind.UPDATE: "REQUEST",
    Delivery.Kind.CANCELLATION: "CANCEL",
    Delivery.Kind.ANSWER: "REPLY",
}
ROLES: dict[str, Role] = {"required": "required", "optional": "optional"}
ANSWERS: dict[str, Answer] = {
    Invitation.Status.NEEDS_ACTION: "needs-action",
    Invitation.Status.ACCEPTED: "accepted",
    Invitation.Status.TENTATIVE: "tentative",
    Invitation.Status.DECLINED: "declined",
}
MOST_ATTENDEES = 100
# RFC 2606: rooms have no mailbox, and nobody else's may be hit.
ROOM_ADDRESS = "{code}@rooms.invalid"


def calendar_of(telling: Telling) -> tuple[bytes, Method] | None:
    """The calendar text and its METHOD; None where no calendar has anything to do.

    An organizer with an account has the meeting here, not from a request in her own calendar;
    a reply would find nothing there.
    """
    method = METHODS.get(telling.kind)
    meeting = telling.meeting
    if method is None or (method == "REPLY" and meeting.organizer is not None):
        return None
    if telling.invitation.is_organizers and method != "REPLY":
        return None  # the organizer has the meeting here
    events, method = _events(telling, method)
    return ical.write_events(events, method=method, stamp=telling.now), method


def _events(telling: Telling, method: Method) -> tuple[list[ical.Event], Method]:
    """What the calendar is to do: all of a series, one date of it, or several dates."""
    meeting = telling.meeting
    if not meeting.is_series and not telling.facts.rrule:
        return [_event(telling, method)], method
    mine = [i for i in meeting.invitations.all() if i.person == telling.invitation.person]
    if telling.recurrence_id and not telling.back:
        return [_date(telling, method)], method
    if method == "REPLY" or telling.is_off or meeting.cancelled:
        first = telling.facts.first or telling.facts.when
        rule = recurrence.in_ical(telling.facts.rrule, first)
        return [replace(_event(telling, method), when=first, rrule=rule)], method
    # Also where dates were called off, or take place again: the series says so at once.
    without = {i.recurrence_id for i in mine if i.removed_at and i.recurrence_id}
    events = series_events(meeting, meeting.occurrences.all(), without=without)
    return _addressed(telling, events), "REQUEST"


def _date(telling: Telling, method: Method) -> ical.Event:
    meeting = telling.meeting
    zone = None if meeting.all_day else meeting.zone
    event = _event(telling, method)
    if method == "REQUEST":
        date = date_of(meeting, telling.recurrence_id)
        rooms = wanted_rooms(meeting, [date])[telling.recurrence_id]
        (event,) = _addressed(telling, [date_event(date, rooms)])
    return replace(event, recurrence_id=telling.recurrence_id, series_zone=zone)


def _addressed(telling: Telling, events: Sequence[ical.Event]) -> list[ical.Event]:
    """A series' events with the people and the rooms of their dates, the reader first."""
    meeting = telling.meeting
    names = [event.recurrence_id for event in events if event.recurrence_id]
    dates = {name: date_of(meeting, name) for name in names}
    rooms = {"": list(meeting.rooms.all())} | wanted_rooms(meeting, dates.values())
    locations = {name: date.shown_location for name, date in dates.items()}
    return [
        replace(
            event,
            url=page_of(telling),
            attendees=(*_attendees(telling, event.recurrence_id), *map(_room, held)),
            reminders=(),
            location=", ".join(
                filter(
                    None,
                    [
                        *(room.name for room in held),
                        locations.get(event.recurrence_id, meeting.location),
                    ],
                )
            ),
        )
        for event in events
        for held in [rooms[event.recurrence_id]]
    ]


def _attendees(telling: Telling, recurrence_id: str) -> list[ical.Attendee]:
    """Who comes to a date, the reader first; of a crowd only the reader."""
    rows = on_date(telling.meeting.invitations.all(), recurrence_id)
    own = [i for i in rows if i.person == telling.invitation.person]
    others = [i for i in rows if i.person != telling.invitation.person and not i.is_organizers]
    shown = [*(own or [telling.invitation]), *(others if len(others) < MOST_ATTENDEES else ())]
    return [_attendee(invitation) for invitation in shown]


def _event(telling: Telling, method: Method) -> ical.Event:
    """The meeting, or the one date, as the message tells it."""
    meeting, facts = telling.meeting, telling.facts
    private = method in ("CANCEL", "REPLY")
    return ical.Event(
        uid=meeting.ical_uid,
        when=facts.when,
        summary=facts.title,
        description="" if private else facts.description,
        location="" if private else _place(telling),
        join_link="" if private else facts.join_link,
        url="" if private else page_of(telling),
        organizer=ical.Person(meeting.organizer_address, meeting.organizer_shown),
        attendees=(_attendee(telling.invitation), *(() if private else _others(telling))),
        sequence=meeting.sequence,
        transparency=_TRANSPARENCY[meeting.transparency],
        status="tentative" if meeting.tentative else "confirmed",
        visibility=_VISIBILITY[meeting.visibility],
        created=meeting.created_at,
        last_modified=meeting.updated_at,
    )


_TRANSPARENCY: dict[str, Transparency] = {
    Meeting.Transparency.BUSY: "busy",
    Meeting.Transparency.FREE: "free",
}
_VISIBILITY: dict[str, Visibility] = {
    Meeting.Visibility.PUBLIC: "public",
    Meeting.Visibility.PRIVATE: "private",
}


def _attendee(invitation: Invitation) -> ical.Attendee:
    return ical.Attendee(
        invitation.address,
        invitation.shown_name,
        ROLES[invitation.role],
        ANSWERS[invitation.status],
    )


def _others(telling: Telling) -> tuple[ical.Attendee, ...]:
    """Who else comes, and the rooms; of a crowd only the rooms."""
    others = [
        _attendee(invitation)
        for invitation in telling.meeting.invitations.all()
        if invitation.pk != telling.invitation.pk
        and invitation.removed_at is None
        and not invitation.recurrence_id
        and not invitation.is_organizers
    ]
    rooms = [_room(room) for room in telling.meeting.rooms.all()]
    return (*(others if len(others) < MOST_ATTENDEES else ()), *rooms)


def _room(room: Room) -> ical.Attendee:
    address = ROOM_ADDRESS.format(code=room.code)
    return ical.Attendee(address, room.name, "non-participant", "accepted", "room")


def _place(telling: Telling) -> str:
    """Rooms and location as one line, for the calendars that show no rooms."""
    return ", ".join(filter(None, [*telling.facts.rooms, telling.facts.location]))
