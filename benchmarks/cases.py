"""What is measured: the conflict check, the week's page, booking, rules, most beside raw SQL."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from benchmarks.data import BERLIN, MEETINGS_OF_ONE, NOW, Company
from benchmarks.feeds import subscribing
from benchmarks.measuring import HEAD, Timing, measure
from benchmarks.metrics import scraping
from benchmarks.rooms import finding as finding_rooms
from benchmarks.rules import expanding
from benchmarks.slots import finding
from meetings import scheduler
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.drafts import Attendee, Draft
from meetings.models import Meeting, Occurrence
from meetings.slots import alternatives
from meetings.wallclock import Timed
from rooms.models import Room

HOUR = timedelta(hours=1)

RAW_CONFLICTS = """
SELECT o.id, o.during FROM meetings_invitation i
JOIN meetings_meeting m ON m.id = i.meeting_id
JOIN meetings_occurrence o ON o.meeting_id = m.id
WHERE int8range(i.user_id, i.user_id, '[]') && int8range(%(user)s, %(user)s, '[]')
  AND i.span && tstzrange(%(start)s, %(end)s) AND o.during && tstzrange(%(start)s, %(end)s)
  AND i.removed_at IS NULL AND i.status <> 'declined'
  AND o.status = 'scheduled' AND m.transparency = 'busy'
"""

RAW_WEEK = """
SELECT o.*, m.*, i.status FROM meetings_invitation i
JOIN meetings_meeting m ON m.id = i.meeting_id
JOIN meetings_occurrence o ON o.meeting_id = m.id
WHERE int8range(i.user_id, i.user_id, '[]') && int8range(%(user)s, %(user)s, '[]')
  AND i.span && tstzrange(%(start)s, %(end)s) AND o.during && tstzrange(%(start)s, %(end)s)
  AND i.removed_at IS NULL AND o.status <> 'cancelled'
