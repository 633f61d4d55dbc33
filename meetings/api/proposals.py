"""Proposals of other times: make them, weigh them, accept or decline them, take them back."""

from datetime import timedelta
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Body, Query, Schema, Status
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Identifier,
    Number,
    Refused,
    RestRequest,
    Shown,
    Strict,
    Text,
    invalid,
    not_found,
)
from meetings.api.amending import LONGEST_UNDO
from meetings.api.booking import booked_out, tried
from meetings.api.cursors import after, cursor_of, pk_named
from meetings.api.invitations import invitation_for
from meetings.api.placing import room_pks
from meetings.api.plan_out import PlanOut
from meetings.api.reaching import require_date
from meetings.api.reading import meeting_for, uid_of
from meetings.api.resolving import Resolving, decided, policy_from
from meetings.api.routing import invitations, meetings, proposals
from meetings.api.timing import Timing, when_from
from meetings.asking import date_shown, too_often
from meetings.described.meeting_out import BookedOut
from meetings.described.proposal_out import ProposalOut, date_in, open_out, proposal_out
from meetings.described.reader import Reader
from meetings.models import Change, CounterProposal, Invitation
from meetings.permissions import may_edit
from meetings.problems import InvalidDraft
from meetings.proposals import open_proposal_of, open_proposals
from meetings.scheduler import (
    Decisions,
    Done,
    Plan,
    accept_proposal,
    decline_proposal,
    plan_accept_proposal,
    propose,
    withdraw,
)
from meetings.scheduler.propose import MOST_TIMES
from meetings.wallclock import When

MOST = 100
OPEN = "proposals"
KINDS = (Change.Kind.PROPOSED, Change.Kind.WITHDRAWN)


class ProposalIn(Strict):
    """Other times for a meeting, or for that date of a series."""

    times: list[Timing] = Field(min_length=1, max_length=MOST_TIMES, description="The best first.")
    note: Text = ""
    recurrence_id: Identifier | None = None


