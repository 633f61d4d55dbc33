"""Other times and other rooms: what can be had instead of what collides."""

from meetings.slots.nearby import Alternative, alternatives
from meetings.slots.rooms import RoomOffer, free_by_date, rooms_for
from meetings.slots.series import SeriesAlternative, series_alternatives

__all__ = [
    "Alternative",
    "RoomOffer",
    "SeriesAlternative",
    "alternatives",
    "free_by_date",
    "rooms_for",
    "series_alternatives",
]
