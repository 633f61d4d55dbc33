"""What the queue runs: all that is due now. Running it twice, or at once, is harmless."""

import logging
import time

from django.utils import timezone
from django_q.conf import Conf
from django_q.tasks import async_task

from meetings.scheduler import release_expired_holds
from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.extending import extend_due
from notifications.observers import WAKE
from notifications.reminders import remind

logger = logging.getLogger(__name__)

# Well below the time the queue gives a task, so that no slow mail server gets a worker killed.
SECONDS = Conf.TIMEOUT / 3
# For how long messages may wait for series to be extended.
EXTENDING_SECONDS = 3.0


def wake() -> None:
    """Announce, remind and send until nothing is due, or leave the rest to the next task.

    Series are extended when no message waits, and only for a moment at a time.
    """
    try:
        drained = drain(until=time.monotonic() + SECONDS)
        extended = drained and extend_due(
            timezone.now(), until=time.monotonic() + EXTENDING_SECONDS
        )
    except Exception:
        # Here, where it is still known what the matter was; the queue knows it as text only.
        logger.exception("What is due could not be done")
        raise
    if not (drained and extended):
        async_task(WAKE)


def drain(*, until: float) -> bool:
    """Do what is due, a little of each in turn; whether all of it was done by `until`."""
    release_expired_holds(now=timezone.now())
    while time.monotonic() < until:
        now = timezone.now()
        announced = announce(now)
        sent = send_due(now, until=until)
        reminded = time.monotonic() < until and remind(now)
        if not (announced or sent or reminded):
            return True
    return False
