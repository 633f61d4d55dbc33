"""People as typed or pasted: `Ben Okafor <ben@example.com>, lena@example.com, Omar Haddad`.

The format is that of mail programs (RFC 5322, 3.4), read generously.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

WITH_NAME = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
QUOTED = re.compile(r'"[^"]*"')
NEEDS_QUOTES = re.compile(r"[,;<>\"]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody as typed: an address, a name, or both. One of them may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        if not self.name or not self.address:
            return self.address or self.name
        name = self.name.replace('"', "")
        return (
            f'"{name}" <{self.address}>'
            if NEEDS_QUOTES.search(name)
            else f"{name} <{self.address}>"
        )


def read_mailboxes(text: str) -> list[Mailbox]:
    """Everybody named in `text`, in order.

    Entries are separated by commas or new lines; where there are semicolons, by these, so that
    `Okafor, Ben <ben@example.com>; …` is one person each. Nothing is checked.
    """
    separators = ";\n" if ";" in QUOTED.sub("", text) else ",\n"
    pieces = re.findall(rf'(?:"[^"]*"|[^{separators}])+', text.replace("\r", "\n"))
    return [_read(piece.strip()) for piece in pieces if piece.strip()]


def write_mailboxes(mailboxes: Iterable[Mailbox]) -> str:
    """The text that `read_mailboxes` reads, one line for all."""
    return ", ".join(str(mailbox) for mailbox in mailboxes)


def _read(piece: str) -> Mailbox:
    found = WITH_NAME.fullmatch(piece)
    if found:
        name = " ".join(found["name"].replace('"', " ").split())
        return Mailbox(name, found["address"].strip().lower())
    if "@" in piece:
        return Mailbox("", piece.lower())
    return Mailbox(" ".join(piece.replace('"', " ").split()), "")
