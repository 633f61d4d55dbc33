"""Invitations as they go out: to whom they are for, and to the organizer."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from ninja import Schema
from pydantic import Field

from accounts.rest import Stamp, stamp
from meetings.asking import asking, date_shown
from meetings.described.reader import Reader
from meetings.described.when_out import WhenOut, when_out
from meetings.lifecycle import state
from meetings.models import Invitation, Meeting, Occurrence
from meetings.occurrences import rooms_of, with_rooms
from meetings.waiting import Overlap, asked


class OverlapOut(Schema):
    """Something else in your calendar at the same time; without a meeting it is time off."""

    title: str | None
    meeting_id: str | None
    recurrence_id: str | None
    start: Stamp
    end: Stamp
    tentative: bool


class InvitationOut(WhenOut):
    """An invitation; the times are those of one date, of a series the next one to come."""

    invitation_id: str
    meeting_id: str
    title: str
    organizer: str
    recurrence_id: str | None = Field(description="The one date it is for; null for all of them.")
    next_date: str | None = Field(description="The recurrence-id of the date the times are of.")
    meeting_status: str = Field(description="scheduled, ongoing, completed, cancelled or skipped.")
    timezone: str
    rrule: str
    room_ids: list[str] = Field(description="The rooms that the date has.")
    email: str
    name: str
    role: str
    status: str = Field(description="needs-action, accepted, tentative or declined.")
    note: str
    sent_at: Stamp | None
    responded_at: Stamp | None
    may_answer: bool
    may_propose: bool
    overlaps: list[OverlapOut] | None = Field(description="Null unless it is yours.")


def mine_out(rows: Sequence[Invitation], reader: Reader) -> list[InvitationOut]:
    """The reader's own, rows of `meetings.waiting`; a constant number of queries."""
    found = asked(rows, reader.user, reader.now)
    people = _all_rows({row.meeting_id: row.meeting for row in rows}, reader)
    return [
        _out(
            one.invitation,
            one.occurrence,
            people[one.invitation.meeting_id],
            reader,
            [_overlap(overlap, reader) for overlap in one.overlaps],
        )
        for one in found
    ]


def invitation_out(row: Invitation, reader: Reader) -> InvitationOut:
    """Anybody's, for the organizer; what else is in that calendar is not said."""
    rows = [r for r in row.meeting.invitations.select_related("user") if r.person == row.person]
    for one in rows:
        one.meeting = row.meeting
    date = date_shown(row.meeting, rows, row.recurrence_id, reader.now)
    with_rooms([date])
    return _out(row, date, rows, reader, None)


def _all_rows(meetings: dict[int, Meeting], reader: Reader) -> defaultdict[int, list[Invitation]]:
    """All that the reader has on these meetings, by the meeting's pk."""
    found = defaultdict(list)
    mine = Invitation.objects.of(reader.user).filter(meeting__in=meetings)
    for row in mine.select_related("user"):
        row.meeting = meetings[row.meeting_id]
        found[row.meeting_id].append(row)
    return found


def _out(
    row: Invitation,
    date: Occurrence,
    rows: Collection[Invitation],
    reader: Reader,
    overlaps: list[OverlapOut] | None,
) -> InvitationOut:
    meeting, zone = row.meeting, reader.zone
    about = asking(date, rows, reader.now)
    return InvitationOut(
        invitation_id=str(row.uid),
        meeting_id=str(meeting.uid),
        title=date.shown_title,
        organizer=meeting.organizer_address,
        recurrence_id=row.recurrence_id or None,
        next_date=date.recurrence_id if meeting.is_series else None,
        meeting_status=state(date, reader.now).value,
        **when_out(date.when, zone),
        timezone=meeting.zone.key,
        rrule=meeting.rrule,
        room_ids=[room.code for room in rooms_of(date)],
        email=row.address,
        name=row.shown_name,
        role=row.role,
        status=row.status,
        note=row.note,
        sent_at=stamp(row.sent_at, zone) if row.sent_at else None,
        responded_at=stamp(row.responded_at, zone) if row.responded_at else None,
        may_answer=bool(about and about.open),
        may_propose=bool(about and about.may_propose),
        overlaps=overlaps,
    )


def _overlap(overlap: Overlap, reader: Reader) -> OverlapOut:
    date = overlap.occurrence
    return OverlapOut(
        title=date.shown_title if date else None,
        meeting_id=str(date.meeting.uid) if date else None,
        recurrence_id=date.recurrence_id if date and date.meeting.is_series else None,
        start=stamp(overlap.stretch.start, reader.zone),
        end=stamp(overlap.stretch.end, reader.zone),
        tentative=overlap.tentative,
    )
