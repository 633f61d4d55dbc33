"""`./run` serves, and leaves nothing behind, however it ends."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scheduler_site.launch import serve
from scheduler_site.launch.ending import CannotStart
from scheduler_site.postgres import Server

ROOT = Path(serve.__file__).resolve().parent.parent.parent
LAUNCH = [sys.executable, "-m", "scheduler_site.launch"]
PATIENCE = 120  # seconds that a busy machine may take


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def variables(directory: Path, **more: str) -> dict[str, str]:
    """An environment without what the tests themselves run in."""
    ours = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SCHEDULER_MODE", "BIND", "PORT")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "SCHEDULER_DATA_DIR": str(directory), "PYTHONPATH": str(ROOT), **more}


def launch(directory: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Launch to the end."""
    return subprocess.run(
        [*LAUNCH, *arguments],
        env=variables(directory, **more),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class TestRefusal:
    """One clear sentence, an exit status that is not 0, and nothing was begun."""

    def refusal(self, directory: Path, *arguments: str, **more: str) -> str:
        result = launch(directory, *arguments, **more)
        assert result.returncode == 1
        assert result.stderr.count("\n") == 1, result.stderr
        assert not (directory / "postgres").exists()
        return result.stderr

    def test_of_a_port_in_use_names_another(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            words = self.refusal(tmp_path, PORT=str(port))

        assert words.startswith(f"Port {port} is in use: choose another port, for example PORT=")

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"PORT": "eighty"}, "PORT is 'eighty'; write a whole number"),
            ({"PORT": "70000"}, "There is no port 70000"),
            ({"BIND": "192.0.2.1"}, "BIND=192.0.2.1 is no address of this machine"),
            ({"BIND": "no such host"}, "BIND=no such host is no address of this machine"),
        ],
    )
    def test_of_an_address_that_cannot_be(
        self, tmp_path: Path, more: dict[str, str], words: str
    ) -> None:
        assert words in self.refusal(tmp_path, **more)

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("postgresql://nobody@127.0.0.1:1/none", "does not answer"),
            ("postgresql://secret:hidden@no.such.host.invalid/none", "does not answer"),
            ("mysql://localhost/none", "is not a PostgreSQL address"),
        ],
    )
    @pytest.mark.parametrize("command", [[], ["manage", "check"]], ids=["serve", "manage"])
    def test_of_a_wrong_database_url(
        self, tmp_path: Path, url: str, words: str, command: list[str]
    ) -> None:
        refusal = self.refusal(tmp_path, *command, DATABASE_URL=url, PORT=str(free_port()))

        assert "DATABASE_URL" in refusal
        assert words in refusal
        assert "hidden" not in refusal

    def test_of_a_setting_that_is_wrong(self, tmp_path: Path, database_url: str) -> None:
        words = self.refusal(
            tmp_path, PORT=str(free_port()), SCHEDULER_MODE="test", DATABASE_URL=database_url
        )

        assert words == "SCHEDULER_MODE is 'test'; write demo or production.\n"

    def test_of_an_unknown_command_names_the_known(self, tmp_path: Path) -> None:
        assert "./run manage" in self.refusal(tmp_path, "serv")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_of_a_folder_of_somebody_else(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)

        assert "SCHEDULER_DATA_DIR" in self.refusal(tmp_path / "var", PORT=str(free_port()))


def test_production_that_is_not_set_up_does_not_start(tmp_path: Path, database_url: str) -> None:
    result = launch(
        tmp_path, PORT=str(free_port()), SCHEDULER_MODE="production", DATABASE_URL=database_url
    )

    assert result.returncode == 1
    assert re.search("EMAIL_URL=.*\n.*BASE_URL=", result.stderr)
    assert "Traceback" not in result.stderr


def test_an_address_of_the_new_protocol_is_fine() -> None:
    try:
        listener = serve.listen("::1", free_port())
    except CannotStart:
        pytest.skip("this machine has no ::1")
    with listener:
        assert listener.family == socket.AF_INET6


def test_manage_passes_on_arguments_and_exit_status(tmp_path: Path, database_url: str) -> None:
    good = launch(tmp_path, "manage", "version", DATABASE_URL=database_url)
    bad = launch(tmp_path, "manage", "nonsense", DATABASE_URL=database_url)

    assert good.returncode == 0
    assert good.stdout.startswith("5.")
    assert bad.returncode == 1


