"""Asking the database without waiting for it longer than one wants to."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

Answer = TypeVar("Answer")

STATEMENT_SECONDS = 1.0
# The shortest that the driver knows.
CONNECT_SECONDS = 2


class Bounded(Generic[Answer]):
    """A question that is asked in a thread and over a connection of its own, one at a time.

    A database that hangs holds that thread, but not whoever waits for the answer; and whoever
    asks while the question is under way gets that answer, so that many who ask cost no more than
    one. The connection has one transaction with a time limit for each statement.
    """

    def __init__(self, question: Callable[[], Answer]) -> None:
        self.question = question
        self.turn = Lock()
        self.under_way: Future[Answer] | None = None

    def ask(self, *, seconds: float) -> Answer:
        """The answer; raises TimeoutError after so many seconds, and what the question raises."""
        with self.turn:
            if self.under_way is None or self.under_way.done():
                self.under_way = Future()
                # A daemon, so that one that hangs keeps no process from ending.
                Thread(target=self._run, args=[self.under_way], daemon=True).start()
            answer = self.under_way
        return answer.result(timeout=seconds)

    def _run(self, answer: Future[Answer]) -> None:
        try:
            with own_connection():
                found = self.question()
            answer.set_result(found)  # when it is committed
        except BaseException as error:
            answer.set_exception(error)


@contextlib.contextmanager
def own_connection() -> Iterator[None]:
    """A connection of this thread's own, that waits for nothing for long; closed in the end."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    given = connection.settings_dict
    connection.settings_dict = given | {
        "OPTIONS": given["OPTIONS"]
        | {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": int(STATEMENT_SECONDS * 2000),
        },
    }
    connections[DEFAULT_DB_ALIAS] = connection
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # For this transaction only: a pool gives the connection to others afterwards.
                limit = f"{int(STATEMENT_SECONDS * 1000)}ms"
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
            yield
    finally:
        connection.close()
