"""Rooms as they go out."""

from typing import Any
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.rest import Stamp, stamp
from meetings.api.people import SlotTime
from meetings.standing import Standing
from rooms.models import Room


class HoursOut(Schema):
    """A stretch of a weekday (0 is Monday) in which a room is open, in its own zone."""

    weekday: int
    opens: str = Field(examples=["08:00"])
    closes: str = Field(examples=["18:00"], description="24:00 is the end of the day.")


class StandingOut(Schema):
    """What a room is at this moment, and until when; null if nothing changes within a week."""

    now: str = Field(description="free, taken, shut, not open or inactive.")
    until: Stamp | None
    reason: str = Field(description="A closure's.")


class RoomOut(Schema):
    """A room: what it offers, and its rules."""

    room_id: str = Field(description="Its code.")
    uid: str
    name: str
    site: str
    floor: str
    capacity: int
    amenities: list[str]
    description: str
    active: bool = Field(description="Rooms that are not active cannot be booked.")
    timezone: str
    opening_hours: list[HoursOut]
    buffer_before: int = Field(description="Minutes kept free before each meeting.")
    buffer_after: int = Field(description="Minutes kept free after each meeting.")
    horizon_days: int | None = Field(description="How many days ahead it can be booked.")


class ListedRoom(RoomOut):
    """A room of the list, and what it is now."""

    standing: StandingOut


class ClosureOut(SlotTime):
    """When a room, or its site, is shut, and why."""

    reason: str


class RoomDetail(ListedRoom):
    """A room with what is to come."""

    site_address: str
    bookable_until: Stamp | None = Field(description="What ends later cannot be booked yet.")
    closures: list[ClosureOut] = Field(description="Those that are not over, soonest first.")


def room_out(room: Room) -> dict[str, Any]:
    """The fields of a RoomOut; the room comes `with_details()`."""
    return {
        "room_id": room.code,
        "uid": str(room.uid),
        "name": room.name,
        "site": room.site.name,
        "floor": room.floor,
        "capacity": room.capacity,
        "amenities": sorted(amenity.name for amenity in room.amenities.all()),
        "description": room.description,
        "active": room.active,
        "timezone": room.zone.key,
        "opening_hours": [
            HoursOut(weekday=weekday, opens=_clock(start), closes=_clock(end))
            for weekday in range(7)
            for start, end in room.open_minutes(weekday)
        ],
        "buffer_before": room.buffer_before,
        "buffer_after": room.buffer_after,
        "horizon_days": room.horizon_days,
    }


def standing_out(standing: Standing, zone: ZoneInfo | None) -> StandingOut:
    """What a room is now."""
    until = stamp(standing.until, zone) if standing.until else None
    return StandingOut(now=standing.is_now.value, until=until, reason=standing.reason)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
