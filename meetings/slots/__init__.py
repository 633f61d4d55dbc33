"""Times and rooms: which are best for a wish, and what can be had instead of what collides."""

from meetings.slots.finding import find_slots, slots_in
from meetings.slots.judging import RoomQuestion, marked_near
from meetings.slots.nearby import Alternative, alternatives
from meetings.slots.regular import AnySlot, SeriesRank, SeriesSlot, find_series_slots
from meetings.slots.roomfinder import RoomPage, find_rooms
from meetings.slots.rooms import RoomOffer, free_by_date, rooms_for
from meetings.slots.series import SeriesAlternative, series_alternatives
from meetings.slots.wishes import Rank, RoomFit, Slot, Wish

__all__ = [
    "Alternative",
    "AnySlot",
    "Rank",
    "RoomFit",
    "RoomOffer",
    "RoomPage",
    "RoomQuestion",
    "SeriesAlternative",
    "SeriesRank",
    "SeriesSlot",
    "Slot",
    "Wish",
    "alternatives",
    "find_rooms",
    "find_series_slots",
    "find_slots",
    "free_by_date",
    "marked_near",
    "rooms_for",
    "series_alternatives",
    "slots_in",
]
