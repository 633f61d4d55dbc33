"""Tasks of the queue carry the id of the request that enqueued them; their lines show it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django_q.signals import post_execute, post_execute_in_worker, pre_enqueue, pre_execute

from scheduler_site import request_ids

KEY = "request_id"  # in the queue's own record of a task, beside its name
LIFE = "notifications.heartbeat.touch"  # every few seconds, and of no interest

logger = logging.getLogger(__name__)


def listen() -> None:
    """Hear of every task from now on."""
    heard: list[tuple[Any, Callable[..., None]]] = [
        (pre_enqueue, carry),
        (pre_execute, begin),
        (post_execute_in_worker, end),
        (post_execute, take_note),
    ]
    for signal, receiver in heard:
        signal.connect(receiver, dispatch_uid=f"{__name__}.{receiver.__name__}")


def carry(*, task: dict[str, Any], **kwargs: Any) -> None:
    """A task that is enqueued keeps for whom."""
    if request_ids.current():
        task[KEY] = request_ids.current()


def begin(*, task: dict[str, Any], **kwargs: Any) -> None:
    """A worker takes a task in hand; one that nobody asked for gets an id of its own."""
    task[KEY] = request_ids.given_or_new(task.get(KEY, ""))
    task["began"] = time.monotonic()
    request_ids.set_current(task[KEY])


def end(*, task: dict[str, Any], **kwargs: Any) -> None:
    """A worker is done with a task. Of one that failed, the queue writes the line."""
    milliseconds = round((time.monotonic() - task.pop("began")) * 1000, 1)
    name = str(task["func"])
    if task["success"]:
        logger.log(
            logging.DEBUG if name == LIFE else logging.INFO,
            "%s done in %s ms",
            *(name, milliseconds),
            extra={"task": name, "milliseconds": milliseconds},
        )
    request_ids.set_current("")


def take_note(*, task: dict[str, Any], **kwargs: Any) -> None:
    """The queue's monitor is about to write how a task ended."""
    request_ids.set_current(task.get(KEY, ""))
