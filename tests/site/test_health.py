"""Whether the service lives and can do its work, and who is told more."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from notifications import heartbeat
from notifications.models import Delivery
from scheduler_site import bounded, health, probes
from scheduler_site.bounded import Bounded
from scheduler_site.health import CHECKS, Finding, examine
from tests.factories import NOW, ana, ben, book, rae

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.5"}
FINE = [Finding(name, ok=True, seconds=0.001) for name in CHECKS]


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test gets the answer to what another asked, or fails because the machine is busy."""
    monkeypatch.setattr(health, "_in_time", Bounded(health.examine_all))
    monkeypatch.setattr(health, "LONGEST_SECONDS", 60)
    monkeypatch.setattr(probes, "KNOWING_SECONDS", 60)
    monkeypatch.setattr(bounded, "STATEMENT_SECONDS", 30)


def content(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.content)
    return found


class TestAlive:
    """Without a database: pytest-django refuses it to these tests."""

    @pytest.mark.parametrize("demo", [True, False], ids=["demo", "production"])
    def test_answers(self, client: Client, settings: Any, demo: bool) -> None:
        settings.DEMO = demo

        response = client.get("/healthz")

        assert (response.status_code, content(response)) == (200, {"status": "ok"})
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Length"] == "16"
        assert client.head("/healthz").status_code == 200
        assert not response.cookies

    def test_only_tells(self, client: Client) -> None:
        refused = client.post("/healthz")

        assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")

    @pytest.mark.parametrize(("demo", "status"), [(True, 400), (False, 200)])
    def test_knows_its_name_in_the_demo_only(
        self, client: Client, settings: Any, demo: bool, status: int
    ) -> None:
        """What probes a server behind a load balancer asks for it by its number."""
        settings.DEMO = demo

        assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == status


@pytest.mark.django_db
class TestCheck:
    """Each by itself, over the connection of the test."""

    @pytest.mark.parametrize("name", ["database", "migrations", "messages", "cache"])
    def test_is_fine_in_a_new_installation(self, name: str) -> None:
        finding = examine(name, NOW)

        assert (finding.ok, finding.advice) == (True, "")
        assert finding.seconds > 0

    def test_worker_that_was_never_there(self) -> None:
        heartbeat.beat("series extended", NOW)  # a note of work, and no worker's

        assert examine("worker", NOW).advice.endswith("start manage.py worker.")

    @pytest.mark.parametrize(("seconds", "ok"), [(0, True), (90, True), (91, False), (-91, False)])
    def test_worker(self, seconds: int, ok: bool) -> None:
        heartbeat.beat("cluster 1 here", NOW - timedelta(seconds=seconds))
        if seconds > 0:
            heartbeat.beat("cluster 2 there", NOW - timedelta(days=1))  # one that is gone

        finding = examine("worker", NOW)

        assert (finding.ok, finding.age_seconds) == (ok, seconds)
        assert ok == (not finding.advice)

    def test_change_that_nobody_announces(self) -> None:
        book(ana(), "2027-03-10 10:00", 60, ben())

        assert examine("messages", NOW + timedelta(minutes=30)).ok
        late = examine("messages", NOW + timedelta(minutes=31))
        assert (late.ok, late.age_seconds) == (False, 31 * 60)

    def test_message_that_nobody_sends(self) -> None:
        meeting = book(ana(), "2027-03-10 10:00", 60, ben())
        change = meeting.changes.get()
        meeting.changes.update(announced_at=NOW)
        Delivery.objects.create(
            change=change,
            meeting=meeting,
            invitation=meeting.invitations.last(),
            address="ben@example.com",
            kind=Delivery.Kind.INVITATION,
            lane=Delivery.Lane.PROMPT,
            not_before=NOW,
            next_attempt_at=NOW + timedelta(minutes=1),
            created_at=NOW,
        )

        assert examine("messages", NOW).age_seconds == 0  # it may not leave yet
        assert examine("messages", NOW + timedelta(minutes=11)).age_seconds == 600

    def test_migration_that_is_missing_is_named(self) -> None:
        app, name = sorted(health.newest_migrations())[0]
        MigrationRecorder(connection).record_unapplied(app, name)

        finding = examine("migrations", NOW)

        assert not finding.ok
        assert f"{app}.{name}" in finding.advice
        assert "manage.py prepare" in finding.advice

    def test_what_cannot_be_asked_leaves_the_others_in_peace(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notifications_heartbeat RENAME TO elsewhere")

        assert examine("worker", NOW).advice == health.UNKNOWN
        assert examine("database", NOW).ok

    def test_cache_without_its_table(self, settings: Any) -> None:
        settings.CACHES = settings.CACHES | {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "elsewhere",
            }
        }

        assert "The cache does not answer" in examine("cache", NOW).advice


