"""Sending what is due: claim, tell, record.

A claim is a lease: a worker that is stopped in between leaves a row whose lease ends, and it is
sent again with the same Message-ID. In every other case a message leaves exactly once.
"""

import logging
import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from accounts import meters
from meetings.models import BESIDE, Change, Invitation
from notifications.alone import Work, alone
from notifications.channels import Deferred, Lost, Post, Refused, Unreachable
from notifications.channels.chat import ChatPost
from notifications.channels.email import EmailPost
from notifications.channels.push import PushPost
from notifications.channels.sms import SmsPost
from notifications.channels.webhook import WebhookPost
from notifications.failures import follow_up
from notifications.hooks import hooks_due
from notifications.models import Delivery
from notifications.telling import NotYet, Quiet, telling, with_everything
from notifications.told import Telling

logger = logging.getLogger(__name__)

CHANNELS: dict[str, type[Post]] = {
    "email": EmailPost,
    "sms": SmsPost,
    "push": PushPost,
    "chat": ChatPost,
    "webhook": WebhookPost,
}

BY_CHANNEL = attrgetter("channel")
# What comes to the prompt lane meanwhile waits for so many mails, of about ten milliseconds each.
BATCH = 50
# Of what goes over other channels than mail, and for how long at a time.
FEW = 5
ELSEWHERE_SECONDS = 5.0
# Above the 30 s that the queue gives a task; a killed worker's messages leave again after it.
LEASE = timedelta(seconds=45)
# After the first try, the second, … ; after the last of them it has failed.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 1800, 3600, 7200))
TRIES = len(WAITS) + 1
UNREACHABLE_WAIT = timedelta(seconds=20)
UNREACHABLE_LIMIT = timedelta(days=2)

# As SQL, since the program takes longer over it than the database. By status, as in `_record`.
LEFT = f"""
    UPDATE {Delivery._meta.db_table}
    SET status = 'sent', kind = %(kind)s, sent_at = %(now)s, claimed_at = NULL, error = ''
    WHERE id = %(pk)s AND status = 'waiting'
"""
LEFT_AND_INVITED = f"""
    WITH told AS ({LEFT})
    UPDATE {Invitation._meta.db_table} SET sent_at = %(now)s WHERE id = %(invitation)s
"""


def send_due(now: datetime, *, until: float) -> bool:
    """Send one batch of what is due, stopping at `until` (of time.monotonic()).

    Returns whether it is worth going on: not if nothing was due or nothing can leave.
    """
    going = _send_batch(claim(now), now, until=until)
    if not Delivery.objects.due(now).elsewhere().exists():
        return going
    with alone(Work.ELSEWHERE) as mine:
        if mine:
            rows = claim(now, elsewhere=True)
            soon = min(until, time.monotonic() + ELSEWHERE_SECONDS)
            going = _send_batch(rows, now, until=soon) or going
    return going


def _send_batch(rows: Sequence[Delivery], now: datetime, *, until: float) -> bool:
    began = time.monotonic()
    going = bool(rows)
    for channel, of_channel in groupby(sorted(rows, key=BY_CHANNEL), key=BY_CHANNEL):
        with CHANNELS[channel]() as post:
            going = _send_all(list(of_channel), post, now, began=began, until=until) and going
    return going


def claim(now: datetime, *, elsewhere: bool = False) -> list[Delivery]:
    """Take the next due mails for this worker: attempt counted, leased, committed.

    With `elsewhere` instead a few of what goes over the other channels, to people before programs.

    Lane by lane, and of one person and meeting only the oldest, so that they leave in order.
    """
    most = FEW if elsewhere else BATCH
    with transaction.atomic():
        ids: list[int] = []
        for due in _queues(now, elsewhere=elsewhere):
            due = due.order_by("next_attempt_at").select_for_update(skip_locked=True)
            found = due.values_list("next_attempt_at", "pk")[: most - len(ids)]
            # Sorted by number here: thousands may be due at one moment, in the index's order.
            ids += [pk for _at, pk in sorted(found)]
            if len(ids) == most:
                break
        newest = (
            Change.objects.filter(meeting=OuterRef("meeting"))
            .exclude(kind__in=BESIDE)
            .order_by("-pk")
        )
        Delivery.objects.filter(pk__in=ids).update(
            attempts=F("attempts") + 1,
            next_attempt_at=now + LEASE,
            # Whoever claimed it before has never said how it went.
            in_doubt=Case(When(claimed_at__isnull=False, then=Value(True)), default=F("in_doubt")),
            claimed_at=now,
            covers=Subquery(newest.values("pk")[:1]),
        )
    rows = with_everything(Delivery.objects.filter(pk__in=ids))
    return sorted(rows, key=lambda row: ids.index(row.pk))


def _queues(now: datetime, *, elsewhere: bool) -> Iterator[QuerySet[Delivery]]:
    """What is due, as it is to leave: one queue is empty before the next has its turn."""
    due = Delivery.objects.due(now).foremost()
    queues = (
        [due.elsewhere().filter(webhook=None), hooks_due(now)] if elsewhere else [due.by_mail()]
    )
    for queue in queues:
        for lane in Delivery.Lane:
            yield queue.filter(lane=lane)


