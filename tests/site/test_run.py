"""`./run`: finds a Python, installs once, and says in one sentence what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler_site.launch import install

ROOT = Path(install.__file__).resolve().parent.parent.parent

# Stands in for the environment's Python: notes what it is asked, and lets pip end as $PIP says.
PYTHON_STUB = """#!/bin/sh
echo "$@" >>"{notes}"
if [ "$1 $2" = "-m pip" ]; then
    sleep 0.3
    [ -z "${{PIP:-}}" ] || {{ echo "$PIP" >&2; exit 1; }}
fi
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in a path with spaces, with as much of it as `./run` needs before it installs."""
    clone = tmp_path / "my clones" / "scheduler"
    (clone / "scheduler_site" / "launch").mkdir(parents=True)
    shutil.copy(ROOT / "run", clone)
    shutil.copy(ROOT / "scheduler_site/launch/install.py", clone / "scheduler_site/launch")
    (clone / "requirements.txt").write_text("one==1\n")
    (clone / "requirements-dev.txt").write_text("two==2\n")
    return clone


@pytest.fixture
def environment(clone: Path) -> Path:
    """An environment that is made already; what its Python was asked, line by line."""
    notes = clone / "notes"
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON_STUB.format(notes=notes))
    python.chmod(0o755)
    notes.touch()
    return notes


def run(clone: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "run", *arguments],
        env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}", **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def commands_path(tmp_path: Path, **programs: str) -> str:
    """A PATH that holds nothing but what `run` itself needs, and these scripts."""
    folder = tmp_path / "bin"
    folder.mkdir()
    dirname = shutil.which("dirname")
    assert dirname is not None
    (folder / "dirname").symlink_to(dirname)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_is_plain_shell() -> None:
    shell = shutil.which("dash") or "sh"

    subprocess.run([shell, "-n", ROOT / "run"], check=True)


def test_without_python_says_what_is_needed(clone: Path, tmp_path: Path) -> None:
    result = run(clone, PATH=commands_path(tmp_path))

    assert result.returncode == 1
    assert result.stderr.startswith("Python 3.11 or newer is needed")
    assert result.stderr.count("\n") == 1


def test_a_python_that_is_too_old_does_not_do(clone: Path, tmp_path: Path) -> None:
    result = run(clone, PATH=commands_path(tmp_path, python3="exit 1"))

    assert result.returncode == 1
    assert result.stderr.startswith("Python 3.11 or newer is needed")


def test_finds_a_newer_python_beside_an_old_one(clone: Path, tmp_path: Path) -> None:
    newer = '[ "$1" = -c ] || echo "newer: $@"'
    path = commands_path(tmp_path, python3="exit 1", **{"python3.12": newer})

    result = run(clone, "manage", "two words", PATH=path)

    assert result.returncode == 0
    assert result.stdout == f"newer: {clone}/scheduler_site/launch/install.py manage two words\n"


def test_a_python_that_was_named_and_is_none_is_refused(clone: Path) -> None:
    result = run(clone, PYTHON="/nowhere/python")

    assert result.returncode == 1
    assert result.stderr.startswith("PYTHON=/nowhere/python is not Python 3.11 or newer")


def test_installs_once_and_again_when_the_file_changes(clone: Path, environment: Path) -> None:
    assert run(clone, "manage", "check").returncode == 0
    assert run(clone).returncode == 0
    (clone / "requirements.txt").write_text("one==2\n")
    assert run(clone).returncode == 0

    asked = environment.read_text().splitlines()
    installs = f"-m pip {' '.join(install.INSTALL)} -r {clone}/requirements.txt"
    assert asked == [
        installs,
        "-m scheduler_site.launch manage check",
        "-m scheduler_site.launch",
        installs,
        "-m scheduler_site.launch",
    ]


def test_tests_have_requirements_of_their_own(clone: Path, environment: Path) -> None:
    run(clone, "test", "-x")

    installing, testing = environment.read_text().splitlines()
    assert installing.endswith("/requirements-dev.txt")
    assert testing == "-m scheduler_site.launch test -x"


def test_every_package_is_checked_against_its_hash() -> None:
    assert "--require-hashes" in install.INSTALL


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param("[Errno 28] No space left on device", "The disk is full", id="full disk"),
        pytest.param(
            "ERROR: Could not find a version that satisfies the requirement one==1",
            "The packages could not be fetched: check the network",
            id="no network",
        ),
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A package is not the one that was pinned",
            id="another package",
        ),
    ],
)
def test_one_sentence_says_why_nothing_was_installed(
    clone: Path, environment: Path, words: str, sentence: str
) -> None:
    result = run(clone, PIP=words)

    assert result.returncode == 1
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert "scheduler_site.launch" not in environment.read_text()


def test_unknown_trouble_is_shown_as_pip_tells_it(clone: Path, environment: Path) -> None:
    result = run(clone, PIP="ERROR: the moon is full")

    assert result.returncode == 1
    assert "the moon is full" in result.stderr


def test_what_failed_is_tried_again(clone: Path, environment: Path) -> None:
    run(clone, PIP="ERROR: anything")

    assert run(clone).returncode == 0
    assert environment.read_text().splitlines()[-1] == "-m scheduler_site.launch"


def test_two_at_once_install_once(clone: Path, environment: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, clone / "scheduler_site/launch/install.py"], stdout=subprocess.DEVNULL
        )
        for _ in range(2)
    ]

    assert [process.wait() for process in both] == [0, 0]
    asked = environment.read_text().splitlines()
    launch = "scheduler_site.launch"
    assert [line.split()[1] for line in asked] == ["pip", launch, launch]


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Path) -> None:
    """As after the machine's Python was replaced."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/nowhere/python3.11")
    (clone / ".venv" / "installed-requirements.txt").write_text(
        install.fingerprint(clone / "requirements.txt")
    )
    for name in ("requirements.txt", "requirements-dev.txt"):
        (clone / name).write_text("# nothing to install\n")

    result = run(clone)

    assert python.exists()
    assert (
        "No module named scheduler_site" in result.stderr
    )  # it went on, as far as this clone goes
