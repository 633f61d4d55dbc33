"""The dates of a meeting, as they go out."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from meetings.described.when_out import WhenOut, when_out
from meetings.lifecycle import state
from meetings.models import Meeting, Occurrence
from meetings.occurrences import wanted_rooms


class OccurrenceOut(WhenOut):
    """One date of a meeting."""

    recurrence_id: str = Field(description="Its local start as the rule gave it; names it.")
    title: str
    status: str = Field(description="scheduled, ongoing, completed, cancelled or skipped.")
    room_ids: list[str]


def dates_out(
    meeting: Meeting, dates: Iterable[Occurrence], *, now: datetime, zone: ZoneInfo | None
) -> Iterator[OccurrenceOut]:
    """These dates of the meeting, for somebody who may see their titles; two queries at most."""
    rows = list(dates)
    rooms = wanted_rooms(meeting, rows)
    for row in rows:
        yield OccurrenceOut(
            recurrence_id=row.recurrence_id,
            title=row.shown_title,
            status=state(row, now).value,
            room_ids=[room.code for room in rooms[row.recurrence_id]],
            **when_out(row.when, zone),
        )
