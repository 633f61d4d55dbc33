"""A meeting as an iCalendar file, for a participant's own calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from meetings.ical import Event, Person, write_event
from meetings.ical.values import Priority
from meetings.models import Occurrence
from meetings.occurrences import rooms_of
from rooms.models import Room

PRIORITIES: Sequence[Priority] = get_args(Priority)  # in the order of Meeting.Priority


def calendar_file(occurrence: Occurrence, *, now: datetime) -> bytes:
    """The text of an `.ics` file to keep: no answer is asked for, nobody else is named.

    Only for who may read all of the meeting. It has the UID of the mailed invitation, so that a
    calendar knows both as one. `now` (UTC) is when the file says it was made.
    """
    return write_event(_event(occurrence), method="PUBLISH", stamp=now)


def _event(occurrence: Occurrence) -> Event:
    meeting = occurrence.meeting
    return Event(
        uid=meeting.ical_uid,
        when=meeting.when,
        summary=occurrence.shown_title,
        description=occurrence.shown_description,
        location=_place(occurrence.shown_location, rooms_of(occurrence)),
        join_link=occurrence.shown_join_link,
        organizer=Person(meeting.organizer_address, meeting.organizer_shown),
        sequence=meeting.sequence,
        transparency="free" if meeting.transparency == meeting.Transparency.FREE else "busy",
        status="tentative" if meeting.tentative else "confirmed",
        visibility="private" if meeting.is_private else "public",
        priority=PRIORITIES[meeting.priority - 1],
        reminders=tuple(occurrence.shown_reminders),
        created=meeting.created_at,
        last_modified=meeting.updated_at,
    )


def _place(location: str, rooms: Sequence[Room]) -> str:
    """Rooms with their sites, then what was written as location."""
    return ", ".join(
        [*(f"{room.name} ({room.site.name})" for room in rooms), *filter(None, [location])]
    )
