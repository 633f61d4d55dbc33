"""Books the demo's meetings through the commands, each at the time it would have been made."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.models import User
from meetings import scheduler
from meetings.availability import closures_of, open_time
from meetings.conflicts import stretch_for, with_buffers
from meetings.demo import company
from meetings.demo.entries import Entry, Guest
from meetings.demo.filler import fillers
from meetings.demo.people import BY_KEY, ZONES
from meetings.demo.story import ASKING, WEEKS
from meetings.drafts import Attendee, Draft
from meetings.intervals import Stretch, subtract
from meetings.models import Invitation, Meeting
from meetings.wallclock import AllDay, Timed, When, week_of
from rooms.models import Amenity, Room, Site

HOME = ZoneInfo(ZONES["Berlin"])
KEPT_FOR_THE_STORY = "room-101"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with its dates, guests and room."""

    entry: Entry
    when: When
    zone: ZoneInfo
    asked: tuple[Guest, ...]
    room: Room | None


def load(now: datetime) -> None:
    """Fills an empty database with the demo as it is at `now`."""
    with transaction.atomic():
        people = company.write_people(now)
        rooms = company.write_places()
    monday = week_of(now.astimezone(HOME).date())[0]
    company.shut(rooms, monday=monday, by=people[company.ADMINISTRATOR], now=now)
    with _without_waiting_for_the_disk():
        _run(list(_Booker(rooms, people).dated(_entries(monday, now))), people, now)
    company.open_doors()


def is_unfinished() -> bool:
    """Whether what is there is only what an interrupted `load` left: nobody can sign in."""
    accounts = User.objects.get_queryset()
    return accounts.exists() and not any(user.has_usable_password() for user in accounts)


def forget() -> None:
    """Takes back an unfinished load."""
    for model in (Meeting, Room, Site, Amenity, User):
        model._default_manager.all().delete()


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """A thousand small commits; what a crash loses of them is loaded anew anyway."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        yield
        cursor.execute("RESET synchronous_commit")


def _entries(monday: date, now: datetime) -> Iterator[tuple[date, Entry]]:
    """Each with its date; those that name their room before those that take what is left."""
    story = [
        (monday + timedelta(days=7 * week + entry.day), entry)
        for week, entries in WEEKS.items()
        for entry in entries
    ]
    workdays = [
        day for n in range(1, 12) if (day := now.astimezone(HOME).date() + n * DAY).weekday() < 5
    ]
    story += [(workdays[entry.day - 1], entry) for entry in ASKING]
    yield from (dated for dated in story if dated[1].room != "any")
    yield from (dated for dated in story if dated[1].room == "any")
    for week in WEEKS:
        for entry in fillers(week):
            yield monday + timedelta(days=7 * week + entry.day), entry


class _Booker:
    """Gives entries their rooms, and keeps in mind who and what is taken meanwhile."""

    def __init__(self, rooms: dict[str, Room], people: dict[str, User]) -> None:
        self.rooms = rooms
        self.people = people
        self.taken: dict[str, list[Stretch]] = defaultdict(list)

    def dated(self, entries: Iterator[tuple[date, Entry]]) -> Iterator[Dated]:
        """The entries that take place, in their order."""
        for day, entry in entries:
            zone = ZoneInfo(ZONES[entry.city])
            when = _when(entry, day, zone)
            if entry.yields and self._is_taken(entry.organizer, when, zone):
                continue
            asked = tuple(
                guest
                for guest in entry.asked
                if not (entry.yields and self._is_taken(guest.who, when, zone))
            )
            yield Dated(entry, when, zone, asked, self._room(entry, when, len(asked) + 1))
            for who in (entry.organizer, *(guest.who for guest in asked)):
                self.taken[who].append(_stretch(when, zone))

    def _is_taken(self, who: str, when: When, zone: ZoneInfo) -> bool:
        return any(taken.overlaps(_stretch(when, zone)) for taken in self.taken[who])

    def _room(self, entry: Entry, when: When, seats: int) -> Room | None:
        if entry.room == "any":
            fitting = (
                room
                for room in sorted(self.rooms.values(), key=lambda room: room.capacity)
                if room.site.name == entry.city and room.capacity >= seats
                if room.code != KEPT_FOR_THE_STORY and self._is_free(room, when)
            )
            room = next(fitting, None)
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


def _stretch(when: When, zone: ZoneInfo) -> Stretch:
    return when.stretch_in(zone) if isinstance(when, AllDay) else when.during()


def _when(entry: Entry, day: date, zone: ZoneInfo) -> When:
    if not entry.start:
        return AllDay(day, entry.days)
    hour, minute = map(int, entry.start.split(":"))
    start = datetime(day.year, day.month, day.day, hour, minute)
    return Timed(start, zone, timedelta(minutes=entry.minutes))


def _run(dated: list[Dated], people: dict[str, User], now: datetime) -> None:
    """Makes and answers them in the order of time, so that the ledger reads like a history."""
    made: dict[int, dict[str, Invitation]] = {}
    acts: list[tuple[datetime, int, int, Guest | None]] = []
    for number, item in enumerate(dated):
        acts += _acts(number, item, now)
    for at, number, _order, guest in sorted(acts, key=lambda act: act[:3]):
        item = dated[number]
        if guest is None:
            made[number] = _make(item, people[item.entry.organizer], at)
        else:
            _answer(made[number][_address(guest)], guest, item.entry, at)


def _acts(
    number: int, item: Dated, now: datetime
) -> Iterator[tuple[datetime, int, int, Guest | None]]:
    """When it is made and when each guest answers, all of it before it begins and before now."""
    lot = Random(number)
    made = min(_stretch(item.when, item.zone).start, now) - timedelta(
        days=lot.randint(2, 9), minutes=lot.randint(0, 600)
    )
    wait = timedelta(minutes=40 * 60)
    if item.entry.announced:
        made, wait = now - timedelta(minutes=lot.randint(20, 90)), timedelta(minutes=15)
    yield made, number, 0, None
    for order, guest in enumerate(item.asked, start=1):
        if guest.answer != Invitation.Status.NEEDS_ACTION:
            yield made + wait * lot.random(), number, order, guest


def _make(item: Dated, organizer: User, at: datetime) -> dict[str, Invitation]:
    """Books it; returns its invitations by address."""
    entry = item.entry
    fields: dict[str, Any] = dict(entry.fields)
    draft = Draft(
        title=entry.title,
        when=item.when,
        zone=item.zone,
        attendees=tuple(
            Attendee(_address(guest), "optional" if guest.optional else "required")
            for guest in item.asked
        ),
        room_ids=(item.room.pk,) if item.room else (),
        **fields,
    )
    done = scheduler.schedule(draft, by=organizer, now=at, policy="allow", announce=entry.announced)
    invitations = done.meeting.invitations.select_related("user")
    return {invitation.address: invitation for invitation in invitations}


def _answer(invitation: Invitation, guest: Guest, entry: Entry, at: datetime) -> None:
    scheduler.respond(
        invitation,
        guest.answer,
        by=invitation.user,
        now=at,
        note=entry.notes.get(guest.who, ""),
        announce=False,
    )


def _address(guest: Guest) -> str:
    """The e-mail address behind a key of the company, or as it is written."""
    return guest.who if "@" in guest.who else BY_KEY[guest.who].email
