"""What happens inside the transaction of a change: the worker is woken, no more."""

from typing import Any

from django_q.tasks import async_task

from meetings.events import announced
from meetings.models import Change

WAKE = "notifications.tasks.wake"


def listen() -> None:
    """Hear of every change from now on."""
    announced.connect(wake_worker, dispatch_uid="notifications.wake_worker")


def wake_worker(*, change: Change, **kwargs: Any) -> None:
    """Enqueue the task that announces, in the same transaction: it commits or vanishes with it."""
    if change.announced_at is None:
        async_task(WAKE)
