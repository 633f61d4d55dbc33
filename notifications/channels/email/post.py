"""Handing mails to the mail server, over one connection, with its answers understood."""

import contextlib
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from notifications.channels import Deferred, Lost, Refused, Unreachable
from notifications.channels.email.mail import mail_of
from notifications.told import Telling

CLOSING = 421  # RFC 5321, 3.8: the server says so before it hangs up


class EmailPost:
    """Sends through the mail server of the settings."""

    def __init__(self) -> None:
        self._server = get_connection()
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, telling: Telling) -> None:
        """Hand one message over; raises Undelivered."""
        self.hand_over(mail_of(telling))

    def hand_over(self, mail: EmailMessage) -> None:
        """Give the server any mail; raises Undelivered."""
        self.connect()
        try:
            self._server.send_messages([mail])
        except SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            self._answered(code, text)
        except SMTPSenderRefused as error:
            # Our address, not this message: somebody can put that right.
            raise Deferred(_said(error.smtp_code, error.smtp_error)) from error
        except SMTPDataError as error:
            self._answered(error.smtp_code, error.smtp_error)
        except SMTPNotSupportedError as error:
            raise Refused(str(error)) from error
        except (SMTPException, OSError) as error:
            self._open = False
            raise Lost(_words(error)) from error

    def connect(self) -> None:
        """Reach the server, unless it is reached; raises Unreachable."""
        if self._open:
            return
        try:
            self._server.open()
        except (SMTPException, OSError) as error:
            raise Unreachable(_unreachable(error)) from error
        self._open = True

    def _answered(self, code: int, text: bytes | str) -> None:
        """Raise what the server's refusal means (RFC 5321, 4.2.1): 5xx is for good."""
        if code == CLOSING:
            self._close()
        raise (Refused if code >= 500 else Deferred)(_said(code, text))

    def _close(self) -> None:
        self._open = False
        with contextlib.suppress(SMTPException, OSError):
            self._server.close()


def _said(code: int, text: bytes | str) -> str:
    """The server's own words, for the ledger."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return f"{code} {' '.join(text.split())}"[:1000]


def _words(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split())[:1000] or type(error).__name__


def _unreachable(error: Exception) -> str:
    if isinstance(error, SMTPAuthenticationError):
        return _("The mail server does not let us in: %(why)s") % {"why": _words(error)}
    return _("The mail server does not answer: %(why)s") % {"why": _words(error)}
