"""How long it takes to find rooms among 10,000 with a million bookings a year, beside raw SQL."""

from datetime import timedelta
from typing import Any

from django.db import connection
from psycopg.types.multirange import Multirange

from accounts.models import User
from benchmarks.data import BERLIN, NOW
from benchmarks.measuring import Timing, measure
from meetings.conflicts import Proposal
from meetings.models import Booking
from meetings.models.ranges import as_range
from meetings.slots import RoomQuestion, find_rooms
from meetings.wallclock import Timed
from rooms.models import Amenity, Closure, OpeningHours, Room, Site

ROOMS = 10_000
SITES = 100
BOOKINGS_OF_A_ROOM = 100
WEEKS = 52
HOUR = timedelta(hours=1)

RAW = """
SELECT r.id, count(b.id) FROM rooms_room r
LEFT JOIN meetings_booking b ON b.room_id = r.id AND b.released_at IS NULL
    AND b.during && %(asked)s::tstzmultirange
WHERE r.active AND r.capacity >= 8
GROUP BY r.id ORDER BY 2, r.capacity, r.id LIMIT 50
"""

# Hours of the working day at random, over the year to come; none twice.
BOOK = """
INSERT INTO meetings_booking (room_id, kind, during, held_by_id, expires_at, created_at)
SELECT DISTINCT ON (room, start)
    room, 'hold', tstzrange(start, start + interval '1 hour'), %(holder)s, %(end)s, %(now)s
FROM (
    SELECT id AS room, date_trunc('day', %(now)s::timestamptz)
        + floor(random() * 365) * interval '1 day'
        + (7 + floor(random() * 10)) * interval '1 hour' AS start
    FROM rooms_room, generate_series(1, %(count)s)
    WHERE code LIKE 'many-%%'
) AS random
"""


def finding(holder: User) -> list[tuple[Timing, Timing | None]]:
    """Rooms for ten people with a screen, for one hour and for a weekly one over a year."""
    screen = _company(holder)
    found: list[tuple[Timing, Timing | None]] = []
    for weeks, name in ((1, "an hour"), (WEEKS, f"{WEEKS} weekly hours")):

        def ask(n: int, weeks: int = weeks) -> object:
            proposal = Proposal(_dates(n, weeks), (), (), seats=8, repeats=weeks > 1)
            rooms = Room.objects.filter(code__startswith="many-")
            question = RoomQuestion(proposal, rooms, frozenset({screen.pk}), next_free=True)
            return find_rooms(question, now=NOW)

        def raw(n: int, weeks: int = weeks) -> object:
            asked = Multirange([as_range(when.during()) for when in _dates(n, weeks)])
            with connection.cursor() as cursor:
                values: dict[str, Any] = {"asked": asked}
                cursor.execute(RAW, values)
                return cursor.fetchall()

        beside = measure(f"raw SQL: rooms by bookings in {name}", raw, runs=60)
        found.append((beside, None))
        timing = measure(f"find rooms among {ROOMS:,} for {name}", ask, runs=60)
        found.append((timing, beside))
    return found


def _dates(n: int, weeks: int) -> tuple[Timed, ...]:
    first = NOW.astimezone(BERLIN).replace(hour=9 + n % 7, tzinfo=None) + timedelta(days=n % 5 + 1)
    return tuple(Timed(first + timedelta(weeks=week), BERLIN, HOUR) for week in range(weeks))


def _company(holder: User) -> Amenity:
    """A hundred sites with hours and a closure each; a tenth of the rooms has rules of its own."""
    screen = Amenity.objects.create(name="screen of many")
    Site.objects.bulk_create(Site(name=f"Site {n}", timezone=BERLIN) for n in range(SITES))
    sites = list(Site.objects.filter(name__startswith="Site "))
    OpeningHours.objects.bulk_create(
        OpeningHours(site=site, weekday=day, start=420, end=1200)
        for site in sites
        for day in range(7)
    )
    Closure.objects.bulk_create(
        Closure(
            site=site,
            reason="Holiday",
            during=(NOW + timedelta(days=7 * n), NOW + timedelta(days=7 * n + 2)),
        )
        for n, site in enumerate(sites)
    )
    rooms = Room.objects.bulk_create(
        Room(
            code=f"many-{n}",
            name=f"Many {n}",
            site=sites[n % SITES],
            capacity=4 + n % 20,
            buffer_after=15 * (n % 10 == 0),
            horizon_days=180 if n % 10 == 1 else None,
        )
        for n in range(ROOMS)
    )
    Room.amenities.through.objects.bulk_create(
        Room.amenities.through(room=room, amenity=screen) for room in rooms[::2]
    )
    _book(holder)
    return screen


def _book(holder: User) -> None:
    """Many rows at once: what judges them is taken away and built anew."""
    (judge, *_rest), (by_time, *_others) = Booking._meta.constraints, Booking._meta.indexes
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, judge)
        editor.remove_index(Booking, by_time)
    with connection.cursor() as cursor:
        end = NOW + timedelta(days=9999)
        values: dict[str, Any] = {
            "holder": holder.pk,
            "now": NOW,
            "end": end,
            "count": BOOKINGS_OF_A_ROOM,
        }
        cursor.execute(BOOK, values)
    with connection.schema_editor() as editor:
        editor.add_constraint(Booking, judge)
        editor.add_index(Booking, by_time)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
