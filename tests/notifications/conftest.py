"""What the tests of the outbox share: mails as received, and a worker's round at a given time."""

import time
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import icalendar
import pytest
from django.core import mail

from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.reminders import remind
from tests.factories import ana, ben
from tests.notifications.itip import require_valid_mail
from tests.notifications.series import Series

Round = Callable[[datetime], list[EmailMessage]]


def as_received(message: Any) -> EmailMessage:
    """What a mail program makes of the bytes that were sent."""
    received = message_from_bytes(message.message().as_bytes(linesep="\r\n"), policy=default)
    assert isinstance(received, EmailMessage)
    return received


def calendar_in(message: EmailMessage) -> icalendar.Event | None:
    """The event of the calendar part."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            (event,) = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
            return event
    return None


def calendar_method(message: EmailMessage) -> str | None:
    """The METHOD that the calendar part's header names."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return str(part.get_param("method"))
    return None


def text_of(message: EmailMessage) -> str:
    """The plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """The HTML."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def work() -> Round:
    """`work(now)`: all that a worker does at `now`; the mails that it sends, each of them valid."""

    def work(now: datetime) -> list[EmailMessage]:
        before = len(mail.outbox)
        going = True
        while going:
            announced = announce(now)
            sent = send_due(now, until=time.monotonic() + 60)
            going = any([announced, sent, remind(now)])
        received = [as_received(message) for message in mail.outbox[before:]]
        for message in received:
            require_valid_mail(message)
        return received

    return work


@pytest.fixture
def series(work: Round) -> Series:
    """A series that nobody has been told of."""
    return Series(work, ana(), ben())


@pytest.fixture
def known(series: Series) -> Series:
    """A series that Ben was invited to."""
    series.mails()
    return series
