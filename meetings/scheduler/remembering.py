"""What an undo needs: how all rows of a meeting were, as the database itself writes them."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from meetings.models import Booking, Change, Invitation, Meeting, Occurrence, Undo

_WANTED = Meeting.rooms.through

# In the order in which they can be written again.
TABLES: dict[str, str] = {
    Meeting._meta.db_table: "id = %(meeting)s",
    _WANTED._meta.db_table: "meeting_id = %(meeting)s",
    Occurrence._meta.db_table: "meeting_id = %(meeting)s",
    Invitation._meta.db_table: "meeting_id = %(meeting)s",
    Booking._meta.db_table: (
        "released_at IS NULL AND occurrence_id IN"
        " (SELECT id FROM meetings_occurrence WHERE meeting_id = %(meeting)s)"
    ),
}

Rows = dict[str, Any]


def rows_of(meeting: Meeting) -> Rows:
    """Every row of a locked meeting, by table. A query for each of five tables."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, condition in TABLES.items():
            cursor.execute(
                f"SELECT COALESCE(jsonb_agg(to_jsonb(t)), '[]') FROM {table} t WHERE {condition}",
                {"meeting": meeting.pk},
            )
            (value,) = cursor.fetchone()
            found[table] = json.loads(value)
    return found


def remember(change: Change, before: Rows, *, created: Iterable[Meeting] = ()) -> None:
    """Keep how it was for as long as the change can be undone; nothing if it cannot.

    `created` are the meetings that the change has made.
    """
    if before:
        made = [meeting.pk for meeting in created]
        state = {"rows": before, "created": made}
        Undo.objects.create(change=change, before=state, until=change.not_before)


def restore(rows: Rows) -> None:
    """Write rows again as they were, whether they are still there or not."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            (names,) = cursor.fetchone()
            updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in names.split(", "))
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names}"
                f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
                f" ON CONFLICT (id) DO UPDATE SET {updates}",
                [json.dumps(rows[table])],
            )