class TestReady:
    """As it is asked, over a connection of its own."""

    @pytest.mark.django_db(transaction=True)
    def test_when_all_is_well(self, client: Client, django_assert_num_queries: Any) -> None:
        heartbeat.beat("cluster 1 here", timezone.now())

        with django_assert_num_queries(0):  # over the request's own connection
            response = client.get("/readyz")

        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        found = content(response)
        assert found["status"] == "ok"
        assert list(found["checks"]) == list(CHECKS)
        assert found["checks"]["worker"]["ok"] is True
        assert 0 <= found["checks"]["worker"]["age_seconds"] < 90
        assert client.head("/readyz").status_code == 200

    @pytest.mark.django_db
    def test_not_without_a_worker_unless_it_is_left_out(self, client: Client) -> None:
        refused = client.get("/readyz")
        without = client.get("/readyz?exclude=worker&exclude=cache")
        wrong = client.get("/readyz?exclude=everything")

        assert refused.status_code == 503
        assert content(refused)["status"] == "failing"
        assert content(refused)["checks"]["worker"]["ok"] is False
        assert without.status_code == 200
        assert list(content(without)["checks"]) == ["database", "migrations", "messages"]
        assert wrong.status_code == 400

    @pytest.mark.django_db
    def test_not_while_a_table_is_locked(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A statement ends by itself; what it waits for is held by the test's transaction."""
        monkeypatch.setattr(bounded, "STATEMENT_SECONDS", 0.1)
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE notifications_heartbeat IN ACCESS EXCLUSIVE MODE")

        found = content(client.get("/readyz"))["checks"]

        assert found["worker"]["advice"] == health.UNKNOWN


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that takes connections and never says anything, as a frozen server does."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.mark.django_db
class TestWithoutDatabase:
    """It is said so, and soon."""

    @pytest.fixture(autouse=True)
    def _there(self, listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
        host, port = listener.getsockname()
        monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)
        monkeypatch.setitem(settings.DATABASES["default"], "PORT", str(port))

    def test_that_is_gone(self, client: Client, listener: socket.socket) -> None:
        listener.close()

        response = client.get("/readyz")

        assert response.status_code == 503
        found = content(response)["checks"]
        assert "look whether it runs" in found["database"]["advice"]
        assert {check["ok"] for check in found.values()} == {False}

    def test_that_is_frozen(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "LONGEST_SECONDS", 0.2)

        response = client.get("/readyz")

        assert response.status_code == 503
        found = content(response)["checks"]["database"]
        assert found["seconds"] >= 0.2
        assert "look whether it runs" in found["advice"]

    def test_nobody_who_would_have_to_be_looked_up_is_told_more(
        self, client: Client, listener: socket.socket
    ) -> None:
        listener.close()
        client.cookies[settings.SESSION_COOKIE_NAME] = "anything"

        response = client.get("/readyz", **ELSEWHERE)  # type: ignore[arg-type]

        assert content(response) == {"status": "failing"}


class TestDetails:
    """Whoever runs the service sees what each check found; everybody else whether all is well."""

    @pytest.fixture(autouse=True)
    def _fine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(probes, "findings", lambda: FINE)

    @pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
    def test_are_for_this_machine(self, client: Client, address: str) -> None:
        assert "checks" in content(client.get("/readyz", REMOTE_ADDR=address))

    @pytest.mark.parametrize("address", ["203.0.113.5", "10.0.0.1", "", "unix:"])
    def test_are_not_for_others(self, client: Client, address: str) -> None:
        assert content(client.get("/readyz", REMOTE_ADDR=address)) == {"status": "ok"}

    @pytest.mark.parametrize(
        "header",
        [
            *("forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host"),
            *("x-forwarded-proto", "x-forwarded-port"),
        ],
    )
    def test_are_not_for_who_comes_through_a_proxy(
        self, client: Client, settings: Any, header: str
    ) -> None:
        settings.DEMO = False  # the demo refuses them altogether

        assert "checks" not in content(client.get("/readyz", headers={header: "127.0.0.1"}))

    @pytest.mark.django_db(transaction=True)
    def test_are_for_tokens_of_that_scope_and_administrators(self, client: Client) -> None:
        now = timezone.now()
        boss, colleague = rae(), ana()

        def token(*scopes: str) -> str:
            _, secret = ApiToken.issue(boss, name="t", scopes=scopes, expires_at=None, now=now)
            return f"Bearer {secret}"

        def sees(**headers: str) -> bool:
            response = client.get("/readyz", headers=headers, **ELSEWHERE)  # type: ignore[arg-type]
            assert response.status_code == 200
            return "checks" in content(response)

        good = token("metrics")
        assert sees(authorization=good)
        assert ApiToken.objects.get(scopes=["metrics"]).last_used_at is not None
        assert not sees(authorization=token("read", "write"))
        assert not sees(authorization=good.replace("Bearer", "Basic"))
        assert not sees(authorization="Bearer sch_" + "x" * 43)
        ApiToken.objects.update(expires_at=now)
        assert not sees(authorization=good)

        client.force_login(colleague)
        assert not sees()
        client.force_login(boss)
        assert sees()
        boss.is_active = False
        boss.save()
        assert not sees()


class TestBounded:
    """Nobody waits for long, and many who ask are one."""

    @pytest.mark.django_db
    def test_who_asks_meanwhile_gets_the_same_answer(self) -> None:
        asked, go_on = [], threading.Event()

        def question() -> int:
            asked.append(1)
            go_on.wait(10)
            return len(asked)

        shared = Bounded(question)
        with pytest.raises(TimeoutError):
            shared.ask(seconds=0.01)
        with pytest.raises(TimeoutError):
            shared.ask(seconds=0.01)
        under_way = shared.under_way
        assert under_way is not None
        go_on.set()

        assert under_way.result(timeout=10) == 1
        assert shared.ask(seconds=10) == 2
