"""`manage.py cluster`: the queue's own processes. `worker` starts it and keeps it alive."""

from typing import Any

from django.db import connection
from django_q.management.commands.qcluster import Command as QCluster

from notifications.kinship import bind_forks


class Command(QCluster):  # type: ignore[misc]  # django_q has no types
    """The queue's cluster, none of whose processes outlives the one that started it."""

    help = "Runs the queue's processes unwatched; use worker."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        bind_forks()
        # The queue asks for work several times a second: not over a new connection each time.
        connection.settings_dict["CONN_MAX_AGE"] = None
        super().handle(*args, **options)
