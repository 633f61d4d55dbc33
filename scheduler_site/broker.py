"""The queue's door to the database."""

from time import sleep

from django.db import connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

TAKE = f"""
    UPDATE {OrmQ._meta.db_table} SET lock = %s WHERE id IN (
        SELECT id FROM {OrmQ._meta.db_table} WHERE key = %s AND lock < %s
        ORDER BY lock, id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id, payload
"""


class SkipLockedBroker(ORM):
    """Takes the oldest tasks first, in one statement, and never waits for another cluster's."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next tasks as (id, payload), locked for `retry` seconds; None after a short sleep."""
        self.get_connection()  # replaces a connection that broke
        now = timezone.now()
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(TAKE, [self.timeout(None), self.list_key, now, Conf.BULK])
            tasks = sorted(cursor.fetchall())
        if not tasks:
            sleep(Conf.POLL)
            return None
        return tasks
