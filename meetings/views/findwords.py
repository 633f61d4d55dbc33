"""Suggestions as they are listed: the time, why it stands where it does, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.dateformat import format as written
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meetings.slots import Slot, Wish
from meetings.slotwords import Reason, reasons
from meetings.timewords import clock, clock_range, zone_place
from meetings.views.findform import Wanted

MOST_CLOCKS = 3
TOGETHER = {"hours": "people"}
"""Who can come, and whether they are at work then, are said in one line."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A slot as it is listed; `address` leads to the form with it filled in."""

    number: int
    slot: Slot
    day: date
    headline: str
    lines: tuple[tuple[Reason, ...], ...]
    clocks: str
    address: str


def suggestion(number: int, slot: Slot, wanted: Wanted, wish: Wish, address: str) -> Suggestion:
    """A slot in words, on the reader's clock."""
    zone = wanted.reader.zone
    return Suggestion(
        number,
        slot,
        slot.stretch.start.astimezone(zone).date(),
        _headline(slot, wanted),
        _lines(reasons(slot, wish, zone)),
        _clocks(slot, wanted),
        address,
    )


def _headline(slot: Slot, wanted: Wanted) -> str:
    """`Wed 11, 14:00–15:00`; no two days that are looked at read the same."""
    zone, stretch = wanted.reader.zone, slot.stretch
    pattern = pgettext("a day within a month, as Django's date formats", "D j")
    day = written(stretch.start.astimezone(zone).date(), pattern)
    return f"{day}, {clock_range(stretch.start, stretch.end, zone)}"


def _lines(found: Sequence[Reason]) -> tuple[tuple[Reason, ...], ...]:
    """The reasons in their order, those about the same on a line."""
    grouped = groupby(found, key=lambda reason: TOGETHER.get(reason.about, reason.about))
    return tuple(tuple(line) for _about, line in grouped)


def _clocks(slot: Slot, wanted: Wanted) -> str:
    """`9:00 in New York`: what clocks elsewhere show, where it is nobody's evening or night."""
    start, here = slot.stretch.start, clock(slot.stretch.start, wanted.reader.zone)
    late = {*slot.outside, *slot.optional_outside}
    people = [place.user for place in wanted.places if place.user]
    told = {user.zone.key for user in people if user.pk in late}
    zones = {user.zone.key: user.zone for user in people if user.zone.key not in told}
    said = [
        _("%(time)s in %(place)s") % {"time": clock(start, zone), "place": zone_place(zone)}
        for zone in zones.values()
        if clock(start, zone) != here
    ]
    return ", ".join(said[:MOST_CLOCKS])
