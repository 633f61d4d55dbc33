"""The processes of this machine that count, each with a number of its own while it lives.

What a process counts goes to files that bear its number, in the folder that
PROMETHEUS_MULTIPROC_DIR names. A number is a locked file: the kernel lets go of it when its holder
ends, however it ends, and the next process takes it over and counts on. So there are never more
files than processes at one time, and it does not matter which process ids are used again.
"""

import fcntl
import itertools
import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # in the environment; the metrics library reads it as well


@dataclass(frozen=True, slots=True)
class Process:
    """A living process: what it does (`role`: web, queue, …), its number and its process id."""

    role: str
    number: int
    pid: int


class _Place:
    """The number that this process holds, if it counted already."""

    def __init__(self) -> None:
        self.role = "command"
        self.number: int | None = None
        self.descriptor = -1
        self.turn = threading.Lock()

    def leave(self) -> None:
        """In a forked child: the number is its parent's."""
        if self.number is not None:
            os.close(self.descriptor)
        self.number, self.turn = None, threading.Lock()


_place = _Place()
os.register_at_fork(after_in_child=_place.leave)


def enter(role: str) -> None:
    """Say what this process does, and be seen from now on."""
    _place.leave()
    _place.role = role
    number()


def role() -> str:
    """What this process does; forked ones do what their parent does until they say otherwise."""
    return _place.role


def number() -> int:
    """The number of this process. Never fails: where files cannot be, it counts for itself."""
    if _place.number is None:
        with _place.turn:
            if _place.number is None:
                try:
                    _take(directory())
                except OSError as error:
                    os.environ[DIRECTORY] = tempfile.mkdtemp(prefix="scheduler-metrics-")
                    logger.warning("What this process counts is not seen in the metrics: %s", error)
                    _take(directory())
    assert _place.number is not None
    return _place.number


def directory() -> Path:
    """Where the processes of this machine count."""
    return Path(os.environ[DIRECTORY])


def living() -> list[Process]:
    """The processes that count; the gauges of those that are gone are forgotten."""
    found = []
    for place in directory().glob("*.process"):
        with open(place, "r+b") as file:
            if _is_free(file.fileno()):
                _forget(place, "gauge_live*")
                continue
            words = file.read().decode().split(maxsplit=1)
        if len(words) == 2:  # else it is just being taken
            found.append(Process(words[1], int(place.stem), int(words[0])))
    return sorted(found, key=lambda process: process.number)


def begin_anew() -> None:
    """Forget what processes that are gone have counted. Harmless while others count."""
    directory().mkdir(parents=True, exist_ok=True)
    for place in directory().glob("*.process"):
        with open(place, "r+b") as file:
            if _is_free(file.fileno()):
                _forget(place, "*")


def _take(folder: Path) -> None:
    """Lock the lowest number that is free. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for candidate in itertools.count():
        place = folder / f"{candidate}.process"
        try:
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        except PermissionError:
            if not place.exists():
                raise
            continue  # somebody else's, who ran a command here
        if not _is_free(descriptor):
            os.close(descriptor)
            continue
        _forget(place, "gauge_live*")
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {_place.role}".encode())
        _place.number, _place.descriptor = candidate, descriptor
        return


def _is_free(descriptor: int) -> bool:
    """Whether nobody held this number; we do now, until the file is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget(place: Path, kind: str) -> None:
    """Remove the files of a number that we hold."""
    for path in place.parent.glob(f"{kind}_{place.stem}.db"):
        path.unlink(missing_ok=True)
