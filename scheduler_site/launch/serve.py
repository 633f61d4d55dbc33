"""`./run`: the site and its worker, until somebody stops them."""

import errno
import http.client
import os
import socket
import subprocess
import sys
import time
from http import HTTPStatus

from django.conf import settings

from accounts import processes
from scheduler_site import embedded, environment
from scheduler_site.launch.children import ROOT, Child, is_running, stop
from scheduler_site.launch.database import database
from scheduler_site.launch.ending import CannotStart, Stopped
from scheduler_site.postgres import DatabaseTrouble, Server

MANAGE = [sys.executable, str(ROOT / "manage.py")]
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "scheduler_site/gunicorn.py")]
TICK = 0.5
TROUBLE_SECONDS = 10
# The watchdog shows life twice a second; a frozen one is replaced after this many seconds.
SILENCE = 30
# Running tasks are finished first; none takes longer than the queue's timeout.
PATIENCE = 40
FIRST_ANSWER_SECONDS = 60


def serve(arguments: list[str]) -> int:
    """Set everything up, serve until a signal comes; the exit status."""
    if arguments:
        raise CannotStart(f"./run alone starts the site; it does not know “{arguments[0]}”.")
    host = os.environ.get("BIND") or "127.0.0.1"
    listener = listen(host, environment.integer("PORT", 8000, lowest=1))
    with listener, database() as server:
        processes.enter("launcher")
        say_where_data_are(server)
        prepare()
        children = [
            Child("web server", GUNICORN, listener=listener.fileno()),
            Child("worker", [*MANAGE, "worker"], silence=SILENCE),
        ]
        try:
            start(children)
            greet(is_embedded=server is not None)
            look_after(children, server)
        except Stopped:
            print("Stopping …", flush=True)
            return 0
        finally:
            stop(children, patience=PATIENCE)
    return 0


def listen(host: str, port: int) -> socket.socket:
    """The socket that the web server will serve, ours from the start; raises CannotStart."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotStart(why_not(host, port, error)) from None
    listener.listen(2048)
    return listener


def why_not(host: str, port: int, error: Exception) -> str:
    """One sentence for an address that cannot be had."""
    another = f"choose another port, for example PORT={port + 1 if port < 65535 else 8000} ./run"
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"Port {port} is in use: {another}"
        case errno.EACCES:
            return f"Port {port} is reserved for root: {another}"
        case None:
            return f"There is no port {port}: {another}"
        case _:
            return f"BIND={host} is no address of this machine: unset it, or write BIND=0.0.0.0"


def say_where_data_are(server: Server | None) -> None:
    """Tell about what lies outside the clone."""
    if server is not None and server.home.is_outside:
        print(
            f"Started as root: the database runs as the user {server.home.account.name},"
            f" and its files are in {server.data.parent}.",
            flush=True,
        )


def prepare() -> None:
    """Bring database and static files up to date; raises CannotStart."""
    result = subprocess.run([*MANAGE, "prepare"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said = result.stderr.removeprefix("CommandError: ").strip()
    if result.returncode:
        raise CannotStart(said or "The database could not be prepared.")
    if said:
        print(said, file=sys.stderr)


def start(children: list[Child]) -> None:
    """Start all and wait until the site answers; raises CannotStart if one gives up before."""
    for child in children:
        child.start()
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while not site_answers():
        for child in children:
            if not is_running(child):
                raise CannotStart(f"The {child.name} does not start (see above).")
        if time.monotonic() > deadline:
            raise CannotStart(f"The site does not answer within {FIRST_ANSWER_SECONDS} seconds.")
        time.sleep(0.1)


def site_answers() -> bool:
    """Whether the web server lives."""
    host = settings.BIND if settings.BIND not in ("0.0.0.0", "::") else "localhost"
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def greet(*, is_embedded: bool) -> None:
    """Print where the site is, who can sign in, and what the embedded database is good for."""
    print(f"\nThe scheduler is at {settings.BASE_URL} – stop it with Ctrl-C.")
    if settings.DEMO:
        print(
            "Sign in, each with the password demo:\n"
            "  ana@example.com  organizes\n"
            "  ben@example.com  is invited\n"
            "  cy@example.com   a stranger to both\n"
            "  rae@example.com  administrator"
        )
    if is_embedded:
        print(
            "The database is embedded, for trials and small offices;"
            " docs/operation.md says how to use another."
        )
    print(flush=True)


def look_after(children: list[Child], server: Server | None) -> None:
    """Keep everything running until a signal comes."""
    while True:
        try:
            if server is not None:
                embedded.revive(server)
        except DatabaseTrouble as trouble:
            print(f"{trouble} Trying again …", flush=True)
            time.sleep(TROUBLE_SECONDS)
        for child in children:
            child.look_after()
        time.sleep(TICK)
