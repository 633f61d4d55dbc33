"""What can be taken instead, one click each: other times, and other rooms at the same time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.formtimes import when_values
from meetings.formvalues import Values
from meetings.problems import Severity, TooFewSeats
from meetings.recurrence.parts import WEEKDAYS
from meetings.scheduler import Conflicted, Place, Plan
from meetings.slots import Alternative, RoomOffer, alternatives
from meetings.timewords import clock, days_words, range_words
from meetings.views.planwords import listed
from meetings.wallclock import AllDay, When
from rooms.models import Room

MOST_TIMES = 3
MOST_SWAPS = 3
MOST_CLOCKS = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """A time and rooms to take; `use` is what its button sends, for `used_values`."""

    use: str
    headline: str
    why: str


def use_of(when: When, rooms: Iterable[Room]) -> str:
    """A time and rooms as a button's value."""
    values = {name: value for name, value in when_values(when).items() if value}
    return urlencode({**values, "rooms": [room.code for room in rooms]}, doseq=True)


def used_values(values: Values, use: str) -> Values:
    """The values with an offer's time and rooms filled in."""
    taken = QueryDict(use)
    fields = {name: taken.get(name, "") for name in ("date", "start", "end", "until")}
    chosen = fields | {"all_day": "all_day" in taken, "rooms": taken.getlist("rooms")}
    return values | chosen | weekday_along(values, fields["date"])


def weekday_along(values: Values, day: str) -> Values:
    """The one weekday of a weekly series goes along with its first date."""
    try:
        name = WEEKDAYS[date.fromisoformat(day).weekday()]
    except ValueError:
        return {}
    return {"on": [name]} if values.get("repeat") == "weekly" and len(values["on"]) == 1 else {}


def other_times(
    plan: Plan, offers: Sequence[RoomOffer], *, reader: User, now: datetime
) -> list[Offer]:
    """Up to three other times, each with rooms, where people or rooms collide at this one.

    Rooms are swapped within the sites of those asked for only.
    """
    if not any(
        p.severity >= Severity.WARNS and not isinstance(p, TooFewSeats) for p in plan.problems
    ):
        return []
    sites = {room.site_id for room in plan.rooms}
    candidates = [offer.room for offer in offers if offer.room.site_id in sites]
    found = alternatives(plan.proposal, candidates, now=now, most=MOST_TIMES)
    return [
        Offer(
            use_of(alternative.when, alternative.rooms),
            when_words(alternative.when, reader.zone),
            " ".join(_reasons(plan, alternative, reader)),
        )
        for alternative in found
    ]


def other_rooms(plan: Plan, offers: Sequence[RoomOffer]) -> list[Offer]:
    """Free rooms at the same time instead of the first one that is not to be had."""
    wrong = {getattr(p, "room_id", None) for p in plan.problems if p.severity >= Severity.WARNS}
    lost = next((room for room in plan.rooms if room.pk in wrong), None)
    if lost is None:
        return []
    free_then = _("free on all dates") if plan.draft.repeats else _("free then")
    free = [
        offer.room
        for offer in offers
        if offer.free and offer.room not in plan.rooms and offer.room.site_id == lost.site_id
    ]
    return [
        Offer(
            use_of(plan.draft.when, [room if kept == lost else kept for kept in plan.rooms]),
            room.name,
            ", ".join(filter(None, [about_room(room, beside=lost), free_then])),
        )
        for room in free[:MOST_SWAPS]
    ]


def about_room(room: Room, *, beside: Room | None = None, place: str = "") -> str:
    """`10 seats, same floor` beside another room, else `Berlin, 10 seats, 3rd floor, screen`."""
    seats = ngettext("%d seat", "%d seats", room.capacity) % room.capacity
    if beside is not None and room.floor and room.floor == beside.floor:
        return f"{seats}, " + _("same floor")
    floor = _("floor %(floor)s") % {"floor": room.floor} if room.floor.isdigit() else room.floor
    amenities = [] if beside or place else [amenity.name for amenity in room.amenities.all()][:2]
    return ", ".join(filter(None, [place, seats, floor, *amenities]))


def when_words(when: When, zone: ZoneInfo) -> str:
    """`Wed 11 March, 14:00–15:00` in the reader's zone; an all-day one in dates."""
    if isinstance(when, AllDay):
        return days_words(when.first, when.last)
    during = when.during()
    return range_words(during.start, during.end, zone)


def clocks_elsewhere(when: When, places: Iterable[Place], reader: User) -> list[tuple[str, User]]:
    """What the clock shows at the start for those who read another time than the reader."""
    if isinstance(when, AllDay):
        return []
    start = when.during().start
    here = clock(start, reader.zone)
    people = [place.user for place in places if place.user and place.user != reader]
    return [(there, user) for user in people if (there := clock(start, user.zone)) != here]


def _reasons(plan: Plan, alternative: Alternative, reader: User) -> list[str]:
    return list(
        filter(
            None,
            [
                _who_is_free(plan, alternative),
                _at_their_clocks(plan, alternative, reader),
                _("Outside working hours.") if alternative.outside_hours else "",
                _which_rooms(plan, alternative),
            ],
        )
    )


def _who_is_free(plan: Plan, alternative: Alternative) -> str:
    busy = [
        place.user.first_name
        for place in plan.places
        if place.user and place.user.pk in alternative.optional_busy
    ]
    if busy:
        return _("Everyone required is free, %(names)s not.") % {"names": listed(busy)}
    if len(plan.proposal.people) == 1:
        return _("You are free.")
    if len(plan.proposal.people) < len(plan.places):
        return _("Everyone whose calendar is here is free.")
    return _("Everyone is free.")


def _at_their_clocks(plan: Plan, alternative: Alternative, reader: User) -> str:
    clocks = clocks_elsewhere(alternative.when, plan.places, reader)[:MOST_CLOCKS]
    said = [
        _("%(time)s for %(name)s") % {"time": time, "name": user.first_name}
        for time, user in clocks
    ]
    return f"{', '.join(said)}." if said else ""


def _which_rooms(plan: Plan, alternative: Alternative) -> str:
    if not alternative.rooms:
        return ""
    names = listed([room.name for room in alternative.rooms])
    if not alternative.swapped:
        return _("In %(rooms)s.") % {"rooms": names}
    lost = [room.name for room in plan.rooms if room not in alternative.rooms]
    return _("In %(rooms)s instead of %(lost)s.") % {"rooms": names, "lost": listed(lost)}


def conflict_words(conflict: Conflicted, zone: ZoneInfo) -> str:
    """Why nothing was saved, with the times that are proposed instead."""
    free = [found for found in conflict.alternatives if not getattr(found, "colliding", 0)]
    times = [when_words(found.when, zone) for found in free]
    if not times:
        return str(conflict)
    return f"{conflict} " + _("Free instead: %(times)s.") % {"times": "; ".join(times)}
