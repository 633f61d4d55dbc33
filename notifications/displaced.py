"""What is told of a meeting whose room somebody took for a more important one."""

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.models import Change, Invitation


@dataclass(frozen=True, slots=True)
class Displaced:
    """Who took a room, by name and address, and why."""

    name: str
    address: str
    reason: str


def displaced_for(invitation: Invitation, since: Sequence[Change]) -> Displaced | None:
    """The last time since then that a room was taken from what the person is asked to."""
    name = invitation.recurrence_id
    found = [
        change
        for change in since
        if change.kind == Change.Kind.DISPLACED
        and (not name or not change.dates or name in change.dates)
    ]
    if not found or found[-1].by is None:
        return None
    return Displaced(str(found[-1].by), found[-1].by.email, found[-1].reason)
