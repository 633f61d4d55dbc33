"""How much waits to leave, since when it might have left, and what has failed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from notifications.announcing import ready_changes
from notifications.heartbeat import CLUSTERS
from notifications.models import Delivery, Heartbeat


@dataclass(frozen=True, slots=True)
class Queued:
    """One lane: `waiting` have not left, `due` of them may; `oldest` since when the first may.

    `untried` is since when the first may that was not given to any mail server yet.
    """

    lane: Delivery.Lane
    waiting: int
    due: int
    oldest: datetime | None
    untried: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Everything that waits: `unannounced` changes of which no message was made yet, the lanes.

    `failed` is not tried again by itself. `alive` says when each worker last finished a task.
    """

    unannounced: int
    lanes: tuple[Queued, ...]
    failed: int
    alive: dict[str, datetime]


def backlog(now: datetime) -> Backlog:
    """What waits at `now`. Four queries."""
    clusters = Heartbeat.objects.filter(name__startswith=CLUSTERS)
    return Backlog(
        ready_changes(now).count(),
        queued(now),
        Delivery.objects.failed().count(),
        dict(clusters.order_by("name").values_list("name", "beat_at")),
    )


def queued(now: datetime) -> tuple[Queued, ...]:
    """What waits at `now`, every lane. One query."""
    due = Q(not_before__lte=now)
    counted = (
        Delivery.objects.waiting()
        .values_list("lane")
        .annotate(
            waiting=Count("pk"),
            due=Count("pk", filter=due),
            oldest=Min("not_before", filter=due),
            untried=Min("not_before", filter=due & Q(attempts=0)),
        )
        .order_by()
    )
    found = {lane: rest for lane, *rest in counted}
    return tuple(Queued(lane, *found.get(lane.value, (0, 0, None, None))) for lane in Delivery.Lane)
