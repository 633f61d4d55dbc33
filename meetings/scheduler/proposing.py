"""The rows of proposals under a meeting's lock: whether one is still open, and its acceptance."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from meetings import lifecycle
from meetings.dates import date_of
from meetings.lifecycle import Act
from meetings.models import Change, CounterProposal, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import WrongState
from meetings.scheduler.seats import all_invitations


def date_proposed_for(meeting: Meeting, recurrence_id: str, now: datetime) -> Occurrence:
    """The date that another time is proposed for. Raises WrongState if it cannot move any more."""
    try:
        if meeting.is_series != bool(recurrence_id):
            raise Occurrence.DoesNotExist
        date = date_of(meeting, recurrence_id) if recurrence_id else meeting.occurrence
    except (Occurrence.DoesNotExist, ValueError):
        raise WrongState(_("The meeting has no such date any more.")) from None
    lifecycle.require(Act.PROPOSE, date, now)
    return date


def require_open(proposal: CounterProposal, meeting: Meeting, now: datetime) -> CounterProposal:
    """The row as it is now, of a locked meeting. Raises WrongState unless it is open."""
    row = CounterProposal.objects.open().filter(pk=proposal.pk, meeting=meeting).first()
    if row is None:
        raise WrongState(_("That proposal was answered or taken back meanwhile."))
    if not row.is_for(date_proposed_for(meeting, row.recurrence_id, now)):
        raise WrongState(_("The meeting was moved meanwhile, so that proposal is void."))
    if not any(row.invitation.person == i.person for i in _invited(row, meeting)):
        raise WrongState(_("That person is not invited any more."))
    return row


def take_proposal(proposal: CounterProposal, change: Change, now: datetime) -> None:
    """Write that an edit accepts a proposal; who proposed the time comes then.

    All other proposals for the date are void by themselves, as it has moved.
    """
    proposal.status, proposal.answered_at = CounterProposal.Status.ACCEPTED, now
    proposal.save(update_fields=["status", "answered_at"])
    change.proposal = proposal
    change.save(update_fields=["proposal"])
    for row in _invited(proposal, change.meeting):
        if row.person == proposal.invitation.person:
            row.status, row.responded_at = Invitation.Status.ACCEPTED, now
            row.save(update_fields=["status", "responded_at"])


def _invited(proposal: CounterProposal, meeting: Meeting) -> Iterator[Invitation]:
    yield from on_date(all_invitations(meeting), proposal.recurrence_id)
