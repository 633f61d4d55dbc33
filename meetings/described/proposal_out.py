"""Proposals of other times as they go out, and how each time suits."""

from collections.abc import Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.rest import Stamp, stamp
from meetings.dates import DAY, date_of
from meetings.described.conflicts_out import KIND
from meetings.described.reader import Reader
from meetings.described.when_out import WhenOut, when_out
from meetings.intervals import Stretch
from meetings.lifecycle import Act, allows
from meetings.models import CounterProposal, Occurrence
from meetings.proposals import Proposed, Suits, how_they_suit
from meetings.readable import Finding
from meetings.wallclock import Timed, When

VOID = "void"


class AgainstOut(Schema):
    """What stands against a proposed time."""

    kind: str
    severity: str
    detail: str
    room_id: str | None
    email: str | None


class SuitsOut(Schema):
    """How a proposed time suits, for the organizer."""

    over: bool
    can_come: list[str] = Field(description="The addresses of those who can.")
    calendars: int = Field(description="How many calendars are known.")
    unknown: int = Field(description="How many people have no calendar here.")
    conflicts: list[AgainstOut]
    room_ids: list[str] = Field(description="The meeting's rooms that can be had then.")
    rooms_lost: list[str]
    rooms_instead: list[str] = Field(description="What would stand in for the one that is lost.")


class ProposedTimeOut(WhenOut):
    """One proposed time; `number` names it."""

    number: int
    suits: SuitsOut | None = Field(None, description="Null unless you organize the meeting.")


class ProposalOut(Schema):
    """Other times that somebody invited proposes for a meeting, or one date of it."""

    proposal_id: str
    meeting_id: str
    recurrence_id: str | None
    invitation_id: str
    email: str
    name: str
    times: list[ProposedTimeOut]
    note: str
    status: str = Field(
        description="open, accepted, declined, withdrawn, replaced by a newer one, or void: the "
        "meeting has moved or cannot move any more."
    )
    reason: str = Field(description="Why it was declined.")
    created_at: Stamp
    answered_at: Stamp | None


def proposal_out(proposal: CounterProposal, reader: Reader) -> ProposalOut:
    """The proposal, whatever became of it and of its date. Wants meeting and invitation."""
    date = date_in(proposal)
    valid = proposal.is_for(date) and allows(Act.PROPOSE, date, reader.now)
    void = proposal.status == CounterProposal.Status.OPEN and not valid
    return _out(proposal, date, reader, status=VOID if void else proposal.status)


def date_in(proposal: CounterProposal) -> Occurrence:
    """The date it is for; one that is not there any more as the meeting would have had it."""
    meeting = proposal.meeting
    if not meeting.is_series and not proposal.recurrence_id:
        date = meeting.occurrence
        date.meeting = meeting
        return date
    try:
        return date_of(meeting, proposal.recurrence_id)
    except Occurrence.DoesNotExist:
        gone = Occurrence(
            meeting=meeting,
            recurrence_id=meeting.when.recurrence_id(),
            status=Occurrence.Status.CANCELLED,
        )
        gone.index()
        return gone


def open_out(proposed: Sequence[Proposed], reader: Reader, *, suiting: bool) -> list[ProposalOut]:
    """Open proposals, in their order; `suiting`: with how they suit, a few queries a date."""
    by_date: dict[str, list[Proposed]] = {}
    for one in proposed:
        by_date.setdefault(one.proposal.recurrence_id, []).append(one)
    suits: dict[int, list[Suits]] = {}
    for here in by_date.values() if suiting else ():
        suits |= how_they_suit(here[0].occurrence, here, reader.user, reader.now)
    return [
        _out(one.proposal, one.occurrence, reader, suits=suits.get(one.proposal.pk, ()))
        for one in proposed
    ]


def _out(
    proposal: CounterProposal,
    date: Occurrence,
    reader: Reader,
    *,
    status: str = CounterProposal.Status.OPEN,
    suits: Sequence[Suits] = (),
) -> ProposalOut:
    answered, row = proposal.answered_at, proposal.invitation
    suiting: dict[int, Any] = {one.number: _suits(one) for one in suits}
    return ProposalOut(
        proposal_id=str(proposal.uid),
        meeting_id=str(date.meeting.uid),
        recurrence_id=proposal.recurrence_id or None,
        invitation_id=str(row.uid),
        email=row.address,
        name=row.shown_name,
        times=[
            ProposedTimeOut(number=number, suits=suiting.get(number), **when_out(when, reader.zone))
            for number, when in enumerate(_whens(proposal, date))
        ],
        note=proposal.note,
        status=str(status),
        reason=proposal.reason,
        created_at=stamp(proposal.created_at, reader.zone),
        answered_at=stamp(answered, reader.zone) if answered else None,
    )


def _whens(proposal: CounterProposal, date: Occurrence) -> list[When]:
    """The times as the date has them; as instants if it takes whole days only since."""
    if not date.all_day or all(_whole_days(stretch) for stretch in proposal.stretches):
        return proposal.whens(date)
    utc = ZoneInfo("UTC")
    return [Timed(s.start.replace(tzinfo=None), utc, s.length) for s in proposal.stretches]


def _whole_days(stretch: Stretch) -> bool:
    return stretch.start.time() == time.min and not stretch.length % DAY


def _suits(suits: Suits) -> SuitsOut:
    rooms = {room.pk: room.code for room in (*suits.rooms, *suits.lost)}
    people = {asked.user.pk: asked.user.email for asked in suits.people}
    return SuitsOut(
        over=suits.over,
        can_come=[user.email for user in suits.free],
        calendars=suits.of,
        unknown=suits.unknown,
        conflicts=[_against(finding, rooms, people) for finding in suits.findings],
        room_ids=[room.code for room in suits.rooms],
        rooms_lost=[room.code for room in suits.lost],
        rooms_instead=[room.code for room in suits.others],
    )


def _against(finding: Finding, rooms: dict[int, str], people: dict[int, str]) -> AgainstOut:
    return AgainstOut(
        kind=KIND.sub("-", type(finding.problem).__name__).lower(),
        severity=finding.severity.name.lower(),
        detail=f"{finding.headline} {finding.detail}".strip(),
        room_id=rooms.get(finding.room_id or 0),
        email=people.get(finding.user_id or 0),
    )
