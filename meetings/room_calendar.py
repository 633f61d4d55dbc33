"""A room's calendar as iCalendar events: when it is held and when it is shut.

It says what any colleague may know, whoever has its address: of a private meeting, also one of
that colleague's own, only that the room is taken.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.ical import Event
from meetings.intervals import Stretch
from meetings.models import Occurrence
from meetings.models.ranges import as_range, as_stretch
from meetings.occurrences import occurrences_in_room
from meetings.permissions import titles_hidden_from
from meetings.wallclock import Timed, When
from rooms.models import Closure, Room

UTC = ZoneInfo("UTC")


def room_events(
    room: Room, within: Stretch, *, now: datetime, since: datetime, base: str
) -> list[Event]:
    """What holds and what shuts `room` in `within`, each date by itself; `base` is our address.

    Neither what is kept free around meetings nor what an undo holds. `since` stands for when
    something changed where that is unknown or nobody's business. Two queries.
    """
    dates = [
        date
        for date in occurrences_in_room(room, within, now=now)
        if date.occupied_in(room.zone).overlaps(within)
    ]
    hidden = titles_hidden_from(None, dates)
    return [
        *(_closed(closure, room, since) for closure in _closures(room, within)),
        *(
            _busy(date, room, since) if date.key in hidden else _meeting(date, room, base)
            for date in dates
        ),
    ]


def _closures(room: Room, within: Stretch) -> Iterator[Closure]:
    shut = Closure.objects.of_rooms([room]).filter(during__overlap=as_range(within))
    yield from shut.order_by("during", "pk")


def _closed(closure: Closure, room: Room, since: datetime) -> Event:
    return Event(
        uid=_uid(room, closure.uid),
        when=_in_utc(as_stretch(closure.during)),
        summary=_("Closed: %(reason)s") % {"reason": closure.reason},
        location=_place(room),
        last_modified=since,
    )


def _busy(date: Occurrence, room: Room, since: datetime) -> Event:
    """Says the time, and in no other way what it is taken by or when that changed."""
    return Event(
        uid=_uid(room, f"{date.meeting.uid} {date.recurrence_id}"),
        when=_in_utc(date.occupied_in(room.zone)),
        summary=_("Busy"),
        location=_place(room),
        visibility="private",
        last_modified=since,
    )


def _meeting(date: Occurrence, room: Room, base: str) -> Event:
    meeting = date.meeting
    query = f"?date={date.recurrence_id}" if meeting.is_series else ""
    return Event(
        uid=_uid(room, f"{meeting.uid} {date.recurrence_id}"),
        when=date.dates if date.all_day else _in_utc(date.stretch),
        summary=date.shown_title,
        description=_("Organizer: %(name)s") % {"name": meeting.organizer_shown},
        location=_place(room),
        url=f"{base}{meeting.get_absolute_url()}{query}",
        status="tentative" if date.shown_tentative else "confirmed",
        sequence=meeting.sequence,
        last_modified=meeting.updated_at,
    )


def _in_utc(stretch: Stretch) -> When:
    """A single stretch needs no zone: each program shows it on its owner's clock."""
    start = stretch.start.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return Timed(start, UTC, stretch.end - stretch.start)


def _uid(room: Room, name: object) -> str:
    """Always the same for the date, and tells nothing of it: a UID from elsewhere might."""
    return f"{uuid.uuid5(room.uid, str(name))}@scheduler"


def _place(room: Room) -> str:
    return f"{room.name} ({room.site.name})"
