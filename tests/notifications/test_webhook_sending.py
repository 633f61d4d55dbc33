"""One POST at real endpoints on loopback: where it may go, and that nothing holds it up."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from notifications.channels.webhook.sending import post
from notifications.channels.webhook.targets import (
    BadTarget,
    Target,
    Unknown,
    addresses_of,
    by_name,
    is_outside,
    target_of,
)
from scheduler_site import environment

DATA = Path(__file__).parent / "data"
HERE = (ip_network("127.0.0.0/8"),)
Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)`: the port where one connection is given to `answer`."""
    threads: list[threading.Thread] = []
    listening: list[socket.socket] = []

    def serve(answer: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)

        def take() -> None:
            try:
                connected, _address = listener.accept()
                with connected:
                    answer(connected)
            except OSError:
                return  # whoever was there has gone

        threads.append(threading.Thread(target=take, daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield serve
    for listener in listening:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # nobody waits for a connection any more
        listener.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def heard(connected: socket.socket) -> bytes:
    """All of a request; closing a connection with some of it unread would break it off."""
    found = b""
    while not found.endswith(b"\r\n\r\n{}"):
        found += connected.recv(65536)
    return found


def sent(port: int, seconds: float = 10.0, **more: object) -> int:
    """The status of a POST to a name that only our resolver knows."""
    target = Target("http", "hook.example", port, "/in")
    more = {"resolve": lambda host, port: ["127.0.0.1"], **more}
    return post(target, b"{}", {}, allowed=HERE, seconds=seconds, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.7", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff0e::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:7f00:1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2001:db8::1", "100::1"),
    ],
)
def test_addresses_inside_are_no_targets(text: str) -> None:
    assert not is_outside(ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_addresses_of_the_internet_are(text: str) -> None:
    assert is_outside(ip_address(text))


def test_networks_that_are_allowed_are_also_seen_through_ipv6() -> None:
    allowed = (ip_network("10.20.0.0/16"), ip_network("fd00:7::/32"))
    assert is_outside(ip_address("10.20.1.1"), allowed)
    assert is_outside(ip_address("::ffff:10.20.1.1"), allowed)
    assert is_outside(ip_address("fd00:7::1"), allowed)
    assert not is_outside(ip_address("10.21.1.1"), allowed)


def test_networks_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWORKS", " 10.20.0.0/16, fd00:7::/32,")
    assert environment.networks("NETWORKS") == [
        *(ip_network("10.20.0.0/16"), ip_network("fd00:7::/32"))
    ]
    monkeypatch.setenv("NETWORKS", "10.20.1.1/16")
    with pytest.raises(ImproperlyConfigured, match=r"NETWORKS: .* has host bits set; write"):
        environment.networks("NETWORKS")


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "127.1", "0x7f000001", "localhost"])
def test_other_spellings_of_this_machine_are_no_targets(host: str) -> None:
    target = target_of(f"http://{host}:8000/in")
    with pytest.raises(BadTarget, match="internal network"):
        addresses_of(target, (), resolve=by_name, seconds=10)


def test_a_name_with_an_address_inside_is_none_though_it_has_one_outside() -> None:
    target = target_of("https://hook.example/in")
    with pytest.raises(BadTarget, match="internal network"):
        addresses_of(target, (), resolve=lambda *_: ["8.8.8.8", "10.0.0.1"], seconds=10)
    with pytest.raises(Unknown):
        addresses_of(target, (), resolve=lambda *_: [], seconds=10)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://hook.example/", "file:///etc/passwd", "hook.example", "https://", "http://a:b/"),
        *("https://user:secret@hook.example/", "https://user@hook.example/"),
    ],
)
def test_what_is_no_address_of_the_web(url: str) -> None:
    with pytest.raises(BadTarget):
        target_of(url)


def test_addresses_are_written_as_the_web_wants_them() -> None:
    target = target_of("https://bücher.example:8443/an/ä b?q=ü&r=%20#part")
    assert target.host == "xn--bcher-kva.example"
    assert target.authority == "xn--bcher-kva.example:8443"
    assert target.path == "/an/%C3%A4%20b?q=%C3%BC&r=%20"
    assert target_of("http://[2606:4700::1]/").authority == "[2606:4700::1]"


def test_the_address_that_was_checked_is_connected_to(serve: Serve) -> None:
    asked: list[str] = []
    requests: list[bytes] = []

    def answer(connected: socket.socket) -> None:
        requests.append(heard(connected))
        connected.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    def resolve(host: str, port: int) -> list[str]:
        """Elsewhere from the second time on."""
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    port = serve(answer)
    assert sent(port, resolve=resolve) == 204
    assert asked == ["hook.example"]
    head = requests[0].decode().split("\r\n")
    assert head[0] == "POST /in HTTP/1.1"
    assert f"Host: hook.example:{port}" in head


def test_a_redirect_leads_nowhere_and_no_proxy_is_asked(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = threading.Event()
    elsewhere = serve(lambda connected: followed.set())
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere}")

    def answer(connected: socket.socket) -> None:
        heard(connected)
        to = f"http://127.0.0.1:{elsewhere}/"
        connected.sendall(f"HTTP/1.1 307 Go\r\nLocation: {to}\r\n\r\n".encode())

    assert sent(serve(answer)) == 307
    assert not followed.is_set()


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nX: "], ids=["status", "headers"])
def test_an_answer_in_drops_is_given_up(serve: Serve, begun: bytes) -> None:
    def answer(connected: socket.socket) -> None:
        heard(connected)
        connected.sendall(begun)
        while True:
            connected.sendall(b"H")
            threading.Event().wait(0.005)

    with pytest.raises(TimeoutError):
        sent(serve(answer), seconds=0.5)


def test_who_says_nothing_is_given_up_and_so_is_a_resolver(serve: Serve) -> None:
    gone = threading.Event()
    port = serve(lambda connected: gone.wait(10) and None)
    with pytest.raises(TimeoutError):
        sent(port, seconds=0.5)
    with pytest.raises(Unknown):
        sent(port, seconds=0.5, resolve=lambda *_: gone.wait(10) and [])
    gone.set()


def test_of_a_huge_answer_only_the_beginning_is_read(serve: Serve) -> None:
    written: list[int] = []

    def answer(connected: socket.socket) -> None:
        heard(connected)
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        piece = b"x" * 65536
        while True:
            connected.sendall(piece)
            written.append(len(piece))
            assert sum(written) < 64 * 1024 * 1024

    assert sent(serve(answer)) == 200


def test_the_certificate_has_to_be_that_of_the_host(serve: Serve) -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(DATA / "localhost.crt", DATA / "localhost.key")
    trusted = ssl.create_default_context(cafile=DATA / "localhost.crt")

    def answer(connected: socket.socket) -> None:
        with closing(ours.wrap_socket(connected, server_side=True)) as secured:
            heard(secured)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def posted(host: str, believed: ssl.SSLContext | None) -> int:
        target = Target("https", host, serve(answer), "/")
        here = {"allowed": HERE, "resolve": lambda *_: ["127.0.0.1"], "seconds": 10.0}
        return post(target, b"{}", {}, trusted=believed, **here)  # type: ignore[arg-type]

    assert posted("localhost", trusted) == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        posted("hook.example", trusted)
    with pytest.raises(ssl.SSLCertVerificationError):
        posted("localhost", None)
