"""How long it takes to find a time: few people or many, over a day or weeks, their days full."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from accounts.models import User, WorkingHours
from benchmarks.data import BERLIN, NOW, Company
from benchmarks.measuring import Timing, measure
from meetings.intervals import Stretch
from meetings.models.ranges import numbers
from meetings.slots import Wish, find_slots

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = NOW + 5 * DAY
OFTEN, SELDOM = 50, 150  # people with meetings on twenty working days, and on the first only
A_DAY = 9  # meetings of each of them

RAW_BUSY = """
SELECT i.user_id, (extract(epoch FROM lower(o.during)) * 1000000)::bigint,
       (extract(epoch FROM upper(o.during)) * 1000000)::bigint
FROM meetings_invitation i
JOIN meetings_occurrence o ON o.meeting_id = i.meeting_id
WHERE int8range(i.user_id, i.user_id, '[]') && %(people)s::int8multirange
  AND i.span && tstzrange(%(start)s, %(end)s) AND o.during && tstzrange(%(start)s, %(end)s)
  AND i.removed_at IS NULL AND i.status <> 'declined' AND o.status = 'scheduled'
"""

# A meeting of half an hour to an hour in each hour of the day, each person at other minutes.
FULL_DAYS = """
WITH people AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_user WHERE email LIKE 'full%%'
), times AS (
    SELECT people.id AS person, day.start + hour * interval '1 hour'
               + ((people.n * 7 + hour * 3 + day.n) %% 3) * interval '15 minutes' AS start,
           (30 + 15 * ((people.n + hour) %% 3)) * interval '1 minute' AS length
    FROM people
    CROSS JOIN (SELECT n, %(monday)s + (n / 5 * 7 + n %% 5) * interval '1 day' AS start
                FROM generate_series(0, 19) n) day
    CROSS JOIN generate_series(0, %(a_day)s - 1) hour
    WHERE people.n <= %(often)s OR day.n = 0
), made AS (
    INSERT INTO meetings_meeting (uid, ical_uid, series, organizer_id, created_by_id,
        organizer_email, organizer_name, title, description, location, join_link, all_day,
        local_date, local_time, timezone, length, rrule, priority, visibility, transparency,
        tentative, reminders, version, sequence, created_at, updated_at, cancelled)
    SELECT gen_random_uuid(), gen_random_uuid()::text, gen_random_uuid(), person, person, '', '',
        'Full day', '', '', '', false, (start AT TIME ZONE 'UTC')::date,
        (start AT TIME ZONE 'UTC')::time, 'UTC', length, '', 2, 'public', 'busy', false, '{15}',
        1, 0, start, start, false
    FROM times
    RETURNING id, organizer_id AS person, tstzrange(created_at, created_at + length) AS during
), dated AS (
    INSERT INTO meetings_occurrence (meeting_id, recurrence_id, during, origin, status, all_day,
        missed_rooms)
    SELECT id, to_char(lower(during) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'), during,
        'rule', 'scheduled', false, '{}'
    FROM made
)
INSERT INTO meetings_invitation (uid, meeting_id, recurrence_id, user_id, email, name, role,
    status, note, token, span)
SELECT gen_random_uuid(), id, '', person, '', '', 'required', 'accepted', '',
    gen_random_uuid()::text, during
FROM made
"""


def finding(data: Company) -> list[tuple[Timing, Timing | None]]:
    """Ten people and a room over two weeks, 50 over four weeks, 200 over a day."""
    people = _full_days()
    days = Stretch(MONDAY, MONDAY + 14 * DAY)
    weeks = Stretch(MONDAY, MONDAY + 28 * DAY)
    ten = people[:10]
    found: list[tuple[Timing, Timing | None]] = []
    for name, wish in (
        (
            "find a time, 10 people, two weeks",
            Wish(required=ten, length=HOUR, window=days, zone=BERLIN, near=MONDAY),
        ),
        (
            "find a time, 10 people, two weeks, one of 200 rooms",
            Wish(
                required=ten,
                length=HOUR,
                window=days,
                zone=BERLIN,
                seats=10,
                rooms=tuple(data.rooms),
            ),
        ),
        (
            "find a time, 50 people, four weeks, 9,000 stretches",
            Wish(required=people[:50], length=HOUR, window=weeks, zone=BERLIN),
        ),
        (
            "find a time, 200 people, one day",
            Wish(required=people, length=HOUR, window=Stretch(MONDAY, MONDAY + DAY), zone=BERLIN),
        ),
    ):
        beside = measure(
            f"raw SQL: when {len(wish.required)} people are taken",
            lambda _n, wish=wish: _busy(wish.required, wish.window),
            runs=50,
        )
        found.append((beside, None))
        found.append(
            (measure(name, lambda _n, wish=wish: find_slots(wish, now=NOW), runs=50), beside)
        )
    return found


def _busy(people: Sequence[User], window: Stretch) -> list[tuple[int, ...]]:
    """What the database alone takes to say it."""
    values = {
        "people": numbers(person.pk for person in people),
        "start": window.start,
        "end": window.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(RAW_BUSY, values)
        return cursor.fetchall()


def _full_days() -> tuple[User, ...]:
    """People whose days are full of meetings, with their working hours."""
    users = User.objects.get_queryset()
    users.bulk_create(
        User(email=f"full{n}@example.com", name=f"Full {n}", timezone=BERLIN)
        for n in range(OFTEN + SELDOM)
    )
    made = users.filter(email__startswith="full").order_by("pk")
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=day, start=540, end=1050)
        for user in made
        for day in range(5)
    )
    with connection.cursor() as cursor:
        cursor.execute(FULL_DAYS, {"monday": MONDAY, "a_day": A_DAY, "often": OFTEN})
        cursor.execute("ANALYZE")
    return tuple(made.prefetch_related("working_hours"))
