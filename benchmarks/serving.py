"""The web server as `./run` starts it, on the database of the benchmarks."""

import contextlib
import http.client
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from notifications.kinship import die_with
from scheduler_site.launch.serve import GUNICORN, listen

FIRST_ANSWER_SECONDS = 60
UNLIMITED = "1000000"


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The port on loopback where it answers; without rate limits, with a folder of its own."""
    ours = os.getpid()
    with tempfile.TemporaryDirectory() as folder, listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        (Path(folder) / "static").mkdir()
        server = subprocess.Popen(
            GUNICORN,
            env={
                **os.environ,
                **environment(folder),
                "SCHEDULER_LISTENER": str(listener.fileno()),
                "PORT": str(port),
                "API_RATE": UNLIMITED,
                "API_BURST": UNLIMITED,
            },
            pass_fds=[listener.fileno()],
            preexec_fn=lambda: die_with(ours),
        )
        try:
            _wait_for(server, port)
            yield port
        finally:
            server.terminate()
            server.wait()


def environment(folder: str) -> dict[str, str]:
    """What makes a program of the project's work on this database, with `folder` as its own."""
    database = connection.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    parts = {name: database[key] for name, key in {**names, "port": "PORT"}.items()}
    return {
        "DATABASE_URL": make_conninfo(
            **{name: value for name, value in parts.items() if value}, **database["OPTIONS"]
        ),
        "DJANGO_SETTINGS_MODULE": "scheduler_site.settings",
        "SCHEDULER_DATA_DIR": folder,
        "SECRET_KEY": settings.SECRET_KEY,
        "BIND": "127.0.0.1",
    }


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers. Raises RuntimeError if it does not."""
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        finally:
            line.close()
        time.sleep(0.1)
    raise RuntimeError("The web server does not answer.")
