"""Processes that do not outlive the one that started them, even if that is killed."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent is gone (Linux; elsewhere nothing).

    `parent` is the process id of who started it, which may be gone already.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def bind_forks() -> None:
    """From now on every process that this one forks, and those that they fork, die with theirs."""
    os.register_at_fork(after_in_child=_die_with_forker, before=_note_forker)


_forker = 0


def _note_forker() -> None:
    global _forker
    _forker = os.getpid()


def _die_with_forker() -> None:
    die_with(_forker)
