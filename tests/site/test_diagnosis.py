"""`manage.py diagnose`: what is wrong is named, with what to do."""

import io
import json
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from notifications import heartbeat
from scheduler_site import bounded, diagnosis, environment, health

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = {
    *("mode", "versions", "zones", "database", "migrations", "worker", "messages", "cache"),
    *("settings", "clock", "disk", "mail"),
}


@pytest.fixture(autouse=True)
def _in_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no failure, and no test gets the answer to what another asked."""
    monkeypatch.setattr(health, "_in_time", bounded.Bounded(health.examine_all))
    monkeypatch.setattr(health, "LONGEST_SECONDS", 60)
    monkeypatch.setattr(bounded, "STATEMENT_SECONDS", 30)
    monkeypatch.setattr(diagnosis, "APART", timedelta(minutes=1))


def told() -> dict[str, Any]:
    """What the command tells programs, by what was looked at; it fails unless all is well."""
    out = io.StringIO()
    try:
        call_command("diagnose", "--json", stdout=out)
    except CommandError:
        assert json.loads(out.getvalue())["ok"] is False
    else:
        assert json.loads(out.getvalue())["ok"] is True
    return {check["name"]: check for check in json.loads(out.getvalue())["checks"]}


def wrong(checks: dict[str, Any]) -> dict[str, str]:
    """What is to be done, by what is wrong."""
    return {name: check["advice"] for name, check in checks.items() if not check["ok"]}


def test_all_is_well_while_a_worker_lives(settings: Settings) -> None:
    settings.EMAIL_URL = ""
    settings.DEMO = True
    assert "start manage.py worker" in wrong(told())["worker"]

    heartbeat.beat("cluster 1 here", timezone.now())
    checks = told()

    assert wrong(checks) == {}
    assert set(checks) == EVERYTHING


def test_what_is_wrong_is_said_without_passwords(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers here
        settings.EMAIL_URL = f"smtp://us:secret-word@127.0.0.1:{taken.getsockname()[1]}"
        for name, value in environment.mail(settings.EMAIL_URL).items():
            setattr(settings, name, value)
        settings.DEMO = False
        monkeypatch.delenv("BASE_URL", raising=False)
        heartbeat.beat("cluster 1 here", timezone.now() - timedelta(minutes=5))

        checks = told()

    assert set(wrong(checks)) == {"worker", "settings", "mail"}
    assert "Check EMAIL_URL" in checks["mail"]["advice"]
    assert "set BASE_URL=" in checks["settings"]["advice"]
    assert "look whether manage.py worker runs" in checks["worker"]["advice"]
    assert "secret-word" not in json.dumps(checks)


def test_clocks_that_differ_are_found() -> None:
    assert diagnosis.clock(timezone.now()).ok
    assert "by NTP" in diagnosis.clock(timezone.now() + timedelta(hours=1)).advice


def test_a_disk_that_fills_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosis.disk(tmp_path).ok
    monkeypatch.setattr(diagnosis, "ROOM_NEEDED", 10**18)

    assert "Make room" in diagnosis.disk(tmp_path).advice
    assert "Start ./run once" in diagnosis.disk(tmp_path / "nowhere").advice
