"""One mail: its headers and parts (RFC 5322, 2045, 6047)."""

import re
from collections.abc import Sequence
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import punycode

from meetings.ical.text import one_line
from notifications.channels.email.calendar import calendar_of
from notifications.channels.letter import letter_of
from notifications.models import Delivery
from notifications.told import Telling

LONGEST_NAME = 100
GAP = re.compile(r"\n{3,}")  # what parts that say nothing leave in a template
UNWRITABLE = re.compile("[\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class _Headers(HeaderRegistry):
    """The library's, which reads anew what is the same in every mail, as most of the parts' are."""

    def __getitem__(self, name: str) -> Any:
        return _kind_of_header(name)

    def __call__(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return _header(name, value)
        return super().__call__(name, value)


LIBRARY = HeaderRegistry()


@lru_cache(maxsize=100)
def _kind_of_header(name: str) -> Any:
    return LIBRARY[name]


@lru_cache(maxsize=500)
def _header(name: str, value: str) -> Any:
    return LIBRARY(name, value)


class _Policy(EmailPolicy):
    """The library's, but for names that are not ASCII.

    It folds these word by word and loses a space between two encoded words, where readers skip
    it (RFC 2047, 6.2). So they are encoded whole here, spaces inside.
    """

    def fold(self, name: str, value: Any) -> str:
        """The header as lines."""
        boxes: Sequence[Any] = getattr(value, "addresses", ())
        if len(boxes) != 1 or boxes[0].display_name.isascii():
            return str(super().fold(name, value))
        words = Header(boxes[0].display_name, "utf-8", header_name=name).encode(
            linesep=self.linesep
        )
        return f"{name}: {words}{self.linesep} <{boxes[0].addr_spec}>{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        return _folded(self, name, value)


@lru_cache(maxsize=500)
def _folded(policy: _Policy, name: str, value: Any) -> bytes:
    return policy.fold(name, value).encode("ascii", "surrogateescape")


# No server needs to know more than ASCII: all else is encoded.
POLICY = _Policy(linesep="\r\n", cte_type="7bit", header_factory=_Headers())


class Mime(EmailMessage):
    """A message as Django's mail backends ask for its bytes."""

    def as_bytes(
        self, unixfrom: bool = False, policy: "Policy[Any] | None" = None, *, linesep: str = "\r\n"
    ) -> bytes:
        """The message with these line ends."""
        policy = policy or self.policy
        if policy.linesep != linesep:
            policy = policy.clone(linesep=linesep)
        return super().as_bytes(unixfrom=unixfrom, policy=policy)


class Mail(mail.EmailMessage):
    """A mail whose parts are ours, for one recipient."""

    def __init__(self, mime: Mime, *, sender: str, recipient: str) -> None:
        super().__init__(subject=mime["Subject"], from_email=sender, to=[recipient])
        self.mime = mime

    def message(self, *, policy: "Policy[Any] | None" = None) -> Any:
        """The message as it goes over the wire; it has its own policy."""
        return self.mime


def mail_of(telling: Telling) -> Mail:
    """The mail that tells this."""
    service = parseaddr(settings.EMAIL_FROM)[1]
    letter = letter_of(telling)
    mime = Mime(policy=POLICY)
    mime["From"] = mailbox(letter.sender, service)
    mime["To"] = mailbox(letter.recipient, telling.delivery.address)
    mime["Reply-To"] = mailbox(*letter.reply_to)
    mime["Subject"] = header(letter.subject)
    _identify(mime, telling, host=service.rpartition("@")[2])
    with timezone.override(telling.zone):
        text = render_to_string(f"notifications/mail/{telling.kind}.txt", letter.context)
        mime.set_content(GAP.sub("\n\n", text).strip() + "\n")
        mime.add_alternative(
            render_to_string(f"notifications/mail/{telling.kind}.html", letter.context),
            subtype="html",
        )
    _attach_calendar(mime, telling)
    return Mail(mime, sender=service, recipient=telling.delivery.address)


def message_id(delivery: Delivery, host: str) -> str:
    """The same for every try, so that whoever gets it twice sees it once."""
    return f"<{delivery.uid}@{_ascii(host)}>"


def header(text: str) -> str:
    """Text for a header: one line, nothing that turns its direction."""
    return " ".join(UNWRITABLE.sub("", one_line(text)).split())


def _identify(mime: Mime, telling: Telling, *, host: str) -> None:
    """Who it is, and what it belongs to: a meeting's mails to a person make one thread.

    Those of all parts of a series that was split do.
    """
    mime["Message-ID"] = message_id(telling.delivery, host)
    thread = f"<{telling.meeting.series}@{_ascii(host)}>"
    references = [thread]
    if telling.follows is not None:
        before = message_id(telling.follows, host)
        mime["In-Reply-To"] = before
        references.append(before)
    else:
        mime["In-Reply-To"] = thread
    mime["References"] = " ".join(references)
    mime["Date"] = format_datetime(telling.now)
    mime["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes, please


def _attach_calendar(mime: Mime, telling: Telling) -> None:
    """The part that makes the buttons, and the same as a file."""
    written = calendar_of(telling)
    if written is None:
        return
    text, method = written
    mime.add_alternative(
        text,
        maintype="text",
        subtype="calendar",
        cte="base64",
        params={"method": method, "charset": "UTF-8"},
    )
    mime.add_attachment(
        text, maintype="application", subtype="ics", cte="base64", filename="invite.ics"
    )


def mailbox(name: str, address: str) -> Address:
    """A name and an address for a header."""
    name = header(name)
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - 1] + "…"
    return Address(display_name=name, addr_spec=_ascii_address(address))


def _ascii_address(address: str) -> str:
    local, _at, host = address.rpartition("@")
    return f"{local}@{_ascii(host)}"


def _ascii(host: str) -> str:
    return punycode(host) if not host.isascii() else host
