"""Puts the entries on dates: which room they take, when they were made and answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from meetings import recurrence
from meetings.availability import closures_of, open_time
from meetings.conflicts import stretch_for, with_buffers
from meetings.demo.entries import Entry, Guest, Moment, Series
from meetings.demo.filler import fillers
from meetings.demo.people import ZONES
from meetings.demo.routine import SERIES
from meetings.demo.story import ASKING, WEEKS
from meetings.intervals import Stretch, subtract
from meetings.models import Invitation
from meetings.wallclock import AllDay, Timed, When, instant, week_of
from rooms.models import Room

HOME = ZoneInfo(ZONES["Berlin"])
KEPT_FOR_THE_STORY = "room-101"
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Answer(NamedTuple):
    """When a guest answers."""

    at: datetime
    guest: Guest


class Turn(NamedTuple):
    """When something becomes of a date of a series, which date that is, and when it then is."""

    at: datetime
    recurrence_id: str
    moment: Moment
    when: When | None


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with its dates, guests and room; when it was made and answered.

    Of a series, `when` is its first date, `dates` are those around now that hold its room, and
    `skipped` the names of those it was made without.
    """

    entry: Entry
    when: When
    zone: ZoneInfo
    asked: tuple[Guest, ...]
    room: Room | None
    made: datetime
    answers: tuple[Answer, ...]
    dates: tuple[When, ...]
    rrule: str = ""
    skipped: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()


def planned(rooms: dict[str, Room], now: datetime) -> list[Dated]:
    """The demo's meetings as they are around `now`; `rooms` are by code, with details."""
    booker = _Booker(rooms, now)
    return [*map(booker.repeated, SERIES), *booker.dated(_entries(now))]


def _monday(now: datetime) -> date:
    return week_of(now.astimezone(HOME).date())[0]


def _entries(now: datetime) -> Iterator[tuple[date, Entry]]:
    """Each with its date; those that name their room before those that take what is left."""
    today = now.astimezone(HOME).date()
    monday = _monday(now)
    story = [
        (monday + timedelta(days=7 * week + entry.day), entry)
        for week, entries in WEEKS.items()
        for entry in entries
    ]
    workdays = [day for n in range(1, 12) if (day := today + n * DAY).weekday() < 5]
    story += [(workdays[entry.day - 1], entry) for entry in ASKING]
    yield from (dated for dated in story if dated[1].room != "any")
    yield from (dated for dated in story if dated[1].room == "any")
    for week in WEEKS:
        for entry in fillers(week):
            yield monday + timedelta(days=7 * week + entry.day), entry


