"""One line of the ledger: what became of a message to somebody, or what she answered."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from meetings.fieldwords import names_words
from notifications.models import Channel, Delivery

SOON = timedelta(minutes=1)
OVER = {
    Channel.EMAIL.value: _("%(kind)s by e-mail"),
    Channel.SMS.value: _("%(kind)s by SMS"),
    Channel.PUSH.value: _("%(kind)s by push message"),
    Channel.CHAT.value: _("%(kind)s by chat"),
}
ELLIPSIS = "…"
BEGINNINGS = {Channel.SMS.value: 6, Channel.PUSH.value: 14}
# A service's own words may hold its address, with a key in it, or the number that it was given.
TELLING = re.compile(r"\w+://\S+|\+?\d(?:[\s()./-]{0,2}\d){5,}")


class Stage(StrEnum):
    """How far a message, or an answer, has come."""

    WAITS = "waits"  # for the end of the undo window
    QUIET = "quiet"  # waits for the end of the person's quiet hours
    DUE = "due"  # leaves as soon as a worker is free
    RETRIES = "retries"  # was refused, and is tried again
    SENT = "sent"
    FAILED = "failed"  # and is not tried again
    DROPPED = "dropped"  # a newer message took its place
    MUTED = "muted"  # the person wants no such messages
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a message of `kind` (as Delivery.Kind), or else the `answer` in words.

    `at` is when it happened or, while it waits, when it may leave or is tried again. `channel` is
    empty where no message was made. `dates` are the recurrence-ids that it is about, none if it
    is about the meeting as a whole.
    """

    stage: Stage
    at: datetime
    kind: str = ""
    error: str = ""
    dates: tuple[str, ...] = ()
    answer: str = ""
    channel: str = ""

    @property
    def dates_words(self) -> str:
        """The days of the series that it is about, if it is not about all of it."""
        return names_words(self.dates)

    @property
    def what(self) -> str:
        """`invitation by e-mail`, `change by SMS`, …, translated; nothing for an answer."""
        kind = str(Delivery.Kind(self.kind).label) if self.kind else ""
        return str(OVER.get(self.channel, "%(kind)s")) % {"kind": kind}

    @property
    def is_open(self) -> bool:
        """Whether it has not left and still will."""
        return self.stage in (Stage.WAITS, Stage.QUIET, Stage.DUE, Stage.RETRIES)

    @property
    def is_under_way(self) -> bool:
        """Whether it will leave within reach: what waits for a morning is not."""
        return self.is_open and self.stage is not Stage.QUIET


def entry_of(delivery: Delivery, now: datetime) -> Entry:
    """What became of a message, as its meeting's organizer may read it."""
    stage, at = _stage(delivery, now)
    failed = stage in (Stage.RETRIES, Stage.FAILED)
    return Entry(
        stage,
        at,
        delivery.kind,
        error=error_shown(delivery) if failed else "",
        channel="" if stage is Stage.MUTED else delivery.channel,
    )


def error_shown(delivery: Delivery) -> str:
    """Why it failed, without the address: the organizer knows that of an e-mail only."""
    if delivery.channel == Channel.EMAIL:
        return delivery.error
    return TELLING.sub(ELLIPSIS, delivery.error.replace(delivery.address or ELLIPSIS, ELLIPSIS))


def address_shown(delivery: Delivery) -> str:
    """Where it goes, as administrators may read it: of a topic or a number only the beginning.

    Who has a push topic reads along; a number the person has given to nobody but us.
    """
    most = BEGINNINGS.get(delivery.channel, len(delivery.address))
    whole = delivery.address
    return whole if len(whole) <= most else whole[:most] + ELLIPSIS


def _stage(delivery: Delivery, now: datetime) -> tuple[Stage, datetime]:
    """How far it has come, and since or until when."""
    match delivery.status:
        case Delivery.Status.SENT:
            return Stage.SENT, delivery.sent_at or delivery.not_before
        case Delivery.Status.FAILED:
            return Stage.FAILED, delivery.next_attempt_at
        case Delivery.Status.DROPPED:
            return Stage.DROPPED, delivery.created_at
        case Delivery.Status.MUTED:
            return Stage.MUTED, delivery.created_at
    if delivery.error:
        return Stage.RETRIES, delivery.next_attempt_at
    if delivery.not_before > now:
        quiet = delivery.channel != Channel.EMAIL  # a mail disturbs nobody
        return (Stage.QUIET if quiet else Stage.WAITS), delivery.not_before
    return Stage.DUE, delivery.not_before
