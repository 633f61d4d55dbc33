"""`manage.py worker`: sends what is due, until stopped."""

import os
import signal
from types import FrameType

from django.core.management.base import BaseCommand

from accounts import processes
from notifications import lateness
from notifications.due import due_now
from notifications.watchdog import Watchdog


class Command(BaseCommand):
    """Any number of workers may run, on any number of machines."""

    help = "Runs the queue's workers and keeps them alive, until SIGTERM."

    def handle(self, *args: object, **options: object) -> None:
        """Watch a cluster until a signal comes."""
        processes.enter("watchdog")
        pulse = os.environ.get("SCHEDULER_PULSE")
        watchdog = Watchdog(
            is_due=due_now,
            wake="notifications.tasks.wake",
            look=lateness.watch,
            pulse=int(pulse) if pulse else None,
        )

        def stop(number: int, frame: FrameType | None) -> None:
            watchdog.stop()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, stop)
        watchdog.run()