class _Booker:
    """Gives entries their rooms, and keeps in mind who and what is taken meanwhile."""

    def __init__(self, rooms: dict[str, Room], now: datetime) -> None:
        self.rooms = rooms
        self.now = now
        self.taken: dict[str, list[Stretch]] = defaultdict(list)

    def repeated(self, series: Series) -> Dated:
        """The series; it takes what it takes on the dates around now."""
        entry, zone = series.entry, ZoneInfo(ZONES[series.entry.city])
        monday = _monday(self.now)
        first = _first(_when(entry, monday + series.since * WEEK + entry.day * DAY, zone), series)
        room = self.rooms[entry.room] if entry.room else None
        lot = Random(entry.title)
        made, answers = _times(lot, entry, entry.asked, min(first.during().start, self.now))
        skipped = tuple(first.on(monday + day * DAY).recurrence_id() for day in series.skipped)
        until = room.bookable_until(made) if room else None
        dates = tuple(
            when
            for when in recurrence.dates(first, series.rule, end=monday + 5 * WEEK)
            if when.recurrence_id() not in skipped
            if until is None or when.during().end <= until
        )
        for stretch in (when.during() for when in dates):
            for who in (entry.organizer, *(guest.who for guest in entry.asked)):
                self.taken[who].append(stretch)
            if room is not None:
                self.taken[room.code].append(with_buffers(stretch, room))
        turns = tuple(_turn(lot, moment, series, first, self.now) for moment in series.moments)
        return Dated(
            entry, first, zone, entry.asked, room, made, answers, dates, series.rule, skipped, turns
        )

    def dated(self, entries: Iterator[tuple[date, Entry]]) -> Iterator[Dated]:
        """The entries that take place, in their order."""
        for number, (day, entry) in enumerate(entries):
            zone = ZoneInfo(ZONES[entry.city])
            when = _when(entry, day, zone)
            stretch = when.stretch_in(zone) if isinstance(when, AllDay) else when.during()
            if entry.yields and self._is_taken(entry.organizer, stretch):
                continue
            asked = tuple(
                guest
                for guest in entry.asked
                if not (entry.yields and self._is_taken(guest.who, stretch))
            )
            for who in (entry.organizer, *(guest.who for guest in asked)):
                self.taken[who].append(stretch)
            lot = Random(number)
            room = self._room(lot, entry, when, len(asked) + 1)
            times = _times(lot, entry, asked, min(stretch.start, self.now))
            yield Dated(entry, when, zone, asked, room, *times, dates=(when,))

    def _is_taken(self, who: str, stretch: Stretch) -> bool:
        return any(taken.overlaps(stretch) for taken in self.taken[who])

    def _room(self, lot: Random, entry: Entry, when: When, seats: int) -> Room | None:
        if entry.room == "any":
            fitting = [
                room
                for room in self.rooms.values()
                if room.site.name == entry.city and room.capacity >= seats
                if room.code != KEPT_FOR_THE_STORY and self._is_free(room, when)
            ]
            room = lot.choice(fitting) if fitting else None
        else:
            room = self.rooms[entry.room] if entry.room else None
        if room is not None:
            self.taken[room.code].append(with_buffers(stretch_for(when, room), room))
        return room

    def _is_free(self, room: Room, when: When) -> bool:
        stretch = stretch_for(when, room)
        shut = [closed for closed, _reason in closures_of([room], [stretch])[room.pk]]
        wanted = with_buffers(stretch, room)
        return subtract(open_time(room, stretch), shut) == [stretch] and not any(
            taken.overlaps(wanted) for taken in self.taken[room.code]
        )


def _when(entry: Entry, day: date, zone: ZoneInfo) -> When:
    if not entry.start:
        return AllDay(day, entry.days)
    hour, minute = map(int, entry.start.split(":"))
    start = datetime(day.year, day.month, day.day, hour, minute)
    return Timed(start, zone, timedelta(minutes=entry.minutes))


def _turn(lot: Random, moment: Moment, series: Series, first: When, now: datetime) -> Turn:
    monday, when = _monday(now), None
    if moment.to:
        day, start = moment.to
        zone = ZoneInfo(ZONES[series.entry.city])
        when = _when(replace(series.entry, start=start), monday + day * DAY, zone)
    at = now - timedelta(minutes=lot.randint(20, 90))
    return Turn(at, first.on(monday + moment.day * DAY).recurrence_id(), moment, when)


def _first(when: When, series: Series) -> When:
    """The first date of a series that its rule gives, from `when` on."""
    if "BYDAY" not in series.rule:
        return when
    return next(islice(recurrence.dates(when.on(when.day - DAY), series.rule), 1, None))


def _times(
    lot: Random, entry: Entry, asked: Sequence[Guest], until: datetime
) -> tuple[datetime, tuple[Answer, ...]]:
    """When it was made and answered: on a workday before `until`, or just now if announced."""
    if entry.announced:
        made, wait = until - timedelta(minutes=lot.randint(20, 90)), timedelta(minutes=15)
    else:
        day = until.astimezone(HOME).date() - lot.randint(2, 9) * DAY
        day -= max(day.weekday() - 4, 0) * DAY  # not on a weekend
        made, wait = instant(datetime.combine(day, time(9)), HOME), timedelta(hours=3)
        made += timedelta(minutes=lot.randint(0, 300))
    answering = [guest for guest in asked if guest.answer != Invitation.Status.NEEDS_ACTION]
    return made, tuple(
        Answer(made + timedelta(seconds=lot.randint(60, int(wait.total_seconds()))), guest)
        for guest in answering
    )
