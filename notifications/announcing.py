"""From changes to deliveries: who is told, once a change can no longer be taken back."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import TimeOff, User
from meetings import scheduler
from meetings.events import TO_ORGANIZER, Message, Told, recipients
from meetings.models import BESIDE, Change, Invitation, Meeting
from notifications.alone import Work, alone
from notifications.hooks import hook_deliveries
from notifications.models import Channel, Delivery
from notifications.routing import Routing, Way, event_of

logger = logging.getLogger(__name__)

BATCH = 50
# What is said about a meeting waits for nothing that may be taken back.
SAID = Q(kind__in=BESIDE)
# Of these, the newest for a person says all; what has not left yet is folded into it.
FOLDED = (Delivery.Kind.INVITATION, Delivery.Kind.UPDATE, Delivery.Kind.CANCELLATION)
FOLDS: dict[Message, tuple[str, ...]] = {
    **{Message(kind): FOLDED for kind in FOLDED},
    Message.ANSWER: (Delivery.Kind.ANSWER,),
}
LANES = {
    Message.INVITATION: Delivery.Lane.PROMPT,
    Message.ANSWER: Delivery.Lane.PROMPT,
    Message.PROPOSAL: Delivery.Lane.PROMPT,
    Message.REJECTION: Delivery.Lane.PROMPT,
    Message.UPDATE: Delivery.Lane.CHANGES,
    Message.CANCELLATION: Delivery.Lane.CHANGES,
    Message.ENDING: Delivery.Lane.CHANGES,
}


def ready_changes(now: datetime) -> QuerySet[Change]:
    """The changes to announce at `now`.

    One by the organizer's side waits for a newer one whose undo window still runs, so that no
    message tells what may be taken back.
    """
    newer = Change.objects.filter(
        ~SAID,
        meeting=OuterRef("meeting"),
        announced_at__isnull=True,
        undone_at__isnull=True,
        not_before__gt=now,
    )
    ready = Change.objects.to_announce(now).filter(undone_at__isnull=True)
    return ready.filter(SAID | ~Exists(newer))


def announce(now: datetime) -> int:
    """Make the deliveries of changes that are ready, one meeting after the other.

    Returns how many changes were announced; none while another worker is at it.
    """
    with alone(Work.ANNOUNCING) as mine:
        return _announce_ready(now) if mine else 0


def _announce_ready(now: datetime) -> int:
    meetings = dict.fromkeys(ready_changes(now).values_list("meeting_id", flat=True)[:BATCH])
    absent = _asking_absent(meetings, now)
    done = 0
    for pk in meetings:
        try:
            if pk in absent:
                _answer_for_absent(pk, now)
            done += _announce_meeting(pk, now)
        except Exception:
            # One that cannot be announced must not keep the others waiting.
            logger.exception("The changes of meeting %s could not be announced", pk)
    return done


def _asking_absent(meetings: Iterable[int], now: datetime) -> set[int]:
    """Those of the meetings that wait for an answer of somebody whose time off declines."""
    waiting = Invitation.objects.current().awaiting_answer().filter(meeting__in=meetings)
    off = TimeOff.objects.declining(now).filter(user=OuterRef("user"))
    return set(waiting.filter(Exists(off)).values_list("meeting_id", flat=True))


def _answer_for_absent(pk: int, now: datetime) -> None:
    """Who is out of office answers as soon as she is asked, so not before it is certain."""
    changes = ready_changes(now).filter(meeting=pk).exclude(SAID)
    asked = [
        told.person.user
        for change in changes.select_related("meeting__organizer")
        for told in recipients(change)
        if told.message in (Message.INVITATION, Message.UPDATE) and told.person.user
    ]
    if asked:
        scheduler.decline_for_absent(Meeting.objects.get(pk=pk), asked, now=now)


@transaction.atomic
def _announce_meeting(pk: int, now: datetime) -> int:
    """All that is ready of one meeting, under its lock; nothing if a command or worker has it."""
    locked = Meeting.objects.filter(pk=pk).select_for_update(
        no_key=True, skip_locked=True, of=("self",)
    )
    meeting = locked.select_related("organizer").first()
    if meeting is None:
        return 0
    changes = list(ready_changes(now).filter(meeting=meeting))
    for n, change in enumerate(changes):
        change.meeting = meeting
        _deliver(change, now, newcomers=_brought_in(changes[n + 1 :]))
        change.announced_at = now
        change.save(update_fields=["announced_at"])
    return len(changes)


def _brought_in(changes: Iterable[Change]) -> set[int]:
    """The invitations of who was not on the meeting before these changes."""
    before: set[int] = set()
    found: set[int] = set()
    for change in changes:
        found |= {*change.added} - before
        before |= {*change.added, *change.removed}
    return found


def _deliver(change: Change, now: datetime, *, newcomers: Collection[int]) -> None:
    told = [t for t in recipients(change) if t.person.pk not in newcomers]
    routing = Routing.of(_user(change, t) for t in told)
    rows = [row for t in told for row in _deliveries(change, t, routing, now)]
    _drop_older(rows)
    rows += hook_deliveries(change, now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    logger.info("Change %s is announced in %d messages", change.pk, len(rows))


def _deliveries(
    change: Change, told: Told[Invitation], routing: Routing, now: datetime
) -> Iterator[Delivery]:
    """One for each channel over which the person wants to be told, or one for the record."""
    address = _address(change, told)
    if not address:
        return
    ways = routing.ways(_user(change, told), address, event_of(change, told.message))
    for way in ways:
        yield _delivery(change, told, way, now)
    if not ways:
        silent = _delivery(change, told, Way(Channel.EMAIL, address), now)
        silent.status, silent.covers = Delivery.Status.MUTED, change.pk
        yield silent


def _drop_older(rows: Iterable[Delivery]) -> None:
    """What has not left over the same channel for the same people is told by these.

    Over a channel on which nothing follows the older one leaves, and tells what is so then.
    """
    found: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for row in rows:
        if row.status == Delivery.Status.MUTED:
            continue
        if kinds := FOLDS.get(Message(row.kind)):
            found[row.channel, kinds].append(row.invitation_id)
    for (channel, kinds), invitations in found.items():
        older = Delivery.objects.unclaimed().about(kinds).filter(channel=channel)
        older.filter(invitation__in=invitations).update(status=Delivery.Status.DROPPED)


def _delivery(change: Change, told: Told[Invitation], way: Way, now: datetime) -> Delivery:
    return Delivery(
        change=change,
        meeting=change.meeting,
        invitation=told.person,
        recipient=_user(change, told),
        address=way.address,
        channel=way.channel,
        kind=told.message.value,
        lane=LANES[told.message],
        not_before=change.not_before,
        next_attempt_at=now,
        created_at=now,
    )


def _user(change: Change, told: Told[Invitation]) -> User | None:
    return change.meeting.organizer if told.message in TO_ORGANIZER else told.person.user


def _address(change: Change, told: Told[Invitation]) -> str:
    if told.message in TO_ORGANIZER:
        return change.meeting.organizer_address
    return told.person.address
