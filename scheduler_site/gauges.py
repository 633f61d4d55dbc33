"""How things are at this moment: what the database and the kernel say when they are asked.

The number of queries is constant, and none of them grows with what is over.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import psutil
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts import processes
from meetings.models import Booking, Occurrence
from notifications import heartbeat
from notifications.announcing import ready_changes
from notifications.backlog import queued
from notifications.reminders import lateness
from rooms.models import Room
from scheduler_site.bounded import Bounded

logger = logging.getLogger(__name__)

Gauges = Iterator[GaugeMetricFamily]

KEPT_SECONDS = 5.0
ANSWER_SECONDS = 4.0  # a scrape is given up after ten
STATES = ("active", "idle", "idle in transaction")


class DatabaseGauges(Collector):
    """What the database says; asked anew after a few seconds, however often it is scraped."""

    def __init__(self) -> None:
        self.question = Bounded(lambda: ask(timezone.now()))
        self.turn = threading.Lock()
        self.asked = -KEPT_SECONDS
        self.known: list[GaugeMetricFamily] = []

    def collect(self) -> Iterable[Metric]:
        """All of them; only that it does not answer, if the database does not in time."""
        with self.turn:
            if time.monotonic() - self.asked > KEPT_SECONDS:
                self.known = self.answer()
                self.asked = time.monotonic()
            return self.known

    def answer(self) -> list[GaugeMetricFamily]:
        """Whether the database answers, and what."""
        name, what = "database_up", "Whether the database answers."
        try:
            return [gauge(name, what, 1), *self.question.ask(seconds=ANSWER_SECONDS)]
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            logger.warning("The database does not say how things are: %s", type(error).__name__)
            return [gauge(name, what, 0)]


def ask(now: datetime) -> list[GaugeMetricFamily]:
    """The gauges of `now`. Raises DatabaseError or InterfaceError."""
    return [gauge for question in QUESTIONS for gauge in question(now)]


def meetings(now: datetime) -> Gauges:
    """Meetings that take place now; all-day ones by the date in UTC."""
    active = Occurrence.objects.live().filter(during__contains=now).count()
    yield gauge("active_meetings", "Meetings that take place at this moment.", active)


def rooms(now: datetime) -> Gauges:
    """How many of the rooms in use are taken now, of all and of each site."""
    of_site = dict(
        Room.objects.bookable().values_list("site__uid").annotate(Count("pk")).order_by()
    )
    held = Booking.objects.live(now).filter(during__contains=now, room__active=True)
    taken = dict(
        held.values_list("room__site__uid").annotate(Count("room", distinct=True)).order_by()
    )
    yield gauge(
        "room_utilization_percent",
        "How many of a hundred rooms in use are taken at this moment.",
        percent(sum(taken.values()), sum(of_site.values())),
    )
    sites = GaugeMetricFamily(
        "site_room_utilization_percent", "The same of each site, by its uid.", labels=["site"]
    )
    for uid, count in of_site.items():
        sites.add_metric([str(uid)], percent(taken.get(uid, 0), count))
    yield sites


def outbox(now: datetime) -> Gauges:
    """The messages that might have left and have not, and since when the oldest of them might."""
    due = GaugeMetricFamily(
        "outbox_due_messages", "Messages that may leave and have not.", labels=["lane"]
    )
    age = GaugeMetricFamily(
        "outbox_oldest_due_seconds", "For how long the oldest of them waits.", labels=["lane"]
    )
    untried = GaugeMetricFamily(
        "outbox_oldest_untried_seconds",
        "For how long the oldest waits that no mail server was given yet.",
        labels=["lane"],
    )
    for one in queued(now):
        name = [one.lane.name.lower()]
        due.add_metric(name, one.due)
        age.add_metric(name, (now - (one.oldest or now)).total_seconds())
        untried.add_metric(name, (now - (one.untried or now)).total_seconds())
    yield from (due, age, untried)


def changes(now: datetime) -> Gauges:
    """The changes that might be announced and are not: messages are made of them."""
    found = ready_changes(now).order_by().aggregate(count=Count("pk"), oldest=Min("not_before"))
    yield gauge(
        "outbox_due_changes", "Changes that nobody has made messages of yet.", found["count"]
    )
    yield gauge(
        "outbox_oldest_change_seconds",
        "For how long the oldest of them waits.",
        (now - (found["oldest"] or now)).total_seconds(),
    )


def reminders(now: datetime) -> Gauges:
    """Whether the making of reminders keeps up."""
    yield gauge(
        "reminders_behind_seconds",
        "How far the making of reminders is behind.",
        lateness(now).total_seconds(),
    )


def worker(now: datetime) -> Gauges:
    """When a cluster of the queue last finished a task."""
    last = heartbeat.last_of_clusters()
    if last is not None:
        yield gauge(
            "worker_heartbeat_age_seconds",
            "Since when no cluster of the queue has finished a task.",
            max(now - last, timedelta(0)).total_seconds(),
        )


def connections(now: datetime) -> Gauges:
    """How many connections of the database are in use, of how many there can be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*), current_setting('max_connections')::int"
            " FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY state"
        )
        rows = cursor.fetchall()
    used = dict.fromkeys((*STATES, "other"), 0)
    for state, count, _limit in rows:
        used[state if state in STATES else "other"] += count
    family = GaugeMetricFamily(
        "database_connections", "Connections of the database server.", labels=["state"]
    )
    for state, count in used.items():
        family.add_metric([state.replace(" ", "_")], count)
    yield family
    yield gauge("database_connections_limit", "How many there can be.", rows[0][2])


QUESTIONS: tuple[Callable[[datetime], Gauges], ...] = (
    meetings,
    rooms,
    outbox,
    changes,
    reminders,
    worker,
    connections,
)


class ProcessGauges(Collector):
    """Memory and processor time of each process of this machine that counts."""

    def collect(self) -> Iterable[Metric]:
        """One row for each; its number passes to another process only when it has ended."""
        labels = ["process", "number"]
        memory = GaugeMetricFamily(
            "process_resident_memory_bytes", "Memory that a process uses.", labels=labels
        )
        processor = CounterMetricFamily(
            "process_cpu_seconds_total", "Processor time that a process used.", labels=labels
        )
        started = GaugeMetricFamily(
            "process_start_time_seconds", "When a process began.", labels=labels
        )
        for process in processes.living():
            values = [process.role, str(process.number)]
            try:
                kernel = psutil.Process(process.pid)
                with kernel.oneshot():
                    times = kernel.cpu_times()
                    used, since = kernel.memory_info().rss, kernel.create_time()
            except psutil.Error:  # ended at this moment
                continue
            memory.add_metric(values, used)
            processor.add_metric(values, times.user + times.system)
            started.add_metric(values, since)
        return [memory, processor, started]


def gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    """A gauge without labels."""
    return GaugeMetricFamily(name, what, value=value)


def percent(part: int, whole: int) -> float:
    """Part of a hundred; none of nothing."""
    return 100 * part / whole if whole else 0.0
