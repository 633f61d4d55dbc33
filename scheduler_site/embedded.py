"""The embedded database: started for whoever needs it, stopped by the last one out.

Any number of processes may use one server. Each holds a shared lock, which the kernel releases
even when the process is killed; a server that a killed one left behind is simply used again.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from scheduler_site.postgres import Server


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[Server]:
    """The running server whose state is under `directory`.

    Starts the server if nobody did; the last one to leave stops it. Raises DatabaseTrouble.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(directory / "postgres.users", "a") as users:
        with turn(directory):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = Server.of(directory)
            server.ensure_running()
        try:
            yield server
        finally:
            with turn(directory):
                if is_last(users):
                    server.stop()


@contextlib.contextmanager
def turn(directory: Path) -> Iterator[None]:
    """One at a time starts or stops the server of `directory`."""
    with open(directory / "postgres.turn", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_last(users: IO[str]) -> bool:
    """Whether nobody else holds the lock that we hold on `users`."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def revive(server: Server) -> None:
    """Start the server again if it was killed; where it listens stays the same."""
    if not server.is_alive():
        with turn(server.directory):
            server.ensure_running()
