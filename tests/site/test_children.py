"""The programs that serve are started again when they die, and stopped together."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scheduler_site.launch import children
from scheduler_site.launch.children import Child, is_running, stop

ROOT = Path(children.__file__).resolve().parent.parent.parent
SLEEPER = "import time; time.sleep(1000)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); " + (
    SLEEPER
)


@pytest.fixture
def program() -> Iterator[Callable[..., Child]]:
    """Makes started children that run a piece of Python; all are killed in the end."""
    made: list[Child] = []

    def make(code: str, *, silence: float | None = None) -> Child:
        child = Child("program", [sys.executable, "-c", code], silence=silence)
        made.append(child)
        child.start()
        return child

    yield make
    for child in made:
        child.kill()


def pid(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended, be it that nobody has asked how."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_one_that_dies_is_started_again_at_once(program: Callable[..., Child]) -> None:
    child = program(SLEEPER)
    first = pid(child)
    os.kill(first, signal.SIGKILL)
    until(lambda: not is_running(child))

    child.look_after()

    assert is_running(child)
    assert pid(child) != first


def test_one_that_keeps_dying_is_started_ever_later(program: Callable[..., Child]) -> None:
    child = program("raise SystemExit(3)")
    delays = []
    for _ in range(7):
        until(lambda: not is_running(child))
        child.start_again(child.started + child.delay)
        delays.append(child.delay)

    assert delays == [1, 2, 4, 8, 16, 30, 30]
    child.start_again(child.started + child.delay - 0.1)
    assert child.delay == 30  # not yet


def test_a_steady_one_that_dies_once_does_not_wait(program: Callable[..., Child]) -> None:
    child = program("raise SystemExit(3)")
    child.delay = 8.0
    until(lambda: not is_running(child))

    child.start_again(child.started + children.STEADY_SECONDS + child.delay + 1)

    assert child.delay == 1


def test_a_frozen_one_is_replaced(program: Callable[..., Child]) -> None:
    code = "import os, time\nwhile True: os.write(int(os.environ['SCHEDULER_PULSE']), b'.'), "
    child = program(code + "time.sleep(0.05)", silence=1.0)
    first = pid(child)
    until(lambda: child.look_after() or child.heard is not None)
    assert pid(child) == first

    os.kill(first, signal.SIGSTOP)
    until(lambda: child.look_after() or pid(child) != first)

    assert is_running(child)


def test_silence_of_one_that_owes_no_sign_is_fine(program: Callable[..., Child]) -> None:
    child = program(SLEEPER)
    first = pid(child)
    child.started -= 1000

    child.look_after()

    assert pid(child) == first


def test_one_that_never_shows_life_is_replaced_after_a_minute(
    program: Callable[..., Child],
) -> None:
    child = program(SLEEPER, silence=1.0)
    first = pid(child)
    child.started -= children.FIRST_SIGN_SECONDS - 10
    child.look_after()
    assert is_running(child)

    child.started -= 11
    child.look_after()
    child.look_after()

    assert pid(child) != first


def test_all_are_stopped_also_those_who_will_not(program: Callable[..., Child]) -> None:
    willing = program(SLEEPER)
    stubborn = program(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STUBBORN!r}])"
    )
    until(lambda: len(psutil.Process(pid(stubborn)).children()) == 1)
    grandchild = psutil.Process(pid(stubborn)).children()[0]

    stop([willing, stubborn], patience=0.2)

    assert not is_running(willing)
    assert not is_running(stubborn)
    until(lambda: is_gone(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
def test_none_outlives_a_launcher_that_is_killed() -> None:
    code = f"""
        import sys, time
        from scheduler_site.launch.children import Child
        child = Child("program", [sys.executable, "-c", {SLEEPER!r}])
        child.start()
        print(child.process.pid, flush=True)
        time.sleep(1000)
    """
    launcher = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert launcher.stdout is not None
    child = psutil.Process(int(launcher.stdout.readline()))

    launcher.kill()
    launcher.communicate()

    until(lambda: is_gone(child))
