"""Suggestions as they are listed: the time, why it stands where it does, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.dateformat import format as written
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from meetings.slots import AnySlot, SeriesSlot, Wish
from meetings.slotwords import Reason, reasons, series_reasons
from meetings.timewords import clock, clock_range, zone_place
from meetings.views.findform import Wanted
from meetings.views.findplan import Asked
from meetings.views.livedates import checked_words
from meetings.wallclock import AllDay

MOST_CLOCKS = 3
TOGETHER = {"hours": "people"}
"""Who can come, and whether they are at work then, are said in one line."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A slot as it is listed; `address` is what fills the form in with it."""

    number: int
    slot: AnySlot
    day: date
    headline: str
    lines: tuple[tuple[Reason, ...], ...]
    clocks: str
    address: str


def suggestion(number: int, slot: AnySlot, wanted: Wanted, wish: Wish, address: str) -> Suggestion:
    """A slot in words, on the reader's clock."""
    zone = wanted.reader.zone
    if isinstance(slot, SeriesSlot):
        why = series_reasons(slot, wish, zone)
    else:
        why = reasons(slot, wish, zone)
    return Suggestion(
        number,
        slot,
        slot.stretch.start.astimezone(zone).date(),
        _headline(slot, wanted),
        _lines(why),
        _clocks(slot, wanted),
        address,
    )


def notes(asked: Asked, reader: User) -> list[str]:
    """What is to be known of the meeting that a time is looked for."""
    if isinstance(asked.form.when, AllDay):
        return [_("The meeting is all day. Taking one of these times gives it an hour of the day.")]
    if asked.plan is None or asked.series is None:
        return []
    total = len(asked.series.dates)
    sentence = ngettext(
        "The date below is the first; %(count)d date of the series is weighed.",
        "The date below is the first; all %(count)d dates of the series are weighed.",
        total,
    )
    return [sentence % {"count": total}, *filter(None, [checked_words(asked.plan, reader)])]


def _headline(slot: AnySlot, wanted: Wanted) -> str:
    """`Wed 11, 14:00–15:00`; no two days that are looked at read the same."""
    zone, stretch = wanted.reader.zone, slot.stretch
    pattern = pgettext("a day within a month, as Django's date formats", "D j")
    day = written(stretch.start.astimezone(zone).date(), pattern)
    return f"{day}, {clock_range(stretch.start, stretch.end, zone)}"


def _lines(found: Sequence[Reason]) -> tuple[tuple[Reason, ...], ...]:
    """The reasons in their order, those about the same on a line."""
    grouped = groupby(found, key=lambda reason: TOGETHER.get(reason.about, reason.about))
    return tuple(tuple(line) for _about, line in grouped)


def _clocks(slot: AnySlot, wanted: Wanted) -> str:
    """`9:00 in New York`: what clocks elsewhere show, where it is nobody's evening or night."""
    start, here = slot.stretch.start, clock(slot.stretch.start, wanted.reader.zone)
    people = [place.user for place in wanted.places if place.user]
    told = {user.zone.key for user in people if user.pk in slot.late_for}
    zones = {user.zone.key: user.zone for user in people if user.zone.key not in told}
    said = [
        _("%(time)s in %(place)s") % {"time": clock(start, zone), "place": zone_place(zone)}
        for zone in zones.values()
        if clock(start, zone) != here
    ]
    return ", ".join(said[:MOST_CLOCKS])
