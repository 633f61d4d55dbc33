"""Which rooms suit a wish, and in what order."""

from meetings.slots.wishes import Wish
from rooms.models import Room


def fitting(wish: Wish) -> list[Room]:
    """The candidates that fit, best first: where most people are, then the nearest in size."""
    if not wish.seats:
        return []
    near = sites_of_most(wish)
    fits = [
        room
        for room in wish.rooms
        if room.active
        and room.capacity >= wish.seats
        and wish.site in (None, room.site_id)
        and (not wish.amenities or wish.amenities <= {a.pk for a in room.amenities.all()})
    ]
    return sorted(fits, key=lambda room: (room.site_id not in near, room.capacity, room.name))


def sites_of_most(wish: Wish) -> set[int]:
    """The site that is named; else those in whose zone most of the required people are.

    All sites of the candidates if that holds for none of them.
    """
    if wish.site is not None:
        return {wish.site}
    here = [person.zone.key for person in (wish.required or wish.optional)]
    counted = {room.site_id: here.count(room.zone.key) for room in wish.rooms}
    most = max(counted.values(), default=0)
    return {site for site, count in counted.items() if count == most}
