"""How the service is: what must be so that it can do its work, and what to do where it is not."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import caches
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from notifications import due, heartbeat
from scheduler_site.bounded import Bounded

# A worker that is killed or freezes is replaced within this time (see notifications/watchdog).
WORKER_LIMIT = timedelta(seconds=90)
# What many thousands of messages may take at once (see docs/operation.md).
MESSAGE_LIMIT = timedelta(minutes=30)
# Whoever asks gets an answer after this time at the latest.
LONGEST_SECONDS = 2.0


class Trouble(Exception):
    """Something is not as it must be; the message says what to do."""


@dataclass(frozen=True)
class Finding:
    """What one check found: how long it took (`seconds`), what to do (`advice`, '' if it is ok).

    `age_seconds` is that of the worker's last sign of life, or of the oldest message that is due.
    """

    name: str
    ok: bool
    seconds: float = 0.0
    advice: str = ""
    age_seconds: float | None = None


def database(now: datetime) -> None:
    """The database answers and can be written to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone() == (True,):
            raise Trouble("The database is a replica: let DATABASE_URL name the primary.")


def migrations(now: datetime) -> None:
    """Every migration of this release is applied."""
    missing = newest_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        names = ", ".join(".".join(key) for key in sorted(missing))
        raise Trouble(f"The database is older than the program ({names}): run manage.py prepare.")


@functools.cache
def newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migrations of each app, as (app, name); they do not change while we run."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(loader.graph.leaf_nodes())


def worker(now: datetime) -> timedelta:
    """A worker finished a task not long ago: how long."""
    at = heartbeat.last_of_clusters()
    if at is None:
        raise Trouble("No worker has ever shown life: start manage.py worker.")
    return now - at


def messages(now: datetime) -> timedelta:
    """Nothing that is due waits for long: how long what waits longest does."""
    since = due.oldest_due(now)
    return now - since if since else timedelta(0)


def cache(now: datetime) -> None:
    """The shared cache answers; limits on sign-in are counted there."""
    caches["default"].get("readyz")


Check = Callable[[datetime], timedelta | None]
CHECKS: dict[str, Check] = {
    check.__name__: check for check in (database, migrations, worker, messages, cache)
}
LIMITS = {
    "worker": (
        WORKER_LIMIT,
        "No worker has finished a task for a while: look whether manage.py worker runs, and at"
        " its log.",
    ),
    "messages": (
        MESSAGE_LIMIT,
        "Messages wait too long: look at the worker's log, and start another worker.",
    ),
}
ADVICE = {
    "database": "The database does not answer: look whether it runs, and at DATABASE_URL.",
    "cache": "The cache does not answer: look whether it runs; its table is made by"
    " manage.py prepare.",
}
UNKNOWN = "Could not be asked: look at database and migrations first."


def examine(name: str, now: datetime) -> Finding:
    """Do one check. Within a transaction, which it leaves usable."""
    began = time.perf_counter()
    age: float | None = None
    advice = ""
    try:
        with transaction.atomic():
            found = CHECKS[name](now)
        if found is not None:
            limit, words = LIMITS[name]
            # A clock that was set back makes ages negative.
            advice = words if abs(found) > limit else ""
            age = round(found.total_seconds(), 3)
    except Trouble as trouble:
        advice = str(trouble)
    except (DatabaseError, OSError):
        advice = ADVICE.get(name, UNKNOWN)
    seconds = round(time.perf_counter() - began, 4)
    return Finding(name, ok=not advice, seconds=seconds, advice=advice, age_seconds=age)


def examine_all() -> list[Finding]:
    """Do every check, the database first."""
    now = timezone.now()
    return [examine(name, now) for name in CHECKS]


_in_time = Bounded(examine_all)


def findings() -> list[Finding]:
    """How everything is, after LONGEST_SECONDS at the latest. Raises nothing."""
    began = time.perf_counter()
    try:
        return _in_time.ask(seconds=LONGEST_SECONDS)
    except (DatabaseError, TimeoutError):
        seconds = round(time.perf_counter() - began, 4)
    first, *others = CHECKS
    return [
        Finding(first, ok=False, seconds=seconds, advice=ADVICE[first]),
        *(Finding(name, ok=False, advice=UNKNOWN) for name in others),
    ]
