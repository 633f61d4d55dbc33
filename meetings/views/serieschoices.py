"""What can become of each date of a series: its choices, with what is offered instead."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.conflicts import Proposal
from meetings.health import DateHealth
from meetings.lifecycle import State, state
from meetings.models import Meeting
from meetings.problems import RoomInactive, RoomTaken, TooFewSeats
from meetings.slots import Alternative, alternatives, free_by_date
from meetings.views.formchoices import Option
from meetings.views.offers import about_room, when_words
from meetings.views.planwords import listed
from meetings.views.seriesvalues import (
    AGAIN,
    ROOMS,
    SKIP,
    TIME,
    codes_in,
    rooms_value,
    time_in,
    time_value,
)
from rooms.models import Room

MOST_WEIGHED = 40
MOST_ROOMS = 3
MOST_TIMES = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of one kind, under a heading unless it is empty."""

    heading: str
    options: list[Option]


class Choices:
    """The choices of some dates of a series. Free rooms are looked up for all of them at once.

    Other times are looked for on the dates `looked` only, since that takes a question each.
    `chosen` says what has been chosen by name of the date; it stays among the choices.
    """

    def __init__(
        self,
        meeting: Meeting,
        dates: Sequence[DateHealth],
        *,
        looked: Collection[str],
        chosen: dict[str, str],
        by: User,
        now: datetime,
    ) -> None:
        self.meeting = meeting
        self.chosen = chosen
        self.by = by
        self.now = now
        open_ = [date for date in dates if self.is_open(date)]
        lacking = [date for date in open_ if date.lost]
        searched = [date for date in open_ if date.name in looked]
        self.rooms = self._candidates([*lacking, *searched])
        self.free = self._free(lacking)
        self.times = {date.name: self._times(date) for date in searched}

    def is_open(self, date: DateHealth) -> bool:
        """Whether something can become of it: not once it has begun, or is called off."""
        return state(date.occurrence, self.now) in (State.SCHEDULED, State.SKIPPED)

    def groups(self, date: DateHealth) -> list[Group]:
        """The choices for one date, none if there is nothing to choose."""
        if not self.is_open(date):
            return []
        skipped = self._skipped if date.is_skipped else self._held
        chosen = self.chosen.get(date.name, "")
        found = list(skipped(date))
        if date.name in self.times:
            times = {
                time_value(a.when, a.rooms if a.swapped else None): self._time_words(a)
                for a in self.times[date.name]
            }
            found.append((_("Another time"), times))
        if chosen and not any(chosen in options for _heading, options in found):
            found.append((_("As chosen"), {chosen: self._chosen_words(date, chosen)}))
        return [Group(heading, _options(pairs, chosen)) for heading, pairs in found if pairs]

    def times_of(self, date: DateHealth) -> int | None:
        """How many other times there are; None if they have not been looked for."""
        return len(self.times[date.name]) if date.name in self.times else None

    def _held(self, date: DateHealth) -> Iterator[tuple[str, dict[str, str]]]:
        yield "", {"": _("Leave it as it is")}
        yield _("Another room"), dict(self._instead(date))
        rest = {}
        missing = self._missing(date)
        if date.missed or any(isinstance(p, RoomTaken) for p in date.problems):
            names = listed([room.name for room in self.meeting.rooms.all()])
            rest[AGAIN] = _("Try %(rooms)s again") % {"rooms": names}
        if missing:
            names = listed([room.name for room in missing])
            kept = rooms_value(room for room in date.rooms if room not in missing)
            rest[kept] = _("Keep it without %(rooms)s") % {"rooms": names}
        rest[SKIP] = _("Skip this date")
        yield _("Otherwise"), rest

    def _skipped(self, date: DateHealth) -> Iterator[tuple[str, dict[str, str]]]:
        yield "", {"": _("Leave it out"), AGAIN: _("Hold it after all")}
        when = date.occurrence.when
        instead = {
            time_value(when, rooms): label for rooms, label in self._swaps(date) if date.lost
        }
        yield _("Hold it in another room"), instead

    def _instead(self, date: DateHealth) -> Iterator[tuple[str, str]]:
        for rooms, label in self._swaps(date):
            yield rooms_value(rooms), label

    def _swaps(self, date: DateHealth) -> Iterator[tuple[list[Room], str]]:
        """The date's rooms with free ones instead of those it cannot have."""
        lost = date.lost
        if not lost:
            return
        kept = [room for room in date.rooms if room not in lost]
        free = [room for room in self.free.get(date.name, []) if room not in date.rooms]
        fit = [room for room in free if room.capacity >= date.seats]
        for n in range(min(MOST_ROOMS, len(fit) - len(lost) + 1)):
            taken = fit[n : n + len(lost)]
            about = about_room(taken[0], beside=lost[0])
            label = listed([room.name for room in taken])
            yield [*kept, *taken], f"{label}, {about}" if len(taken) == 1 else label

    def _missing(self, date: DateHealth) -> list[Room]:
        """The rooms it wants and cannot have, whatever their size."""
        small = {p.room_id for p in date.problems if isinstance(p, TooFewSeats)}
        wrong = {
            getattr(p, "room_id", None)
            for p in date.problems
            if not isinstance(p, TooFewSeats | RoomInactive)
        }
        return [room for room in date.lost if room.pk in wrong or room.pk not in small]

    def _candidates(self, dates: Iterable[DateHealth]) -> list[Room]:
        """Rooms at the sites of those wanted, the smallest first."""
        sites = {room.site_id for date in dates for room in date.rooms}
        if not sites:
            return []
        rooms = Room.objects.bookable().filter(site__in=sites).with_details()
        return list(rooms.order_by("capacity", "name")[:MOST_WEIGHED])

    def _free(self, dates: Sequence[DateHealth]) -> dict[str, list[Room]]:
        if not dates or not self.rooms:
            return {}
        proposal = Proposal(
            dates=tuple(date.occurrence.when for date in dates),
            people=(),
            rooms=(),
            seats=0,
            holder=self.by,
            names=tuple(date.name for date in dates),
        )
        return free_by_date(proposal, self.rooms, now=self.now)

    def _times(self, date: DateHealth) -> list[Alternative]:
        occurrence = date.occurrence
        proposal = Proposal(
            dates=(occurrence.when,),
            people=date.people,
            rooms=date.rooms,
            seats=date.seats,
            free=occurrence.shown_transparency == Meeting.Transparency.FREE,
            ignoring=self.meeting,
            holder=self.by,
            ignored=frozenset({occurrence.pk}),
            names=(date.name,),
        )
        return alternatives(proposal, self.rooms, now=self.now, most=MOST_TIMES)

    def _time_words(self, found: Alternative) -> str:
        words = [when_words(found.when, self.by.zone)]
        if found.swapped:
            words.append(_("in %(rooms)s") % {"rooms": listed([r.name for r in found.rooms])})
        if found.outside_hours:
            words.append(_("outside working hours"))
        return ", ".join(words)

    def _chosen_words(self, date: DateHealth, chosen: str) -> str:
        """What a choice is called that is not offered any more."""
        kind, _colon, value = chosen.partition(":")
        known = {room.code: room.name for room in (*self.rooms, *date.rooms)}
        rooms = listed([known.get(code, code) for code in codes_in(chosen)])
        when = time_in(value, date.occurrence.when) if kind == TIME else None
        if when is not None:
            words = when_words(when, self.by.zone)
            return _("%(when)s, in %(rooms)s") % {"when": words, "rooms": rooms} if rooms else words
        return rooms if kind == ROOMS and rooms else _("Not to be had any more")


def _options(pairs: dict[str, str], chosen: str) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in pairs.items()]
