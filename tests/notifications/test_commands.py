"""The queue and the mail server from the command line."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications import heartbeat
from notifications.announcing import announce
from notifications.models import Delivery, DemoMail
from tests.factories import NOW, ana, ben, book, cy
from tests.notifications.test_post import Serve, free_port, serve, use

__all__ = ["serve", "use"]

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """`at(hours)`: when the command runs, after NOW."""

    def travel(later: timedelta) -> None:
        monkeypatch.setattr("notifications.management.commands.queue.now", lambda: NOW + later)

    return travel


def test_the_queue_says_what_waits_and_what_failed(at: Callable[[timedelta], None]) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), cy(), "marta@silva.example")
    at(timedelta(0))
    assert "Changes of which nobody was told yet: 1.\n" in run("queue")
    announce(NOW)
    Delivery.objects.filter(address="marta@silva.example").update(
        status="failed", error="550 no such user", attempts=1
    )
    at(timedelta(minutes=5))

    said = run("queue")
    told = json.loads(run("queue", "--json"))

    assert "Answers and invitations: 2 waiting, 2 due, the oldest for 5 min.\n" in said
    assert "Reminders: 0 waiting, none due.\n" in said
    assert "invitation to marta@silva.example: 550 no such user\n" in said
    assert "No worker is running: start ./run" in said
    assert told["lanes"][0] == {
        "lane": "prompt",
        "waiting": 2,
        "due": 2,
        "oldest_due": "2027-03-01T08:00:00Z",
    }
    assert (told["failed"], told["retried"], told["workers"]) == (1, None, [])
    assert told["last_failures"][0]["error"] == "550 no such user"
    assert "Reminders leave in time.\n" in said
    Delivery.objects.filter(status="waiting").update(kind="reminder", lane=3)
    assert "Reminders are 5 min late.\n" in run("queue")
    assert json.loads(run("queue", "--json"))["reminders_late_seconds"] == 300


def test_what_failed_leaves_again(at: Callable[[timedelta], None]) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(NOW)
    Delivery.objects.update(status="failed", error="550 no such user", attempts=8)
    heartbeat.beat("cluster 7 here", NOW)
    heartbeat.beat("series extended", NOW)
    at(timedelta(seconds=30))

    said = run("queue", "--retry")

    assert said.startswith("Failed messages that leave again: 1.\n")
    assert "Failed: 0.\nWorker, cluster 7 here: finished a task 30 s ago.\nReminders" in said
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.next_attempt_at) == (
        "waiting",
        0,
        NOW + timedelta(seconds=30),
    )


def test_a_test_mail_is_handed_over(serve: Serve, use: Any, settings: Any) -> None:
    mailbox, port = serve()
    settings.EMAIL_URL = f"smtp://localhost:{port}"
    use(settings.EMAIL_URL)

    said = run("send_test_mail", "marta@silva.example")

    assert f"localhost:{port} took a mail" in said
    assert [envelope.rcpt_tos for envelope in mailbox.taken] == [["marta@silva.example"]]


def test_the_mail_servers_own_words_are_told(serve: Serve, use: Any, settings: Any) -> None:
    mailbox, port = serve()
    mailbox.say["marta@silva.example"] = "550 5.1.1 No such user here"
    settings.EMAIL_URL = f"smtp://somebody:secret-word@localhost:{port}"
    use(f"smtp://localhost:{port}")
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"550 5\.1\.1 No such user here .* correct the address"):
        call_command("send_test_mail", "marta@silva.example", "--json", stdout=out)

    told = json.loads(out.getvalue())
    assert (told["taken"], told["reason"]) == (False, "550 5.1.1 No such user here")
    assert "secret-word" not in out.getvalue()


def test_a_mail_server_that_is_not_there(use: Any, settings: Any) -> None:
    settings.EMAIL_URL = f"smtp://localhost:{free_port()}"
    use(settings.EMAIL_URL)

    with pytest.raises(CommandError, match=r"does not answer: .* Check EMAIL_URL"):
        run("send_test_mail", "marta@silva.example")


def test_in_the_demo_it_is_kept(settings: Any) -> None:
    settings.EMAIL_URL = ""
    settings.EMAIL_BACKEND = "notifications.demo_mail.DemoMailBackend"

    assert "read it at /dev/mail/" in run("send_test_mail", "marta@silva.example")

    kept = DemoMail.objects.get()
    assert kept.recipients == ["marta@silva.example"]
    assert timezone.now() - kept.created_at < timedelta(minutes=5)
    with pytest.raises(CommandError, match="is not an e-mail address") as caught:
        run("send_test_mail", "marta")
    assert caught.value.returncode == 2
