"""What is measured: the conflict check, the week's page, booking, rules, most beside raw SQL."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection
from django.test import Client

from accounts.models import User
from benchmarks.data import BERLIN, MEETINGS_OF_ONE, NOW, Company, company
from benchmarks.measuring import HEAD, Timing, measure
from benchmarks.rules import expanding
from meetings import scheduler
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.drafts import Attendee, Draft
from meetings.models import Occurrence
from meetings.slots import alternatives
from meetings.wallclock import Timed

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


def run() -> None:
    """Measure everything and print a table."""
    data = company()
    print(f"{Occurrence.objects.count():,} meetings; one person has {MEETINGS_OF_ONE:,} of them\n")
    print(HEAD)
    cases = (*conflict_check(data), *week_page(data), *booking(data), *expanding(NOW))
    for timing, against in cases:
        print(timing.row(against))


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
