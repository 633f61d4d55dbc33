"""What was sent to each invitee of a meeting and how it went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from django.db.models import Count, F, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from meetings.events import (
    CONCERNS_ALL,
    TO_ORGANIZER,
    Message,
    dates_in,
    is_of_dates,
    recipients_among,
)
from meetings.fieldwords import names_words
from meetings.models import BESIDE, Change, Invitation, Meeting
from meetings.problems import WrongState
from notifications.models import Delivery

MOST_ENTRIES = 6
MOST_CHANGES = 50
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
    """One line: a message of `kind` (as Delivery.Kind), or else the `answer` in words.

    `at` is when it happened or, while it waits, when it may leave or is tried again. `dates` are
    the recurrence-ids that it is about, none if it is about the meeting as a whole.
    """

    stage: Stage
    at: datetime
    kind: str = ""
    error: str = ""
    dates: tuple[str, ...] = ()
    answer: str = ""

    @property
    def dates_words(self) -> str:
        """The days of the series that it is about, if it is not about all of it."""
        return names_words(self.dates)

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

    Two queries, rarely three, however many people and messages, and one for the invitations
    unless they are prefetched. A change whose undo window is open has no messages yet: those
    it will lead to are entries that wait.
    """
    invitations = list(meeting.invitations.all())
    whole = {i.person for i in invitations if not i.recurrence_id}
    invitees = [
        i
        for i in invitations
        if not i.is_organizers and not (i.recurrence_id and i.person in whole)
    ]
    invitees.sort(key=lambda i: (i.removed_at is not None, i.pk))
    news = _news(meeting, invitations)
    sent = _sent(invitees)
    lines = []
    for i in invitees:
        rows = [row for row in invitations if row.person == i.person]
        entries = [
            *_coming(news[i.pk], now, repeats=meeting.is_series),
            *_left(sent[i.pk], news[i.pk], now, repeats=meeting.is_series),
            *_answers(i, rows),
        ]
        entries.sort(key=attrgetter("at"), reverse=True)
        of_all = sent[i.pk][0].of_all if sent[i.pk] else 0  # type: ignore[attr-defined]
        lines.append(Line(i, entries, of_all - len(sent[i.pk])))
    return lines


def require_nothing_waits(invitation: Invitation, now: datetime) -> None:
    """Raise WrongState if something for that person has not left yet: it would come twice."""
    lines = ledger(invitation.meeting, now)
    if any(line.waits for line in lines if line.invitation == invitation):
        sentence = _("Something for %(name)s has not left yet. Wait until it has.")
        raise WrongState(sentence % {"name": invitation.shown_name})


def _answers(invitation: Invitation, rows: Iterable[Invitation]) -> Iterator[Entry]:
    """What a person answered for the meeting, and otherwise for single dates."""
    of_all = (invitation.status, invitation.responded_at)
    for row in rows:
        if not row.responded_at or row.status == Invitation.Status.NEEDS_ACTION:
            continue
        # A row for one date may have been made with the answer for all of them.
        if row == invitation or (row.status, row.responded_at) != of_all:
            dates = (row.recurrence_id,) if row.recurrence_id else ()
            answer = str(row.get_status_display())
            yield Entry(Stage.ANSWERED, row.responded_at, dates=dates, answer=answer)


def _sent(invitees: Iterable[Invitation]) -> defaultdict[int, list[Delivery]]:
    """The newest deliveries to each invitee, with how many there are of all."""
    rows = (
        Delivery.objects.filter(invitation__in=invitees)
        .exclude(kind__in=TO_ORGANIZER)
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


def _news(
    meeting: Meeting, invitations: Sequence[Invitation]
) -> defaultdict[int, list[tuple[Change, Message]]]:
    """What of the organizer's side concerned whom lately, by invitation, oldest first."""
    found: defaultdict[int, list[tuple[Change, Message]]] = defaultdict(list)
    changes = meeting.changes.filter(undone_at__isnull=True).exclude(
        kind__in=set(BESIDE) - {Change.Kind.REJECTED}
    )
    newest = list(changes.order_by("-pk")[:MOST_CHANGES])
    silent = [c for c in newest if not c.fields.keys() & CONCERNS_ALL]
    prefetch_related_objects([c for c in silent if c.kind == Change.Kind.UPDATED], "parts")
    for change in reversed(newest):
        for told in recipients_among(change, invitations):
            found[told.person.pk].append((change, told.message))
    return found


def _coming(
    news: Iterable[tuple[Change, Message]], now: datetime, *, repeats: bool
) -> Iterator[Entry]:
    """What changes that nobody has announced yet will send."""
    for change, message in news:
        if change.announced_at is None:
            stage = Stage.WAITS if change.not_before > now else Stage.DUE
            dates = _dates_of([change]) if repeats else ()
            yield Entry(stage, change.not_before, message, dates=dates)


def _left(
    deliveries: Sequence[Delivery],
    news: Sequence[tuple[Change, Message]],
    now: datetime,
    *,
    repeats: bool,
) -> list[Entry]:
    """Messages to one person, newest first, each with the dates of a series that it told of.

    That is what came about since the last one that was sent.
    """
    covered: int | None = None
    entries = []
    for delivery in reversed(deliveries):
        about = [change for change, _message in news if change.pk == delivery.change_id]
        if delivery.status == Delivery.Status.SENT and delivery.covers and about:
            since = covered if covered is not None else about[0].pk - 1
            about = [c for c, _message in news if since < c.pk <= delivery.covers]
            covered = delivery.covers
        dates = (delivery.recurrence_id,) if delivery.recurrence_id else _dates_of(about)
        entries.append(replace(_entry(delivery, now), dates=dates if repeats else ()))
    return entries[::-1]


def _dates_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The recurrence-ids of the dates they are about; none if one is about all."""
    if not all(is_of_dates(change) for change in changes):
        return ()
    return tuple(sorted({name for change in changes for name in dates_in(change)}))


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
