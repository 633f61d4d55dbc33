"""How much waits to leave, since when it might have left, and what has failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from notifications.announcing import ready_changes
from notifications.heartbeat import CLUSTERS
from notifications.models import Delivery, Heartbeat

UNTRIED = Q(attempts=0) | Q(attempts=1, claimed_at__isnull=False)
"""What nobody was given yet, and what a worker has in hand for the first time."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queued:
    """One lane: `waiting` have not left, `due` of them may; `oldest` since when the first may.

    `untried` is since when the first may that was for a person and not given to any server yet.
    """

    lane: Delivery.Lane
    waiting: int
    due: int
    oldest: datetime | None
    untried: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Everything that waits: `unannounced` changes of which no message was made yet, the lanes.

    `failed` is not tried again by itself; `failed_lately` of it did so within the last day. `alive`
    says when each worker last finished a task.
    """

    unannounced: int
    lanes: tuple[Queued, ...]
    failed: int
    failed_lately: int
    alive: dict[str, datetime]


def backlog(now: datetime) -> Backlog:
    """What waits at `now`. Four queries."""
    clusters = Heartbeat.objects.filter(name__startswith=CLUSTERS)
    lately = Count("pk", filter=Q(next_attempt_at__gt=now - A_DAY))
    failed = Delivery.objects.failed().aggregate(all=Count("pk"), lately=lately)
    return Backlog(
        ready_changes(now).count(),
        queued(now),
        failed["all"],
        failed["lately"],
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
            untried=Min("not_before", filter=due & UNTRIED & Q(webhook=None)),
        )
        .order_by()
    )
    found = {lane: rest for lane, *rest in counted}
    return tuple(Queued(lane, *found.get(lane.value, (0, 0, None, None))) for lane in Delivery.Lane)