@invitations.post("/invitations/{invitation_id}/proposals", response={201: ProposalOut, **REFUSALS})
def propose_times(
    request: RestRequest, invitation_id: str, body: ProposalIn, shown: Query[Shown]
) -> Status[ProposalOut]:
    """Propose other times to the organizer. Your answer stays what it is.

    What you proposed for the date before is replaced; the same again changes nothing. Of a
    series `recurrence_id` says which date; without it, the next one.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    row = invitation_for(reader.user, invitation_id)
    name = _date_name(row, body, reader)
    times = [_time(row, one, number) for number, one in enumerate(body.times)]
    if row.user_id == reader.user.pk and too_often(row, KINDS, reader.now):
        sentence = _("You proposed other times very often just now. Try again in an hour.")
        raise Refused(429, sentence)
    note = body.note.replace("\r\n", "\n")
    try:
        done = propose(row, times, by=reader.user, now=reader.now, note=note, recurrence_id=name)
    except InvalidDraft as wrong:
        raise InvalidDraft({_outside(n): words for n, words in wrong.errors.items()}) from None
    proposal = done.change.proposal if done.change else _open_one(row, name, reader)
    assert proposal is not None  # it was made, or is there
    return Status(201, proposal_out(_whole(proposal), reader))


def _date_name(row: Invitation, body: ProposalIn, reader: Reader) -> str:
    """The date that is meant: of a series the next one that the person is on, unless named."""
    if body.recurrence_id:
        require_date(row.meeting, body.recurrence_id)
    name = body.recurrence_id or row.recurrence_id
    if name or not row.meeting.is_series:
        return name
    mine = [r for r in row.meeting.invitations.all() if r.person == row.person]
    return date_shown(row.meeting, mine, "", reader.now).recurrence_id


def _time(row: Invitation, asked: Timing, number: int) -> When:
    try:
        return when_from(asked, row.meeting.zone)
    except Refused as wrong:
        fields = {f"times.{number}.{name}": words for name, words in wrong.fields.items()}
        raise Refused(wrong.status, wrong.detail, fields=fields) from None


def _outside(field: str) -> str:
    """`times.2` for `time_2`."""
    name, mark, number = field.partition("_")
    return f"times.{number}" if (name, mark) == ("time", "_") else field


def _open_one(row: Invitation, name: str, reader: Reader) -> CounterProposal | None:
    """What that person proposes for the date already."""
    date = require_date(row.meeting, name) if name else row.meeting.occurrence
    date.meeting = row.meeting
    return open_proposal_of(row, date, reader.now)


class ProposalFilters(Shown):
    """Which proposals."""

    recurrence_id: Identifier | None = Field(None, description="Only those for this date.")
    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 20


class ProposalPage(Schema):
    """Some open proposals, the oldest first."""

    proposals: list[ProposalOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@meetings.get("/meetings/{meeting_id}/proposals", response={200: ProposalPage, **REFUSALS})
def list_proposals(
    request: RestRequest, meeting_id: str, filters: Query[ProposalFilters]
) -> ProposalPage:
    """What is proposed for a meeting and still open: all to its organizer, to others their own.

    The organizer reads how each time suits: who can come, what collides, which rooms there are.
    """
    reader = Reader(request.user, clock.now(), filters.timezone)
    meeting = meeting_for(reader.user, meeting_id)
    organizes = may_edit(reader.user, meeting)
    start = 0
    if filters.cursor:
        start = pk_named(after(filters.cursor, of=OPEN)[0], CounterProposal.objects.all())
    wanted = filters.recurrence_id if meeting.is_series else None
    found = [
        one
        for one in open_proposals(meeting, reader.now)
        if one.proposal.pk > start
        and (organizes or one.proposal.invitation.user_id == reader.user.pk)
        and wanted in (None, one.proposal.recurrence_id)
    ]
    page = found[: filters.limit]
    return ProposalPage(
        proposals=open_out(page, reader, suiting=organizes),
        next=cursor_of(str(page[-1].proposal.uid), of=OPEN) if len(found) > len(page) else None,
    )


@proposals.get("/proposals/{proposal_id}", response={200: ProposalOut, **REFUSALS})
def get_proposal(request: RestRequest, proposal_id: str, shown: Query[Shown]) -> ProposalOut:
    """A proposal of yours, or for a meeting that you organize, whatever became of it."""
    reader = Reader(request.user, clock.now(), shown.timezone)
    return proposal_out(_proposal_for(reader.user, proposal_id), reader)


class AcceptIn(Resolving):
    """Which time is taken, in which rooms."""

    number: Number | None = Field(
        None, description="Of the time; can be left out if only one is proposed."
    )
    room_ids: list[Identifier] | None = Field(
        None, max_length=50, description="Uids or codes; without, the rooms that it has."
    )
    undo_seconds: Annotated[Number, Field(ge=0, le=LONGEST_UNDO)] = Field(
        0, description="How long it can be undone; nobody is told before."
    )


@proposals.post("/proposals/{proposal_id}/accept", response={200: BookedOut | PlanOut, **REFUSALS})
def accept_proposed_time(
    request: RestRequest,
    proposal_id: str,
    response: HttpResponse,
    shown: Query[Shown],
    body: Annotated[AcceptIn | None, Body()] = None,
) -> BookedOut | PlanOut:
    """Move the meeting, or that date of it, to a proposed time.

    It is an edit like any other: others are asked anew, and what collides is treated as
    `on_conflict` says. All other proposals for the date are void. The answer is the meeting as
    it is then, or with `dry_run` the plan. The same again changes nothing.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    proposal = _proposal_for(reader.user, proposal_id)
    body = body or AcceptIn.model_validate({})
    number = _number(proposal, body)
    rooms = None if body.room_ids is None else room_pks(body.room_ids)

    def planned(decisions: Decisions) -> Plan:
        return plan_accept_proposal(
            proposal,
            number,
            by=reader.user,
            now=reader.now,
            room_ids=rooms,
            decisions=decisions,
        )

    if _is_taken(proposal, number, reader.user):
        return _accepted(Done(proposal.meeting, None), proposal, body, reader, response)
    decisions, seen = decided(body, planned, proposal.meeting.zone)
    policy = policy_from(body)
    if body.dry_run:
        return tried(lambda: planned(decisions), policy, reader, seen=seen)
    done = accept_proposal(
        proposal,
        number,
        by=reader.user,
        now=reader.now,
        policy=policy,
        seen=seen,
        undo=timedelta(seconds=body.undo_seconds),
        room_ids=rooms,
        decisions=decisions,
    )
    return _accepted(done, proposal, body, reader, response)


