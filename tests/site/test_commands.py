"""`./run manage`, `./run test`: one program, run in our place."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from scheduler_site.launch import commands

ROOT = Path(commands.__file__).resolve().parent.parent.parent

WAITING = """
import sys
from scheduler_site.launch.commands import run
from scheduler_site.launch.ending import stop_on_signals
stop_on_signals()
sys.exit(run([sys.executable, "-c", sys.argv[1]]))
"""
POLITE = """
import signal, sys, time
def leave(number, frame): sys.exit(7)
for number in (2, 15): signal.signal(number, leave)
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], False),
        (["-x", "-q"], False),
        (["tests/site"], True),
        (["-x", "tests/site/test_commands.py::test_linters_cover_everything"], True),
        (["-k", "rooms or people"], False),
    ],
)
def test_paths_say_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, named: bool
) -> None:
    monkeypatch.chdir(ROOT)

    assert commands.names_paths(arguments) is named


def test_tests_run_with_their_own_settings() -> None:
    assert settings.SETTINGS_MODULE == "tests.settings"


def test_linters_cover_everything() -> None:
    names = [Path(command[0]).name for command in commands.linters()]
    templates = next(command for command in commands.linters() if "djade" in command[0])

    assert names == ["ruff", "ruff", "djade", Path(sys.executable).name]
    assert str(ROOT / "templates/base.html") in templates


def test_gives_the_exit_status_of_the_program() -> None:
    assert commands.run([sys.executable, "-c", "raise SystemExit(5)"]) == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_stops_us_stops_the_program(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, POLITE],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)
    process.communicate(timeout=20)

    assert process.returncode == 7