"""


def run(data: Company) -> None:
    """Measure everything inside the process and print a table."""
    print(f"{Occurrence.objects.count():,} meetings; one person has {MEETINGS_OF_ONE:,} of them\n")
    print(HEAD)
    cases = (
        *conflict_check(data),
        *week_page(data),
        *booking(data),
        *series(data),
        *finding(data),
        *expanding(NOW),
        *finding_rooms(data.busiest),
        *scraping(NOW),
        *subscribing(data),
    )
    for timing, against in cases:
        print(timing.row(against))


RAW_SERIES = """
WITH made AS (
    INSERT INTO meetings_occurrence
        (meeting_id, recurrence_id, during, all_day, origin, status, missed_rooms)
    SELECT (SELECT min(id) FROM meetings_meeting), 'raw ' || %(n)s || ' ' || week,
           tstzrange(day, day + interval '1 hour'), false, 'rule', 'scheduled', '{}'
    FROM generate_series(1, 52) week,
         LATERAL (SELECT '2040-01-02 09:00Z'::timestamptz + week * interval '1 week' AS day) d
    RETURNING id, during
)
INSERT INTO meetings_booking (room_id, occurrence_id, kind, during, created_at)
SELECT %(room)s, id, 'meeting', during, now() FROM made
"""


def raw(name: str, sql: str, user: User, length: timedelta) -> Timing:
    """The same question as bare SQL."""

    def ask(n: int) -> list[tuple[object, ...]]:
        start = moment(n)
        with connection.cursor() as cursor:
            cursor.execute(sql, {"user": user.pk, "start": start, "end": start + length})
            return cursor.fetchall()

    return measure(name, ask)


def moment(n: int) -> datetime:
    """Hours of the coming weeks, another for each run."""
    return NOW + n * HOUR


def at(n: int) -> Timed:
    """An hour on the wall clock, another for each run."""
    return Timed(moment(n).astimezone(BERLIN).replace(tzinfo=None), BERLIN, HOUR)


def conflict_check(data: Company) -> list[tuple[Timing, Timing | None]]:
    """One person with 5,000 meetings; ten people and a room; three alternatives."""
    users = User.objects.get_queryset().prefetch_related("working_hours")
    (busiest,) = users.filter(pk=data.busiest.pk)
    ten = [Asked(user) for user in users.filter(pk__in=[u.pk for u in data.colleagues[:10]])]
    one = Proposal((at(0),), (Asked(busiest),), (), seats=1)
    many = Proposal((at(0),), tuple(ten), (data.rooms[0],), seats=10)
    beside = raw("raw SQL: what one person has in an hour", RAW_CONFLICTS, busiest, HOUR)
    return [
        (beside, None),
        (
            measure(
                "conflict check, one person with 5,000 meetings",
                lambda n: find_conflicts(replace(one, dates=(at(n),)), now=NOW),
            ),
            beside,
        ),
        (
            measure(
                "conflict check, ten people and a room",
                lambda n: find_conflicts(replace(many, dates=(at(n),)), now=NOW),
            ),
            None,
        ),
        (
            measure(
                "three alternatives, ten people, 200 rooms, two weeks",
                lambda n: alternatives(replace(many, dates=(at(n),)), data.rooms, now=NOW),
                runs=30,
            ),
            None,
        ),
    ]


def week_page(data: Company) -> list[tuple[Timing, Timing | None]]:
    """The week of somebody with 5,000 meetings, and of somebody with 250, inside the server."""
    found: list[tuple[Timing, Timing | None]] = []
    for user, name in ((data.busiest, "5,000 meetings"), (data.colleagues[5], "250 meetings")):
        client = Client()
        client.force_login(user)

        def page(n: int, client: Client = client) -> object:
            day = (NOW + timedelta(days=7 * (n % 20))).date()
            response = client.get(f"/calendar/week/{day}/", headers={"host": "127.0.0.1"})
            assert response.status_code == 200, response.status_code
            return response

        beside = raw(f"raw SQL: a week of {name}", RAW_WEEK, user, timedelta(days=7))
        found.append((beside, None))
        found.append((measure(f"week page, {name}", page, runs=100), beside))
    return found


def booking(data: Company) -> list[tuple[Timing, Timing | None]]:
    """Creating a meeting of ten people and a room, conflict check and commit included."""

    def create(n: int) -> object:
        when = at(100 + n)
        draft = Draft(
            title="Review",
            when=replace(when, start=when.start + timedelta(days=900)),
            zone=BERLIN,
            attendees=tuple(Attendee(user.email) for user in data.colleagues[10:20]),
            room_ids=(data.rooms[n % len(data.rooms)].pk,),
        )
        return scheduler.schedule(draft, by=data.colleagues[0], now=NOW, policy="allow")

    return [(measure("create a meeting: ten people, a room, checked", create), None)]


def series(data: Company) -> list[tuple[Timing, Timing | None]]:
    """A series of 52 dates, ten people and a room: created with all checks, then moved."""
    made: list[Meeting] = []
    site = data.rooms[0].site
    rooms = Room.objects.bulk_create(
        Room(code=f"free-{n}", name=f"Free {n}", site=site, capacity=12) for n in range(80)
    )

    def weekly(n: int) -> Draft:
        start = datetime(NOW.year, NOW.month, NOW.day, 3) + timedelta(days=n % 7 + 7)
        return Draft(
            title="Weekly",
            when=Timed(start, BERLIN, HOUR),
            zone=BERLIN,
            # Other people each time: nobody has dozens of series at the same hour.
            attendees=tuple(Attendee(user.email) for user in data.colleagues[n * 5 : n * 5 + 10]),
            room_ids=(rooms[n].pk,),
            rrule="FREQ=WEEKLY;COUNT=52",
        )

    def create(n: int) -> object:
        done = scheduler.schedule(weekly(n), by=data.colleagues[0], now=NOW, policy="allow")
        made.append(done.meeting)
        return done

    def move(n: int) -> object:
        meeting = Meeting.objects.get(pk=made[n].pk)
        draft = scheduler.draft_of(meeting)
        assert isinstance(draft.when, Timed)
        later = replace(draft.when, start=draft.when.start + timedelta(minutes=15))
        return scheduler.edit(
            meeting,
            replace(draft, when=later),
            by=data.colleagues[0],
            now=NOW,
            version=meeting.version,
            policy="allow",
        )

    raw_rows = measure(
        "raw SQL: insert 52 dates and 52 bookings", lambda n: _insert(data, n), runs=50
    )
    return [
        (raw_rows, None),
        (measure("create 52 weekly dates, ten people, a room, checked", create, runs=60), raw_rows),
        (measure("move all of it by a quarter of an hour", move, runs=40), raw_rows),
    ]


def _insert(data: Company, n: int) -> None:
    """What the database alone takes for the rows of such a series; rolled back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RAW_SERIES, {"n": n, "room": data.rooms[n % len(data.rooms)].pk})
        transaction.set_rollback(True)