def _send_all(
    rows: Sequence[Delivery], post: Post, now: datetime, *, began: float, until: float
) -> bool:
    for n, row in enumerate(rows):
        if time.monotonic() > until:
            _give_back(rows[n:], now)
            return True
        try:
            _send(row, post, now, began=began)
        except Lost as error:
            _try_later(row, now, str(error), in_doubt=True)
            _give_back(rows[n + 1 :], now)
            return True
        except Unreachable as error:
            _wait_for_connection(rows[n:], now, str(error))
            return False
    return True


def _send(row: Delivery, post: Post, now: datetime, *, began: float) -> None:
    """Send one claimed row and record how it went; raises Lost or Unreachable."""
    if row.attempts > TRIES:
        _fail(
            row, row.error or _("It was begun %(n)d times and never finished.") % {"n": TRIES}, now
        )
        return
    try:
        message = telling(row, now)
        if message is None:
            _record(row, status=Delivery.Status.DROPPED)
            return
        post.send(message)
    except Quiet as error:
        _keep_quiet(row, error.until, now)
    except NotYet as error:
        _give_back([row], error.until)
    except Refused as error:
        _fail(row, str(error), now)
    except Deferred as error:
        _try_later(row, now, str(error))
    except (Lost, Unreachable):
        raise
    except Exception as error:
        # A fault of ours in one message must not keep the others from leaving.
        logger.exception("Delivery %s could not be sent", row.uid)
        _try_later(row, now, f"{type(error).__name__}: {error}")
    else:
        _record_sent(row, message, now)
        logger.info("Delivery %s of change %s left", row.uid, row.change_id)
        _count_sent(row, (now - row.not_before).total_seconds() + time.monotonic() - began)


def _record(row: Delivery, **outcome: object) -> bool:
    """Note the outcome; whether it had none yet."""
    # By status, not by claim: a message that left has left, also after its lease was over.
    waiting = Delivery.objects.filter(pk=row.pk, status=Delivery.Status.WAITING)
    for name, value in outcome.items():
        setattr(row, name, value)
    return bool(waiting.update(claimed_at=None, **outcome))


def _record_sent(row: Delivery, message: Telling, now: datetime) -> None:
    """Note that it left, and when somebody was invited: one commit for each message."""
    row.status, row.kind, row.sent_at = Delivery.Status.SENT, message.kept_kind, now
    invites = message.kind == Delivery.Kind.INVITATION and row.webhook_id is None
    with connection.cursor() as cursor:
        cursor.execute(
            LEFT_AND_INVITED if invites else LEFT,
            {"kind": row.kind, "now": now, "pk": row.pk, "invitation": row.invitation_id},
        )


def _keep_quiet(row: Delivery, until: datetime, now: datetime) -> None:
    """Leave it for the end of the quiet hours; what would be too late then has failed."""
    if row.start is not None and row.start <= until:
        _fail(row, _("It would have come too late after the quiet hours."), now)
    else:
        _give_back([row], until, not_before=until)


def _fail(row: Delivery, reason: str, now: datetime, **doubt: bool) -> None:
    with transaction.atomic():
        if _record(row, status=Delivery.Status.FAILED, error=reason, **doubt):
            follow_up(row, now)
    meters.deliveries_failed.labels(row.channel).inc()
    # Why is for those who may read the row: a mail server's words quote the address.
    logger.warning("Delivery %s of change %s has failed", row.uid, row.change_id)


def _count_sent(row: Delivery, waited: float) -> None:
    # Reminders are late where people wait for them; a program may have been away for hours.
    is_reminder = row.kind == Delivery.Kind.REMINDER and row.webhook_id is None
    (meters.reminders if is_reminder else meters.deliveries).labels(row.channel).observe(waited)


def _try_later(row: Delivery, now: datetime, reason: str, *, in_doubt: bool = False) -> None:
    """Wait longer each time, never all at once; the last try was the last."""
    doubt = row.in_doubt or in_doubt
    if row.attempts >= TRIES:
        _fail(row, reason, now, in_doubt=doubt)
        return
    wait = WAITS[row.attempts - 1] * random.uniform(0.8, 1.2)
    _still_ours([row], next_attempt_at=now + wait, error=reason, in_doubt=doubt)


def _give_back(rows: Sequence[Delivery], when: datetime, **values: datetime) -> None:
    """Undo the claim of rows that were not tried."""
    _still_ours(rows, next_attempt_at=when, attempts=F("attempts") - 1, **values)


def _wait_for_connection(rows: Sequence[Delivery], now: datetime, reason: str) -> None:
    """Not these messages' fault, so no try is counted; but nothing waits for ever."""
    for row in rows:
        if now - row.not_before > UNREACHABLE_LIMIT:
            _fail(row, reason, now)
    wait = UNREACHABLE_WAIT * random.uniform(0.5, 1.5)
    _still_ours(rows, next_attempt_at=now + wait, attempts=F("attempts") - 1, error=reason)


def _still_ours(rows: Sequence[Delivery], **values: object) -> None:
    """Let go of rows of one claim, unless a lease ended and another worker has them by now."""
    if rows:
        Delivery.objects.waiting().filter(
            pk__in=[row.pk for row in rows], claimed_at=rows[0].claimed_at
        ).update(claimed_at=None, **values)
