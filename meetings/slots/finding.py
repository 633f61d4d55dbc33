"""Find a time: the best slots for people and a room, each with the values it was ranked by."""

from datetime import datetime, timedelta

from meetings.availability import Times, times
from meetings.intervals import Stretch
from meetings.slots.fitting import fitting
from meetings.slots.minutes import MINUTE, Starts
from meetings.slots.sweeping import Start, Sweep
from meetings.slots.wishes import Slot, Wish

APART = timedelta(hours=1)
"""Suggestions that start within the same hour are hardly two."""


def find_slots(wish: Wish, *, now: datetime, most: int = 5) -> list[Slot]:
    """Up to `most` times for a wish, best first, none in the past; a few queries in all.

    They are ranked as `Rank` says. If at some time all required people can come, only such
    times are given, else the best compromises. Meetings start on quarters of an hour; where
    what is free holds none, on the first minute of it.

    Suggestions are kept apart: of two that overlap or start within an hour the better is given,
    and the other only if there are not enough without it. Whoever never said when they work
    is taken to be awake from 7:00 to 20:00 in their zone.
    """
    window = _still_to_come(wish.window, now)
    if wish.length > window.length:
        return []
    people = [*wish.coming.values(), *wish.perhaps_coming.values()]
    found = times(
        people, fitting(wish), window, now=now, ignoring=wish.ignoring, holder=wish.holder
    )
    return slots_in(found, wish, now=now, most=most)


def slots_in(found: Times, wish: Wish, *, now: datetime, most: int = 5) -> list[Slot]:
    """As `find_slots`, from times that were read for the window, these people and these rooms."""
    starts = Starts.within(_still_to_come(wish.window, now), wish.length)
    sweep = Sweep(starts, wish, found, now)
    apart = max(wish.length, APART)
    chosen: list[Start] = []
    close: list[Start] = []
    for each in sweep.ranked():
        near_chosen = any(abs(each.minute - one.minute) * MINUTE < apart for one in chosen)
        (close if near_chosen else chosen).append(each)
        if len(chosen) == most:
            break
    chosen += close[: most - len(chosen)]
    return sorted((sweep.slot(each) for each in chosen), key=lambda slot: slot.rank)


def _still_to_come(window: Stretch, now: datetime) -> Stretch:
    start = max(window.start, now)
    return Stretch(start, max(window.end, start))
