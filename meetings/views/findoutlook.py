"""What there is to see when a time is looked for: suggestions, and the days they are on, drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from meetings.availability import Times
from meetings.slots import AnySlot
from meetings.timewords import day_words
from meetings.views.findform import Wanted
from meetings.views.findplan import Asked
from meetings.views.findsearch import search
from meetings.views.findstrips import DayStrips, day_strips, shown_rooms
from meetings.views.findwords import Suggestion, notes, suggestion
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was found, best first; `shown` is the day that is looked at. `about` says what is
    to be known of the meeting that a time is looked for.
    """

    wanted: Wanted
    asked: Asked | None
    found: Times
    suggestions: list[Suggestion]
    drawn: list[DayStrips]
    shown: date
    no_room: bool
    about: list[str]

    @property
    def series(self) -> bool:
        """Whether all dates of a series were weighed."""
        return bool(self.asked and self.asked.series)

    @property
    def compromise(self) -> bool:
        """Whether there is no time for all who are required, or for all dates of a series."""
        return bool(self.suggestions) and all(s.slot.is_compromise for s in self.suggestions)

    @property
    def nothing(self) -> str:
        """What is said where there is no suggestion."""
        first = self.asked.first if self.asked and self.series else None
        if first and not self.wanted.first <= first.day <= self.wanted.last:
            sentence = _("By its rule the series begins on %(day)s: look at the days around it.")
            return sentence % {"day": day_words(first.day)}
        return _("No time is left on these days. Choose later ones.")


def look(
    wanted: Wanted,
    rooms: Sequence[Room],
    asked: Asked | None,
    *,
    leads_to: Callable[[AnySlot], str],
    day: str = "",
    only_suggested: bool = False,
    now: datetime,
) -> Outlook:
    """Everything there is to see; `leads_to` is where a suggestion leads, `day` the day asked for.

    Beside the suggested rooms the next best are drawn, unless `only_suggested`. A constant
    number of queries.
    """
    found, wish, slots = search(wanted, rooms, asked=asked, now=now)
    suggestions = [
        suggestion(n, slot, wanted, wish, leads_to(slot)) for n, slot in enumerate(slots, start=1)
    ]
    shown = _shown(day, wanted, suggestions)
    drawn_rooms = shown_rooms(slots, () if only_suggested else rooms)
    days = {shown, *(s.day for s in suggestions)}
    return Outlook(
        wanted,
        asked,
        found,
        suggestions,
        day_strips(wanted, found, drawn_rooms, slots, days=days),
        shown,
        no_room=bool(wanted.seats) and not rooms,
        about=notes(asked, wanted.reader) if asked else [],
    )


def _shown(day: str, wanted: Wanted, suggestions: Sequence[Suggestion]) -> date:
    """The day that is looked at: the one asked for, else that of the best time."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    if asked in wanted.days:
        return asked
    return suggestions[0].day if suggestions else wanted.first
