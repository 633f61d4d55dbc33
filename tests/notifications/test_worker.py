"""The real worker with a real mail server: what was committed leaves, whoever is killed."""

import asyncio
import json
import signal
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes

import psutil
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.utils import timezone

from notifications.delivery import LEASE
from notifications.models import Delivery, Heartbeat
from scheduler_site import request_ids
from scheduler_site.launch.children import Child, stop
from tests.factories import ana, book

PROCESSES = ["watchdog", "main", "sentinel", "worker 1", "worker 2", "monitor", "pusher"]
GUESTS = [f"guest{n}@elsewhere.example" for n in range(12)]
# A lease that has to run out, and the start of what was killed, on a slow machine.
LONGEST = LEASE.total_seconds() + 45


class SlowServer:
    """Takes a third of a second for each mail, and keeps what it took by recipient."""

    def __init__(self) -> None:
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.busy = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.busy.set()
        message = message_from_bytes(envelope.original_content or b"")
        (recipient,) = envelope.rcpt_tos
        self.taken[recipient].append(str(message["Message-ID"]))
        await asyncio.sleep(0.3)
        return "250 OK"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowServer]:
    """A mail server on this machine, which the worker's environment names."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    slow = SlowServer()
    controller = Controller(slow, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{port}")
    yield slow
    controller.stop()


@pytest.fixture
def worker(
    transactional_db: None, server: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Child]:
    """A worker on the tests' database, looked after as `./run` does."""
    database = settings.DATABASES["default"]
    url = f"postgresql://postgres@/{database['NAME']}?host={database['HOST']}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    # Killed ones are seen at once; a busy machine is not taken for one that is frozen.
    child = Child("worker", [sys.executable, "manage.py", "worker"], silence=30)
    child.start()
    try:
        until(Heartbeat.objects.exists, child)
        yield child
    finally:
        stop([child], patience=20)


def until(happened: Callable[[], bool], child: Child) -> None:
    """Look after the worker until something happens."""
    deadline = time.monotonic() + LONGEST
    while not happened():
        child.look_after()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def processes(child: Child) -> dict[str, psutil.Process]:
    """The worker's processes by what they do; the queue starts them in this order."""
    assert child.process is not None
    watchdog = psutil.Process(child.process.pid)
    (main,) = watchdog.children()
    (sentinel,) = main.children()
    rest = sorted(sentinel.children(), key=lambda process: process.pid)
    return dict(zip(PROCESSES, [watchdog, main, sentinel, *rest], strict=True))


def invite() -> None:
    """Ana invites a crowd for tomorrow."""
    now = timezone.now()
    start = (now + timedelta(days=1)).strftime("%Y-%m-%d 10:00")
    book(ana(), start, 60, *GUESTS, now=now)


def all_sent() -> bool:
    sent = Delivery.objects.filter(status=Delivery.Status.SENT)
    return sent.count() == len(GUESTS)


def test_what_is_committed_leaves(worker: Child, server: SlowServer) -> None:
    with request_ids.under("from-a-page"):
        invite()
    until(all_sent, worker)
    assert {to: len(ids) for to, ids in server.taken.items()} == dict.fromkeys(GUESTS, 1)
    # What the request enqueued is logged under its id, by another process.
    until(lambda: done_for("from-a-page"), worker)


def done_for(request_id: str) -> bool:
    """Whether the log says that a task was done for this request."""
    lines = [json.loads(line) for line in settings.LOG_FILE.read_text().splitlines()]
    return any(line.get("task") and line["request_id"] == request_id for line in lines)


@pytest.mark.long
@pytest.mark.parametrize("process", PROCESSES)
def test_nothing_is_lost_when_a_process_is_killed(
    worker: Child, server: SlowServer, process: str
) -> None:
    victim = processes(worker)[process]
    invite()
    until(server.busy.is_set, worker)
    victim.send_signal(signal.SIGKILL)
    until(all_sent, worker)
    assert set(server.taken) == set(GUESTS)
    for ids in server.taken.values():
        assert len(set(ids)) == 1  # taken twice it has the same name, so that it is seen once
    again = sum(len(ids) - 1 for ids in server.taken.values())
    assert again <= 2  # those that the two workers had under way
