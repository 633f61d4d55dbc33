"""`manage.py prepare`: harmless to run again, and by several at once."""

import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from scheduler_site.management.commands.prepare import alone
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def static(settings: Settings, tmp_path: Path) -> Path:
    """A site with one static file of its own, which is collected elsewhere."""
    settings.DEMO = False
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "one.css").write_text("p {}")
    return tmp_path / "static"


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "https://meetings.example.org")


def prepare() -> str:
    """What the command says."""
    out = StringIO()
    call_command("prepare", stdout=out)
    return out.getvalue()


def test_collects_the_static_files_only_when_they_changed(static: Path) -> None:
    assert "static files" in prepare()
    assert prepare() == ""

    (static / "two.css").write_text("b {}")

    assert "static files" in prepare()
    assert (static.parent / "collected" / "two.css").exists()


def test_refuses_with_one_line_for_each_error(static: Path, settings: Settings) -> None:
    settings.EMAIL_URL = ""

    with pytest.raises(CommandError, match=r"^Production needs a mail server: [^\n]*$"):
        prepare()

    assert not (static.parent / "collected").exists()


def test_refuses_a_production_with_a_demo_password(static: Path) -> None:
    factories.ana(password="demo")

    with pytest.raises(CommandError, match="still has the demo's password"):
        prepare()


def test_loads_no_demo_where_people_are(static: Path, settings: Settings) -> None:
    settings.DEMO = True
    factories.cy()

    assert "demo" not in prepare()


def test_one_at_a_time() -> None:
    entered = threading.Event()

    def another() -> None:
        try:
            with alone():
                entered.set()
        finally:
            connection.close()

    with alone():
        thread = threading.Thread(target=another)
        thread.start()
        assert not entered.wait(0.5)
    thread.join(timeout=20)

    assert entered.is_set()


def test_the_lock_is_given_back() -> None:
    with alone():
        pass

    with connection.cursor() as cursor:
        # Others may hold some in databases of their own.
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
