"""Meetings that people are to be told of, written in bulk by SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import User
from rooms.models import Room

MEETINGS = """
WITH numbered AS (
    SELECT n, %(first)s + n * %(step)s AS start FROM generate_series(0, %(count)s - 1) AS n
), made AS (
    INSERT INTO meetings_meeting (uid, ical_uid, series, organizer_id, created_by_id,
        organizer_email, organizer_name, title, description, location, join_link, all_day,
        local_date, local_time, timezone, length, rrule, priority, visibility, transparency,
        tentative, reminders, version, sequence, created_at, updated_at, cancelled)
    SELECT gen_random_uuid(), gen_random_uuid()::text, gen_random_uuid(),
        (%(people)s::bigint[])[1 + n %% %(many)s], (%(people)s::bigint[])[1 + n %% %(many)s],
        '', '', %(title)s || n, 'What we talk about, and what to bring along.', 'Second floor',
        'https://meet.example.com/' || n, false, (start AT TIME ZONE 'Europe/Berlin')::date,
        (start AT TIME ZONE 'Europe/Berlin')::time, 'Europe/Berlin', interval '1 hour', '', 2,
        'public', 'busy', false, '{15}', 1, 0, %(made_at)s, %(made_at)s, false
    FROM numbered
    RETURNING id, replace(title, %(title)s, '')::int AS n
), placed AS (
    SELECT made.id, n, start, tstzrange(start, start + interval '1 hour') AS during
    FROM made JOIN numbered USING (n)
), dated AS (
    INSERT INTO meetings_occurrence (meeting_id, recurrence_id, during, origin, status, all_day,
        missed_rooms)
    SELECT id, to_char(start AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD"T"HH24:MI:SS'), during,
        'rule', 'scheduled', false, '{}'
    FROM placed
), roomed AS (
    INSERT INTO meetings_meeting_rooms (meeting_id, room_id) SELECT id, %(room)s FROM placed
), invited AS (
    INSERT INTO meetings_invitation (uid, meeting_id, recurrence_id, user_id, email, name, role,
        status, note, token, span)
    SELECT gen_random_uuid(), id, '', (%(people)s::bigint[])[1 + (n + k) %% %(many)s], '', '',
        'required', CASE k WHEN 0 THEN 'accepted' ELSE 'needs-action' END, '',
        gen_random_uuid()::text, during
    FROM placed, generate_series(0, %(size)s - 1) AS k
    RETURNING id, meeting_id, status
)
INSERT INTO meetings_change (meeting_id, dates, kind, by_id, version, fields, added, removed,
    reason, created_at, not_before, announced_at)
SELECT placed.id, '{}', 'created', (%(people)s::bigint[])[1 + n %% %(many)s], 1, '{}',
    array_agg(invited.id ORDER BY invited.id) FILTER (WHERE invited.status = 'needs-action'), '{}',
    '', %(made_at)s, %(made_at)s, %(announced_at)s
FROM placed JOIN invited ON invited.meeting_id = placed.id
GROUP BY placed.id, n
"""


def meetings(
    title: str,
    count: int,
    people: Sequence[User],
    room: Room,
    *,
    size: int,
    first: datetime,
    step: timedelta,
    made_at: datetime,
    announced_at: datetime | None,
) -> None:
    """So many meetings of `size` people, of whom one organizes and has accepted.

    One starts `step` after another. Without `announced_at` the others are still to be invited.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            MEETINGS,
            {
                "title": f"{title} ",
                "count": count,
                "people": [person.pk for person in people],
                "many": len(people),
                "room": room.pk,
                "size": size,
                "first": first,
                "step": step,
                "made_at": made_at,
                "announced_at": announced_at,
            },
        )
        cursor.execute("ANALYZE")
