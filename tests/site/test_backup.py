"""What backup writes, restore brings back: all of it, or nothing."""

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.django_db(transaction=True)


def url_of(name: str) -> str:
    return f"postgresql://postgres@/{name}?host={settings.DATABASES['default']['HOST']}"


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of an empty database."""
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
        yield url_of("restored")
        connection.execute("DROP DATABASE restored WITH (FORCE)")


def restore(file: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "restore", file],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_comes_back(tmp_path: Path, empty: str) -> None:
    factories.ana()
    call_command("backup", tmp_path / "copy", verbosity=0)

    result = restore(tmp_path / "copy", empty)

    assert result.returncode == 0, result.stderr
    with psycopg.connect(empty) as connection:
        people = connection.execute("SELECT email FROM accounts_user").fetchall()
        constraints = connection.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'x'")
        assert people == [("ana@example.com",)]
        assert constraints.fetchone() == (1,)


def test_a_backup_is_for_its_owner_only(tmp_path: Path) -> None:
    told = io.StringIO()
    call_command("backup", tmp_path / "copy", json=True, stdout=told)

    size = (tmp_path / "copy").stat().st_size
    assert json.loads(told.getvalue()) == {"file": str(tmp_path / "copy"), "bytes": size}
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_backup_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("backup", tmp_path / "nowhere" / "copy")


def test_nothing_is_replaced(tmp_path: Path) -> None:
    factories.ana()
    call_command("backup", tmp_path / "copy", verbosity=0)

    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", tmp_path / "copy")


def test_a_broken_file_changes_nothing(tmp_path: Path, empty: str) -> None:
    factories.ana()
    call_command("backup", tmp_path / "copy", verbosity=0)
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(whole[: len(whole) * 3 // 4])

    result = restore(tmp_path / "copy", empty)

    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: pg_restore: error:")
    with psycopg.connect(empty) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, empty: str) -> None:
    result = restore(tmp_path / "nothing", empty)

    assert result.returncode == 1
    assert str(tmp_path / "nothing") in result.stderr