def _is_taken(proposal: CounterProposal, number: int, by: User) -> bool:
    """Whether the meeting was moved to that time already: then there is nothing left to do."""
    accepted = proposal.status == CounterProposal.Status.ACCEPTED
    moved = proposal.stretches[number] == date_in(proposal).stretch
    return accepted and moved and may_edit(by, proposal.meeting)


def _accepted(
    done: Done,
    proposal: CounterProposal,
    body: AcceptIn,
    reader: Reader,
    response: HttpResponse,
) -> BookedOut:
    response["ETag"] = f'"{done.meeting.version}"'
    name, cancel = proposal.recurrence_id, body.cancel_displaced
    return booked_out(done, reader, recurrence_id=name, cancel=cancel)


def _number(proposal: CounterProposal, body: AcceptIn) -> int:
    if body.number is None and len(proposal.times) > 1:
        raise invalid("number", _("Say which of the times: its number."))
    number = body.number or 0
    if not 0 <= number < len(proposal.times):
        raise invalid("number", _("That time was not proposed."))
    return number


class RejectionIn(Strict):
    """Why the meeting stays where it is."""

    note: Text = Field("", description="Who proposed the times reads it.")


@proposals.post("/proposals/{proposal_id}/decline", response={200: ProposalOut, **REFUSALS})
def decline_proposed_times(
    request: RestRequest,
    proposal_id: str,
    shown: Query[Shown],
    body: Annotated[RejectionIn | None, Body()] = None,
) -> ProposalOut:
    """Leave the meeting where it is; only who proposed the times is told.

    The same again changes nothing.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    proposal = _proposal_for(reader.user, proposal_id)
    reason = body.note.replace("\r\n", "\n").strip() if body else ""
    was = proposal.status, proposal.reason
    if was == (CounterProposal.Status.DECLINED, reason) and may_edit(reader.user, proposal.meeting):
        return proposal_out(proposal, reader)
    try:
        decline_proposal(proposal, by=reader.user, now=reader.now, reason=reason)
    except InvalidDraft as wrong:
        raise InvalidDraft({"note": str(wrong)}) from None
    return proposal_out(_proposal_for(reader.user, proposal_id), reader)


@proposals.delete("/proposals/{proposal_id}", response={200: ProposalOut, **REFUSALS})
def withdraw_proposal(request: RestRequest, proposal_id: str, shown: Query[Shown]) -> ProposalOut:
    """Take back what you proposed. The same again changes nothing."""
    reader = Reader(request.user, clock.now(), shown.timezone)
    proposal = _proposal_for(reader.user, proposal_id)
    mine = proposal.invitation.user_id == reader.user.pk
    if not (mine and proposal.status == CounterProposal.Status.WITHDRAWN):
        withdraw(proposal, by=reader.user, now=reader.now)
    return proposal_out(_proposal_for(reader.user, proposal_id), reader)


def _proposal_for(viewer: User, proposal_id: str) -> CounterProposal:
    """The viewer's own, or one for a meeting that the viewer may change. Raises Refused."""
    row = _rows().filter(uid=uid_of(proposal_id)).first()
    if row is None or not (row.invitation.user_id == viewer.pk or may_edit(viewer, row.meeting)):
        raise not_found()
    return row


def _whole(proposal: CounterProposal) -> CounterProposal:
    return _rows().get(pk=proposal.pk)


def _rows() -> QuerySet[CounterProposal]:
    return CounterProposal.objects.select_related("meeting__organizer", "invitation__user")
