"""The commands that run one program to its end: manage, test, bench."""

import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

from scheduler_site.launch.database import database
from scheduler_site.launch.ending import Stopped

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(arguments: list[str]) -> int:
    """Run `manage.py` with these arguments; its exit status."""
    with database():
        return run([sys.executable, str(ROOT / "manage.py"), *arguments])


def bench(arguments: list[str]) -> int:
    """Run the benchmarks; their exit status."""
    with database():
        return run([sys.executable, "-m", "benchmarks", *arguments])


def test(arguments: list[str]) -> int:
    """Run linters and tests; the exit status of the first that fails.

    `--all` adds the long ones, everything else is for pytest. Where paths say what is meant, the
    linters are left out.
    """
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    os.chdir(ROOT)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with database():
        for command in [] if names_paths(rest) else linters():
            status = run(command)
            if status:
                print(f"{Path(command[0]).name} has objections (see above).", file=sys.stderr)
                return status
        selection = ["--hypothesis-profile", "exploring"] if everything else ["-m", "not long"]
        # All of them go to several processes at once, each with a database of its own.
        split = [] if names_paths(rest) else ["-n", str(min(os.cpu_count() or 1, 4))]
        # In the order of their names: files of few but long tests would come last otherwise.
        split += ["--dist", "loadfile", "--no-loadscope-reorder"] if split else []
        return run([sys.executable, "-m", "pytest", *selection, *split, *rest])


def names_paths(arguments: list[str]) -> bool:
    """Whether some tests or files are asked for by name."""
    return any(Path(argument.split("::")[0]).exists() for argument in arguments)


def linters() -> list[list[str]]:
    """What is checked before the tests, the quickest first."""
    scripts = Path(sysconfig.get_path("scripts"))
    templates = [str(path) for path in sorted(ROOT.glob("*/templates/**/*.html"))]
    templates += [str(path) for path in sorted(ROOT.glob("templates/**/*.html"))]
    djade = [[str(scripts / "djade"), "--check", "--target-version", "5.2", *templates]]
    return [
        [str(scripts / "ruff"), "check", "--quiet", "."],
        [str(scripts / "ruff"), "format", "--check", "--quiet", "."],
        *(djade if templates else []),
        [sys.executable, "-m", "mypy", "."],
    ]


def run(command: list[str]) -> int:
    """Run a program in our place: what stops us stops it; its exit status."""
    process = subprocess.Popen(command)
    while True:
        try:
            status = process.wait()
        except Stopped as stopped:
            # Ctrl-C in a terminal has reached it already.
            if stopped.number != signal.SIGINT or not os.isatty(0):
                process.send_signal(stopped.number)
        else:
            return status if status >= 0 else 128 - status
