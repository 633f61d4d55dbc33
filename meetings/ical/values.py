"""What an iCalendar event says, as frozen values: read from text, and written to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from meetings.wallclock import When

Role = Literal["required", "optional", "chair", "non-participant"]
Answer = Literal["needs-action", "accepted", "declined", "tentative", "delegated"]
Kind = Literal["individual", "group", "room", "resource", "unknown"]
Transparency = Literal["busy", "free"]
Status = Literal["confirmed", "tentative", "cancelled"]
Visibility = Literal["public", "private"]
Priority = Literal["low", "normal", "high"]
Method = Literal["PUBLISH", "REQUEST", "REPLY", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who organizes: an e-mail address in lower case, and a name if there is one."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is invited, how (ROLE), what she answered (PARTSTAT); a room too (CUTYPE)."""

    email: str
    name: str = ""
    role: Role = "required"
    answer: Answer = "needs-action"
    kind: Kind = "individual"


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT (RFC 5545, 3.6.1).

    With `rrule` or `rdates` it is a series. With `recurrence_id` it is one changed date of the
    series with the same uid: the wall-clock start that the series' rule gave it, as
    `When.recurrence_id()` writes it. `exdates` and `rdates` are written like that too.
    `series_zone` is the zone of the series of a changed date, where that of `when` is another.
    `reminders` are minutes before the start. `join_link` is where to meet (CONFERENCE), `url` a
    page about the event. `created` and `last_modified` are in UTC. `line` is where it begins in
    the file that it was read from.
    """

    uid: str
    when: When
    summary: str = ""
    description: str = ""
    location: str = ""
    join_link: str = ""
    url: str = ""
    organizer: Person | None = None
    attendees: tuple[Attendee, ...] = ()
    sequence: int = 0
    recurrence_id: str = ""
    series_zone: ZoneInfo | None = None
    rrule: str = ""
    exdates: tuple[str, ...] = ()
    rdates: tuple[str, ...] = ()
    transparency: Transparency = "busy"
    status: Status = "confirmed"
    visibility: Visibility = "public"
    priority: Priority = "normal"
    reminders: tuple[int, ...] = ()
    created: datetime | None = None
    last_modified: datetime | None = None
    line: int = field(default=0, compare=False)
