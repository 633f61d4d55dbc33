"""Rooms: list them, read one, see when it is free."""

from datetime import datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Identifier,
    Instant,
    RestRequest,
    Shown,
    invalid,
    not_found,
    stamp,
)
from meetings.api.cursors import after, cursor_of
from meetings.api.people import SlotTime
from meetings.api.room_out import ClosureOut, ListedRoom, RoomDetail, room_out, standing_out
from meetings.api.roomwishes import Words, amenities_named, rooms_called, time_between
from meetings.api.routing import rooms
from meetings.api.windows import Window, stretch_of
from meetings.availability import bookable_time, busy_rooms, closures_of, times
from meetings.conflicts import Proposal, covers
from meetings.described.reader import Reader
from meetings.intervals import Stretch, subtract
from meetings.models import Occurrence
from meetings.models.ranges import as_stretch
from meetings.occurrences import occurrences_in_room
from meetings.permissions import titles_hidden_from
from meetings.slots import RoomQuestion, find_rooms
from meetings.standing import standings
from meetings.wallclock import Timed
from rooms.models import Amenity, Closure, Room, RoomQuerySet

MOST = 100
LISTED, FREE = "rooms", "free rooms"
MOST_CLOSURES = 100


class RoomFilters(Shown):
    """Which rooms: all filters at once."""

    site: Identifier | None = Field(None, description="The name of a site.")
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="At least so many seats."
    )
    amenities: list[Identifier] = Field(
        default_factory=list,
        max_length=50,
        description="Names; the room has each of them. Repeat it, or put commas between.",
    )
    free_from: Instant | None = Field(
        None, description="Only rooms that can be booked from then on, until `free_until`."
    )
    free_until: Instant | None = None
    q: Words | None = Field(None, description="Words of the name, the code or the floor.")
    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class RoomPage(Schema):
    """Some rooms."""

    rooms: list[ListedRoom]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class _Page(NamedTuple):
    """Rooms of a page with their details, and the cursor of the next."""

    rooms: list[Room]
    next: str | None


@rooms.get("/rooms", response={200: RoomPage, **REFUSALS})
def list_rooms(request: RestRequest, filters: Query[RoomFilters]) -> RoomPage:
    """Rooms by site, floor and name, with what each is now.

    With `free_from` and `free_until` those that can be booked for all of that time: near ones
    first, then the smallest. To learn why others cannot, ask the room finder.
    """
    now, zone = clock.now(), filters.timezone
    found = rooms_called(site=filters.site, q=filters.q)
    amenities = amenities_named(filters.amenities)
    when = time_between(filters.free_from, filters.free_until, now=now)
    if when is None:
        page = _listed(found, amenities, filters)
    else:
        page = _free(found, amenities, filters, when, reader=request.user, now=now)
    standing = standings(page.rooms, now=now)
    out = [
        ListedRoom(**room_out(room), standing=standing_out(standing[room.pk], zone))
        for room in page.rooms
    ]
    return RoomPage(rooms=out, next=page.next)


def _listed(found: RoomQuerySet, amenities: list[Amenity], filters: RoomFilters) -> _Page:
    found = found.having(amenities).with_details().order_by("site__name", "floor", "name", "pk")
    if filters.capacity:
        found = found.seating(filters.capacity)
    if filters.cursor:
        found = found.filter(_past(after(filters.cursor, of=LISTED)[0]))
    rows = list(found[: filters.limit + 1])
    page = rows[: filters.limit]
    return _Page(page, cursor_of(str(page[-1].uid), of=LISTED) if len(rows) > len(page) else None)


def _past(uid: str) -> Q:
    """What comes after the room of that uid. Raises Refused if it is there no more."""
    last = Room.objects.select_related("site").filter(uid=uid).first()
    if last is None:
        raise invalid("cursor", _("The last room of that page is gone. Begin anew."))
    site = Q(site__name=last.site.name)
    return (
        Q(site__name__gt=last.site.name)
        | site & Q(floor__gt=last.floor)
        | site & Q(floor=last.floor, name__gt=last.name)
    )


def _free(
    found: RoomQuerySet,
    amenities: list[Amenity],
    filters: RoomFilters,
    when: Timed,
    *,
    reader: User,
    now: datetime,
) -> _Page:
    """As the room finder has them, only those that fit."""
    number, size = after(filters.cursor, of=FREE) if filters.cursor else (1, filters.limit)
    question = RoomQuestion(
        Proposal((when,), (), (), seats=filters.capacity or 0, holder=reader),
        found,
        frozenset(amenity.pk for amenity in amenities),
        near=Q(site__timezone=reader.zone.key),
    )
    page = find_rooms(question, now=now, page=number, size=size)
    fitting = [offer.room for offer in page.offers if offer.free] if page.number == number else []
    more = page.fitting > number * size
    return _Page(fitting, cursor_of(number + 1, size, of=FREE) if more else None)


