"""What was sent to each invitee of a meeting, over which channel, and how it went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
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
from meetings.models import BESIDE, Change, Invitation, Meeting
from meetings.problems import WrongState
from notifications.entries import SOON, Entry, Stage, entry_of
from notifications.models import Delivery, Event
from notifications.routing import Routing

MOST_OF_CHANNEL = 6
MOST_SHOWN = 6
MOST_CHANGES = 50
ELSEWHERE = {*TO_ORGANIZER, Message.ENDING, Delivery.Kind.FAILURE.value}
"""What goes to the organizer herself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One invitee: what is known of each channel, newest first, and how many older messages."""

    invitation: Invitation
    entries: list[Entry] = field(default_factory=list)
    earlier: int = 0

    @property
    def shown(self) -> list[Entry]:
        """What is seen at once: the newest, the newest of each channel, and what is to leave."""
        newest = {entry.channel: n for n, entry in reversed(list(enumerate(self.entries)))}
        return [
            entry
            for n, entry in enumerate(self.entries)
            if n < MOST_SHOWN or n == newest[entry.channel] or entry.is_open
        ]

    @property
    def folded(self) -> list[Entry]:
        """The rest."""
        shown = {id(entry) for entry in self.shown}
        return [entry for entry in self.entries if id(entry) not in shown]

    @property
    def waits(self) -> bool:
        """Whether something for this person is under way."""
        return any(entry.is_under_way for entry in self.entries)

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
        entries = list(_coming(news[i.pk], now, repeats=meeting.is_series))
        for deliveries in sent[i.pk].values():
            entries += _left(deliveries, news[i.pk], now, repeats=meeting.is_series)
        entries += _answers(i, [row for row in invitations if row.person == i.person])
        entries.sort(key=attrgetter("at"), reverse=True)
        lines.append(Line(i, entries, sum(_not_among(rows) for rows in sent[i.pk].values())))
    return lines


def require_sending_helps(invitation: Invitation, now: datetime) -> None:
    """Raise WrongState if an invitation sent now would reach the person twice, or not at all."""
    user = invitation.user
    if not Routing.of([user]).ways(user, invitation.address, Event.INVITATION):
        sentence = _("%(name)s does not want to hear of invitations: nothing would be sent.")
        raise WrongState(sentence % {"name": invitation.shown_name})
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


def _sent(invitees: Iterable[Invitation]) -> defaultdict[int, dict[str, list[Delivery]]]:
    """The newest deliveries to each invitee over each channel, and how many there are of all.

    What programs are told is nothing that the invitee is told.
    """
    of_channel = ["invitation", "channel"]
    rows = (
        Delivery.objects.filter(invitation__in=invitees, webhook=None)
        .exclude(kind__in=ELSEWHERE)
        .annotate(
            nth=Window(RowNumber(), partition_by=of_channel, order_by=F("pk").desc()),
            of_all=Window(Count("pk"), partition_by=of_channel),
        )
        .filter(nth__lte=MOST_OF_CHANNEL)
        .order_by("-pk")
    )
    found: defaultdict[int, dict[str, list[Delivery]]] = defaultdict(dict)
    for row in rows:
        found[row.invitation_id].setdefault(row.channel, []).append(row)
    return found


def _not_among(rows: Sequence[Delivery]) -> int:
    """How many there are of a channel beside its newest, which these are."""
    return rows[0].of_all - len(rows)  # type: ignore[attr-defined,no-any-return]


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
    """Messages to one person over one channel, newest first, each with the dates that it told of.

    Of a series, that is what came about since the last one that was sent.
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
        entries.append(replace(entry_of(delivery, now), dates=dates if repeats else ()))
    return entries[::-1]


def _dates_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The recurrence-ids of the dates they are about; none if one is about all."""
    if not all(is_of_dates(change) for change in changes):
        return ()
    return tuple(sorted({name for change in changes for name in dates_in(change)}))
