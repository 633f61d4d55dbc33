"""Builders of people, places and meetings. Meetings go through the commands, as everywhere."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import factory

from accounts.models import TimeOff, User, WorkingHours
from meetings import scheduler
from meetings.drafts import Attendee, Draft
from meetings.intervals import Stretch
from meetings.models import Invitation, Meeting
from meetings.wallclock import AllDay, Timed
from rooms.models import Amenity, Room, Site

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
"""When the tests' commands run, unless they say otherwise: Monday, 9:00 in Berlin."""


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.com")
    timezone = BERLIN
    timezone_confirmed = True

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(*args, **kwargs)


def ana(**fields: Any) -> User:
    """Ana organizes."""
    return UserFactory.create(name="Ana Berger", email="ana@example.com", **fields)


def ben(**fields: Any) -> User:
    """Ben is invited."""
    return UserFactory.create(name="Ben Okafor", email="ben@example.com", **fields)


def cy(**fields: Any) -> User:
    """Cy is a stranger to both."""
    return UserFactory.create(name="Cy Young", email="cy@example.com", **fields)


def rae(**fields: Any) -> User:
    """Rae is the administrator."""
    return UserFactory.create(
        name="Rae Stone", email="rae@example.com", is_staff=True, is_superuser=True, **fields
    )


def works(user: User, *hours: tuple[int, int], days: range = range(5)) -> User:
    """Give somebody working hours, as pairs of full hours, Monday to Friday."""
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=day, start=start * 60, end=end * 60)
        for day in days
        for start, end in hours or [(9, 17)]
    )
    return user


def away(
    user: User, first: str, last: str = "", start: str = "", end: str = "", **fields: Any
) -> TimeOff:
    """Somebody is out of office, from one date to another, or on the first alone."""
    return TimeOff.objects.create(
        user=user,
        first=date.fromisoformat(first),
        last=date.fromisoformat(last or first),
        start=time.fromisoformat(start) if start else None,
        end=time.fromisoformat(end) if end else None,
        **fields,
    )


class SiteFactory(factory.django.DjangoModelFactory[Site]):
    class Meta:
        model = Site

    name = factory.Sequence(lambda n: f"Site {n}")
    timezone = BERLIN


class AmenityFactory(factory.django.DjangoModelFactory[Amenity]):
    class Meta:
        model = Amenity

    name = factory.Sequence(lambda n: f"Amenity {n}")


class RoomFactory(factory.django.DjangoModelFactory[Room]):
    class Meta:
        model = Room

    name = factory.Sequence(lambda n: f"Room {n}")
    code = factory.Sequence(lambda n: f"room-{n}")
    site = factory.SubFactory(SiteFactory)
    capacity = 8


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """`2027-03-10 10:00` on the wall clock of `zone`, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def stretch(start: str, end: str, zone: ZoneInfo = BERLIN) -> Stretch:
    """Two wall-clock times as a stretch."""
    return Stretch(at(start, zone), at(end, zone))


def timed(start: str, minutes: int = 60, zone: ZoneInfo = BERLIN) -> Timed:
    """A time of day for a meeting."""
    return Timed(datetime.fromisoformat(start), zone, timedelta(minutes=minutes))


def days(first: str, count: int = 1) -> AllDay:
    """Dates for an all-day meeting."""
    return AllDay(datetime.fromisoformat(first).date(), count)


def draft(
    start: str = "2027-03-10 10:00",
    minutes: int = 60,
    *people: User | str,
    rooms: tuple[Room, ...] = (),
    **fields: Any,
) -> Draft:
    """A draft on Wednesday 10 March 2027, 10:00–11:00 in Berlin, unless said otherwise."""
    zone = fields.pop("zone", BERLIN)
    when = fields.pop("when", None) or timed(start, minutes, zone)
    attendees = tuple(Attendee(p if isinstance(p, str) else p.email) for p in people)
    values = {"title": "Design review", "attendees": attendees, **fields}
    return Draft(when=when, zone=zone, room_ids=tuple(room.pk for room in rooms), **values)


def book(
    organizer: User,
    start: str = "2027-03-10 10:00",
    minutes: int = 60,
    *people: User | str,
    now: datetime = NOW,
    policy: str = "allow",
    **fields: Any,
) -> Meeting:
    """A meeting, booked through the command."""
    wanted = draft(start, minutes, *people, **fields)
    return scheduler.schedule(wanted, by=organizer, now=now, policy=policy).meeting


def invitation_of(meeting: Meeting, person: User | str) -> Invitation:
    """Somebody's invitation to a meeting."""
    if isinstance(person, str):
        return meeting.invitations.get(email=person)
    return meeting.invitations.get(user=person)


def answer(meeting: Meeting, person: User, status: str, *, now: datetime = NOW) -> Invitation:
    """Somebody answers."""
    scheduler.respond(invitation_of(meeting, person), status, by=person, now=now)
    return invitation_of(meeting, person)
