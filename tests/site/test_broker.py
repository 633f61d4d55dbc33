"""The queue's door: oldest first, each task to one cluster, nothing of what was rolled back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from notifications import heartbeat
from notifications.models import Heartbeat
from scheduler_site.broker import SkipLockedBroker

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def queued(payload: str, *, minutes: int = 0, key: str = "scheduler") -> OrmQ:
    """A task that has been waiting since so many minutes after long ago."""
    return OrmQ.objects.create(key=key, payload=payload, lock=LONG_AGO + timedelta(minutes=minutes))


def elsewhere(work: Callable[[], object]) -> object:
    """Run `work` over a connection of its own; what it gave."""
    given: list[object] = []

    def run() -> None:
        try:
            given.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=20)
    return given[0]


@pytest.fixture
def broker() -> SkipLockedBroker:
    found = get_broker()
    assert isinstance(found, SkipLockedBroker)
    return found


def test_gives_the_oldest_task_first(broker: SkipLockedBroker) -> None:
    queued("new", minutes=2)
    old = queued("old", minutes=1)

    assert broker.dequeue() == [(old.pk, "old")]


def test_a_task_that_was_taken_is_locked_until_it_may_be_retried(broker: SkipLockedBroker) -> None:
    task = queued("only")
    before = datetime.now(UTC)
    broker.dequeue()

    assert broker.dequeue() is None
    task.refresh_from_db()
    assert (
        timedelta(seconds=-1)
        < task.lock - before - timedelta(seconds=Conf.RETRY)
        < (timedelta(seconds=10))
    )


def test_tasks_of_another_queue_are_left(broker: SkipLockedBroker) -> None:
    queued("foreign", key="another")

    assert broker.dequeue() is None


def test_two_clusters_never_get_the_same_task_nor_wait(broker: SkipLockedBroker) -> None:
    first, second = queued("first", minutes=1), queued("second", minutes=2)

    with transaction.atomic():
        assert broker.dequeue() == [(first.pk, "first")]
        assert elsewhere(lambda: get_broker().dequeue()) == [(second.pk, "second")]
        assert elsewhere(lambda: get_broker().dequeue()) is None


def test_many_clusters_at_once_share_the_tasks(broker: SkipLockedBroker) -> None:
    tasks = {queued(str(number)).pk for number in range(40)}
    taken: list[int] = []

    def work() -> None:
        own = get_broker()
        try:
            while found := own.dequeue():
                taken.extend(number for number, _ in found)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(taken) == sorted(tasks)


def test_a_task_vanishes_with_the_change_that_caused_it() -> None:
    with transaction.atomic():
        async_task("notifications.heartbeat.touch")
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)

    assert OrmQ.objects.count() == 0


def test_a_task_is_not_seen_before_its_change_is(broker: SkipLockedBroker) -> None:
    with transaction.atomic():
        async_task("notifications.heartbeat.touch")
        assert elsewhere(lambda: get_broker().dequeue()) is None

    assert broker.dequeue() is not None


def test_acknowledging_drops_the_task_and_shows_life(
    broker: SkipLockedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(heartbeat.CLUSTER, "ours")
    task = queued("done")

    broker.acknowledge(task.pk)

    assert not OrmQ.objects.exists()
    assert Heartbeat.objects.get().name == "ours"


def test_life_is_shown_once_a_second_at_most(
    broker: SkipLockedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(heartbeat.CLUSTER, "ours")
    broker.acknowledge(1)
    Heartbeat.objects.all().delete()

    broker.acknowledge(2)

    assert not Heartbeat.objects.exists()


def test_outside_a_cluster_nobody_shows_life(broker: SkipLockedBroker) -> None:
    broker.acknowledge(1)

    assert not Heartbeat.objects.exists()
