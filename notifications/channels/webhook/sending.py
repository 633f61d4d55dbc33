"""One POST with the `http` of the standard library: no redirect, no proxy, and a deadline.

The deadline is for all of it. What the other side sends in drops does not move it.
"""

import contextlib
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from http.client import HTTPConnection, HTTPException
from typing import Any

from notifications.channels.webhook.targets import (
    Network,
    Resolver,
    Target,
    addresses_of,
    by_name,
)

SECONDS = 5.0
# Of what is answered nothing is kept; so much is read that the other side can finish.
MOST_READ = 64 * 1024
SECONDS_READ = 0.5


class Deadline:
    """A moment until which something may take."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """How many seconds are left; raises TimeoutError if none are."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Reading(io.RawIOBase):
    """What the other side sends, until the deadline."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self.deadline = connected, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self.deadline.left())
        return self._socket.recv_into(buffer)


class _Wire:
    """What an HTTPConnection wants of a socket; whoever opened that closes it."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = connected, deadline
        self.reading = _Reading(connected, deadline)

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.reading)

    def close(self) -> None:
        pass


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network] = (),
    seconds: float = SECONDS,
    resolve: Resolver = by_name,
    trusted: ssl.SSLContext | None = None,
) -> int:
    """Post the body; the status that is answered.

    Raises BadTarget where nothing may be posted to; OSError (TimeoutError, Unknown and
    ssl.SSLError among them) and HTTPException where nothing can be. `trusted` are the
    certificates that are believed, without it the system's.
    """
    deadline = Deadline(seconds)
    found = addresses_of(target, allowed, resolve=resolve, seconds=deadline.left())
    with _connected(target, found, deadline, trusted) as connected:
        wire = _Wire(connected, deadline)
        connection = HTTPConnection(target.host, target.port)
        connection.sock = wire
        connection.request(
            "POST",
            target.path,
            body,
            {"Host": target.authority, "Connection": "close", **headers},
        )
        with connection.getresponse() as response:
            wire.reading.deadline = Deadline(min(SECONDS_READ, deadline.left()))
            with contextlib.suppress(OSError, HTTPException):
                response.read(MOST_READ)
            return response.status


def _connected(
    target: Target, addresses: Sequence[str], deadline: Deadline, trusted: ssl.SSLContext | None
) -> socket.socket:
    """A connection to the first of the addresses that takes one, each with its share of time."""
    for n, address in enumerate(addresses, 1):
        share = deadline.left() / (len(addresses) - n + 1)
        try:
            plain = socket.create_connection((address, target.port), timeout=share)
        except OSError:
            if n == len(addresses):
                raise
        else:
            break
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body are two writes
    if not target.secure:
        return plain
    plain.settimeout(deadline.left())
    try:
        return (trusted or _of_the_system()).wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@lru_cache(maxsize=1)
def _of_the_system() -> ssl.SSLContext:
    return ssl.create_default_context()
