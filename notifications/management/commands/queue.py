"""What waits to be sent, and what has failed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now

from accounts.commandline import ReportingCommand
from notifications.backlog import Backlog, Queued, backlog
from notifications.entries import address_shown
from notifications.lateness import IN_TIME, behind
from notifications.models import Delivery

SHOWN = 20


class Command(ReportingCommand):
    """`manage.py queue [--retry]`."""

    help = "Says how many messages wait and since when, what has failed, and who is sending."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--retry",
            action="store_true",
            help="first have everything that has failed leave again at once",
        )

    def handle(self, *, retry: bool, **options: Any) -> None:
        at = now()
        retried = Delivery.objects.failed().try_again(at) if retry else None
        found = backlog(at)
        failures = list(Delivery.objects.failed().order_by("-pk")[:SHOWN])
        told = _told(found, failures, retried, at)
        late = behind(at)
        told["reminders_late_seconds"] = round(late.total_seconds())
        self.report(told, [*_lines(found, failures, retried, at), _late(late)])


def _told(
    found: Backlog, failures: Sequence[Delivery], retried: int | None, at: datetime
) -> dict[str, object]:
    return {
        "at": at,
        "changes_to_announce": found.unannounced,
        "lanes": [
            {
                "lane": queued.lane.name.lower(),
                "waiting": queued.waiting,
                "due": queued.due,
                "oldest_due": queued.oldest,
            }
            for queued in found.lanes
        ],
        "failed": found.failed,
        "last_failures": [
            {
                "delivery_id": row.uid,
                "kind": row.kind,
                "channel": row.channel,
                "address": address_shown(row),
                "created_at": row.created_at,
                "attempts": row.attempts,
                "error": row.error,
            }
            for row in failures
        ],
        "retried": retried,
        "workers": [
            {"name": name, "last_task_at": seen} for name, seen in sorted(found.alive.items())
        ],
    }


def _lines(
    found: Backlog, failures: Sequence[Delivery], retried: int | None, at: datetime
) -> Iterator[str]:
    if retried is not None:
        yield f"Failed messages that leave again: {retried}."
    yield f"Changes of which nobody was told yet: {found.unannounced}."
    for queued in found.lanes:
        yield _lane(queued, at)
    yield f"Failed: {found.failed}."
    for row in failures:
        yield f"  {row.created_at:%Y-%m-%d %H:%M} {row.kind} to {address_shown(row)}: {row.error}"
    if found.failed > len(failures):
        yield f"  and {found.failed - len(failures)} before them: see Deliveries in /admin/."
    for name, seen in sorted(found.alive.items()):
        yield f"Worker, {name}: finished a task {_ago(at - seen)} ago."
    if not found.alive:
        yield "No worker is running: start ./run, or manage.py worker."


def _late(late: timedelta) -> str:
    return f"Reminders are {_ago(late)} late." if late > IN_TIME else "Reminders leave in time."


def _lane(queued: Queued, at: datetime) -> str:
    if queued.oldest is None:
        return f"{queued.lane.label.capitalize()}: {queued.waiting} waiting, none due."
    since = _ago(at - queued.oldest)
    return (
        f"{queued.lane.label.capitalize()}: {queued.waiting} waiting, {queued.due} due,"
        f" the oldest for {since}."
    )


def _ago(length: timedelta) -> str:
    """`12 s`, `5 min`, `3 h`, `2 days`: how long, to one unit."""
    seconds = max(0, round(length.total_seconds()))
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
