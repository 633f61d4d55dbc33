"""The worker goes on, whichever of its processes is killed or frozen.

With a task's timeout of 2 s, as here, a cluster that stands still is replaced after 12 s; with the
30 s that are set, after 40 s. Both leave time for a start within the 90 s that are promised.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psutil
import pytest
from django.conf import settings
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone
from django_q.conf import Conf

from notifications import watchdog
from notifications.management.commands.cluster import adapt
from notifications.models import Heartbeat
from scheduler_site.launch import children, serve
from scheduler_site.launch.children import Child, stop

PROCESSES = ["watchdog", "main", "sentinel", "worker 1", "worker 2", "monitor", "pusher"]
SILENCE = 5
LONGEST = 90


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A worker on the tests' database, looked after as `./run` does."""
    database = settings.DATABASES["default"]
    url = f"postgresql://postgres@/{database['NAME']}?host={database['HOST']}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.worker_settings")
    child = Child("worker", [sys.executable, "manage.py", "worker"], silence=SILENCE)
    child.start()
    try:
        until(lambda: clusters().exists(), child)
        yield child
    finally:
        stop([child], patience=20)


def clusters() -> QuerySet[Heartbeat]:
    """The rows of clusters; others note when work was done that is done by the hour."""
    return Heartbeat.objects.filter(name__startswith="cluster ")


def until(happened: Callable[[], bool], child: Child) -> None:
    """Look after the worker until something happens."""
    deadline = time.monotonic() + LONGEST
    while not happened():
        child.look_after()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def moved_after(instant: datetime) -> bool:
    """Whether a cluster fetched, ran and acknowledged a task after `instant`."""
    return clusters().filter(beat_at__gt=instant).exists()


def processes(child: Child) -> dict[str, psutil.Process]:
    """The worker's processes by what they do; the queue starts them in this order."""
    assert child.process is not None
    chain = psutil.Process(child.process.pid)
    found = [chain, chain.children()[0], chain.children()[0].children()[0]]
    found += sorted(found[-1].children(), key=lambda process: process.pid)
    return dict(zip(PROCESSES, found, strict=True))


def runs(process: psutil.Process) -> bool:
    """Whether it still does something; one that has ended may wait to be asked how."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.long
@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_goes_on_without(worker: Child, process: str, number: signal.Signals) -> None:
    processes(worker)[process].send_signal(number)
    # Later than what was under way can explain.
    later = timezone.now() + timedelta(seconds=2 * watchdog.TOUCH_SECONDS)

    until(lambda: moved_after(later), worker)


def test_none_of_its_processes_outlives_it(worker: Child) -> None:
    started = list(processes(worker).values())

    os.kill(started[0].pid, signal.SIGKILL)

    _, alive = psutil.wait_procs(started, timeout=20)
    assert not any(runs(process) for process in alive)


def test_stops_when_asked_and_leaves_no_sign(worker: Child) -> None:
    started = list(processes(worker).values())

    stop([worker], patience=60)

    assert not any(runs(process) for process in started)
    assert not clusters().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("given", [{}, {"options": "-c jit=off"}], ids=["none", "some"])
def test_rows_of_one_that_froze_amid_a_transaction_become_free(given: dict[str, str]) -> None:
    database = connections.create_connection("default")
    database.settings_dict = {**database.settings_dict, "OPTIONS": given}
    adapt(database.settings_dict)

    with database.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        (limit,) = cursor.fetchone()
    database.close()

    assert limit == f"{Conf.TIMEOUT + 10}s"


def test_ninety_seconds_are_kept() -> None:
    """Until a frozen one is found, also in its first minute, and another has started."""
    start = 15
    cluster = max(Conf.TIMEOUT + watchdog.GRACE_SECONDS, watchdog.FIRST_BEAT_SECONDS)
    dog = max(serve.SILENCE, children.FIRST_SIGN_SECONDS)

    assert cluster + start < 90
    assert dog + start < 90


def test_no_task_is_given_out_again_while_it_may_still_run() -> None:
    """Also one that waits behind others in the cluster's own queue."""
    longest = Conf.TIMEOUT * (2 + Conf.QUEUE_LIMIT / Conf.WORKERS)

    assert longest < Conf.RETRY


def test_stopping_waits_for_the_longest_task() -> None:
    assert serve.PATIENCE > Conf.TIMEOUT + watchdog.GRACE_SECONDS / 2
