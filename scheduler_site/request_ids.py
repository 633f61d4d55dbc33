"""The id of the request on whose behalf something is done: in its log lines, also the worker's."""

import contextlib
import re
import uuid
from collections.abc import Iterator
from contextvars import ContextVar

SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request or task that is being served, or '' outside of one."""
    return _current.get()


def set_current(request_id: str) -> None:
    """From now on, in this thread, log lines belong to this id; '' for none."""
    _current.set(request_id)


@contextlib.contextmanager
def under(request_id: str) -> Iterator[None]:
    """What is logged inside belongs to this id."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


def given_or_new(text: str) -> str:
    """`text` if it can be an id (64 letters, digits, `.`, `_` and `-` at most), else a new one."""
    return text if SANE.fullmatch(text) else uuid.uuid4().hex
