"""Posting messages to webhooks, and what their answers mean."""

import ssl
import uuid
from datetime import datetime
from http.client import HTTPException
from types import TracebackType
from typing import Self

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.rest import stamp
from notifications.channels import Deferred, Refused
from notifications.channels.webhook.message import PING, MessageOut, message_of
from notifications.channels.webhook.sending import SECONDS, post
from notifications.channels.webhook.signing import signed_headers
from notifications.channels.webhook.targets import (
    BadTarget,
    Resolver,
    Unknown,
    by_name,
    target_of,
)
from notifications.models import Webhook
from notifications.told import NotYet, Telling

FOR_GOOD = frozenset({400, 405, 410, 413, 415, 422})
"""Answers by which a receiver says that it will never take this message.

Others may come from a program that is being put up anew, or of which somebody corrects the
address: 404 and 403 are tried again.
"""


class WebhookPost:
    """Posts each message by itself; one webhook's failure keeps only its own messages waiting."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        resolve: Resolver = by_name,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds, self._resolve, self._trusted = seconds, resolve, trusted
        self._away: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is kept open."""

    def send(self, telling: Telling) -> None:
        """Post one message; raises Refused or Deferred.

        After the first that was deferred, NotYet for all of the same webhook.
        """
        hook = telling.delivery.webhook
        assert hook is not None
        if hook.pk in self._away:
            raise NotYet(telling.now)
        try:
            self._post(hook, message_of(telling), telling.now)
        except Deferred:
            self._away.add(hook.pk)
            raise

    def ping(self, hook: Webhook, now: datetime) -> None:
        """Post a message that tells nothing, to see whether it arrives; raises Undelivered."""
        uid = str(uuid.uuid4())
        self._post(hook, MessageOut(id=uid, event=PING, created_at=stamp(now), attempt=1), now)

    def _post(self, hook: Webhook, message: MessageOut, now: datetime) -> None:
        body = message.model_dump_json().encode()
        try:
            status = post(
                target_of(hook.url),
                body,
                {
                    "Content-Type": "application/json",
                    "User-Agent": "Scheduler",
                    **signed_headers(hook.secret, message.id, body, now),
                },
                allowed=settings.WEBHOOK_NETWORKS,
                seconds=self._seconds,
                resolve=self._resolve,
                trusted=self._trusted,
            )
        except BadTarget as error:
            raise Refused(str(error)) from error
        except (OSError, HTTPException) as error:
            raise Deferred(_why(error)) from error
        _judge(status)


def _judge(status: int) -> None:
    """Raise what the answer means, unless it says that the message was taken."""
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Refused(
            _("It answered %(status)d, a redirect, and none is followed: register where it leads.")
            % {"status": status}
        )
    raise (Refused if status in FOR_GOOD else Deferred)(
        _("It answered %(status)d.") % {"status": status}
    )


def _why(error: OSError | HTTPException) -> str:
    """Why it could not be posted, in words that hold nothing of what was answered."""
    if isinstance(error, Unknown):
        return str(error)
    if isinstance(error, TimeoutError):
        return _("It did not answer in time.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("Its certificate is not valid: %(why)s") % {"why": error.verify_message}
    if isinstance(error, ssl.SSLError):
        return _("TLS cannot be spoken with it: %(why)s") % {"why": error.reason}
    if isinstance(error, ConnectionRefusedError):
        return _("Nothing takes connections there.")
    if isinstance(error, HTTPException):
        return _("What it answered is not HTTP.")
    return _("The connection failed: %(why)s") % {"why": error.strerror or type(error).__name__}
