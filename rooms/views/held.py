"""What a room's week says: who holds it when, as one reader may know it, and when it is shut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.availability import busy_rooms, closures_of, open_time
from meetings.intervals import Stretch, subtract
from meetings.models import Invitation, Occurrence
from meetings.occurrences import occurrences_in_room
from meetings.permissions import Sight, seen_title, sight
from meetings.timewords import clock_range, range_words
from meetings.views.grid import Item
from rooms.models import Room

Held = tuple[Occurrence, Stretch]


@dataclass(frozen=True, slots=True)
class Words:
    """What a block says, on the reader's clock."""

    title: str
    begins: str
    """`9:30`, all of the time that a small block shows."""
    until: str
    """`–10:30`, what a larger one adds."""
    when: str
    """The whole time, for a bar."""
    look: str
    who: str = ""
    """The organizer, unless the meeting is private to the reader."""
    uid: str = ""
    date: str = ""
    """Of a series, the recurrence-id of this date."""
    """Of a meeting whose page the reader may open."""


@dataclass(frozen=True, slots=True)
class RoomWeek:
    """What stands in the grid, and the hours that are lit in it."""

    items: list[Item[Words]]
    lit: list[Stretch]


def room_week(room: Room, within: Stretch, *, reader: User, now: datetime) -> RoomWeek:
    """What holds and what shuts `room` in `within`, in a constant number of queries.

    Lit is when it is open, and neither shut nor kept free around a meeting.
    """
    shut = closures_of([room], [within])[room.pk]
    held = [(o, o.occupied_in(room.zone)) for o in occurrences_in_room(room, within, now=now)]
    taken = [taken.stretch for taken in busy_rooms([room], within, now=now)[room.pk]]
    kept_free = subtract(taken, [stretch for _o, stretch in held])
    offered = subtract(open_time(room, within), [stretch for stretch, _reason in shut])
    today = now.astimezone(reader.zone).date()
    closures = [
        Item(_words(reason, stretch, reader, today, "block-shut"), stretch)
        for stretch, reason in shut
    ]
    return RoomWeek([*closures, *_meetings(held, reader, today)], subtract(offered, kept_free))


def _meetings(held: Sequence[Held], reader: User, today: date) -> list[Item[Words]]:
    """The meetings, each as far as the reader may see it; one query more."""
    own = Prefetch("invitations", Invitation.objects.of(reader))
    prefetch_related_objects([occurrence.meeting for occurrence, _stretch in held], own)
    return [Item(_meeting(*one, reader, today), one[1]) for one in held]


def _meeting(occurrence: Occurrence, stretch: Stretch, reader: User, today: date) -> Words:
    meeting, title = occurrence.meeting, seen_title(occurrence, reader)
    seen = sight(reader, meeting, occurrence.recurrence_id)
    if seen < Sight.PUBLIC:
        return _words(title, stretch, reader, today, "block-other hue-stone")
    look = "hue-spruce" if seen >= Sight.PARTICIPANT else "block-other hue-stone"
    words = _words(title, stretch, reader, today, look)
    return replace(
        words,
        who=meeting.organizer_shown,
        uid=str(meeting.uid),
        date=occurrence.recurrence_id if meeting.is_series else "",
    )


def _words(
    title: str,
    stretch: Stretch,
    reader: User,
    today: date,
    look: str,
) -> Words:
    clock = clock_range(stretch.start, stretch.end, reader.zone, today=today)
    begins, dash, until = clock.partition("–")
    when = range_words(stretch.start, stretch.end, reader.zone, today=today)
    return Words(title or _("(no title)"), begins, dash + until, when, look)
