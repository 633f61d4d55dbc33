"""Signs of life of the queue's clusters: a row for each, renewed when it finishes a task.

A finished task proves that all of a cluster moves: it was fetched, run and acknowledged. So that
there is always one to finish, the watchdog enqueues `touch` when nothing else waits.
"""

import os
from datetime import datetime, timedelta

from notifications.models import Heartbeat

CLUSTER = "SCHEDULER_CLUSTER"  # in a cluster's environment: its name
CLUSTERS = "cluster "  # what the names of all clusters begin with


def touch() -> None:
    """The task that does nothing: that it was done is what counts."""


def beat(name: str, now: datetime) -> None:
    """Note that `name` is alive."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=now)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def beat_cluster(now: datetime) -> None:
    """Note that the cluster we belong to is alive, if we belong to one."""
    name = os.environ.get(CLUSTER)
    if name:
        beat(name, now)


def last(name: str) -> datetime | None:
    """When `name` last showed that it is alive, if it ever did."""
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()


def forget(name: str, now: datetime) -> None:
    """Drop the row of a cluster that ended, and what others left behind a day ago."""
    Heartbeat.objects.filter(name=name).delete()
    Heartbeat.objects.filter(beat_at__lt=now - timedelta(days=1)).delete()


def last_of_clusters() -> datetime | None:
    """When any cluster last showed that it is alive, if one ever did."""
    beats = Heartbeat.objects.filter(name__startswith=CLUSTERS).order_by("-beat_at")
    return beats.values_list("beat_at", flat=True).first()
