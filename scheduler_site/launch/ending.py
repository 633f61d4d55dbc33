"""How a run ends before its time: refused, or stopped by a signal."""

import signal
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """Nothing was started; the message is one sentence that says what to do."""


class Stopped(BaseException):
    """Somebody wants us to stop. Not an Exception: nothing but the outermost may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stop_on_signals() -> None:
    """Raise Stopped wherever we are when a signal asks us to stop."""
    for number in STOPPING:
        signal.signal(number, _stop)


def ignore_signals() -> None:
    """Nothing interrupts the last steps."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)
