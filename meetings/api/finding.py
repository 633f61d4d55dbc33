"""Find a time: the best slots for people and a room, each with its reasons."""

from datetime import timedelta
from typing import Annotated

from django.db.models import prefetch_related_objects
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Flag,
    Identifier,
    Instant,
    Number,
    RestRequest,
    Shown,
    Stamp,
    Strict,
    invalid,
    stamp,
)
from meetings.api.placing import rooms_named
from meetings.api.reading import people_named
from meetings.api.routing import people
from meetings.api.windows import stretch_of
from meetings.slots import Slot, Wish, find_slots
from meetings.slotwords import reasons
from rooms.models import Amenity, Room

MOST_PEOPLE, MOST_ROOMS, MOST_DAYS = 200, 60, 92


class RoomWanted(Strict):
    """A room for so many, of these if some are named, else any that fits."""

    seats: Annotated[Number, Field(ge=1, le=10_000)] = 1
    site: Identifier | None = Field(None, description="The name of a site.")
    amenities: list[Identifier] = Field(
        default_factory=list, max_length=50, description="Names of amenities."
    )
    room_ids: list[Identifier] = Field(default_factory=list, max_length=MOST_ROOMS)


class SlotQuestion(Strict):
    """Who is to meet for how long, and between which instants. You come, unless you say not."""

    required: list[Identifier] = Field(default_factory=list, max_length=MOST_PEOPLE)
    optional: list[Identifier] = Field(default_factory=list, max_length=MOST_PEOPLE)
    include_me: Flag = True
    minutes: Annotated[Number, Field(ge=1, le=7 * 1440)]
    start: Instant
    end: Instant = Field(description="At most 92 days after the start.")
    near: Instant | None = Field(None, description="The time that is best if nothing else differs.")
    room: RoomWanted | None = None
    limit: Annotated[Number, Field(ge=1, le=20)] = 5


class SlotOut(Schema):
    """A time to meet; people by address. `reasons` say what it was ranked by, in that order."""

    start_time: Stamp
    end_time: Stamp
    compromise: bool = Field(description="Whether somebody required cannot come.")
    missing: list[str]
    perhaps: list[str]
    outside_hours: list[str]
    optional_missing: list[str]
    room_id: str | None
    reasons: list[str]


class SlotsOut(Schema):
    """The best times, best first."""

    slots: list[SlotOut]


@people.post("/slots", response={200: SlotsOut, **REFUSALS})
def find_times(request: RestRequest, body: SlotQuestion, shown: Query[Shown]) -> SlotsOut:
    """The best times for people to meet, and a free room for each if one is wanted."""
    me = request.user
    within = stretch_of(body.start, body.end)
    if within.length > timedelta(days=MOST_DAYS):
        raise invalid("end", _("Ask for at most 92 days at once."))
    required = people_named(body.required, field="required")
    optional = people_named(body.optional, field="optional")
    if body.include_me and me not in optional:
        required = [me, *required]
    if not required:
        raise invalid("required", _("Say who has to come."))
    prefetch_related_objects([*required, *optional], "working_hours")
    wish = Wish(
        required=tuple(required),
        optional=tuple(optional),
        length=timedelta(minutes=body.minutes),
        window=within,
        zone=me.zone,
        near=body.near,
        seats=body.room.seats if body.room else 0,
        rooms=_rooms(body.room, required) if body.room else (),
        holder=me,
    )
    slots = find_slots(wish, now=clock.now(), most=body.limit)
    known = wish.coming | wish.perhaps_coming
    return SlotsOut(slots=[_out(slot, wish, shown, known) for slot in slots])


def _rooms(wanted: RoomWanted, required: list[User]) -> tuple[Room, ...]:
    """The rooms to look at: those named, or the nearest that have what is wanted."""
    rooms = Room.objects.with_details().nearest(user.zone for user in required)
    if wanted.room_ids:
        rooms = rooms.filter(pk__in=[r.pk for r in rooms_named(wanted.room_ids, field="room")])
    if wanted.site:
        rooms = rooms.filter(site__name__iexact=wanted.site)
    rooms = rooms.having(_amenities(wanted.amenities)).bookable().seating(wanted.seats)
    return tuple(rooms[:MOST_ROOMS])


def _amenities(names: list[str]) -> list[Amenity]:
    found = []
    for name in names:
        amenity = Amenity.objects.filter(name__iexact=name).first()
        if amenity is None:
            raise invalid("room.amenities", _("No room has “%(name)s”.") % {"name": name})
        found.append(amenity)
    return found


def _out(slot: Slot, wish: Wish, shown: Shown, known: dict[int, User]) -> SlotOut:
    def addresses(ids: tuple[int, ...]) -> list[str]:
        return [known[pk].email for pk in ids]

    return SlotOut(
        start_time=stamp(slot.stretch.start, shown.timezone),
        end_time=stamp(slot.stretch.end, shown.timezone),
        compromise=slot.is_compromise,
        missing=addresses(slot.missing),
        perhaps=addresses(slot.perhaps),
        outside_hours=addresses((*slot.outside, *slot.optional_outside)),
        optional_missing=addresses(slot.optional_missing),
        room_id=slot.room.code if slot.room else None,
        reasons=[reason.words for reason in reasons(slot, wish, shown.timezone or wish.zone)],
    )
