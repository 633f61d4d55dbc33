"""Rooms and people as requests name them."""

from collections.abc import Sequence
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import StringConstraints

from accounts.rest import Strict, Text, invalid
from meetings.drafts import Attendee
from rooms.models import Room

Address = Annotated[Text, StringConstraints(max_length=320)]


class AttendeeIn(Strict):
    """Somebody to ask. The address of an account is that person."""

    email: Address
    role: Literal["required", "optional"] = "required"
    name: Annotated[Text, StringConstraints(max_length=200)] = ""


def attendees_from(asked: Sequence[str | AttendeeIn]) -> tuple[Attendee, ...]:
    """Who is asked to come; a bare address is a required person's."""
    return tuple(
        Attendee(one) if isinstance(one, str) else Attendee(one.email, one.role, one.name)
        for one in asked
    )


def room_pks(names: Sequence[str], *, field: str = "room_ids") -> tuple[int, ...]:
    """The ids of rooms named by uid or code, in this order. Raises Refused for an unknown one."""
    return tuple(room.pk for room in rooms_named(names, field=field))


def rooms_named(names: Sequence[str], *, field: str) -> list[Room]:
    """The rooms, with details, named by uid or code. Raises Refused for an unknown one."""
    rooms = Room.objects.with_details().named(names) if names else {}
    for name in names:
        if name not in rooms:
            raise invalid(field, _("There is no room “%(name)s”.") % {"name": name})
    return [rooms[name] for name in names]
