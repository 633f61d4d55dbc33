"""What a webhook is told: the meeting as its viewer would read it from the API, and the news."""

from datetime import date, datetime, timedelta
from typing import Any

from ninja import Schema
from pydantic import Field

from accounts.rest import Stamp, stamp
from meetings.described.meeting_out import AttendeeOut, MeetingOut, attendee_out, meeting_out
from meetings.described.proposal_out import ProposalOut, proposal_out
from meetings.described.reader import Reader
from meetings.events import by_date
from meetings.models import Change, CounterProposal, Invitation, Meeting
from meetings.permissions import may_edit, sees_history
from notifications.hooks import event_told
from notifications.models import HookEvent
from notifications.told import Telling

PING = "ping"


class FieldOut(Schema):
    """A field as it was and as it became."""

    was: Any
    became: Any


class ChangeOut(Schema):
    """What was done. Who is on the meeting reads by whom, why, and what differs; else null."""

    number: int = Field(description="Grows with time.")
    kind: str
    dates: list[str] = Field(description="Recurrence-ids; empty if about the whole meeting.")
    by: str | None
    reason: str | None
    fields: dict[str, FieldOut] | None


class AnswerOut(AttendeeOut):
    """Who answered, and what; the note is for the organizer's side and who wrote it."""

    note: str | None


class MessageOut(Schema):
    """The body of a POST. What does not belong to the event is null."""

    id: str = Field(description="The same at each try.")
    event: str
    created_at: Stamp
    attempt: int
    meeting: MeetingOut | None = None
    recurrence_id: str | None = None
    change: ChangeOut | None = None
    invitation: AnswerOut | None = None
    proposal: ProposalOut | None = None
    start: Stamp | None = None
    lead_minutes: int | None = None


def message_of(telling: Telling) -> MessageOut:
    """What is told, times in UTC. The telling comes from `hook_telling`."""
    delivery, meeting, name = telling.delivery, telling.meeting, telling.recurrence_id
    assert delivery.webhook is not None
    reader = Reader(delivery.webhook.viewer, telling.now, None)
    event, change = event_told(delivery), delivery.change
    assert event is not None
    made = change or delivery
    return MessageOut(
        id=str(delivery.uid),
        event=event.value,
        created_at=stamp(made.created_at),
        attempt=delivery.attempts,
        meeting=meeting_out(meeting, reader.user, now=reader.now, zone=None, recurrence_id=name),
        recurrence_id=name or None,
        change=_change_out(change, meeting, reader) if change else None,
        invitation=_answer_out(delivery.invitation, reader)
        if event == HookEvent.ANSWERED
        else None,
        proposal=_proposal_out(change.proposal, telling, reader)
        if change and change.proposal and event in (HookEvent.PROPOSED, HookEvent.REJECTED)
        else None,
        start=stamp(delivery.start) if delivery.start else None,
        lead_minutes=delivery.lead,
    )


def _change_out(change: Change, meeting: Meeting, reader: Reader) -> ChangeOut:
    inside = sees_history(reader.user, meeting)
    return ChangeOut(
        number=change.pk,
        kind=change.kind,
        dates=change.dates,
        by=str(change.by) if inside and change.by else None,
        reason=change.reason if inside else None,
        fields=_fields_out(change) if inside else None,
    )


def _answer_out(row: Invitation, reader: Reader) -> AnswerOut:
    reads = may_edit(reader.user, row.meeting) or row.user_id == reader.user.pk
    return AnswerOut(**attendee_out(row, None).dict(), note=row.note if reads else None)


def _proposal_out(proposal: CounterProposal, telling: Telling, reader: Reader) -> ProposalOut:
    proposal.meeting, proposal.invitation = telling.meeting, telling.invitation
    return proposal_out(proposal, reader)


def _fields_out(change: Change) -> dict[str, FieldOut]:
    """The fields by the API's names, as they were and became; the note is said elsewhere."""
    found: dict[str, FieldOut] = {}
    for name, sides in change.fields.items():
        if name == "dates":
            was, became = ({k: _values(v) for k, v in side.items()} for side in by_date(change))
            found[name] = FieldOut(was=was, became=became)
        elif name != "note":
            before, after = (_values({name: side}) for side in sides)
            for key in dict.fromkeys([*before, *after]):
                if before.get(key) != after.get(key):
                    found[key] = FieldOut(was=before.get(key), became=after.get(key))
    return found


def _values(kept: dict[str, Any]) -> dict[str, Any]:
    """Values that a Change keeps, as the API writes them."""
    found = {name: value for name, value in kept.items() if name != "when"}
    if "priority" in found:
        found["priority"] = Meeting.Priority(found["priority"]).name.lower()
    return found | (_times(kept["when"]) if kept.get("when") else {})


def _times(when: dict[str, str]) -> dict[str, Any]:
    if "first" in when:
        end = date.fromisoformat(when["last"]) + timedelta(days=1)
        return {"all_day": True, "start_date": when["first"], "end_date": end.isoformat()}
    start, end_ = (stamp(datetime.fromisoformat(when[side])) for side in ("start", "end"))
    return {"all_day": False, "start_time": start, "end_time": end_}
