"""What is announced, and to whom. `meetings` announces; who listens is not known here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from django.dispatch import Signal

from meetings.models import Change, Invitation

announced = Signal()
"""Sent inside a command's transaction, with `change`: what listens commits or vanishes with it."""

CONCERNS_ALL = frozenset({"title", "when", "location", "join_link", "description", "rooms"})
"""The fields whose change everybody invited is told."""


class Message(StrEnum):
    """The kinds of message a change leads to."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    ANSWER = "answer"


class Person(Protocol):
    """Somebody who can be told: an invitation, or a place in a plan."""

    @property
    def is_organizers(self) -> bool:
        """Whether it is the organizer, who gets no request of her own."""


P = TypeVar("P", bound=Person)


@dataclass(frozen=True, slots=True)
class Told(Generic[P]):
    """Who is told what."""

    message: Message
    person: P


def audience(
    kind: str,
    *,
    fields: Collection[str],
    stayed: Iterable[P],
    added: Iterable[P] = (),
    removed: Iterable[P] = (),
) -> Iterator[Told[P]]:
    """Who is told of a change by the organizer's side, the organizer left out.

    Somebody added gets the invitation, somebody removed the cancellation, the others nothing
    unless it concerns them.
    """
    messages: list[tuple[Message, Iterable[P]]] = [
        (Message.INVITATION, added),
        (Message.CANCELLATION, removed),
    ]
    if kind == Change.Kind.CANCELLED:
        messages.append((Message.CANCELLATION, stayed))
    elif kind == Change.Kind.UPDATED and CONCERNS_ALL.intersection(fields):
        messages.append((Message.UPDATE, stayed))
    for message, people in messages:
        for person in people:
            if not person.is_organizers:
                yield Told(message, person)


def recipients(change: Change) -> list[Told[Invitation]]:
    """Who is told of a recorded change, by today's invitations. Two queries."""
    invitations = change.meeting.invitations.filter(recurrence_id="")
    return recipients_among(change, list(invitations.select_related("user", "meeting")))


def recipients_among(change: Change, invitations: Sequence[Invitation]) -> list[Told[Invitation]]:
    """Who of all the meeting's `invitations` is told of a recorded change.

    For an answer, the person is the invitation that was answered, and the message goes to the
    organizer, unless she answered for herself.
    """
    if change.kind in (Change.Kind.ANSWERED, Change.Kind.RESENT):
        message = Message.ANSWER if change.kind == Change.Kind.ANSWERED else Message.INVITATION
        return [
            Told(message, i)
            for i in invitations
            if i.pk == change.invitation_id and i.removed_at is None and not i.is_organizers
        ]
    if change.kind == Change.Kind.IMPORTED:
        return []
    added = [i for i in invitations if i.pk in change.added and i.removed_at is None]
    removed = [i for i in invitations if i.pk in change.removed and i.removed_at is not None]
    stayed = [i for i in invitations if i.removed_at is None and i.pk not in (*change.added,)]
    return list(
        audience(change.kind, fields=change.fields, stayed=stayed, added=added, removed=removed)
    )
