"""The embedded PostgreSQL: started for whoever needs it, stopped by the last one out."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from scheduler_site import embedded
from scheduler_site.embedded import revive, serving
from scheduler_site.postgres import DatabaseTrouble, Server
from scheduler_site.unprivileged import Account

ROOT = Path(embedded.__file__).resolve().parent.parent

HOLD = """
import sys
from pathlib import Path
from scheduler_site.embedded import serving
with serving(Path(sys.argv[1])) as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state directory with spaces in its path, whose server was started and stopped once."""
    directory = tmp_path_factory.mktemp("a state") / "with spaces"
    with serving(directory):
        pass
    yield directory
    if (directory / "postgres").is_symlink():  # as root the data lie outside
        shutil.rmtree(Path(os.readlink(directory / "postgres")).parent)


@pytest.fixture
def directory(prepared: Path) -> Iterator[Path]:
    """The prepared directory; whatever a test leaves running is stopped."""
    yield prepared
    server = Server.of(prepared)
    if server.is_alive():
        server.stop()


def ask(server: Server, question: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


def hold(directory: Path) -> subprocess.Popen[str]:
    """Another process that uses the server of `directory` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()  # it serves
    return process


def postmaster(server: Server) -> psutil.Process:
    return psutil.Process(int(server.pid_lines()[0]))


def test_serves_a_database_over_a_private_socket_only(directory: Path) -> None:
    with serving(directory) as server:
        assert ask(server, "SELECT current_database()::text") == "scheduler"
        assert ask(server, "SHOW listen_addresses") == ""
        socket = server.socket_directory()
        assert socket is not None
        assert server.home.account.is_private(socket)
        assert len(os.fsencode(socket / ".s.PGSQL.5432")) < 100


def test_sorts_and_changes_case_alike_on_every_machine(directory: Path) -> None:
    with serving(directory) as server:
        assert ask(server, "SELECT upper('žluť')") == "ŽLUŤ"
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SHOW timezone") == "UTC"


def test_leaves_nothing_behind(directory: Path) -> None:
    with serving(directory) as server:
        socket = server.socket_directory()

    assert not server.processes()
    assert socket is not None
    assert not socket.exists()


def test_keeps_what_was_written(directory: Path) -> None:
    with serving(directory) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    with serving(directory) as server:
        assert ask(server, "SELECT number FROM kept") == 42


def test_two_share_one_server_and_the_last_one_stops_it(directory: Path) -> None:
    with serving(directory) as server:
        other = hold(directory)
        first = postmaster(server)

    assert first.is_running()
    other.communicate()

    assert not server.processes()


def test_one_that_was_killed_does_not_count(directory: Path) -> None:
    with serving(directory) as server:
        other = hold(directory)
        other.kill()
        other.communicate()

    assert not server.processes()


def test_uses_the_server_that_a_killed_one_left(directory: Path) -> None:
    other = hold(directory)
    server = Server.of(directory)
    left = postmaster(server)
    other.kill()
    other.communicate()

    with serving(directory) as server:
        assert postmaster(server) == left
    assert not server.processes()


@pytest.mark.parametrize("pid", ["another process", "no process", "garbage"])
def test_recovers_from_a_stale_pid_file(directory: Path, pid: str) -> None:
    """As after a restart of the machine: the old pid is free, or an unrelated process has it."""
    with serving(directory) as server:
        stale = (server.data / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "1000"], **server.home.account.options())
    number = {"another process": str(bystander.pid), "no process": "999999999", "garbage": ""}[pid]
    (server.data / "postmaster.pid").write_text("\n".join([number, *stale[1:], ""]))
    server.home.account.own(server.data / "postmaster.pid")

    with serving(directory) as server:
        assert ask(server, "SELECT 1") == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_does_not_look_for_the_server_where_others_may_put_one(
    directory: Path, tmp_path: Path
) -> None:
    with serving(directory) as server:
        stale = (server.data / "postmaster.pid").read_text().splitlines()
    tmp_path.chmod(0o755)
    (server.data / "postmaster.pid").write_text("\n".join(["1", *stale[1:4], str(tmp_path), ""]))

    assert server.socket_directory() is None
    with serving(directory):
        assert server.socket_directory() != tmp_path


def test_comes_back_where_it_was_when_it_is_killed(directory: Path) -> None:
    with serving(directory) as server:
        url = server.url()
        killed = postmaster(server)
        killed.send_signal(signal.SIGKILL)
        psutil.wait_procs([killed], timeout=10)

        revive(server)

        assert server.url() == url
        assert ask(server, "SELECT 1") == 1


def test_an_interrupted_creation_is_made_again(tmp_path: Path) -> None:
    draft = Server.of(tmp_path).data.with_name("postgres.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with serving(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1
    if server.home.is_outside:
        shutil.rmtree(server.data.parent)


def test_data_of_another_major_version_are_left_alone(tmp_path: Path) -> None:
    server = Server.of(tmp_path)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(DatabaseTrouble, match=r"PostgreSQL 17.*backup FILE.*restore FILE"):
        server.ensure_running()

    assert [path.name for path in server.data.iterdir()] == ["PG_VERSION"]
    if server.home.is_outside:
        shutil.rmtree(server.data.parent)


def test_a_full_disk_is_one_sentence(directory: Path) -> None:
    words = "FATAL:  could not write lock file: No space left on device\nchild exited"

    assert str(Server.of(directory).trouble(words)).startswith("The disk is full")


def test_other_trouble_says_the_reason_and_where_to_read_on(directory: Path) -> None:
    words = "LOG:  starting\nFATAL:  data directory has wrong ownership\nHINT: …"

    sentence = str(Server.of(directory).trouble(words))

    assert "data directory has wrong ownership" in sentence
    assert str(directory / "postgres.log") in sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hide from PostgreSQL")
class TestAsRoot:
    def test_runs_as_somebody_unprivileged(self, directory: Path) -> None:
        with serving(directory) as server:
            process = postmaster(server)
            assert process.uids().real != 0
            assert process.username() == server.home.account.name

    def test_opens_no_folder_of_others(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        before = [(path, path.stat()) for path in (tmp_path, private, ROOT, ROOT.parent)]

        with serving(private / "var") as server:
            assert not server.data.is_relative_to(private)
        shutil.rmtree(server.data.parent)

        for path, status in before:
            assert (path.stat().st_mode, path.stat().st_uid) == (status.st_mode, status.st_uid)

    def test_each_clone_has_a_folder_of_its_own(self, tmp_path: Path, directory: Path) -> None:
        (tmp_path / "var").mkdir()

        another = Server.of(tmp_path / "var").data

        assert another != Server.of(directory).data
        assert another == Server.of(tmp_path / "var").data
        shutil.rmtree(another.parent)

    def test_a_clone_of_an_ordinary_user_stays_theirs(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        nobody = Account.of(65534)
        nobody.own(tmp_path / "postgres")

        server = Server.of(tmp_path)

        assert server.home.account == nobody
        assert server.data == tmp_path / "postgres"