@rooms.get("/rooms/{room_id}", response={200: RoomDetail, **REFUSALS})
def get_room(request: RestRequest, room_id: str, shown: Query[Shown]) -> RoomDetail:
    """A room by code or uid: what it offers, its rules, what it is now and when it is shut."""
    room, now, zone = room_for(room_id), clock.now(), shown.timezone
    coming = Closure.objects.of_rooms([room]).filter(during__endswith__gt=now)
    until = room.bookable_until(now)
    return RoomDetail(
        **room_out(room),
        standing=standing_out(standings([room], now=now)[room.pk], zone),
        site_address=room.site.address,
        bookable_until=stamp(until, zone) if until else None,
        closures=[
            _closure(as_stretch(closure.during), closure.reason, zone)
            for closure in coming.order_by("during", "pk")[:MOST_CLOSURES]
        ],
    )


class BookingOut(SlotTime):
    """A meeting in the room; of others' private ones only that the room is taken."""

    title: str
    organizer: str | None
    meeting_id: str | None
    recurrence_id: str | None


class RoomAvailability(Schema):
    """When a room can be booked, and what stands in the way."""

    room_id: str
    available: bool = Field(description="Whether it can be booked for all of the time asked for.")
    available_slots: list[SlotTime] = Field(
        description="Each can be booked whole: open, not shut, its buffers kept, not too far ahead."
    )
    bookings: list[BookingOut]
    kept_free: list[SlotTime] = Field(
        description="What is taken beside the meetings: buffers, and holds of a few moments."
    )
    closures: list[ClosureOut]


@rooms.get("/rooms/{room_id}/availability", response={200: RoomAvailability, **REFUSALS})
def get_room_availability(
    request: RestRequest, room_id: str, window: Query[Window]
) -> RoomAvailability:
    """When a room can be booked between two instants, and who has it when, in order of start."""
    room, within = room_for(room_id), stretch_of(window.start, window.end)
    reader = Reader(request.user, clock.now(), window.timezone)
    slots = bookable_time(
        room, times([], [room], within, now=reader.now).rooms[room.pk], now=reader.now
    )
    held = occurrences_in_room(room, within, now=reader.now)
    taken = busy_rooms([room], within, now=reader.now)[room.pk]
    kept = subtract([t.stretch for t in taken], [date.occupied_in(room.zone) for date in held])
    shut = sorted(closures_of([room], [within])[room.pk])
    return RoomAvailability(
        room_id=room.code,
        available=covers(slots, within),
        available_slots=[_slot(slot, reader.zone) for slot in slots],
        bookings=_bookings(room, held, reader),
        kept_free=[_slot(stretch, reader.zone) for stretch in kept],
        closures=[_closure(stretch, reason, reader.zone) for stretch, reason in shut],
    )


def _bookings(room: Room, held: list[Occurrence], reader: Reader) -> list[BookingOut]:
    hidden = titles_hidden_from(reader.user, held)
    found = []
    for date in held:
        stretch, secret = date.occupied_in(room.zone), date.key in hidden
        found.append(
            BookingOut(
                start=stamp(stretch.start, reader.zone),
                end=stamp(stretch.end, reader.zone),
                title=_("Busy") if secret else date.shown_title,
                organizer=None if secret else date.meeting.organizer_address,
                meeting_id=None if secret else str(date.meeting.uid),
                recurrence_id=None if secret or not date.meeting.is_series else date.recurrence_id,
            )
        )
    return found


def room_for(room_id: str) -> Room:
    """The room with its details, by uid or code. Raises Refused if there is none."""
    found = Room.objects.with_details().named([room_id]) if "\x00" not in room_id else {}
    if room_id not in found:
        raise not_found()
    return found[room_id]


def _slot(stretch: Stretch, zone: ZoneInfo | None) -> SlotTime:
    return SlotTime(start=stamp(stretch.start, zone), end=stamp(stretch.end, zone))


def _closure(stretch: Stretch, reason: str, zone: ZoneInfo | None) -> ClosureOut:
    return ClosureOut(start=stamp(stretch.start, zone), end=stamp(stretch.end, zone), reason=reason)
