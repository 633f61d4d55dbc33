"""What happens inside the transaction of a change: the worker is woken.

And reminders are made whose time went by while something had been called off that was undone.
"""

import logging
from typing import Any

from django_q.tasks import async_task

from meetings.events import announced
from meetings.models import Change
from notifications.reminders import make_good

logger = logging.getLogger(__name__)

WAKE = "notifications.tasks.wake"


def listen() -> None:
    """Hear of every change from now on."""
    announced.connect(wake_worker, dispatch_uid="notifications.wake_worker")
    announced.connect(remind_after_undo, dispatch_uid="notifications.remind_after_undo")


def wake_worker(*, change: Change, **kwargs: Any) -> None:
    """Enqueue the task that announces, in the same transaction: it commits or vanishes with it.

    The log ties the change's number to the request. It may be announced by another task than the
    one that is enqueued here, when its undo window is over.
    """
    logger.info("Change %s of meeting %s: %s", change.pk, change.meeting_id, change.kind)
    if change.announced_at is None:
        async_task(WAKE)


def remind_after_undo(*, change: Change, **kwargs: Any) -> None:
    """Make up for reminders that a change which is undone now kept from being made."""
    if change.kind == Change.Kind.UNDONE:
        make_good(change.meeting, change.created_at)
