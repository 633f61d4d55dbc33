"""The records of meetings."""

from meetings.models.booking import Booking
from meetings.models.change import BESIDE, Change, IdempotencyKey, Undo
from meetings.models.installation import Installation
from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting
from meetings.models.occurrence import Occurrence
from meetings.models.proposed import CounterProposal

__all__ = [
    "BESIDE",
    "Booking",
    "Change",
    "CounterProposal",
    "IdempotencyKey",
    "Installation",
    "Invitation",
    "Meeting",
    "Occurrence",
    "Undo",
]
