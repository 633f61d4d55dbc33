"""What the form starts with when it is about some dates of a series only."""

from collections.abc import Sequence

from meetings.drafts import Attendee, Draft
from meetings.formrules import rule_values
from meetings.formtimes import when_values
from meetings.formvalues import PEOPLE, Values, meeting_values
from meetings.mailboxes import Mailbox, write_mailboxes
from meetings.models import Meeting
from rooms.models import Room


def scoped_values(meeting: Meeting, draft: Draft) -> Values:
    """The values of a draft that some dates of the meeting would have."""
    names = {i.address: str(i.user) if i.user else i.name for i in meeting.invitations.all()}
    codes = dict(Room.objects.filter(pk__in=draft.room_ids).values_list("pk", "code"))
    return meeting_values(meeting) | {
        "title": draft.title,
        **when_values(draft.when),
        **rule_values(draft.rrule, draft.when),
        "zone": draft.zone.key,
        **{role: _mailboxes(draft.attendees, role, names) for role in PEOPLE},
        "rooms": [codes[pk] for pk in draft.room_ids if pk in codes],
        "location": draft.location,
        "join_link": draft.join_link,
        "description": draft.description,
        "priority": str(draft.priority),
        "reminders": [str(lead) for lead in draft.reminders],
    }


def _mailboxes(attendees: Sequence[Attendee], role: str, names: dict[str, str]) -> str:
    return write_mailboxes(
        Mailbox(names.get(attendee.email) or attendee.name, attendee.email)
        for attendee in attendees
        if attendee.role == role
    )
