"""How far the invitations to a meeting reach: what finds a person's calendar by an index."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from psycopg.types.range import Range, TimestamptzRange

from meetings import recurrence
from meetings.intervals import Stretch
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.models.ranges import as_range
from meetings.scheduler.sheets import Sheet, is_live


def span_of(sheet: Sheet) -> Range[datetime] | None:
    """From the first start to the last end over every live date; None if there is none.

    A series without an end has none either. Past the index every date counts as live.
    """
    meeting = sheet.meeting
    live = [row.stretch for row in sheet.rows if row.status == Occurrence.Status.SCHEDULED]
    if meeting.indexed_until is None or meeting.cancelled:
        return _range(live)
    last = recurrence.last(meeting.when, meeting.rrule)
    if last is None:
        start = min((s.start for s in live), default=meeting.indexed_until)
        return TimestamptzRange(start, None, "[)")
    beyond = last.during()
    if not live:
        beyond = replace(beyond, start=min(beyond.start, meeting.indexed_until))
    return _range([*live, beyond])


def _range(stretches: Sequence[Stretch]) -> Range[datetime] | None:
    if not stretches:
        return None
    first, last = min(s.start for s in stretches), max(s.end for s in stretches)
    return as_range(Stretch(first, last))


def respan(sheet: Sheet) -> None:
    """Have the invitations reach over the dates of the sheet, which is written. Two queries."""
    Invitation.objects.bulk_update(wrong_spans(sheet), ["span"])


def wrong_spans(sheet: Sheet) -> list[Invitation]:
    """The invitations whose span is not what the dates give, with the right one set. A query."""
    whole = span_of(sheet)
    rows = {row.recurrence_id: row for row in sheet.rows}
    wrong = []
    for invitation in sheet.meeting.invitations.all():
        name = invitation.recurrence_id
        if invitation.removed_at and not name:  # is looked for by nobody
            continue
        right = _span_of_date(sheet.meeting, name, rows.get(name)) if name else whole
        if invitation.span != right:
            invitation.span = right
            wrong.append(invitation)
    return wrong


def _span_of_date(meeting: Meeting, name: str, row: Occurrence | None) -> Range[datetime] | None:
    if row is not None:
        return as_range(row.stretch) if is_live(row) else None
    when = when_named(meeting, name)
    if meeting.cancelled or not recurrence.gives(meeting.when, meeting.rrule, when.day):
        return None
    return as_range(when.during())
