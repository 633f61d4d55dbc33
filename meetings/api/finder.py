"""The room finder: rooms for a time or a rule, and why the others cannot be had."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Identifier,
    Number,
    RestRequest,
    Shown,
    Stamp,
    Zone,
    invalid,
    stamp,
)
from meetings.api.cursors import after, cursor_of
from meetings.api.reaching import editable, require_date
from meetings.api.reasons_out import ReasonOut, reasons_out
from meetings.api.repeating import Repeating, repeating_from
from meetings.api.room_out import RoomOut, room_out
from meetings.api.roomwishes import Words, amenities_named, require_to_come, rooms_called
from meetings.api.routing import rooms
from meetings.api.timing import Timing, when_from
from meetings.conflicts import Proposal
from meetings.drafts import Draft
from meetings.problems import Severity, date_of
from meetings.proposals import ignored_of
from meetings.scheduler import plan_schedule
from meetings.slots import RoomOffer, RoomQuestion, find_rooms

MOST = 50
FOUND = "found rooms"


class RoomWish(Timing, Repeating):
    """What a room is wanted for: a time or, with a rule, all dates of a series."""

    timezone: Zone | None = Field(None, description="Of the rule; yours, if there is none.")
    seats: Annotated[Number, Field(ge=0, le=100_000)] = Field(
        0, description="How many people come."
    )
    site: Identifier | None = Field(None, description="The name of a site.")
    amenities: list[Identifier] = Field(default_factory=list, max_length=50)
    q: Words | None = Field(None, description="Words of the name, the code or the floor.")
    meeting_id: Identifier | None = Field(
        None, description="A meeting of yours: what it has itself does not count."
    )
    recurrence_id: Identifier | None = Field(
        None, description="Of that meeting only what this date has does not count."
    )
    cursor: Identifier | None = Field(None, description="`next` of the page before.")
    limit: Annotated[Number, Field(ge=1, le=MOST)] = 20


class FoundRoom(RoomOut):
    """A room, and what stands against it."""

    fits: bool = Field(description="Whether it can be booked for all dates without a word.")
    free_dates: int = Field(description="On how many of the dates it can be had.")
    missing_amenities: list[str]
    reasons: list[ReasonOut]
    reasons_left_off: int = Field(description="How many more there are.")
    free_from: Stamp | None = Field(
        description="When it is free next for as long, if it is taken or shut at the one time."
    )


class FoundRooms(Schema):
    """Some rooms, those that fit first; `total` and `fitting` count those of all pages."""

    rooms: list[FoundRoom]
    dates: int = Field(description="How many dates were looked at, at most 18 months of them.")
    total: int
    fitting: int
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@rooms.post("/rooms/find", response={200: FoundRooms, **REFUSALS})
def find_a_room(request: RestRequest, body: RoomWish, shown: Query[Shown]) -> FoundRooms:
    """Rooms that fit and are free on all dates, then the others with what stands against them.

    Of rooms that fit near ones come first, then the smallest; of the others those against which
    the least stands. For each rule there is when it stops applying, and what would pass. Nothing
    is booked.
    """
    reader, now, zone = request.user, clock.now(), shown.timezone
    amenities = {a.pk: a.name for a in amenities_named(body.amenities)}
    proposal = _proposal(body, reader, now)
    question = RoomQuestion(
        proposal,
        rooms_called(site=body.site, q=body.q),
        frozenset(amenities),
        near=Q(site__timezone=reader.zone.key),
        next_free=True,
    )
    number, size = after(body.cursor, of=FOUND) if body.cursor else (1, body.limit)
    found = find_rooms(question, now=now, page=number, size=size)
    reasons = reasons_out(found.offers, reader, zone)

    def out(offer: RoomOffer) -> FoundRoom:
        said = reasons.get(offer.room.pk, [])
        return FoundRoom(
            **room_out(offer.room),
            fits=offer.free,
            free_dates=_free_dates(offer, len(proposal.dates)),
            missing_amenities=sorted(amenities[pk] for pk in offer.missing),
            reasons=said,
            reasons_left_off=len(offer.problems) - len(said),
            free_from=stamp(offer.free_from, zone) if offer.free_from else None,
        )

    return FoundRooms(
        rooms=[out(offer) for offer in found.offers],
        dates=len(proposal.dates),
        total=found.total,
        fitting=found.fitting,
        next=cursor_of(number + 1, size, of=FOUND) if number < found.pages else None,
    )


def _proposal(body: RoomWish, reader: User, now: datetime) -> Proposal:
    """The dates to come, as if a meeting were booked. Raises Refused or InvalidDraft."""
    zone = body.timezone or reader.zone
    when = when_from(body, zone)
    asked = repeating_from(body, when)
    draft = Draft(
        title="?",  # what it is called is not asked
        when=when,
        zone=zone,
        rrule=asked.rule,
        exdates=asked.exdates,
        rdates=asked.rdates,
    )
    found = plan_schedule(draft, by=reader, now=now).proposal
    field = "end_date" if body.all_day else "end_time"
    require_to_come(max(date.during().end for date in found.dates), now, field=field)
    if body.recurrence_id and not body.meeting_id:
        raise invalid("meeting_id", _("Say which meeting: meeting_id."))
    meeting = editable(reader, body.meeting_id) if body.meeting_id else None
    ignored = None
    if meeting and body.recurrence_id:
        ignored = ignored_of(require_date(meeting, body.recurrence_id))
    return replace(found, people=(), rooms=(), seats=body.seats, ignoring=meeting, ignored=ignored)


def _free_dates(offer: RoomOffer, dates: int) -> int:
    wrong = {date_of(p) for p in offer.problems if p.severity >= Severity.REFUSES}
    return 0 if "" in wrong else dates - len(wrong)
