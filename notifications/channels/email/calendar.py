"""The text/calendar part (iMIP, RFC 6047): what a calendar program does with a message."""

from meetings import ical
from meetings.ical.values import Answer, Method, Role, Transparency, Visibility
from meetings.models import Invitation, Meeting
from notifications.channels.email.links import page_of
from notifications.models import Delivery
from notifications.telling import Telling

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
    facts = telling.facts
    private = method in ("CANCEL", "REPLY")
    event = ical.Event(
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
    return ical.write_event(event, method=method, stamp=telling.now), method


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
    rooms = [
        ical.Attendee(
            ROOM_ADDRESS.format(code=room.code), room.name, "non-participant", "accepted", "room"
        )
        for room in telling.meeting.rooms.all()
    ]
    return (*(others if len(others) < MOST_ATTENDEES else ()), *rooms)


def _place(telling: Telling) -> str:
    """Rooms and location as one line, for the calendars that show no rooms."""
    return ", ".join(filter(None, [*telling.facts.rooms, telling.facts.location]))
