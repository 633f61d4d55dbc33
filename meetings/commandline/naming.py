"""What a shell names: meetings and their dates, people, rooms. Raises CommandError for others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from accounts.commandline import wrong_usage
from accounts.models import User
from meetings.commandline.times import DAY
from meetings.dates import coming, date_of
from meetings.drafts import Attendee
from meetings.mailboxes import read_mailboxes
from meetings.models import Meeting, Occurrence
from meetings.permissions import get_meeting_for
from meetings.scheduler import Scope
from rooms.models import Room

NAMED = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """Some dates of a meeting: a date and what is meant by it."""

    scope: Scope
    date: str

    @property
    def arguments(self) -> dict[str, Any]:
        """As commands take it."""
        return {"scope": self.scope, "recurrence_id": self.date}

    @property
    def single(self) -> str:
        """The date's name if it is about that one alone."""
        return self.date if self.scope is Scope.THIS else ""


def meeting_named(uid: UUID, viewer: User) -> Meeting:
    """The meeting with its people, for somebody who may see its title."""
    try:
        return get_meeting_for(viewer, uid)
    except Meeting.DoesNotExist:
        raise wrong_usage(f"There is no meeting {uid} that {viewer} may see.") from None


def date_named(meeting: Meeting, name: str | None, now: datetime) -> str:
    """The recurrence-id of that date of a series, which may be named by its day alone.

    Empty for none, and of a single meeting.
    """
    if not name or not meeting.is_series:
        return ""
    try:
        if DAY.fullmatch(name):
            name = meeting.when.on(date.fromisoformat(name)).recurrence_id()
        return date_of(meeting, name).recurrence_id
    except (ValueError, Occurrence.DoesNotExist):
        names = [row.recurrence_id for row in coming(meeting, now, most=NAMED)]
        there = f"the next are {', '.join(names)}" if names else "none is to come"
        raise wrong_usage(f"The meeting has no date {name}; {there}.") from None


def reach_asked(meeting: Meeting, name: str | None, scope: str | None, now: datetime) -> Reach:
    """Which dates are meant: with a date that one, unless a scope is said; without, all."""
    found = date_named(meeting, name, now)
    if not found:
        if meeting.is_series and scope not in (None, Scope.ALL):
            raise wrong_usage("Say which date: --date, with the start its rule gave it.")
        return Reach(Scope.ALL, "")
    return Reach(Scope(scope or Scope.THIS), found)


def add_people(parser: CommandParser) -> None:
    """The options that name who has to come and who may."""
    _add_names(parser, "--with", "EMAIL", "who has to come", into="required")
    _add_names(parser, "--optional", "EMAIL", "who may come", into="optional")


def add_rooms(parser: CommandParser, what: str) -> None:
    """The option that names rooms."""
    _add_names(parser, "--room", "CODE", what, into="rooms")


def _add_names(parser: CommandParser, name: str, kind: str, what: str, *, into: str) -> None:
    """Several after one option, or with commas between them, or the option several times."""
    parser.add_argument(name, dest=into, nargs="+", action="extend", metavar=kind, help=what)


def attendees_asked(
    required: Iterable[str] | None, optional: Iterable[str] | None
) -> tuple[Attendee, ...]:
    """The people named, each text one or several addresses with commas between them."""
    asked = [("required", text) for text in required or ()] + [
        ("optional", text) for text in optional or ()
    ]
    return tuple(
        Attendee(mailbox.address or mailbox.name, role, mailbox.name)
        for role, text in asked
        for mailbox in read_mailboxes(text)
    )


def codes_asked(texts: Iterable[str] | None) -> list[str]:
    """The codes of rooms, each text one or several with commas between them."""
    return [code for text in texts or () for code in text.split(",") if code]


def rooms_asked(texts: Iterable[str] | None) -> tuple[int, ...]:
    """The ids of the rooms with these codes (or uids), in this order."""
    names = codes_asked(texts)
    found = Room.objects.named(names) if names else {}
    for name in names:
        if name not in found:
            raise wrong_usage(f"There is no room “{name}”; a room’s address ends with its code.")
    return tuple(found[name].pk for name in names)