@pytest.fixture
def database_url(django_db_setup: None) -> str:
    """The address of a database that answers: the tests' own server's."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    return f"postgresql://postgres@/{database['NAME']}?host={database['HOST']}"


class Site:
    """A site of our own, served by the launcher."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        url = f"http://127.0.0.1:{self.port}"
        environment = variables(self.directory, PORT=str(self.port), BASE_URL=url)
        # As production, so that no demo is loaded.
        environment |= {"SCHEDULER_MODE": "production", "EMAIL_URL": "smtp://127.0.0.1:1"}
        with open(self.directory / "output", "ab") as output:
            self.process = subprocess.Popen(
                LAUNCH, env=environment, cwd="/", stdout=output, stderr=output
            )
        deadline = time.monotonic() + 120
        while url not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def output(self) -> str:
        return (self.directory / "output").read_text()

    def routes(self) -> list[str]:
        """The routes that were asked for, as the web server's processes log them."""
        lines = [json.loads(line) for line in self.output().splitlines() if line[:1] == "{"]
        return [line["route"] for line in lines if line["logger"] == "scheduler_site.access"]

    def status(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/accounts/login/")
            return connection.getresponse().status
        finally:
            connection.close()

    def metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def processes(self) -> list[psutil.Process]:
        """All that it started, the database too."""
        assert self.process is not None
        started = psutil.Process(self.process.pid).children(recursive=True)
        return started + Server.of(self.directory).processes()

    def end(self, number: int) -> int:
        """Send a signal; the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        status = self.process.wait(timeout=120)
        (self.directory / "output").write_text("")
        return status


def shown_by_all(site: Site) -> None:
    """Whichever of its processes answers, the metrics have those of all of them."""
    roles = ("launcher", "web_master", "web", "watchdog", "queue")
    wanted = [
        'page_request_duration_seconds_count{.*page="account_login"',
        *(f'process_resident_memory_bytes{{.*process="{role}"' for role in roles),
        *(f'database_query_duration_seconds_count{{.*process="{role}"' for role in roles[2:]),
    ]
    deadline = time.monotonic() + PATIENCE
    while missing := [line for line in wanted if not re.search(f"(?m)^{line}", site.metrics())]:
        assert time.monotonic() < deadline, missing
        time.sleep(0.1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.wait()
    server = Server.of(tmp_path)
    for process in server.processes():
        process.kill()
    if server.home.is_outside:
        shutil.rmtree(server.data.parent)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_life_of_a_site(site: Site) -> None:
    """Started, stopped, started again, killed, started again, stopped with its terminal."""
    site.start()
    assert site.status() == 200
    assert "/accounts/login/" in site.routes()
    started = site.processes()
    assert len(started) >= 10
    shown_by_all(site)

    assert site.end(signal.SIGTERM) == 0
    assert all(is_gone(process) for process in started)

    site.start()
    started = site.processes()
    site.end(signal.SIGKILL)

    site.start()  # the port is free again, the database that was left is used
    assert site.status() == 200
    kept = {process.pid for process in Server.of(site.directory).processes()}
    assert all(is_gone(process) for process in started if process.pid not in kept)

    started = site.processes()
    assert site.end(signal.SIGHUP) == 0
    assert all(is_gone(process) for process in started)
    assert not Server.of(site.directory).processes()


@pytest.mark.long
def test_a_database_that_is_killed_comes_back(site: Site) -> None:
    site.start()
    server = Server.of(site.directory)
    first = server.pid_lines()[0]
    os.kill(int(first), signal.SIGKILL)

    deadline = time.monotonic() + 60
    while server.pid_lines()[:1] == [first] or not server.answers():
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert site.status() == 200
    assert site.end(signal.SIGTERM) == 0
    assert not server.processes()


@pytest.mark.long
def test_stops_soon_although_its_database_was_killed(site: Site) -> None:
    site.start()
    os.kill(int(Server.of(site.directory).pid_lines()[0]), signal.SIGKILL)

    assert site.end(signal.SIGTERM) == 0
