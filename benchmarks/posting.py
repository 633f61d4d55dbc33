"""A mail server and a worker as processes of their own, on the database of the benchmarks."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import psutil

from benchmarks.serving import environment
from notifications.kinship import die_with
from notifications.models import Heartbeat

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 45
LOOK_SECONDS = 1.0
SILENCE_SECONDS = 120.0


class MailServer:
    """Knows when which message was taken: `taken` maps the part of a Message-ID before the @."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process, self.lines = process, process.stdout
        self.port = int(self.lines.readline())
        self.taken: dict[str, float] = {}
        self.twice = 0
        self.more = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.lines:
            at, name = line.split()
            with self.more:
                uid = name.partition("@")[0]
                self.twice += uid in self.taken
                self.taken.setdefault(uid, float(at))
                self.more.notify_all()

    def stop(self) -> None:
        """End the process, and read what it said last."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.lines.close()

    def wait_for(self, count: int) -> None:
        """Until it has so many messages in all. Raises RuntimeError if no more come."""
        with self.more:
            while (before := len(self.taken)) < count:
                if not self.more.wait(SILENCE_SECONDS) or len(self.taken) == before:
                    raise RuntimeError(f"{before} of {count} messages came, and no more.")


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that takes everything."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mailserver"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_with_us(),
    )
    server = MailServer(process)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def worker(server: MailServer, *, processes: int) -> Iterator[psutil.Process]:
    """The worker as `./run` starts it, with so many processes that send."""
    Heartbeat.objects.all().delete()
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+b") as log:
        given = {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "WORKERS": str(processes),
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env={**os.environ, **environment(folder), **given},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_with_us(),
        )
        try:
            _wait_for_start(process)
            yield psutil.Process(process.pid)
        except BaseException:
            log.seek(-min(4000, log.tell()), os.SEEK_END)
            print(log.read().decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            _stop(process)


class Memory:
    """Looks once a second how much memory a process and all that descend from it hold.

    Most of it is shared: counted once in `most`, by each of them in `most_of_each`; in megabytes.
    """

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.most = self.most_of_each = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            family = [self.process, *self.process.children(recursive=True)]
            held = [each for process in family for each in _held(process)]
            self.most = max(self.most, sum(pss for pss, _rss in held) / 2**20)
            self.most_of_each = max(self.most_of_each, sum(rss for _pss, rss in held) / 2**20)


def _held(process: psutil.Process) -> list[tuple[int, int]]:
    with contextlib.suppress(psutil.NoSuchProcess):
        memory = process.memory_full_info()
        return [(getattr(memory, "pss", memory.rss), memory.rss)]  # pss: Linux only
    return []


def _wait_for_start(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not Heartbeat.objects.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("The worker does not start.")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # what it started ends with it
        process.wait()


def _with_us() -> Callable[[], None]:
    ours = os.getpid()
    return lambda: die_with(ours)
