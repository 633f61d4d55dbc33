"""Makes the clone's `.venv`, installs the pinned packages into it, and goes on there.

Runs on the machine's Python, before any package is there: standard library only.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")

# What pip says → what to do about it.
KNOWN_TROUBLE = (
    ("No space left on device", "The disk is full: make room, then start again."),
    ("Disk quota exceeded", "The disk quota is used up: make room, then start again."),
    (
        "Permission denied",
        f"{ENVIRONMENT} cannot be written: start as the user it belongs to, or delete it.",
    ),
    (
        "DO NOT MATCH THE HASHES",
        "A package is not the one that was pinned (its checksum differs): nothing was installed.",
    ),
    (
        "Could not find a version",
        "The packages could not be fetched: check the network connection (and pip's settings),"
        " then start again.",
    ),
)


class CannotInstall(Exception):
    """The packages cannot be installed; the message says what to do."""


def main(arguments: list[str]) -> None:
    """Install what the command in `arguments` needs, then become that command."""
    requirements = ROOT / (
        "requirements-dev.txt" if arguments[:1] == ["test"] else "requirements.txt"
    )
    try:
        if not is_installed(requirements):
            with open(ROOT / "run") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # two at once: the second waits and finds it done
                if not is_installed(requirements):
                    install(requirements)
    except CannotInstall as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(explain(str(error)) or f"The environment cannot be made: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    # The project is found wherever one stands, and nothing that lies there is taken for a module.
    os.environ.update(PYTHONPATH=str(ROOT), PYTHONSAFEPATH="1")
    os.execv(PYTHON, [str(PYTHON), "-m", "scheduler_site.launch", *arguments])


def is_installed(requirements: Path) -> bool:
    """Whether this very file was installed to the end, into an environment that works."""
    stamp = stamp_of(requirements)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(requirements)


def stamp_of(requirements: Path) -> Path:
    return ENVIRONMENT / f"installed-{requirements.name}"


def fingerprint(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def install(requirements: Path) -> None:
    """Make the environment if there is none that works, install, and write the stamp last."""
    if not PYTHON.exists():
        make_environment()
    print("Installing the packages (only when they change; about a minute) …", flush=True)
    result = subprocess.run(
        [PYTHON, "-m", "pip", *INSTALL, "-r", str(requirements)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if result.returncode:
        known = explain(result.stderr)
        raise CannotInstall(known or f"{result.stderr.strip()}\npip could not install (see above).")
    stamp_of(requirements).write_text(fingerprint(requirements))


def make_environment() -> None:
    """A new `.venv`, in place of one whose Python is gone; raises CannotInstall."""
    try:
        import ensurepip  # noqa: F401  Debian ships it apart
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise CannotInstall(
            "This Python cannot make environments: install its venv module"
            f" (on Debian and Ubuntu: apt install python{version}-venv), then start again."
        ) from None
    try:
        venv.create(ENVIRONMENT, clear=True, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        output = (error.output or b"").decode(errors="replace")
        raise CannotInstall(
            explain(output) or f"{output.strip()}\nThe environment {ENVIRONMENT} cannot be made."
        ) from None


def explain(output: str) -> str | None:
    """One sentence for a trouble that is known by its words, else None."""
    return next((sentence for words, sentence in KNOWN_TROUBLE if words in output), None)


if __name__ == "__main__":
    main(sys.argv[1:])
