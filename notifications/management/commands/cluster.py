"""`manage.py cluster`: the queue's own processes. `worker` starts it and keeps it alive."""

from typing import Any

from django.db import connection
from django_q.conf import Conf
from django_q.management.commands.qcluster import Command as QCluster

from accounts import processes
from notifications.kinship import bind_forks


class Command(QCluster):  # type: ignore[misc]  # django_q has no types
    """The queue's cluster, none of whose processes outlives the one that started it."""

    help = "Runs the queue's processes unwatched; use worker."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        bind_forks()
        processes.enter("queue")
        adapt(connection.settings_dict)
        super().handle(*args, **options)


def adapt(database: dict[str, Any]) -> None:
    """Make these database settings fit for the queue's processes."""
    # They ask for work several times a second: not over a new connection each time.
    database["CONN_MAX_AGE"] = None
    # A process that freezes amid a transaction must not keep its rows from the others for ever.
    given = database["OPTIONS"].get("options", "")
    limit = f"-c idle_in_transaction_session_timeout={Conf.TIMEOUT + 10}s"
    database["OPTIONS"] = {**database["OPTIONS"], "options": f"{given} {limit}".strip()}
