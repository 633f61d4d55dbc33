"""What stands in the fields of the meeting form: of a new meeting, of one that is there."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from accounts.zones import is_zone
from meetings.formrules import NOT_REPEATED, REPEAT, rule_values
from meetings.formtimes import ClockField, next_half_hour, when_values
from meetings.mailboxes import Mailbox, write_mailboxes
from meetings.models import Invitation, Meeting
from meetings.wallclock import Timed
from rooms.models import Room

Values = dict[str, Any]

WHEN = ("date", "start", "end", "until", "all_day", "zone")
PEOPLE = ("required", "optional")
LISTS = ("rooms", "reminders", "on")
TEXTS = (
    *("title", "location", "join_link", "description", "visibility", "priority"),
    *(name for name in REPEAT if name not in LISTS),
)
DECIDE = "decide-"
"""Before a recurrence-id it names the field that says what becomes of that date."""
POLICY = "on_conflict"
"""Names the field that says what is done if something collides."""
KEPT = ("key", "version", "began", "who", "room_q", "reason", "nowhere", POLICY)
USUAL_LENGTH = timedelta(hours=1)
USUAL_REMINDERS = (15,)
MORNING = time(9)


def fresh_values(user: User, query: Mapping[str, str], *, now: datetime) -> Values:
    """A new meeting: at `?date` and `?time`, for `?length` minutes, in `?room`; else the next hour.

    `?required` and `?optional` name people as the form does, `?zone` is that of the time.
    """
    zone = ZoneInfo(query["zone"]) if is_zone(query.get("zone", "")) else user.zone
    room = Room.objects.bookable().filter(code=storable(query.get("room", ""))).first()
    return {
        **when_values(_asked_time(query, zone, now)),
        **NOT_REPEATED,
        **{role: storable(query.get(role, "")) for role in PEOPLE},
        "zone": zone.key,
        "rooms": [room.code] if room else [],
        "reminders": [str(lead) for lead in USUAL_REMINDERS],
        "visibility": Meeting.Visibility.PUBLIC.value,
        "priority": str(Meeting.Priority.NORMAL.value),
        "key": str(uuid4()),
    }


def _asked_time(query: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Timed:
    """The time a link asks for; of one that somebody made up, what can be used of it."""
    soon = Timed(next_half_hour(now, zone), zone, USUAL_LENGTH)
    try:
        day = date.fromisoformat(query.get("date", ""))
    except ValueError:
        return soon
    try:
        at = ClockField(required=False).clean(query.get("time"))
    except ValidationError:
        at = None
    if at is None and day == soon.start.date():
        return soon
    try:
        length = timedelta(minutes=int(query.get("length") or ""))
    except (ValueError, OverflowError):
        length = USUAL_LENGTH
    try:
        return replace(soon, start=datetime.combine(day, at or MORNING), length=length)
    except (ValueError, OverflowError):
        return soon


def meeting_values(meeting: Meeting) -> Values:
    """A meeting as it is. Uses prefetched invitations and rooms."""
    people = [i for i in meeting.invitations.all() if _is_listed(i)]
    return {
        "title": meeting.title,
        **when_values(meeting.when),
        **rule_values(meeting.rrule, meeting.when),
        "zone": meeting.zone.key,
        **{role: _mailboxes(i for i in people if i.role == role) for role in PEOPLE},
        "rooms": [room.code for room in meeting.rooms.all()],
        "location": meeting.location,
        "join_link": meeting.join_link,
        "description": meeting.description,
        "visibility": meeting.visibility,
        "priority": str(meeting.priority),
        "reminders": [str(lead) for lead in meeting.reminders],
        "version": str(meeting.version),
    }


def _is_listed(invitation: Invitation) -> bool:
    return (
        invitation.removed_at is None
        and not invitation.recurrence_id
        and not invitation.is_organizers
    )


def _mailboxes(invitations: Any) -> str:
    return write_mailboxes(
        Mailbox(str(i.user) if i.user else i.name, i.address) for i in invitations
    )


def typed_values(data: QueryDict) -> Values:
    """What was posted, field by field, unchecked."""
    values: Values = {name: data.get(name, "") for name in (*TEXTS, *PEOPLE, *WHEN)}
    values |= {name: data.getlist(name) for name in LISTS}
    values["all_day"] = bool(data.get("all_day"))
    kept = [name for name in data if name in KEPT or name.startswith(DECIDE)]
    return values | {name: data[name] for name in kept}


def storable(text: str) -> str:
    """The text without what the database cannot even be asked for."""
    return text.replace("\x00", "")


def as_posted(values: Values) -> MultiValueDict[str, str]:
    """The values as a browser would send them."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for name, value in values.items():
        if isinstance(value, list):
            data.setlist(name, value)
        elif value is True:
            data[name] = "on"
        elif value:
            data[name] = value
    return data


def began(values: Values) -> str:
    """The values a form began with, to carry along in it."""
    return json.dumps({name: values.get(name, "") for name in (*TEXTS, *PEOPLE, *WHEN, *LISTS)})


def touched(values: Values) -> set[str]:
    """The names of the fields that are not as the form began; all of them if that is lost."""
    names = {*TEXTS, *PEOPLE, *WHEN, *LISTS}
    try:
        before = dict(json.loads(values.get("began", "")))
    except (TypeError, ValueError, RecursionError):
        return names
    return {name for name in names if _plain(values.get(name)) != _plain(before.get(name))}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(str, value))
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def carried(typed: Values, there: Values) -> Values:
    """What was typed about some dates of a series, laid over the values of other dates of it.

    The time of day is the one typed; the day moves by as much as it was moved.
    """
    names = touched(typed) - {*WHEN}
    if not typed["every"]:  # the form of one date has no such controls
        names -= {*REPEAT}
    kept = {name: typed[name] for name in names}
    if touched(typed).intersection(WHEN):
        kept |= _time_carried(typed, there)
    return there | kept | {"began": began(there)}


def _time_carried(typed: Values, there: Values) -> Values:
    same = {name: typed[name] for name in ("start", "end", "all_day", "zone")}
    try:
        began_on = date.fromisoformat(json.loads(typed["began"])["date"])
        by = date.fromisoformat(there["date"]) - began_on
        days = {name: typed[name] and date.fromisoformat(typed[name]) for name in ("date", "until")}
        return same | {name: day and (day + by).isoformat() for name, day in days.items()}
    except (KeyError, OverflowError, TypeError, ValueError):
        return same


def merged(typed: Values, theirs: Values) -> Values:
    """The meeting as it is now with what was typed laid over it, as if begun from now.

    What the person did not touch follows the meeting; the parts of "when" hold together, and so
    do those of how it repeats.
    """
    names = touched(typed)
    for together in (WHEN, REPEAT):
        if names.intersection(together):
            names.update(together)
    kept = {name: typed[name] for name in names}
    return theirs | kept | {"began": began(theirs)}
