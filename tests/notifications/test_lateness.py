"""Late reminders: warned of once, told when a mail server is there, over when they are in time."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from notifications.lateness import behind, watch
from notifications.models import Delivery, LateWarning
from notifications.watchdog import ROUND_SECONDS, Rounds, Watchdog
from tests.factories import NOW, ana, at, ben, book, cy, rae
from tests.notifications.conftest import as_received, text_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
START = at("2027-03-10 10:00")
DUE = START - 15 * MINUTE
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"

Round = Callable[[datetime], list[EmailMessage]]


@pytest.fixture
def due(work: Round) -> Round:
    """Ana and Ben are reminded at DUE, a moment before which a worker made its last round."""
    work(NOW)
    book(ana(), "2027-03-10 10:00", 60, ben(), reminders=(15,))
    work(DUE - MINUTE / 6)
    rae()
    return work


@pytest.fixture
def no_server(settings: Settings) -> Settings:
    """Nobody listens where the mail server should be."""
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    return settings


def watched(now: datetime) -> list[tuple[str, str]]:
    """What the administrators are written at `now`, as (subject, text)."""
    before = len(mail.outbox)
    watch(now)
    mails = [as_received(message) for message in mail.outbox[before:]]
    assert all(m["To"] == "rae@example.com" for m in mails)
    return [(str(m["Subject"]), text_of(m)) for m in mails]


def test_it_is_said_once_that_they_are_late_and_once_that_it_is_over(
    due: Round, caplog: pytest.LogCaptureFixture
) -> None:
    cy(is_staff=True)  # may look, and is no administrator
    assert watched(DUE + MINUTE) == []
    ((begun, why),) = watched(DUE + 4 * MINUTE)
    assert watched(DUE + 5 * MINUTE) == []
    due(DUE + 6 * MINUTE)
    ((ended, how),) = watched(DUE + 7 * MINUTE)
    assert watched(DUE + 8 * MINUTE) == []

    assert (begun, ended) == ("Reminders leave late", "Reminders leave in time again")
    assert "late for 4 minutes, since 2027-03-10 08:45 UTC" in why
    assert "late for 7 minutes, from 2027-03-10 08:45 UTC to 2027-03-10 08:52 UTC" in how
    assert "2 reminders have left more than two minutes late" in how
    errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert errors == ["Reminders are 240 s late"]


def test_a_little_late_goes_on_with_what_lasts_and_begins_nothing(due: Round) -> None:
    assert watched(DUE + 1.9 * MINUTE) == []
    assert watched(DUE + 3 * MINUTE) != []
    due(DUE + 4 * MINUTE)
    assert watched(DUE + 5.7 * MINUTE) == []  # 42 s behind: neither late nor in time
    assert LateWarning.objects.get().over_at is None


def test_what_no_mail_server_took_is_told_when_one_is_there(
    due: Round, no_server: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    due(DUE)
    for minutes in (3, 4):
        due(DUE + minutes * MINUTE)
        assert watched(DUE + minutes * MINUTE) == []
    assert LateWarning.objects.get().told_at is None
    assert "rae@" not in caplog.text

    no_server.EMAIL_BACKEND = LOCMEM
    assert [subject for subject, _ in watched(DUE + 5 * MINUTE)] == ["Reminders leave late"]
    no_server.EMAIL_BACKEND = SMTP
    Delivery.objects.filter(kind="reminder").update(status="sent", sent_at=DUE + 6 * MINUTE)
    due(DUE + 7 * MINUTE)
    assert watched(DUE + 7 * MINUTE) == []
    no_server.EMAIL_BACKEND = LOCMEM
    ((subject, text),) = watched(DUE + 9 * MINUTE)

    assert subject == "Reminders leave in time again"
    assert "to 2027-03-10 08:52 UTC" in text
    assert "2 reminders have left" in text
    assert watched(DUE + 10 * MINUTE) == []


def test_what_was_over_before_anybody_could_be_told_is_one_mail(
    due: Round, no_server: Settings
) -> None:
    due(DUE)
    watched(DUE + 3 * MINUTE)
    no_server.EMAIL_BACKEND = LOCMEM
    due(DUE + 4 * MINUTE)

    assert [subject for subject, _ in watched(DUE + 4 * MINUTE)] == [
        "Reminders leave in time again"
    ]


def test_one_that_is_refused_for_now_is_not_late_and_one_in_hand_is(due: Round) -> None:
    later = DUE + 10 * MINUTE
    due(later)
    rows = Delivery.objects.filter(kind="reminder")
    rows.update(status="waiting", attempts=1, error="451 later", next_attempt_at=later)
    assert behind(later) == timedelta(0)
    rows.update(claimed_at=later, error="")
    assert behind(later) == 10 * MINUTE
    older = Delivery.objects.filter(kind="invitation")
    Delivery.objects.filter(address="ana@example.com").delete()
    assert behind(later) == 10 * MINUTE
    older.update(status="waiting", attempts=2, error="451 later", claimed_at=None)
    assert behind(later) == timedelta(0)  # leaves after the invitation


def test_one_that_was_made_just_now_has_its_chance(due: Round) -> None:
    later = DUE + 10 * MINUTE
    due(later)
    rows = Delivery.objects.filter(kind="reminder")
    rows.update(status="waiting", attempts=0, created_at=later)
    watch(later)
    assert not LateWarning.objects.exists()
    due(later + MINUTE / 2)  # the cursors
    rows.update(status="waiting", attempts=0, created_at=later)
    watch(later + MINUTE / 2)
    assert LateWarning.objects.get().began_at == DUE


class Held(EmailBackend):
    """A mail server that answers when it is told to."""

    reached, answer = threading.Event(), threading.Event()

    def send_messages(self, messages: Any) -> int:
        """Take them, later."""
        self.reached.set()
        assert self.answer.wait(20)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_writes_and_neither_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rae()
    LateWarning.objects.create(began_at=NOW - 3 * MINUTE)
    settings.EMAIL_BACKEND = f"{__name__}.Held"
    monkeypatch.setattr("notifications.lateness.behind", lambda _now: MINUTE)
    first = round_of(lambda _now: watch(NOW))
    first.go()
    assert Held.reached.wait(20)

    first.go()  # is not over
    watch(NOW)
    assert mail.outbox == []
    Held.answer.set()
    first.wait(20)
    watch(NOW)

    assert [m.subject for m in mail.outbox] == ["Reminders leave late"]
    assert LateWarning.objects.get().told_at == NOW


def round_of(look: Callable[[datetime], Any]) -> Rounds:
    """Rounds whose next is due."""
    rounds = Rounds(look)
    rounds.began -= ROUND_SECONDS
    return rounds


@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_does_not_move_keeps_nobody_from_looking(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    def look(now: datetime) -> None:
        seen.append(now)
        raise RuntimeError("a fault of ours")

    dog = Watchdog(is_due=lambda _now: False, wake="", look=look, pulse=None)
    dog.rounds = round_of(look)
    monkeypatch.setattr(dog, "start", lambda: None)
    for _ in range(3):
        dog.tend()
        dog.rounds.wait(20)

    assert len(seen) == 1  # the next is due in a minute
    assert caplog.messages == ["It could not be seen whether reminders are late"]
