"""The records of meetings."""

from meetings.models.booking import Booking
from meetings.models.change import Change, IdempotencyKey, Undo
from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting
from meetings.models.occurrence import Occurrence

__all__ = ["Booking", "Change", "IdempotencyKey", "Invitation", "Meeting", "Occurrence", "Undo"]
