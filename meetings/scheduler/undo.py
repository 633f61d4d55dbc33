"""Take a change back while nobody was told of it."""

import json
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import (
    BESIDE,
    Booking,
    Change,
    CounterProposal,
    Invitation,
    Meeting,
    Occurrence,
    Undo,
)
from meetings.permissions import require_edit
from meetings.problems import WrongState
from meetings.scheduler.committing import committed, record
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import Done
from meetings.scheduler.remembering import Rows, restore

GIVE_WAY = """
UPDATE meetings_booking b SET released_at = %(now)s
FROM jsonb_populate_recordset(NULL::meetings_booking, %(rows)s::jsonb) was
WHERE b.room_id = was.room_id AND b.during && was.during AND b.released_at IS NULL
  AND b.kind = 'hold' AND (b.held_by_id = %(by)s OR b.expires_at <= %(now)s)
"""

IN_THE_WAY = """
SELECT was.id, was.kind, r.name
FROM jsonb_populate_recordset(NULL::meetings_booking, %(rows)s::jsonb) was
JOIN meetings_booking b ON b.room_id = was.room_id AND b.during && was.during
    AND b.released_at IS NULL
JOIN rooms_room r ON r.id = b.room_id
ORDER BY b.during
"""


def undo(change: Change, *, by: User, now: datetime) -> Done:
    """Make everything as it was before `change`: dates, rooms, people, answers, tokens, sequence.

    Only who made it can, until its window ends, and only if nothing else was changed since.
    What somebody answered since stays. Nobody is ever told of either. Raises NotAllowed or
    WrongState.
    """
    number = change.pk

    def work() -> Done:
        state = Undo.objects.select_related("change").filter(pk=number).first()
        if Change.objects.filter(pk=number).exclude(undone_at=None).exists():
            raise WrongState(_("That is undone already."))
        if state is None or state.until <= now:
            raise WrongState(_("It is too late to undo that: those concerned are being told."))
        undone = state.change
        (original,) = (row["id"] for row in state.before["rows"][Meeting._meta.db_table])
        created = state.before["created"]
        meetings = {m.pk: m for m in Meeting.objects.locked([original, *created])}
        require_edit(by, meetings[original])
        if undone.by_id != by.pk:
            raise WrongState(_("Only who made the change can undo it."))
        _require_last(undone, [original, *created])
        held = Booking.objects.unreleased().filter(occurrence__meeting__in=meetings)
        rooms = {row["room_id"] for row in state.before["rows"][Booking._meta.db_table]}
        lock_rooms({*rooms, *held.values_list("room_id", flat=True)})
        answers = _answers_since(undone, original)
        _take_back(state, list(meetings), by=by, now=now)
        for pk, values in answers.items():
            Invitation.objects.filter(pk=pk).update(**values)
        if undone.proposal is not None:
            undone.proposal.status = CounterProposal.Status.OPEN
            undone.proposal.answered_at = None
            undone.proposal.save(update_fields=["status", "answered_at"])
        version = max(meeting.version for meeting in meetings.values()) + 1
        Meeting.objects.filter(pk=original).update(version=version, updated_at=now)
        return Done(Meeting.objects.get(pk=original), _record(undone, original, version, by, now))

    return committed(work)


def _require_last(undone: Change, meetings: list[int]) -> None:
    since = Change.objects.filter(meeting__in=meetings, pk__gt=undone.pk, undone_at=None)
    since = since.exclude(kind__in=[*BESIDE, Change.Kind.UNDONE])
    if since.exclude(part_of=undone).exists():
        raise WrongState(_("It was changed again since, so this cannot be undone any more."))


def _answers_since(undone: Change, original: int) -> dict[int, dict[str, object]]:
    """What was answered since, by invitation, to be kept."""
    answered = Change.objects.filter(
        meeting=original, pk__gt=undone.pk, kind=Change.Kind.ANSWERED
    ).values("invitation")
    fields = ("status", "note", "responded_at")
    return {
        row.pk: {name: getattr(row, name) for name in fields}
        for row in Invitation.objects.filter(pk__in=answered)
    }


def _take_back(state: Undo, meetings: list[int], *, by: User, now: datetime) -> None:
    """Rooms first, since the constraint judges row by row; then every row as it was."""
    rows = state.before["rows"]
    there = {table: {row["id"] for row in rows[table]} for table in rows}
    bookings = Booking.objects.filter(occurrence__meeting__in=meetings)
    bookings.unreleased().exclude(pk__in=there[Booking._meta.db_table]).delete()
    bookings.unreleased().update(released_at=now)
    Booking.objects.unreleased().filter(
        kind=Booking.Kind.HOLD, held_by=by, created_at=state.change.created_at
    ).delete()
    (original,) = there[Meeting._meta.db_table]
    Meeting.rooms.through.objects.filter(meeting=original).delete()
    _make_way(rows, by=by, now=now)
    restore(rows)
    Occurrence.objects.filter(meeting=original).exclude(
        pk__in=there[Occurrence._meta.db_table]
    ).delete()
    Invitation.objects.filter(meeting=original).exclude(
        pk__in=there[Invitation._meta.db_table]
    ).delete()


def _make_way(rows: Rows, *, by: User, now: datetime) -> None:
    """Holds give way to what was booked, as to every command; those lost meanwhile stay so.

    Raises WrongState if a room was booked for something else.
    """
    table = Booking._meta.db_table
    values: dict[str, Any] = {"rows": json.dumps(rows[table]), "by": by.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(GIVE_WAY, values)
        cursor.execute(IN_THE_WAY, values)
        found = cursor.fetchall()
    for _pk, kind, room in found:
        if kind == Booking.Kind.MEETING:
            sentence = _("%(room)s was booked for something else meanwhile.") % {"room": room}
            raise WrongState(sentence + " " + _("So this cannot be undone any more."))
    lost = {pk for pk, _kind, _room in found}
    rows[table] = [row for row in rows[table] if row["id"] not in lost]


def _record(undone: Change, original: int, version: int, by: User, now: datetime) -> Change:
    """Mark the change and its parts as never to be told, and write down that it was undone."""
    marked = {"undone_at": now, "announced_at": now}
    Change.objects.filter(part_of=undone).update(**marked)
    created = undone.meeting_id != original
    Change.objects.filter(pk=undone.pk).update(**marked, meeting=original)
    if created:
        Change.objects.filter(meeting=undone.meeting_id).update(meeting=original)
    state = Undo.objects.get(pk=undone.pk)
    state.delete()
    Meeting.objects.filter(pk__in=state.before["created"]).delete()
    return record(
        Change(
            meeting_id=original,
            dates=undone.dates,
            kind=Change.Kind.UNDONE,
            by=by,
            version=version,
            created_at=now,
            not_before=now,
            announced_at=now,
        )
    )
