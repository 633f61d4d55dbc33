"""A kept mail, taken apart for reading."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from notifications.models import DemoMail

SHOWN_HEADERS = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts of a mail, each empty if there is none."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    calendar: str
    method: str
    attachments: list[str]


def opened(mail: DemoMail) -> Opened:
    """The mail's headers and parts."""
    message: EmailMessage = message_from_bytes(bytes(mail.source), policy=default)
    parts: dict[str, EmailMessage] = {}
    attachments = []
    for part in message.walk():
        name = part.get_filename()
        if name:
            attachments.append(name)
        elif not part.is_multipart():
            parts.setdefault(part.get_content_type(), part)
    calendar = parts.get("text/calendar")
    return Opened(
        headers=[(name, str(message[name])) for name in SHOWN_HEADERS if message[name]],
        text=_content(parts.get("text/plain")),
        html=_content(parts.get("text/html")),
        calendar=_content(calendar),
        method=str(calendar.get_param("method") or "") if calendar is not None else "",
        attachments=attachments,
    )


def source(mail: DemoMail) -> str:
    """The mail as it went over the wire."""
    return bytes(mail.source).decode("utf-8", "replace")


def _content(part: EmailMessage | None) -> str:
    return "" if part is None else str(part.get_content())
