"""The ways by which a message reaches a person: one folder each, all with the same face.

A channel is a callable that gives a Post: a context manager with `send(telling)`. Sending
raises one of these when it did not succeed:

    Undelivered
    ├── Refused      for good: this message will never be taken
    ├── Deferred     for now: the other side asks to try again later
    ├── Lost         the connection broke while handing over; it may have been taken
    └── Unreachable  there is no connection; not this message's fault
"""

from types import TracebackType
from typing import Protocol, Self

from notifications.told import Telling


class Undelivered(Exception):
    """A message did not leave; str() is the reason, for people."""


class Refused(Undelivered):
    """For good: this message will never be taken."""


class Deferred(Undelivered):
    """For now: try again later."""


class Lost(Undelivered):
    """The connection broke while handing over; the message may have been taken."""


class Unreachable(Undelivered):
    """There is no connection."""


class Post(Protocol):
    """Sends messages over one connection, which is opened for the first of them."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def send(self, telling: Telling) -> None:
        """Hand one message over; raises Undelivered."""
