"""Text that may stand in an iCalendar file, in a database and on a page."""

import re

# Control characters but tab and newline: RFC 5545, 3.1 forbids them, PostgreSQL refuses NUL, and
# some of them give orders to a terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKS = re.compile(r"\s*[\r\n]+\s*")
_ESCAPED = re.compile(r"\\([\\,;:nN])")


def printable(text: str) -> str:
    """The text without control characters, its lines ended by newlines."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """The text without control characters on a single line, for names and addresses."""
    return printable(_BREAKS.sub(" ", text)).strip()


def unescape(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11) without its backslashes."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
