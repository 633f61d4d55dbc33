"""Find a time for a whole series: the times at which the fewest of its dates collide."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from meetings.conflicts import Asked, Proposal
from meetings.intervals import Stretch
from meetings.slots.finding import APART
from meetings.slots.fitting import fitting, sites_of_most
from meetings.slots.shifts import Shift, moved, shifts_for
from meetings.slots.spoilt import Spoilt
from meetings.slots.wishes import NO_TIME, RoomFit, Slot, Wish
from meetings.wallclock import LAST_DATE, AllDay, Timed, When
from rooms.models import Room

MOST_DAYS = 14  # for the first date: each is weighed for all the dates


class SeriesRank(NamedTuple):
    """What times for a series are sorted by, the least first; each decides only between equals.

    Dates that collide; over all dates and required people, how often somebody works at other
    hours; the same over optional people who cannot come; the room; the time between `start`, of
    the first date, and what was asked for; the start itself.
    """

    colliding: int
    outside: int
    optional_missing: int
    room: RoomFit
    away: timedelta
    start: datetime


@dataclass(frozen=True, slots=True)
class SeriesSlot:
    """A time for all dates of a series, with the values it was ranked by; people as user ids.

    `when` is the first date then, `colliding` those `of` all dates that collide: somebody
    required cannot come, or the room is not to be had. `outside` are at some date outside their
    working hours, `optional_missing` cannot come to some. `room` is None if none is wanted or
    none fits.
    """

    when: Timed
    colliding: tuple[When, ...]
    of: int
    outside: tuple[int, ...]
    optional_missing: tuple[int, ...]
    room: Room | None
    rank: SeriesRank

    @property
    def stretch(self) -> Stretch:
        """When the first date is."""
        return self.when.during()

    @property
    def is_compromise(self) -> bool:
        """Whether some date collides."""
        return bool(self.colliding)

    @property
    def late_for(self) -> set[int]:
        """Those outside their working hours."""
        return set(self.outside)


AnySlot = Slot | SeriesSlot


class _Try(NamedTuple):
    """A shift by its number, with the room for it and bits for the dates that collide."""

    rank: SeriesRank
    at: int
    room: Room | None
    wrong: int


def find_series_slots(
    wish: Wish, asked: Proposal, rrule: str, *, now: datetime, most: int = 5
) -> list[SeriesSlot]:
    """Up to `most` times for the series `asked`, best first, as `SeriesRank` says. Three queries.

    The dates, and what of them does not count, are those of `asked`; all else is as in `wish`.
    The first date stays inside its window. All dates move alike: to quarters of an hour from
    7 to 20 o'clock in the meeting's zone, and to the time asked for; where the rule is weekly
    on one day also to other days, but of the window only to the nearest fortnight. A date that
    a room cannot be booked for yet does not collide. Suggestions are kept apart as by
    `find_slots`. None of an all-day series.
    """
    search = _Search(wish, asked, rrule, now) if _is_timed(asked) else None
    if search is None or not search.shifts:
        return []
    apart = max(wish.length, APART)
    chosen: list[_Try] = []
    close: list[_Try] = []
    for each in sorted(search.tries()):
        start = each.rank.start
        near_chosen = any(abs(start - other.rank.start) < apart for other in chosen)
        (close if near_chosen else chosen).append(each)
        if len(chosen) == most:
            break
    return [search.slot(each) for each in sorted([*chosen, *close[: most - len(chosen)]])]


def _is_timed(asked: Proposal) -> bool:
    return bool(asked.dates) and not any(isinstance(when, AllDay) for when in asked.dates)


class _Search:
    """What is so at each shift of all dates."""

    def __init__(self, wish: Wish, asked: Proposal, rrule: str, now: datetime) -> None:
        self.wish = wish
        people = (
            *(Asked(person) for person in wish.coming.values()),
            *(Asked(person, optional=True) for person in wish.perhaps_coming.values()),
        )
        self.proposal = replace(
            asked,
            dates=tuple(_lasting(when, wish.length) for when in asked.dates),
            people=people,
            rooms=(),
            seats=wish.seats,
        )
        self.first = _lasting(asked.dates[0], wish.length)
        self.rooms, self.near = fitting(wish), sites_of_most(wish)
        self.shifts = [shift for shift in self._shifts(rrule) if self._is_allowed(shift)]
        if self.shifts:
            self.spoilt = Spoilt(self.proposal, self.shifts, self.rooms, now)

    def _shifts(self, rrule: str) -> list[Shift]:
        first, last = (
            (at.astimezone(self.first.zone).date() - self.first.day).days
            for at in (self.wish.window.start, self.wish.window.end)
        )
        days = sorted(range(first, last + 1), key=abs)[:MOST_DAYS]
        return shifts_for(self.first, rrule, days)

    def _is_allowed(self, shift: Shift) -> bool:
        """Whether the first date stays in the window, and the last one in the calendar."""
        during, window = _shifted(self.first, shift).during(), self.wish.window
        last = max(when.day for when in self.proposal.dates) + timedelta(days=shift.days)
        return window.start <= during.start and during.end <= window.end and last < LAST_DATE

    def tries(self) -> Iterator[_Try]:
        """Each shift that leaves no date in the past."""
        busy, past = self.spoilt.busy(), self.spoilt.past()
        for at in range(len(self.shifts)):
            if at not in past:
                room, wrong = self._room_at(at, busy[at])
                yield _Try(self._rank(at, room, wrong), at, room, wrong)

    def _room_at(self, at: int, busy: int) -> tuple[Room | None, int]:
        """The room that leaves the fewest dates colliding, the first of equals; and those dates."""
        best, fewest = None, busy
        for room in self.rooms:
            wrong = busy | self.spoilt.unavailable(room)[at]
            if best is None or wrong.bit_count() < fewest.bit_count():
                best, fewest = room, wrong
            if fewest == busy:
                break
        return best, fewest

    def _rank(self, at: int, room: Room | None, wrong: int) -> SeriesRank:
        start = _shifted(self.first, self.shifts[at]).during().start
        return SeriesRank(
            wrong.bit_count(),
            sum(self._outside(at).values()),
            sum(self._missing(at).values()),
            self._fit(room),
            abs(start - self.wish.near) if self.wish.near else NO_TIME,
            start,
        )

    def slot(self, each: _Try) -> SeriesSlot:
        """A try with everything that it was ranked by."""
        shift, dates = self.shifts[each.at], self.proposal.dates
        wrong = [moved(date, shift) for n, date in enumerate(dates) if each.wrong >> n & 1]
        return SeriesSlot(
            _shifted(self.first, shift),
            tuple(sorted(wrong, key=lambda when: when.during())),
            len(dates),
            tuple(pk for pk, count in self._outside(each.at).items() if count),
            tuple(pk for pk, count in self._missing(each.at).items() if count),
            each.room,
            each.rank,
        )

    def _outside(self, at: int) -> dict[int, int]:
        """On how many dates each required person works at other hours."""
        people = self.wish.coming.items()
        return {pk: self.spoilt.outside_of(person)[at].bit_count() for pk, person in people}

    def _missing(self, at: int) -> dict[int, int]:
        """On how many dates each optional person cannot come."""
        people = self.wish.perhaps_coming.items()
        return {pk: self.spoilt.busy_of(person)[at].bit_count() for pk, person in people}

    def _fit(self, room: Room | None) -> RoomFit:
        if room is None:
            return RoomFit.NONE if self.wish.seats else RoomFit.FITS
        return RoomFit.FITS if room.site_id in self.near else RoomFit.ELSEWHERE


def _lasting(when: When, length: timedelta) -> Timed:
    assert isinstance(when, Timed)
    return replace(when, length=length)


def _shifted(when: Timed, shift: Shift) -> Timed:
    return replace(when, start=when.start + shift.by)
