"""What services answer over HTTP, noted beside a library that keeps it to itself.

apprise says whether a message left, not why it did not, and its log lines hold addresses and keys.
All its services that speak HTTP do so through `requests`, whose sessions are watched here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from requests import RequestException, Session

Answer = int | RequestException
"""The status of an answer, or why there was none."""

_noted: ContextVar[list[Answer] | None] = ContextVar("noted", default=None)


@contextmanager
def answers() -> Iterator[list[Answer]]:
    """A list that grows by each answer to what is asked in this context meanwhile."""
    noted: list[Answer] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def _watched(send: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(send)
    def watching(*args: Any, **kwargs: Any) -> Any:
        noted = _noted.get()
        if noted is None:
            return send(*args, **kwargs)
        try:
            response = send(*args, **kwargs)
        except RequestException as error:
            noted.append(error)
            raise
        noted.append(response.status_code)
        return response

    return watching


Session.send = _watched(Session.send)  # type: ignore[method-assign]
