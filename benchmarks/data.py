"""A large calendar, written in bulk by SQL: the same rows each time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import User, WorkingHours
from rooms.models import Room, Site

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)  # a Wednesday
MEETINGS_OF_ONE = 5_000
COLLEAGUES = 400
MEETINGS_OF_A_COLLEAGUE = 250
ROOMS = 200


@dataclass(frozen=True)
class Company:
    """Who and what the benchmarks ask about."""

    busiest: User
    colleagues: list[User]
    rooms: list[Room]


def company() -> Company:
    """One person with 5,000 meetings over four years, 400 with 250 each, 200 booked rooms."""
    busiest = User.objects.create_user(
        "busiest@example.com", "demo", name="Busiest", timezone=BERLIN
    )
    User.objects.get_queryset().bulk_create(
        User(email=f"c{n}@example.com", name=f"Colleague {n}", timezone=BERLIN)
        for n in range(COLLEAGUES)
    )
    colleagues = list(User.objects.get_queryset().filter(email__startswith="c").order_by("pk"))
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=day, start=540, end=1050)
        for user in [busiest, *colleagues]
        for day in range(5)
    )
    site = Site.objects.create(name="Halden", timezone=BERLIN)
    Room.objects.bulk_create(
        Room(code=f"room-{n}", name=f"Room {n}", site=site, capacity=4 + n % 20)
        for n in range(ROOMS)
    )
    rooms = list(Room.objects.with_details())
    _meetings(busiest, MEETINGS_OF_ONE, colleagues[0])
    for n, colleague in enumerate(colleagues):
        _meetings(colleague, MEETINGS_OF_A_COLLEAGUE, colleagues[n - 1])
    _bookings()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Company(busiest, colleagues, rooms)


def _meetings(organizer: User, count: int, invited: User) -> None:
    """Meetings of an hour, spread evenly over four years around NOW."""
    step = timedelta(days=4 * 365) / count
    first = NOW - timedelta(days=2 * 365)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH slots AS (
                SELECT date_trunc('hour', %(first)s + n * %(step)s) AS start
                FROM generate_series(0, %(count)s - 1) AS n
            ), made AS (
                INSERT INTO meetings_meeting (uid, ical_uid, series, organizer_id, created_by_id,
                    organizer_email, organizer_name, title, description, location, join_link,
                    all_day, local_date, local_time, timezone, length, rrule, priority, visibility,
                    transparency, tentative, reminders, version, sequence, created_at, updated_at,
                    cancelled)
                SELECT gen_random_uuid(), gen_random_uuid()::text, gen_random_uuid(), %(user)s,
                    %(user)s, '', '', 'Meeting at ' || start, 'About', 'Here', '', false,
                    (start AT TIME ZONE 'UTC')::date, (start AT TIME ZONE 'UTC')::time, 'UTC',
                    interval '1 hour', '', 2, 'public', 'busy', false, '{15}', 1, 0, start, start,
                    false
                FROM slots
                RETURNING id, created_at AS start
            ), dated AS (
                INSERT INTO meetings_occurrence (meeting_id, recurrence_id, during, origin, status,
                    all_day, missed_rooms)
                SELECT id, to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'),
                    tstzrange(start, start + interval '1 hour'), 'rule', 'scheduled',
                    false, '{}'
                FROM made
            )
            INSERT INTO meetings_invitation (uid, meeting_id, recurrence_id, user_id, email, name,
                role, status, note, token, span)
            SELECT gen_random_uuid(), id, '', person, '', '', 'required', answer, '',
                gen_random_uuid()::text, tstzrange(start, start + interval '1 hour')
            FROM made, (VALUES (%(user)s, 'accepted'), (%(invited)s, 'declined'))
                AS people (person, answer)
            """,
            {
                "first": first,
                "step": step,
                "count": count,
                "user": organizer.pk,
                "invited": invited.pk,
            },
        )


def _bookings() -> None:
    """Give each fourth meeting a room that is free then, as far as there are any."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_booking (room_id, occurrence_id, kind, during, created_at)
            SELECT room, id, 'meeting', during, lower(during)
            FROM (
                SELECT id, during, (SELECT min(id) FROM rooms_room) - 1
                    + row_number() OVER (PARTITION BY lower(during) ORDER BY id) AS room
                FROM meetings_occurrence WHERE id % 4 = 0
            ) AS numbered
            WHERE room <= (SELECT max(id) FROM rooms_room)
            """
        )
