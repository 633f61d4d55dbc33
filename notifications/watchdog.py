"""Keeps one cluster of the queue alive, and wakes it when something has become due.

The queue can come to a standstill when one of its processes is killed or frozen, and says nothing.
So its processes run as a group, which is killed and started anew when it finishes no task for
longer than a task may take. Nothing is lost by that: the work is in rows, tasks are only hints.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from notifications import heartbeat
from notifications.kinship import die_with

logger = logging.getLogger(__name__)

TICK = 0.5
TOUCH_SECONDS = 3.0
GRACE_SECONDS = 10
FIRST_BEAT_SECONDS = 60  # a start on a slow machine takes its time
ROUND_SECONDS = 60.0


class Rounds:
    """Looks at something once a minute, in a thread of its own: it may take long, or fail.

    First a minute after the start, when what had piled up has had time to leave.
    """

    def __init__(self, look: Callable[[datetime], None]) -> None:
        self.look = look
        self.began = time.monotonic()
        self.thread: threading.Thread | None = None

    def go(self) -> None:
        """Begin a round if it is time, unless the last one is not over."""
        under_way = self.thread is not None and self.thread.is_alive()
        if under_way or time.monotonic() - self.began < ROUND_SECONDS:
            return
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def wait(self, seconds: float) -> None:
        """Let the round that is under way come to its end, but not for ever."""
        if self.thread is not None:
            self.thread.join(seconds)

    def run(self) -> None:
        """One round, over a connection of its own."""
        try:
            self.look(timezone.now())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nobody looks whether reminders are late: %s", type(error).__name__)
        except Exception:
            logger.exception("It could not be seen whether reminders are late")
        finally:
            connection.close()


class Watchdog:
    """Runs a cluster until told to stop.

    `is_due` says whether work has become due by an instant; `wake` is the path of the task that
    does it. `look` is called once a minute to see what is wrong, also when the cluster does not
    move; it may take its time. `pulse` is the descriptor on which life is shown to whoever watches
    the watchdog.
    """

    def __init__(
        self,
        *,
        is_due: Callable[[datetime], bool],
        wake: str,
        look: Callable[[datetime], None],
        pulse: int | None,
    ) -> None:
        self.is_due = is_due
        self.wake = wake
        self.rounds = Rounds(look)
        self.pulse = pulse
        self.timeout: int = Conf.TIMEOUT
        self.limit: int = self.timeout + GRACE_SECONDS
        self.name = f"{heartbeat.CLUSTERS}{os.getpid()} {os.uname().nodename}"[:40]
        self.cluster: subprocess.Popen[bytes] | None = None
        self.last_beat: datetime | None = None
        self.moved = self.touched = 0.0
        self.is_new = True  # has finished no task yet
        self.stopping = False

    def run(self) -> None:
        """Watch until `stop`; then let the cluster finish what it does."""
        in_trouble = False
        while not self.stopping:
            self.show_life()
            try:
                self.tend()
                in_trouble = False
            except (DatabaseError, InterfaceError) as error:
                if not in_trouble:
                    logger.warning("The worker waits for the database: %s", error)
                in_trouble = True
                connection.close()
                self.moved = time.monotonic()  # a cluster cannot move without it either
            time.sleep(TICK)
        self.end()

    def stop(self) -> None:
        """Have `run` come to its end; asked twice, at once."""
        if self.stopping:
            self.kill()
        self.stopping = True

    def tend(self) -> None:
        """Start the cluster if it is not there or does not move; wake it if work is due."""
        now = timezone.now()
        self.rounds.go()
        if self.cluster is None:
            self.start()
        elif self.cluster.poll() is not None:
            self.replace("has ended")
        elif not self.moves():
            self.replace("does not move")
        if task_waits(now):
            return
        if self.is_due(now):
            async_task(self.wake)
        elif time.monotonic() - self.touched > TOUCH_SECONDS:
            self.touched = time.monotonic()
            async_task("notifications.heartbeat.touch")

    def moves(self) -> bool:
        """Whether the cluster finished a task within the limit.

        Only that its beat changed counts, by our own clock: the machine's may jump.
        """
        beat_at = heartbeat.last(self.name)
        if beat_at != self.last_beat:
            self.last_beat = beat_at
            self.moved = time.monotonic()
            self.is_new = False
        limit = max(self.limit, FIRST_BEAT_SECONDS) if self.is_new else self.limit
        return time.monotonic() - self.moved < limit

    def start(self) -> None:
        """Start a cluster in a group of its own."""
        self.rounds.wait(TICK)  # a process is best forked where no other thread holds a lock
        watchdog = os.getpid()
        self.cluster = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "cluster"],
            env={**os.environ, heartbeat.CLUSTER: self.name},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with(watchdog),
        )
        self.moved = time.monotonic()
        self.is_new = True

    def replace(self, why: str) -> None:
        """Kill the cluster, all of it, and start another."""
        logger.warning("The queue's cluster %s; starting it again", why)
        self.kill()
        self.start()

    def kill(self) -> None:
        """Kill the cluster's whole group, the frozen and the orphaned of it too."""
        if self.cluster is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.cluster.pid, signal.SIGKILL)
            self.cluster.wait()

    def end(self) -> None:
        """Let the cluster finish its tasks, but no longer than one may take."""
        if self.cluster is None:
            return
        self.cluster.terminate()
        deadline = time.monotonic() + self.timeout + GRACE_SECONDS / 2
        while self.cluster.poll() is None and time.monotonic() < deadline:
            self.show_life()
            time.sleep(0.05)
        self.kill()
        with contextlib.suppress(DatabaseError, InterfaceError):
            heartbeat.forget(self.name, timezone.now())

    def show_life(self) -> None:
        """Tell whoever watches us that we are alive; without them we stop."""
        if self.pulse is not None:
            try:
                os.write(self.pulse, b".")
            except BrokenPipeError:
                self.stopping = True


def task_waits(now: datetime) -> bool:
    """Whether a task waits to be fetched."""
    return bool(OrmQ.objects.filter(key=get_broker().list_key, lock__lte=now).exists())
