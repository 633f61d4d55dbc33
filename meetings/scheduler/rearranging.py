"""Writing an edit: meetings, dates, rooms and people, in an order that the constraints bear."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.ranges import as_range
from meetings.scheduler.reshaping import Rename
from meetings.scheduler.seats import (
    Seating,
    all_invitations,
    ask_anew,
    copy_for,
    fold,
    new_invitation,
    seat,
    seat_on_date,
)
from meetings.scheduler.sheets import Sheet, write
from meetings.scheduler.spans import respan, span_of


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What an edit leads to: the sheet of the meeting or of its later part, and what goes on by
    itself. `row` is the one date it is about, if it is about one."""

    main: Sheet
    people: Seating
    earlier: Sheet | None = None
    singles: tuple[Sheet, ...] = ()
    renamed: Rename = str
    row: Occurrence | None = None
    asks_anew: bool = False
    sequence: bool = False


def arrange(
    meeting: Meeting, made: Arrangement, *, by: User, now: datetime, undo: timedelta
) -> tuple[list[int], list[int]]:
    """Write it under the locks; the ids of invitations that are new, and of those taken back."""
    added, removed = _arrange(meeting, made, by=by, now=now, undo=undo)
    if made.row is None and not made.main.meeting.is_series:
        fold(made.main.meeting)
    return added, removed


def _arrange(
    meeting: Meeting, made: Arrangement, *, by: User, now: datetime, undo: timedelta
) -> tuple[list[int], list[int]]:
    invitations = all_invitations(meeting)
    if made.earlier is not None:
        made.earlier.meeting.sequence += 1
        _save(made.earlier, now=now)
        _save_new(made.main)
    else:
        made.main.meeting.sequence += made.sequence
        _save(made.main, now=now)
    for single in made.singles:
        _save_new(single)
    for sheet in (*made.singles, made.main):
        write(sheet, by=by, now=now, undo=undo)
    for single in made.singles:
        _people_of_single(single, invitations)
    if made.row is not None:
        added, removed = seat_on_date(made.row, made.people, now=now, asks_anew=made.asks_anew)
        respan(made.main)
        return added, removed
    if made.earlier is not None:
        write(made.earlier, by=by, now=now, undo=undo)
        return _move_people(made, invitations, now=now), []
    _rename(made, invitations)
    added = seat(
        made.main.meeting,
        made.people,
        span=span_of(made.main),
        now=now,
        asks_anew=made.asks_anew,
    )
    return added, [invitation.pk for invitation in made.people.removed]


def _save(sheet: Sheet, *, now: datetime) -> None:
    meeting = sheet.meeting
    meeting.version += 1
    meeting.updated_at = now
    meeting.save()
    meeting.rooms.set(sheet.rooms)


def _save_new(sheet: Sheet) -> None:
    sheet.meeting.save(force_insert=True)
    sheet.meeting.rooms.set(sheet.rooms)


def _people_of_single(single: Sheet, invitations: list[Invitation]) -> None:
    """Everybody who was on the date comes along with the answer that counted for it."""
    (row,) = single.rows
    old = single.before[row.pk] if row.pk else None
    name = old.name if old else row.recurrence_id
    Invitation.objects.bulk_create(
        copy_for(invitation, single.meeting, "", as_range(row.stretch))
        for invitation in on_date(invitations, name)
    )


def _rename(made: Arrangement, invitations: list[Invitation]) -> None:
    """Rows for single dates follow their dates, and are asked anew if those have moved."""
    rows = {row.recurrence_id: row for row in made.main.rows}
    for invitation in invitations:
        if invitation.recurrence_id:
            name = made.renamed(invitation.recurrence_id)
            row = rows.get(name)
            invitation.recurrence_id = name
            if row and made.main.is_fresh(row) and not invitation.is_organizers:
                ask_anew(invitation)
            invitation.save(update_fields=["recurrence_id", "status", "note", "responded_at"])
    respan(made.main)


def _move_people(made: Arrangement, invitations: list[Invitation], *, now: datetime) -> list[int]:
    """The later part's people: as on the earlier one, with what each edit brings."""
    assert made.earlier is not None
    later, span = made.main.meeting, span_of(made.main)
    first = made.main.rows[0].recurrence_id if made.main.rows else ""
    gone = {invitation.person for invitation in made.people.removed}
    roles = {(i.person, i.role): role for i, role in made.people.stayed}
    names = {old.name for old in made.main.before.values()}
    moving = [
        i
        for i in invitations
        if i.recurrence_id and (i.recurrence_id in names or i.recurrence_id > first)
    ]
    for invitation in moving:
        invitation.meeting = later
        invitation.role = roles.get((invitation.person, invitation.role), invitation.role)
        if invitation.person in gone:
            invitation.removed_at = invitation.removed_at or now
        invitation.save(update_fields=["meeting", "role", "removed_at"])
    fresh = []
    for invitation, role in made.people.stayed:
        copied = copy_for(invitation, later, "", span)
        copied.role = role
        if made.asks_anew and not invitation.is_organizers:
            ask_anew(copied)
        fresh.append(copied)
    new = [new_invitation(later, place, now=now, span=span) for place in made.people.added]
    Invitation.objects.bulk_create([*fresh, *new])
    _rename(made, moving)
    respan(made.earlier)
    return [invitation.pk for invitation in new]
