"""Handing mails to a real SMTP server on this machine."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.models import Delivery
from scheduler_site import environment
from tests.factories import NOW, ana, ben, book, cy
from tests.notifications.conftest import calendar_method
from tests.notifications.servers import Serve, free_port, mail_servers

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=1)
DATA = Path(__file__).parent / "data"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(**options)`: a server that runs until the test ends, and its port."""
    with mail_servers() as serve:
        yield serve


@pytest.fixture
def use(settings: Any) -> Callable[[str], None]:
    """`use(EMAIL_URL)`: as the environment sets it."""

    def use(url: str) -> None:
        for name, value in environment.mail(url).items():
            setattr(settings, name, value)

    return use


def send(now: Any = SOON) -> bool:
    announce(now)
    return send_due(now, until=time.monotonic() + 30)


def outcome() -> dict[str, tuple[str, str]]:
    return {row.address: (row.status, row.error) for row in Delivery.objects.filter(about=None)}


def test_invitations_arrive_over_one_connection(serve: Serve, use: Any) -> None:
    mailbox, port = serve()
    use(f"smtp://localhost:{port}")
    book(ana(), "2027-03-10 10:00", 60, ben(), cy(), "marta@silva.example", title="Größe")
    assert send()
    assert [e.rcpt_tos for e in mailbox.taken] == [
        ["ben@example.com"],
        ["cy@example.com"],
        ["marta@silva.example"],
    ]
    assert mailbox.connections == 1
    received: Any = message_from_bytes(mailbox.taken[0].original_content or b"", policy=default)
    assert received["Subject"] == "Invitation: Größe, Wed 10 March, 10:00–11:00 CET"
    assert calendar_method(received) == "REQUEST"
    assert set(outcome().values()) == {("sent", "")}


def test_refused_recipient_fails_and_the_others_get_theirs(serve: Serve, use: Any) -> None:
    mailbox, port = serve()
    use(f"smtp://localhost:{port}")
    mailbox.say["ben@example.com"] = "550 5.1.1 No such user"
    mailbox.say["cy@example.com"] = "450 4.2.1 Greylisted, come again"
    book(ana(), "2027-03-10 10:00", 60, ben(), cy(), "marta@silva.example")
    assert send()
    assert outcome() == {
        "ben@example.com": ("failed", "550 5.1.1 No such user"),
        "cy@example.com": ("waiting", "450 4.2.1 Greylisted, come again"),
        "marta@silva.example": ("sent", ""),
    }
    del mailbox.say["cy@example.com"]
    send(SOON + timedelta(minutes=1))
    assert outcome()["cy@example.com"] == ("sent", "")


@pytest.mark.parametrize(
    ("where", "said", "status"),
    [
        pytest.param("DATA", "554 5.7.1 Looks like spam", "failed", id="content refused"),
        pytest.param("DATA", "452 4.3.1 Disk full", "waiting", id="no room now"),
        pytest.param("MAIL", "553 5.1.8 We do not know you", "waiting", id="our own address"),
    ],
)
def test_other_refusals(serve: Serve, use: Any, where: str, said: str, status: str) -> None:
    mailbox, port = serve()
    use(f"smtp://localhost:{port}")
    mailbox.say[where] = said
    book(ana(), "2027-03-10 10:00", 60, ben())
    send()
    assert outcome() == {"ben@example.com": (status, said)}


def test_server_that_is_down_and_comes_back(serve: Serve, use: Any) -> None:
    mailbox, port = serve()
    use(f"smtp://localhost:{free_port()}")  # nothing listens there
    book(ana(), "2027-03-10 10:00", 60, ben(), cy())
    assert not send()
    ((status, error),) = set(outcome().values())
    assert status == "waiting"
    assert error.startswith("The mail server does not answer: ")
    use(f"smtp://localhost:{port}")
    assert send(SOON + timedelta(minutes=1))
    assert len(mailbox.taken) == 2


def test_server_that_hangs_up_may_have_taken_the_message(serve: Serve, use: Any) -> None:
    mailbox, port = serve()
    use(f"smtp://localhost:{port}")
    mailbox.say["hang up"] = "now"
    book(ana(), "2027-03-10 10:00", 60, ben())
    send()
    row = Delivery.objects.get()
    assert (row.status, row.in_doubt, row.attempts) == ("waiting", True, 1)
    del mailbox.say["hang up"]
    send(SOON + timedelta(minutes=1))
    (envelope,) = mailbox.taken[-1:]
    received = message_from_bytes(envelope.original_content or b"", policy=default)
    assert str(row.uid) in received["Message-ID"]


def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(DATA / "localhost.crt", DATA / "localhost.key")
    return context


def allow(user: bytes, password: bytes) -> Any:
    """An authenticator that knows one person."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=known)  # not handled: the server says 535

    return check


def test_certificate_of_nobody_we_trust_is_not_accepted(serve: Serve, use: Any) -> None:
    mailbox, port = serve(tls_context=tls(), require_starttls=True)
    use(f"smtp+tls://localhost:{port}")
    book(ana(), "2027-03-10 10:00", 60, ben())
    assert not send()
    assert mailbox.taken == []
    assert "CERTIFICATE_VERIFY_FAILED" in outcome()["ben@example.com"][1]


def test_certificate_of_another_host_is_not_accepted(
    serve: Serve, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "localhost.crt"))
    mailbox, port = serve(tls_context=tls(), require_starttls=True)
    use(f"smtp+tls://127.0.0.1:{port}")
    book(ana(), "2027-03-10 10:00", 60, ben())
    assert not send()
    assert mailbox.taken == []


def test_trusted_server_is_signed_in_to_over_tls(
    serve: Serve, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "localhost.crt"))
    mailbox, port = serve(
        tls_context=tls(),
        require_starttls=True,
        auth_required=True,
        authenticator=allow(b"calendar", b"s3cret!/@"),
    )
    use(f"smtp+tls://calendar:s3cret!%2F%40@localhost:{port}")
    book(ana(), "2027-03-10 10:00", 60, ben())
    assert send()
    assert mailbox.secure == [True]
    assert outcome() == {"ben@example.com": ("sent", "")}


def test_wrong_password_is_nobodys_message(
    serve: Serve, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "localhost.crt"))
    _mailbox, port = serve(
        tls_context=tls(),
        require_starttls=True,
        auth_required=True,
        authenticator=allow(b"calendar", b"right"),
    )
    use(f"smtp+tls://calendar:wrong@localhost:{port}")
    book(ana(), "2027-03-10 10:00", 60, ben())
    assert not send()
    status, error = outcome()["ben@example.com"]
    assert status == "waiting"
    assert error.startswith("The mail server does not let us in: 535")
