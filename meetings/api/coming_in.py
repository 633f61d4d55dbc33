"""Meetings as they come in, and the drafts that they ask for."""

from typing import Literal

from pydantic import Field

from accounts.models import User
from accounts.rest import Flag, Identifier, Number, Text, Zone
from meetings.api.placing import Address, AttendeeIn, attendees_from, room_pks
from meetings.api.resolving import Resolving
from meetings.api.timing import Timing, when_from
from meetings.drafts import Draft

PRIORITIES = {"low": 1, "normal": 2, "high": 3}


class MeetingIn(Timing, Resolving):
    """A meeting to book."""

    title: Text
    timezone: Zone | None = Field(None, description="The organizer's, if there is none.")
    attendees: list[Address | AttendeeIn] = Field(default_factory=list, max_length=500)
    room_id: Identifier | None = Field(None, description="A room's uid or code.")
    room_ids: list[Identifier] = Field(default_factory=list, max_length=50)
    description: Text = ""
    location: Text = ""
    join_link: Text = ""
    transparency: Literal["busy", "free"] | None = None
    tentative: Flag = False
    reminders: list[Number] = Field(default_factory=list, description="Minutes before the start.")
    priority: Literal["low", "normal", "high"] = "normal"
    visibility: Literal["public", "private"] = "public"


def draft_from(body: MeetingIn, by: User) -> Draft:
    """The draft of a single meeting. Raises Refused naming the field that is wrong."""
    zone = body.timezone or by.zone
    return Draft(
        title=body.title,
        when=when_from(body, zone),
        zone=zone,
        description=body.description,
        location=body.location,
        join_link=body.join_link,
        attendees=attendees_from(body.attendees),
        room_ids=room_pks([*([body.room_id] if body.room_id else []), *body.room_ids]),
        priority=PRIORITIES[body.priority],
        visibility=body.visibility,
        transparency=body.transparency or "",
        tentative=body.tentative,
        reminders=tuple(body.reminders),
    )
