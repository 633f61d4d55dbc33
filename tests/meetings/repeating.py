"""Series for tests, with dates that differ."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.range import TimestamptzRange

from accounts.models import User
from meetings import recurrence
from meetings.dates import horizon, index_of
from meetings.models import Booking, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.ranges import as_range
from meetings.wallclock import Timed, When
from rooms.models import Room
from tests.factories import BERLIN, NOW, timed

WEEKLY = "FREQ=WEEKLY;BYDAY=WE"


def series(
    organizer: User,
    start: str = "2027-03-10 10:00",
    minutes: int = 60,
    *people: User | str,
    rule: str = WEEKLY,
    when: When | None = None,
    rooms: Sequence[Room] = (),
    now: datetime = NOW,
    **fields: Any,
) -> Meeting:
    """A weekly series on Wednesdays from 10 March 2027 on, 10:00–11:00 in Berlin."""
    when = when or timed(start, minutes)
    meeting = Meeting(organizer=organizer, created_by=organizer, created_at=now, updated_at=now)
    meeting.timezone = when.zone if isinstance(when, Timed) else BERLIN
    meeting.when = when
    meeting.rrule = recurrence.canonical(rule, when)
    for name, value in {"title": "Stand-up", **fields}.items():
        setattr(meeting, name, value)
    meeting.ical_uid = f"{meeting.uid}@scheduler"
    index = index_of(meeting, [], until=horizon(now))
    meeting.indexed_until = index.until
    meeting.save()
    meeting.rooms.set(rooms)
    Occurrence.objects.bulk_create(index.rows)
    for row in index.rows:
        for room in rooms:
            Booking.objects.create(room=room, occurrence=row, during=row.during, created_at=now)
    last = recurrence.last(when, meeting.rrule)
    span = TimestamptzRange(when.during().start, last.during().end if last else None, "[)")
    for person in (organizer, *people):
        who = {"email": person} if isinstance(person, str) else {"user": person}
        status = "accepted" if person == organizer else "needs-action"
        Invitation.objects.create(meeting=meeting, status=status, span=span, **who)
    return meeting


def date(meeting: Meeting, day: str) -> Occurrence:
    """The row of that day."""
    return meeting.occurrences.get(recurrence_id__startswith=day)


def change(meeting: Meeting, day: str, *, start: str = "", **fields: Any) -> Occurrence:
    """Give a date of the series values of its own."""
    row = date(meeting, day)
    for name, value in fields.items():
        setattr(row, name, value)
    if start:
        row.when = timed(start, int(row.when.during().length / timedelta(minutes=1)))
    row.save()
    return row


def only_on(meeting: Meeting, day: str, person: User | str, **fields: Any) -> Invitation:
    """A row of somebody for one date: an answer, an invitation, or with `removed_at` neither."""
    row = date(meeting, day)
    who = {"email": person} if isinstance(person, str) else {"user": person}
    return Invitation.objects.create(
        meeting=meeting,
        recurrence_id=row.recurrence_id,
        span=as_range(row.stretch),
        **who,
        **fields,
    )


def counts(meeting: Meeting, day: str) -> list[Invitation]:
    """The invitations that count on a day."""
    return on_date(meeting.invitations.all(), date(meeting, day).recurrence_id)
