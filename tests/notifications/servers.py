"""A mail server and a service for short messages on this machine, which keep what they took."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Serve = Callable[..., tuple["Mailbox", int]]


class Mailbox:
    """What the server took, and what it is to say instead; `before` it takes a mail it calls."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.secure: list[bool] = []
        self.say: dict[str, str] = {}
        self.connections = 0
        self.before: Callable[[], None] = lambda: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return lines

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.say:
            return self.say[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.say.get("MAIL", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "hang up" in self.say:
            assert server.transport is not None
            server.transport.abort()
        if "DATA" in self.say:
            return self.say["DATA"]
        self.before()
        self.taken.append(envelope)
        self.secure.append(session.ssl is not None)
        return "250 OK"


class Texts:
    """What a service for short messages took, as (number, text), and the status it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.say = 200
        self.url = ""


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def mail_servers() -> Iterator[Serve]:
    """`serve(**options)`: a server that runs until the end, and its port."""
    running: list[Controller] = []

    def serve(**options: Any) -> tuple[Mailbox, int]:
        mailbox, port = Mailbox(), free_port()
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return mailbox, port

    try:
        yield serve
    finally:
        for controller in running:
            controller.stop()


@contextmanager
def text_service() -> Iterator[Texts]:
    """A service that takes every short message."""
    texts = Texts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if texts.say == 200:
                number = self.path.rpartition("/")[2].replace("%2B", "+")
                texts.taken.append((number, body["message"]))
            self.send_response(texts.say)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    texts.url = f"json://127.0.0.1:{server.server_address[1]}/{{to}}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield texts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
