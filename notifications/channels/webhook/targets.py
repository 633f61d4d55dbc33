"""Where a webhook may be posted to: the addresses of the world outside, and no others.

The address that was looked at is the one that is connected to, so that a name cannot lead
elsewhere by the time of the connection (DNS rebinding).
"""

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

PORTS = {"http": 80, "https": 443}
UNICAST = ip_network("2000::/3")  # RFC 4291, 2.4: all that IPv6 has given out
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
IN_PATHS = "/%:@!$&'()*+,;=~"

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Iterable[str]]


class BadTarget(ValueError):
    """An address that no message is posted to; str() says why, for people."""


class Unknown(OSError):
    """A name for which there is no address now; str() says so, for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the web, taken apart. `host` is ASCII; `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken there."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The parts of an address; raises BadTarget."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        name = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise BadTarget(_("This is no address of the web.")) from None
    if parts.scheme not in PORTS:
        raise BadTarget(_("Write an address that begins with https:// or http://."))
    if parts.username is not None or parts.password is not None:
        raise BadTarget(
            _("Leave the name and the password out of the address: the signature proves who sends.")
        )
    if not name:
        raise BadTarget(_("This is no address of the web."))
    path = quote(parts.path or "/", safe=IN_PATHS)
    query = f"?{quote(parts.query, safe=IN_PATHS + '?')}" if parts.query else ""
    return Target(parts.scheme, name, port or PORTS[parts.scheme], path + query)


def is_outside(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether messages may go there: to the internet, or to a network that is `allowed`.

    What leads to an IPv4 address (RFC 4291 2.5.5.2, RFC 6052, RFC 3056) is judged by that.
    """
    if isinstance(address, IPv6Address):
        if inner := _embedded(address):
            return is_outside(inner, allowed)
        public = address in UNICAST and address.is_global
    else:
        public = address.is_global and not address.is_multicast
    return public or any(address in network for network in allowed)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def addresses_of(
    target: Target, allowed: Sequence[Network], *, resolve: Resolver, seconds: float
) -> list[str]:
    """The addresses of the target's host, each of which may be connected to.

    Raises BadTarget if one of them may not be, and Unknown if there is none, or none is found
    in that many seconds.
    """
    found = [ip_address(text) for text in _resolved(target, resolve, seconds)]
    if not all(is_outside(address, allowed) for address in found):
        raise BadTarget(
            _(
                "The address leads into an internal network; WEBHOOK_NETWORKS says which of these"
                " may be posted to."
            )
        )
    return [str(address) for address in found]


def _resolved(target: Target, resolve: Resolver, seconds: float) -> Iterable[str]:
    """What the resolver finds, without waiting for it any longer."""
    found: list[Iterable[str]] = []

    def ask() -> None:
        try:
            found.append(list(resolve(target.host, target.port)))
        except (OSError, UnicodeError):
            return

    # A question to the system's resolver cannot be called off.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found or not found[0]:
        raise Unknown(_("The name of the host is not known."))
    return found[0]


def by_name(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host, in its order; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))
