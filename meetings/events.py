"""What is announced, and to whom. `meetings` announces; who listens is not known here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from django.dispatch import Signal

from meetings.models import Change, Invitation
from meetings.models.invitation import on_date

announced = Signal()
"""Sent inside a command's transaction, with `change`: what listens commits or vanishes with it."""

CONCERNS_ALL = frozenset(
    {
        "title",
        "when",
        "rrule",
        "location",
        "join_link",
        "description",
        "rooms",
        "dates",
        "exdates",
        "rdates",
    }
)
"""The fields whose change everybody invited is told."""

OF_DATES = frozenset({"dates", "exdates", "rdates"})
"""Those that tell what becomes of single dates."""


class Message(StrEnum):
    """The kinds of message a change leads to."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    ANSWER = "answer"
    PROPOSAL = "proposal"
    REJECTION = "rejection"
    ENDING = "ending"


TO_ORGANIZER = frozenset({Message.ANSWER, Message.PROPOSAL})
"""What the organizer hears about somebody invited."""

MESSAGE_ABOUT_ONE: dict[str, Message] = {
    Change.Kind.ANSWERED: Message.ANSWER,
    Change.Kind.RESENT: Message.INVITATION,
    Change.Kind.PROPOSED: Message.PROPOSAL,
    Change.Kind.REJECTED: Message.REJECTION,
}
"""The changes that concern one invitation alone, and what is told of them."""


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
    """Who is told of a recorded change, by today's invitations. Two queries, rarely three."""
    invitations = change.meeting.invitations.select_related("user", "meeting")
    return recipients_among(change, list(invitations))


def recipients_among(change: Change, invitations: Sequence[Invitation]) -> list[Told[Invitation]]:
    """Who of all the meeting's `invitations`, those for single dates too, is told of a change.

    Each person once, by the row for the whole meeting if she is on it, else by that for a date.
    For an answer or a proposal, the person is who gave it, and the message goes to the
    organizer, unless she answered for herself. What nobody did, rooms that were not to be had
    and clocks that changed, the organizer hears as well; of the rooms, and that a series comes to
    its end, nobody else. Who lost a room to another meeting hears of it, the organizer too. What
    was undone is told to nobody.
    """
    kinds = Change.Kind
    if change.undone_at is not None or change.kind in (
        kinds.IMPORTED,
        kinds.UNDONE,
        kinds.WITHDRAWN,
    ):
        return []
    if change.kind in MESSAGE_ABOUT_ONE:
        return [
            Told(MESSAGE_ABOUT_ONE[change.kind], i)
            for i in invitations
            if i.pk == change.invitation_id and i.removed_at is None and not i.is_organizers
        ]
    whole = {i.person: i for i in on_date(invitations, "")}
    on = _on(change, invitations)
    stayed = list({i.person: whole.get(i.person, i) for i in on}.values())
    if change.kind == kinds.ENDING:
        return [Told(Message.ENDING, i) for i in stayed if i.is_organizers]
    if change.kind in (kinds.ROOMS, kinds.CLOCKS):
        everybody = change.kind == kinds.CLOCKS
        return [Told(Message.UPDATE, i) for i in stayed if everybody or i.is_organizers]
    if change.kind == kinds.DISPLACED:
        off = Message.CANCELLATION if "status" in change.fields else Message.UPDATE
        return [Told(off, i) for i in stayed]
    added = [i for i in invitations if i.pk in change.added and i.removed_at is None]
    removed = [i for i in invitations if i.pk in change.removed and i.removed_at is not None]
    new = {i.person for i in (*added, *removed)}
    told = audience(
        change.kind,
        fields=_told_fields(change),
        stayed=[i for i in stayed if i.person not in new],
        added=[whole.get(i.person, i) for i in added],
        removed=[whole.get(i.person, i) for i in removed],
    )
    return list({t.person.pk: t for t in told}.values())


def _on(change: Change, invitations: Sequence[Invitation]) -> list[Invitation]:
    """Who is on the dates that a change is about; of all of it, on any date."""
    if change.dates:
        return [i for name in change.dates for i in on_date(invitations, name)]
    return [i for i in invitations if i.removed_at is None]


def _told_fields(change: Change) -> Collection[str]:
    """The changed fields; whoever is on the later part of a split series hears of it anyway."""
    fields = {name for name, value in change.fields.items() if any(value)}
    if change.kind != Change.Kind.UPDATED or fields & CONCERNS_ALL:
        return fields
    return fields | ({"rrule"} if change.goes_on else set())


def dates_in(change: Change) -> set[str]:
    """The recurrence-ids of the single dates that a change tells something of.

    Of one that lets a series end earlier they are not told one by one.
    """
    names = set() if "rrule" in change.fields else set(change.dates)
    for field in ("exdates", "rdates"):
        names.update(change.fields.get(field, ((), ()))[1])
    return names.union(*by_date(change))


def is_of_dates(change: Change) -> bool:
    """Whether a change is about single dates and nothing else."""
    if change.dates:
        return "rrule" not in change.fields
    return bool(change.fields) and OF_DATES.issuperset(change.fields)


def by_date(change: Change) -> list[dict[str, dict[str, Any]]]:
    """What single dates were and became: recurrence-id → field → value; an import only names."""
    sides = change.fields.get("dates", ({}, {}))
    return [side if isinstance(side, dict) else {} for side in sides]
