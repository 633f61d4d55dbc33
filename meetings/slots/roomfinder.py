"""The room finder: which rooms fit and are free on all dates, and why the others are not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from meetings.availability import bookable_time, times
from meetings.conflicts import Proposal
from meetings.intervals import Stretch
from meetings.problems import Severity, worst
from meetings.slots.judging import RoomQuestion, judge, marked_near
from meetings.slots.rooms import RoomOffer, rooms_for
from meetings.wallclock import Timed
from rooms.models import Room

ROOMS_A_PAGE = 50
AHEAD = timedelta(days=7)
"""How long after the time asked for another one is looked for."""


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page of rooms, those that fit first. `total` and `fitting` count those of all pages."""

    offers: tuple[RoomOffer, ...]
    number: int
    pages: int
    total: int
    fitting: int


def find_rooms(
    question: RoomQuestion, *, now: datetime, page: int = 1, size: int = ROOMS_A_PAGE
) -> RoomPage:
    """The rooms of a page, the first is 1; the last page instead of one past it.

    A room fits if it has the seats and amenities and nothing stands against it on any date, as
    `find_conflicts` has it. Fitting rooms come first: near ones, then the smallest, then by
    name. The others follow by how little stands against them: how many rules, on how many
    dates, how many amenities and seats are missing; those out of use are last.

    What stands against a room, and from when on it is free, is worked out for the rooms of the
    page only. The number of queries depends on neither rooms nor dates.
    """
    first = (max(page, 1) - 1) * size
    judged = judge(question, now=now, first=first, most=size)
    rooms = _in_order(question, judged.ids)
    others = [room for room in rooms if room.pk not in judged.fitting]
    explained = {offer.room.pk: offer for offer in _explained(question, others, now=now)}
    pages = max(-(-judged.total // size), 1)
    return RoomPage(
        tuple(explained.get(room.pk) or RoomOffer(room) for room in rooms),
        number=min(max(page, 1), pages),
        pages=pages,
        total=judged.total,
        fitting=judged.total_fitting,
    )


def _in_order(question: RoomQuestion, ids: Sequence[int]) -> list[Room]:
    """The rooms with their details, marked `near` if they are."""
    found = marked_near(Room.objects.with_details(), question.near).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _explained(question: RoomQuestion, rooms: Sequence[Room], *, now: datetime) -> list[RoomOffer]:
    """What stands against each room, and from when on it is free."""
    offers = [
        replace(offer, missing=_missing(offer.room, question.amenities))
        for offer in rooms_for(question.proposal, rooms, now=now)
    ]
    if not question.next_free:
        return offers
    later = _free_from(question.proposal, offers, now=now)
    return [replace(offer, free_from=later.get(offer.room.pk)) for offer in offers]


def _missing(room: Room, wanted: frozenset[int]) -> frozenset[int]:
    return wanted - {amenity.pk for amenity in room.amenities.all()} if wanted else wanted


def _free_from(
    proposal: Proposal, offers: Sequence[RoomOffer], *, now: datetime
) -> dict[int, datetime]:
    """When rooms that cannot be had at the one time asked for are free next for as long."""
    if len(proposal.dates) != 1 or not isinstance(proposal.dates[0], Timed):
        return {}
    asked = proposal.dates[0].during()
    lost = [o.room for o in offers if o.room.active and worst(o.problems) >= Severity.REFUSES]
    start = max(asked.start, now)
    found = times(
        [],
        lost,
        Stretch(start, start + asked.length + AHEAD),
        now=now,
        ignoring=proposal.ignoring,
        ignored=proposal.ignored,
        holder=proposal.holder,
    )
    starts = {
        room.pk: next(
            (
                gap.start
                for gap in bookable_time(room, found.rooms[room.pk], now=now)
                if gap.length >= asked.length
            ),
            None,
        )
        for room in lost
    }
    return {pk: start for pk, start in starts.items() if start is not None}
