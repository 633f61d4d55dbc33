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
    Text,
    invalid,
    stamp,
)
from meetings.api.placing import rooms_named
from meetings.api.reading import people_named
from meetings.api.routing import people
from meetings.api.timing import timed
from meetings.api.windows import stretch_of
from meetings.drafts import Draft
from meetings.scheduler import plan_schedule
from meetings.slots import SeriesSlot, Slot, Wish, find_series_slots, find_slots
from meetings.slotwords import reasons, series_reasons
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
    rrule: Text = Field(
        "", description="For a series that would begin at `near`: all its dates are weighed."
    )
    room: RoomWanted | None = None
    limit: Annotated[Number, Field(ge=1, le=20)] = 5


class SlotOut(Schema):
    """A time to meet, of a series its first date; people by address.

    `reasons` say what it was ranked by, in that order.
    """

    start_time: Stamp
    end_time: Stamp
    compromise: bool = Field(description="Whether somebody required cannot come.")
    missing: list[str]
    perhaps: list[str]
    outside_hours: list[str]
    optional_missing: list[str]
    room_id: str | None
    colliding: list[str] = Field(
        description="Of a series, the dates that collide then, by their local starts."
    )
    dates: int = Field(description="How many dates were weighed.")
    reasons: list[str]


class SlotsOut(Schema):
    """The best times, best first."""

    slots: list[SlotOut]


@people.post("/slots", response={200: SlotsOut, **REFUSALS})
def find_times(request: RestRequest, body: SlotQuestion, shown: Query[Shown]) -> SlotsOut:
    """The best times for people to meet, and a free room for each if one is wanted.

    For a series, those at which the fewest dates collide; `compromise` then says that some do.
    """
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
    now = clock.now()
    if body.rrule:
        plan = plan_schedule(_series(body, wish), by=me, now=now)
        found = find_series_slots(wish, plan.proposal, plan.draft.rrule, now=now, most=body.limit)
        return SlotsOut(slots=[_series_out(slot, wish, shown) for slot in found])
    slots = find_slots(wish, now=now, most=body.limit)
    return SlotsOut(slots=[_out(slot, wish, shown) for slot in slots])


def _series(body: SlotQuestion, wish: Wish) -> Draft:
    """The series that is to find its time. Raises Refused without its first date."""
    if body.near is None:
        raise invalid("near", _("Say when the series would begin."))
    return Draft(
        title="series",
        when=timed(body.near, body.near + wish.length, wish.zone, field="near"),
        zone=wish.zone,
        rrule=body.rrule,
    )


def _series_out(slot: SeriesSlot, wish: Wish, shown: Shown) -> SlotOut:
    return SlotOut(
        start_time=stamp(slot.stretch.start, shown.timezone),
        end_time=stamp(slot.stretch.end, shown.timezone),
        compromise=slot.is_compromise,
        missing=[],
        perhaps=[],
        outside_hours=_addresses(slot.outside, wish),
        optional_missing=_addresses(slot.optional_missing, wish),
        room_id=slot.room.code if slot.room else None,
        colliding=[when.recurrence_id() for when in slot.colliding],
        dates=slot.of,
        reasons=[r.words for r in series_reasons(slot, wish, shown.timezone or wish.zone)],
    )


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


def _out(slot: Slot, wish: Wish, shown: Shown) -> SlotOut:
    return SlotOut(
        start_time=stamp(slot.stretch.start, shown.timezone),
        end_time=stamp(slot.stretch.end, shown.timezone),
        compromise=slot.is_compromise,
        missing=_addresses(slot.missing, wish),
        perhaps=_addresses(slot.perhaps, wish),
        outside_hours=_addresses((*slot.outside, *slot.optional_outside), wish),
        optional_missing=_addresses(slot.optional_missing, wish),
        room_id=slot.room.code if slot.room else None,
        colliding=[],
        dates=1,
        reasons=[reason.words for reason in reasons(slot, wish, shown.timezone or wish.zone)],
    )


def _addresses(ids: tuple[int, ...], wish: Wish) -> list[str]:
    known = wish.coming | wish.perhaps_coming
    return [known[pk].email for pk in ids]
