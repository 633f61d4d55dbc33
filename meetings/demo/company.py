"""Writes the company itself: people with their hours and time off, sites, rooms, what is shut."""

from datetime import datetime, time, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from psycopg.types.range import TimestamptzRange

from accounts.demo import DEMO_PASSWORD
from accounts.models import TimeOff, User, WorkingHours
from meetings import scheduler
from meetings.demo.people import OFFICE, PEOPLE, ZONES
from meetings.demo.places import AMENITIES, ROOMS, SITES, WORKDAYS, Place
from meetings.wallclock import midnight, week_of
from rooms.models import Amenity, Closure, OpeningHours, Room, Site

ADMINISTRATOR = "rae"
JOINED_AGO = timedelta(days=200)


def write_people(now: datetime) -> dict[str, User]:
    """Everybody by key, with hours and a confirmed address; nobody can sign in yet."""
    people = {
        person.key: User(
            email=person.email,
            name=person.name,
            timezone=ZONES[person.city],
            timezone_confirmed=True,
            is_staff=person.key == ADMINISTRATOR,
            is_superuser=person.key == ADMINISTRATOR,
            date_joined=now - JOINED_AGO,
        )
        for person in PEOPLE
    }
    for user in people.values():
        user.set_unusable_password()
    User.objects.bulk_create(people.values())
    WorkingHours.objects.bulk_create(
        WorkingHours(user=people[person.key], weekday=day, start=start, end=end)
        for person in PEOPLE
        for day in person.days
        for start, end in OFFICE[person.city]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in people.values()
    )
    return people


def take_time_off(people: dict[str, User], now: datetime) -> None:
    """Jonas is away next week, from Wednesday noon to Friday."""
    jonas = people["jonas"]
    monday = week_of(now.astimezone(jonas.zone).date())[0] + timedelta(days=7)
    TimeOff.objects.create(
        user=jonas,
        first=monday + timedelta(days=2),
        start=time(13, 0),
        last=monday + timedelta(days=4),
        note="Climbing with Paul",
        declines=True,
        message="I am back on Monday. Mira knows what is going on.",
    )


def open_doors() -> None:
    """Lets everybody sign in with the demo's password: the last thing that is written."""
    User.objects.update(password=make_password(DEMO_PASSWORD))


def write_places() -> dict[str, Room]:
    """The rooms by code."""
    amenities = {name: Amenity.objects.create(name=name) for name in AMENITIES}
    sites = {}
    for name, (address, (start, end)) in SITES.items():
        sites[name] = Site.objects.create(name=name, address=address, timezone=ZONES[name])
        OpeningHours.objects.bulk_create(
            OpeningHours(site=sites[name], weekday=day, start=start, end=end) for day in WORKDAYS
        )
    for place in ROOMS:
        room = _write_room(place, sites[place.site])
        room.amenities.set([amenities[name] for name in place.amenities.split(", ") if name])
    return {room.code: room for room in Room.objects.with_details()}


def _write_room(place: Place, site: Site) -> Room:
    hours = Room.Hours.OWN if place.hours else Room.Hours.SITE
    room = Room.objects.create(
        code=place.code,
        name=place.name,
        site=site,
        floor=place.floor,
        capacity=place.seats,
        description=place.description,
        hours=Room.Hours.ALWAYS if place.always else hours,
        buffer_after=place.after,
        horizon_days=place.days_ahead,
    )
    if place.hours:
        start, end = place.hours
        OpeningHours.objects.bulk_create(
            OpeningHours(room=room, weekday=day, start=start, end=end) for day in WORKDAYS
        )
    return room


def shut(rooms: dict[str, Room], *, by: User, now: datetime) -> None:
    """One room for its new floor, this week and the next; a whole site for a day later on."""
    monday = week_of(now.astimezone(rooms["workshop"].zone).date())[0]
    workshop, singapore = rooms["workshop"], rooms["merlion"].site
    closures = [
        (Closure(room=workshop, reason="New floor"), workshop.site, monday, 12),
        (Closure(site=singapore, reason="Power works"), singapore, monday + timedelta(days=16), 1),
    ]
    for closure, site, first, days in closures:
        start = midnight(first, site.zone)
        end = midnight(first + timedelta(days=days), site.zone)
        closure.during = TimestamptzRange(start, end, "[)")
        scheduler.close_place(closure, by=by, now=now)
