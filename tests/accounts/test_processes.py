"""Several processes count as one: numbers, who takes them over, and what is forgotten when."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from accounts import processes

ROOT = Path(processes.__file__).resolve().parent.parent

# Does what it is told, line by line, and says its number.
COUNTER = """
import os, sys
from accounts import meters, processes
def count(n):
    meters.answers.labels("accepted").inc(n)
    meters.requests_in_progress.labels("web").inc(n)
    return processes.number()
for line in sys.stdin:
    order, _, n = line.partition(" ")
    if order == "count":
        number = count(int(n))
    elif os.fork() == 0:
        os._exit(count(int(n)))
    else:
        number = os.waitstatus_to_exitcode(os.wait()[1])
    print(number, flush=True)
"""


class Counter:
    """A process of its own that counts into a folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", COUNTER],
            env={**os.environ, "PYTHONPATH": str(ROOT), processes.DIRECTORY: str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self, order: str, n: int) -> int:
        """Have it count, or fork a child that does; the number of which did."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order} {n}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def killed(self) -> None:
        """End it without a chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[list[Counter]]:
    started = [Counter(tmp_path), Counter(tmp_path)]
    yield started
    for counter in started:
        counter.killed()


def totals(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[float, float]:
    """What was counted and what is in progress, of all processes together."""
    monkeypatch.setenv(processes.DIRECTORY, str(folder))
    processes.living()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    counted = registry.get_sample_value("invitation_answers_total", {"answer": "accepted"})
    return counted or 0, registry.get_sample_value("requests_in_progress", {"process": "web"}) or 0


def test_processes_count_as_one(
    tmp_path: Path, counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two and a child; one is killed; another takes its number and counts on."""
    first, second = counters
    assert (first.told("count", 1), second.told("count", 10)) == (0, 1)
    assert second.told("fork", 100) == 2
    assert totals(tmp_path, monkeypatch) == (111, 11), "the child has ended, its work is done"
    assert [process.number for process in processes.living()] == [0, 1]
    assert [p.pid for p in processes.living()] == [c.process.pid for c in counters]

    second.killed()
    assert totals(tmp_path, monkeypatch) == (111, 1)

    third = Counter(tmp_path)
    counters.append(third)
    assert third.told("count", 1000) == 1
    assert totals(tmp_path, monkeypatch) == (1111, 1001)
    assert len(list(tmp_path.glob("counter_*.db"))) == 3, "no more than processes at one time"


def test_what_is_forgotten_is_that_of_the_gone(
    tmp_path: Path, counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = counters
    first.told("count", 1)
    second.told("count", 10)
    first.killed()

    monkeypatch.setenv(processes.DIRECTORY, str(tmp_path))
    processes.begin_anew()

    assert totals(tmp_path, monkeypatch) == (10, 10)
    second.told("count", 10)
    assert totals(tmp_path, monkeypatch) == (20, 20), "who lives counts on"


def test_where_no_folder_can_be_everybody_counts_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    script = "from accounts import meters, processes as p; p.enter('web'); print(p.directory())"
    script += "; meters.answers.labels('accepted').inc()"
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(tmp_path),
            processes.DIRECTORY: str(tmp_path / "file" / "metrics"),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert "is not seen in the metrics" in result.stderr
    assert Path(result.stdout.strip()).parent == tmp_path


def test_a_process_that_counts_nothing_leaves_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEDULER_DATA_DIR": str(tmp_path)}
        | {"DJANGO_SETTINGS_MODULE": "scheduler_site.settings", "SECRET_KEY": "x"},
        check=True,
    )

    assert not folder.exists()
