"""A program on loopback that webhooks are posted to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from accounts.models import User
from notifications.models import HookEvent, Webhook

SECRET = "wqZTfb-kJ2o_key"


@dataclass
class Received:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A program that takes POSTs, and answers with `statuses` in turn, then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [one.json["event"] for one in self.received]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.received.append(Received(self.path, headers, body))
            self.send_response(found.statuses.pop(0) if found.statuses else 204)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/in"
        yield found
        server.shutdown()
        thread.join()


def hook(viewer: User, url: str, *events: HookEvent, **fields: Any) -> Webhook:
    """A webhook, for all events unless said otherwise."""
    chosen = [event.value for event in events or HookEvent]
    values = {"name": "Ledger", "secret": SECRET, "url": url, "events": chosen, **fields}
    return Webhook.objects.create(viewer=viewer, **values)
