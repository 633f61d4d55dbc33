"""The queue's door to the database."""

import time
from datetime import datetime

from django.db import connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from notifications import heartbeat

BEAT_SECONDS = 1.0
TAKE = f"""
    UPDATE {OrmQ._meta.db_table} SET lock = %s WHERE id IN (
        SELECT id FROM {OrmQ._meta.db_table} WHERE key = %s AND lock < %s
        ORDER BY lock, id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id, payload
"""


class SkipLockedBroker(ORM):  # type: ignore[misc]  # django_q has no types
    """Takes the oldest tasks first, in one statement, and never waits for another cluster's.

    A task that was run and acknowledged shows that the cluster is alive.
    """

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key=list_key)
        self.beaten = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next tasks as (id, payload), locked for `retry` seconds; None after a short sleep."""
        self.get_connection()  # replaces a connection that broke
        now: datetime = timezone.now()
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(TAKE, [self.timeout(None), self.list_key, now, Conf.BULK])
            tasks = sorted(cursor.fetchall())
        if not tasks:
            time.sleep(Conf.POLL)
            return None
        return tasks

    def acknowledge(self, task_id: int) -> None:
        """Drop a task that was run, and show life (once a second is enough)."""
        super().acknowledge(task_id)
        if time.monotonic() - self.beaten > BEAT_SECONDS:
            self.beaten = time.monotonic()
            heartbeat.beat_cluster(timezone.now())
