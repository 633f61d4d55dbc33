"""What wakes the worker, and what it does then."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from meetings import scheduler
from meetings.events import announced
from meetings.models import Booking, Change, Meeting
from notifications import extending, heartbeat, tasks
from notifications.announcing import announce
from notifications.delivery import LEASE, claim
from notifications.due import due_now
from notifications.reminders import remind
from tests.factories import NOW, RoomFactory, ana, answer, at, ben, book

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def queued() -> list[str]:
    return [row.func() for row in OrmQ.objects.all()]


def book_soon(*people: Any, **fields: Any) -> Any:
    """A meeting tomorrow by the real clock, which the tasks read."""
    now = timezone.now()
    start = (now + timedelta(days=1)).strftime("%Y-%m-%d 10:00")
    return book(ana(), start, 60, *people, now=now, **fields)


def test_each_change_wakes_the_worker_in_its_own_transaction() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, ben())
    assert queued() == ["notifications.tasks.wake"]
    change = Change.objects.get()
    with transaction.atomic():
        announced.send(sender=Change, change=change)
        assert len(queued()) == 2
        transaction.set_rollback(True)
    assert len(queued()) == 1
    answer(meeting, meeting.invitations.get(user__name="Ben Okafor").user, "accepted")
    assert len(queued()) == 2


def test_a_change_that_tells_nobody_wakes_nobody() -> None:
    organizer = ana()
    book(organizer, "2027-03-10 10:00", 60)
    before = len(queued())
    change = Change.objects.get()
    change.announced_at = NOW
    announced.send(sender=Change, change=change)
    assert len(queued()) == before


def test_wake_does_all_that_is_due_and_twice_is_harmless() -> None:
    book_soon(ben())
    tasks.wake()
    assert [m.to for m in mail.outbox] == [["ben@example.com"]]
    tasks.wake()
    assert len(mail.outbox) == 1
    assert queued() == ["notifications.tasks.wake"]  # the one of the booking


def test_wake_leaves_what_takes_too_long_to_the_next_task(monkeypatch: pytest.MonkeyPatch) -> None:
    book_soon(ben())
    monkeypatch.setattr(tasks, "SECONDS", -1.0)
    tasks.wake()
    assert mail.outbox == []
    assert queued() == 2 * ["notifications.tasks.wake"]


def test_drain_stops_where_no_mail_can_leave(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    book_soon(ben())
    assert tasks.drain(until=time.monotonic() + 30)


def test_expired_holds_are_released() -> None:
    organizer, room = ana(), RoomFactory.create()
    now = timezone.now()
    start = (now + timedelta(days=1)).strftime("%Y-%m-%d 10:00")
    meeting = book(organizer, start, 60, rooms=(room,), now=now - timedelta(minutes=1))
    scheduler.cancel(meeting, by=organizer, now=now - 30 * SECOND, undo=10 * SECOND)
    assert Booking.objects.unreleased().count() == 1
    tasks.drain(until=time.monotonic() + 30)
    assert Booking.objects.unreleased().count() == 0


def test_series_are_extended_once_an_hour_when_no_message_waits() -> None:
    now = timezone.now()
    meeting = book_soon(ben())
    yesterday = now - timedelta(days=1)
    Meeting.objects.filter(pk=meeting.pk).update(rrule="FREQ=DAILY", indexed_until=yesterday)
    assert extending.extension_due(now)
    assert not extending.extend_due(now, until=time.monotonic() - 1)  # no time: not done
    assert extending.extension_due(now)
    tasks.wake()
    assert len(mail.outbox) == 1
    assert meeting.occurrences.count() > 500
    assert not extending.extension_due(timezone.now())
    assert extending.extension_due(timezone.now() + timedelta(hours=1))


class TestDueNow:
    """What the watchdog asks twice a second."""

    @pytest.fixture(autouse=True)
    def quiet(self) -> None:
        heartbeat.beat(extending.NAME, NOW)  # series are looked at once an hour
        remind(NOW + SECOND)  # past the quarter of an hour at which all-day dates are looked at
        assert not due_now(NOW + SECOND)

    def test_a_change_once_its_window_is_over(self) -> None:
        organizer = ana()
        meeting = book(organizer, "2027-03-10 10:00")
        announce(NOW)
        scheduler.cancel(meeting, by=organizer, now=NOW, undo=10 * SECOND)
        assert not due_now(NOW + 9 * SECOND)
        assert due_now(NOW + 10 * SECOND)

    def test_a_delivery_until_somebody_has_it(self) -> None:
        book(ana(), "2027-03-10 10:00", 60, ben())
        assert due_now(NOW)
        announce(NOW)
        assert due_now(NOW)
        claim(NOW)
        assert not due_now(NOW)
        assert due_now(NOW + LEASE)

    def test_a_hold_when_it_expires(self) -> None:
        organizer = ana()
        meeting = book(organizer, "2027-03-10 10:00", rooms=(RoomFactory.create(),))
        announce(NOW)
        scheduler.cancel(meeting, by=organizer, now=NOW, undo=10 * SECOND)
        Change.objects.update(announced_at=NOW)
        assert not due_now(NOW + 9 * SECOND)
        assert due_now(NOW + 10 * SECOND)

    def test_a_reminder(self) -> None:
        book(ana(), "2027-03-10 10:00", reminders=(15,))
        announce(NOW)
        due = at("2027-03-10 09:45")
        remind(due - SECOND)
        heartbeat.beat(extending.NAME, due)
        assert not due_now(due)
        assert due_now(due + SECOND)

    def test_costs_seven_looks(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(7):
            due_now(NOW)
