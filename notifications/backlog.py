"""How much waits to leave, since when it might have left, and what has failed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from notifications.announcing import ready_changes
from notifications.heartbeat import CLUSTERS
from notifications.models import Delivery, Heartbeat


@dataclass(frozen=True, slots=True)
class Queued:
    """One lane: `waiting` have not left, `due` of them may; `oldest` since when the first may."""

    lane: Delivery.Lane
    waiting: int
    due: int
    oldest: datetime | None


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
    due = Q(not_before__lte=now)
    rows = Delivery.objects.waiting().values_list("lane").order_by("lane")
    counted = rows.annotate(
        waiting=Count("pk"), due=Count("pk", filter=due), oldest=Min("not_before", filter=due)
    )
    lanes = {lane: Queued(lane, 0, 0, None) for lane in Delivery.Lane}
    for lane, waiting, ready, oldest in counted:
        lanes[Delivery.Lane(lane)] = Queued(Delivery.Lane(lane), waiting, ready, oldest)
    clusters = Heartbeat.objects.filter(name__startswith=CLUSTERS)
    return Backlog(
        ready_changes(now).count(),
        tuple(lanes.values()),
        Delivery.objects.failed().count(),
        dict(clusters.order_by("name").values_list("name", "beat_at")),
    )
