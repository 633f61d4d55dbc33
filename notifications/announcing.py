"""From changes to deliveries: who is told, once a change can no longer be taken back."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import TimeOff
from meetings import scheduler
from meetings.events import TO_ORGANIZER, Message, Told, recipients
from meetings.models import BESIDE, Change, Invitation, Meeting
from notifications.models import Delivery

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

    Returns how many changes were announced. Any number of workers may do so at once.
    """
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
    for change in changes:
        change.meeting = meeting
        _deliver(change, now)
        change.announced_at = now
        change.save(update_fields=["announced_at"])
    return len(changes)


def _deliver(change: Change, now: datetime) -> None:
    told = recipients(change)
    for message, kinds in FOLDS.items():
        _drop_older(kinds, [t.person for t in told if t.message == message])
    rows = [_delivery(change, t, now) for t in told if _address(change, t)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    logger.info("Change %s is announced in %d messages", change.pk, len(rows))


def _drop_older(kinds: tuple[str, ...], people: list[Invitation]) -> None:
    """What has not left for these people is told by the newer message."""
    Delivery.objects.unclaimed().about(kinds).filter(invitation__in=people).update(
        status=Delivery.Status.DROPPED
    )


def _delivery(change: Change, told: Told[Invitation], now: datetime) -> Delivery:
    return Delivery(
        change=change,
        meeting=change.meeting,
        invitation=told.person,
        recipient=change.meeting.organizer if told.message in TO_ORGANIZER else told.person.user,
        address=_address(change, told),
        kind=told.message.value,
        lane=LANES[told.message],
        not_before=change.not_before,
        next_attempt_at=now,
        created_at=now,
    )


def _address(change: Change, told: Told[Invitation]) -> str:
    if told.message in TO_ORGANIZER:
        return change.meeting.organizer_address
    return told.person.address
