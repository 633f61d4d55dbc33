"""How a series is, as it goes out: what is to be known of each of its dates."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import DayOut, Stamp, stamp
from meetings.described.conflicts_out import ConflictOut, conflict_id, conflicts_out
from meetings.described.when_out import WhenOut, when_out
from meetings.health import DateHealth, Health
from meetings.models import Invitation


class LaterOut(Schema):
    """A room that can be booked from `day` on, and then is."""

    room_id: str
    day: DayOut


class ShiftOut(Schema):
    """Clocks change: from this date on somebody reads another local time."""

    email: str
    before: str = Field(description="The local start on the date before, like 09:00.")
    after: str
    outside_hours: bool = Field(description="Whether it now lies outside the person's hours.")


class DateHealthOut(WhenOut):
    """One date to come, and what is to be known of it."""

    recurrence_id: str
    status: str = Field(description="scheduled, skipped or cancelled.")
    moved: bool
    room_ids: list[str] = Field(description="The rooms that are wanted.")
    conflicts: list[ConflictOut] = Field(
        description="What stands against it; of a skipped date, against holding it after all."
    )
    missed_room_ids: list[str] = Field(description="Rooms others had, which are free now.")
    not_yet_bookable: list[LaterOut]
    declined: list[str] = Field(description="Addresses of required people who do not come.")
    attending: int = Field(description="How many people come, or have not answered.")
    crowded: bool = Field(description="Whether they are too many for a room.")
    collides: bool
    shifts: list[ShiftOut]
    needs_attention: bool


class HealthOut(Schema):
    """All dates of a series to come that are booked or waited for, in order."""

    checked_until: Stamp | None = Field(description="Null if these are all the dates there are.")
    conflicts: list[ConflictOut] = Field(description="What stands against every date alike.")
    declined: list[str] = Field(description="Addresses of required people who come to none.")
    colliding: int = Field(description="How many dates collide.")
    skipped: int
    dates: list[DateHealthOut]
    version: int


def health_out(
    found: Health, viewer: User, zone: ZoneInfo | None, *, version: int, only_attention: bool
) -> HealthOut:
    """How the series is, for its organizer's side; a constant number of queries."""
    dates = found.attention if only_attention else found.dates
    problems = [*found.usual, *(problem for date in dates for problem in date.problems)]
    said = {one.id: one for one in conflicts_out(list(dict.fromkeys(problems)), viewer, zone)}
    return HealthOut(
        checked_until=stamp(found.until, zone) if found.until else None,
        conflicts=[said[conflict_id(problem)] for problem in found.usual],
        declined=_addresses(found.absent),
        colliding=found.colliding,
        skipped=found.skipped,
        dates=[_date_out(date, said, zone) for date in dates],
        version=version,
    )


def _date_out(
    date: DateHealth, said: dict[str, ConflictOut], zone: ZoneInfo | None
) -> DateHealthOut:
    return DateHealthOut(
        **when_out(date.occurrence.when, zone),
        recurrence_id=date.name,
        status=date.occurrence.status,
        moved=date.occurrence.is_moved,
        room_ids=[room.code for room in date.rooms],
        conflicts=[said[conflict_id(problem)] for problem in date.problems],
        missed_room_ids=[room.code for room in date.missed],
        not_yet_bookable=[
            LaterOut(room_id=later.room.code, day=later.day.isoformat()) for later in date.later
        ],
        declined=_addresses(date.declined),
        attending=date.seats,
        crowded=date.crowded,
        collides=date.collides,
        shifts=[
            ShiftOut(
                email=shift.user.email,
                before=f"{shift.before:%H:%M}",
                after=f"{shift.after:%H:%M}",
                outside_hours=shift.outside_hours,
            )
            for shift in date.shifts
        ],
        needs_attention=date.needs_attention,
    )


def _addresses(invitations: Iterable[Invitation]) -> list[str]:
    return [invitation.address for invitation in invitations]
