"""What no file of the project may hold."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent
# Put together here, so that this file does not hold them either.
INDEXES = re.compile(
    "|".join([r"pypi\.(org|python)", r"pythonhosted\.org", r"--(extra-)?index-url"])
)
HOMES = re.compile(r"(?<![\w.~-])/(home|Users|root|work)/[\w.-]+/")


def project_files() -> list[Path]:
    """Every text file that belongs to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git clone")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def holding(pattern: re.Pattern[str]) -> list[str]:
    """The files that hold what they may not, with the line."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_package_index_is_named() -> None:
    assert holding(INDEXES) == []


def test_no_folder_of_somebodys_machine_is_named() -> None:
    assert holding(HOMES) == []


def test_every_variable_is_documented() -> None:
    """Those that people set; ours among ourselves begin with SCHEDULER_ and are passed on."""
    internal = {"SCHEDULER_LISTENER", "SCHEDULER_PULSE", "SCHEDULER_CLUSTER"}
    names = set()
    for name in ("settings.py", "environment.py", "gunicorn.py"):
        source = (ROOT / "scheduler_site" / name).read_text()
        names |= set(re.findall(r"""(?:environ\.get|integer|getenv)\(["']([A-Z_]+)["']""", source))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operation.md").read_text()))

    assert len(names) > 10
    assert names - internal - documented == set()


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
