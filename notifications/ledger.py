"""What was sent to each invitee of a meeting and how it went."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from meetings.events import Message, recipients_among
from meetings.models import Invitation, Meeting
from notifications.models import Delivery

MOST_ENTRIES = 6
SOON = timedelta(minutes=1)


class Stage(StrEnum):
    """How far a message, or an answer, has come."""

    WAITS = "waits"  # for the end of the undo window
    DUE = "due"  # leaves as soon as a worker is free
    RETRIES = "retries"  # was refused, and is tried again
    SENT = "sent"
    FAILED = "failed"  # and is not tried again
    DROPPED = "dropped"  # a newer message took its place
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a message of `kind` (as Delivery.Kind), or the answer if `kind` is empty.

    `at` is when it happened or, while it waits, when it may leave or is tried again.
    """

    stage: Stage
    at: datetime
    kind: str = ""
    error: str = ""

    @property
    def kind_words(self) -> str:
        """`invitation`, `change`, …, translated."""
        return str(Delivery.Kind(self.kind).label) if self.kind else ""

    @property
    def is_open(self) -> bool:
        """Whether it has not left and still will."""
        return self.stage in (Stage.WAITS, Stage.DUE, Stage.RETRIES)


@dataclass(frozen=True, slots=True)
class Line:
    """One invitee: the newest entries, newest first, and how many older messages there are."""

    invitation: Invitation
    entries: list[Entry] = field(default_factory=list)
    earlier: int = 0

    @property
    def waits(self) -> bool:
        """Whether something for this person has not left yet."""
        return any(entry.is_open for entry in self.entries)

    def moves_soon(self, now: datetime) -> bool:
        """Whether it is worth looking again in a few seconds."""
        return any(entry.is_open and entry.at < now + SOON for entry in self.entries)


def ledger(meeting: Meeting, now: datetime) -> list[Line]:
    """A line for each invitee but the organizer, removed people last; for the organizer's eyes.

    Two queries, however many people and messages, and one for the invitations unless they are
    prefetched. A change whose undo window is open has no messages yet: those it will lead to
    are entries that wait.
    """
    invitations = list(meeting.invitations.all())
    whole = {i.person for i in invitations if not i.recurrence_id}
    invitees = [
        i
        for i in invitations
        if not i.is_organizers and not (i.recurrence_id and i.person in whole)
    ]
    invitees.sort(key=lambda i: (i.removed_at is not None, i.pk))
    coming = _coming(meeting, invitations, now)
    sent = _sent(invitees)
    return [_line(i, coming[i.pk], sent[i.pk], now) for i in invitees]


def _line(
    invitation: Invitation, coming: list[Entry], deliveries: Sequence[Delivery], now: datetime
) -> Line:
    entries = coming + [_entry(delivery, now) for delivery in deliveries]
    if invitation.responded_at and invitation.status != Invitation.Status.NEEDS_ACTION:
        entries.append(Entry(Stage.ANSWERED, invitation.responded_at))
    entries.sort(key=attrgetter("at"), reverse=True)
    of_all = deliveries[0].of_all if deliveries else 0  # type: ignore[attr-defined]
    return Line(invitation, entries, of_all - len(deliveries))


def _sent(invitees: Iterable[Invitation]) -> defaultdict[int, list[Delivery]]:
    """The newest deliveries to each invitee, with how many there are of all."""
    rows = (
        Delivery.objects.filter(invitation__in=invitees)
        .exclude(kind=Delivery.Kind.ANSWER)
        .annotate(
            nth=Window(RowNumber(), partition_by="invitation", order_by=F("pk").desc()),
            of_all=Window(Count("pk"), partition_by="invitation"),
        )
        .filter(nth__lte=MOST_ENTRIES)
        .order_by("-pk")
    )
    found: defaultdict[int, list[Delivery]] = defaultdict(list)
    for row in rows:
        found[row.invitation_id].append(row)
    return found


def _entry(delivery: Delivery, now: datetime) -> Entry:
    if delivery.status == Delivery.Status.SENT:
        return Entry(Stage.SENT, delivery.sent_at or delivery.not_before, delivery.kind)
    if delivery.status == Delivery.Status.FAILED:
        return Entry(Stage.FAILED, delivery.next_attempt_at, delivery.kind, delivery.error)
    if delivery.status == Delivery.Status.DROPPED:
        return Entry(Stage.DROPPED, delivery.created_at, delivery.kind)
    if delivery.error:
        return Entry(Stage.RETRIES, delivery.next_attempt_at, delivery.kind, delivery.error)
    stage = Stage.WAITS if delivery.not_before > now else Stage.DUE
    return Entry(stage, delivery.not_before, delivery.kind)


def _coming(
    meeting: Meeting, invitations: Sequence[Invitation], now: datetime
) -> defaultdict[int, list[Entry]]:
    """What changes that nobody has announced yet will send."""
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for change in meeting.changes.filter(announced_at__isnull=True, undone_at__isnull=True):
        stage = Stage.WAITS if change.not_before > now else Stage.DUE
        for told in recipients_among(change, invitations):
            if told.message is not Message.ANSWER:  # that one goes to the organizer
                found[told.person.pk].append(Entry(stage, change.not_before, told.message))
    return found
