"""How gunicorn serves: `gunicorn --config scheduler_site/gunicorn.py`."""

import os
from pathlib import Path
from typing import Any

from accounts import meters, processes
from notifications.kinship import die_with
from scheduler_site import environment, logs

os.environ[processes.DIRECTORY] = str(environment.metrics_directory())

wsgi_app = "scheduler_site.wsgi:application"
_listener = os.environ.get("SCHEDULER_LISTENER")  # from the launcher, who holds the port
_bind = os.environ.get("BIND") or "127.0.0.1"
_host = f"[{_bind}]" if ":" in _bind else _bind
bind = f"fd://{_listener}" if _listener else f"{_host}:{os.environ.get('PORT') or 8000}"
limit_request_line = 8190  # a search for a hundred people
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "gthread"
threads = 4
max_requests = 2000
max_requests_jitter = 200
graceful_timeout = 10
control_socket_disable = True
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"  # a heartbeat that no slow disk can hold up
accesslog = None  # addresses hold tokens; see scheduler_site/access.py
loglevel = "warning"
# What it says itself is written as our own lines are.
logconfig_dict = logs.configuration(**environment.logs(demo=environment.mode(_bind) == "demo"))


def when_ready(server: Any) -> None:
    """The master counts nothing, but it uses memory."""
    processes.enter("web_master")


def post_fork(server: Any, worker: Any) -> None:
    """A worker whose master was killed lets go of the port."""
    die_with(worker.ppid)
    processes.enter("web")
    meters.request_threads.labels("web").set(threads)
