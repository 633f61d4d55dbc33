"""`./run` in the project's environment: serve, test, manage, bench."""

import errno
import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

from scheduler_site.launch.commands import bench, manage, test
from scheduler_site.launch.ending import CannotStart, Stopped, stop_on_signals
from scheduler_site.launch.serve import serve
from scheduler_site.postgres import DatabaseTrouble

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "serve": serve,
    "test": test,
    "manage": manage,
    "bench": bench,
}


def main(arguments: list[str]) -> int:
    """Run one command; every trouble that a person can mend ends in one sentence."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    name, *rest = arguments or ["serve"]
    if name not in COMMANDS:
        return refuse(
            f"There is no “{name}”; write ./run, ./run test, ./run manage or ./run bench."
        )
    stop_on_signals()
    try:
        return COMMANDS[name](rest)
    except (CannotStart, DatabaseTrouble, ImproperlyConfigured) as trouble:
        return refuse(str(trouble))
    except OSError as trouble:
        return refuse(sentence(trouble))
    except Stopped as stopped:
        return 128 + stopped.number


def refuse(words: str) -> int:
    """Say why not; the exit status."""
    print(words, file=sys.stderr)
    return 1


def sentence(trouble: OSError) -> str:
    """What to do about a disk or a folder that refuses."""
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: make room, then start again."
    if trouble.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{trouble.filename} cannot be used: start as the user it belongs to,"
            " or keep the state elsewhere (SCHEDULER_DATA_DIR=/another/folder)."
        )
    raise trouble


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
