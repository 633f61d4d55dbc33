"""What one worker at a time does, while the others do something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Work(IntEnum):
    """What is done by one alone; the number of its advisory lock in the database."""

    ANNOUNCING = 0x5C4EC  # two would go through the same changes
    ELSEWHERE = 0x5C4ED  # services that answer slowly take one worker's time, and no more


@contextmanager
def alone(work: Work) -> Iterator[bool]:
    """Whether no other worker is at this; if so none begins before the block ends.

    A worker that is killed lets go of it with its connection.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [work])
        (got,) = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [work])
