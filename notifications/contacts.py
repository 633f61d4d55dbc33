"""Where people are reached besides by mail: shown to be theirs before anything else is sent there.

An SMS number and a chat name are confirmed by a code that is sent there. A push topic is made by
us, so that nobody else knows it, and needs none.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RateLimit, User
from notifications.channels.service import hand_over
from notifications.models import Channel, Contact, Delivery

CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
# A bucket of three that fills by one an hour: never a fourth within an hour.
MOST_AT_ONCE = 3
AGAIN_AFTER = timedelta(hours=1)
FAILURES_SHOWN = timedelta(days=14)


class TooOften(Exception):
    """Too much was sent for this person of late; str() says when more can be."""


class WrongCode(Exception):
    """The code does not confirm the address; str() says why and what to do."""


def ask(user: User, channel: str, address: str, *, now: datetime) -> None:
    """Send a code to the address, which takes the place of the one that the person had there.

    If it cannot be sent, nothing changes. Raises TooOften or Undelivered.
    """
    _take("codes", user, now)
    code = get_random_string(CODE_DIGITS, "0123456789")
    text = _("%(code)s confirms that Scheduler may write to you here. It is good for 10 minutes.")
    hand_over(channel, address, text % {"code": code})
    _keep(
        user,
        channel,
        address,
        confirmed_at=None,
        code_hash=_hashed(user, channel, address, code),
        code_until=now + CODE_LASTS,
    )


def confirm(user: User, channel: str, code: str, *, now: datetime) -> None:
    """From now on messages go to the address that the code was sent to. Raises WrongCode."""
    if not _is_right(user, channel, code, now):
        raise WrongCode(_("That is not the code that was sent. Look again, or have another sent."))


@transaction.atomic
def _is_right(user: User, channel: str, code: str, now: datetime) -> bool:
    """Each try counts, also several at once."""
    contact = Contact.objects.select_for_update().filter(user=user, channel=channel).first()
    if contact is not None and contact.is_confirmed():
        return True
    if contact is None or not contact.code_until or contact.code_until <= now:
        raise WrongCode(_("That code is too old. Have another one sent."))
    if contact.tries >= MOST_TRIES:
        raise WrongCode(_("Those were too many tries. Have another code sent."))
    expected = _hashed(user, channel, contact.address, code)
    right = constant_time_compare(contact.code_hash, expected)
    if right:
        contact.confirm(now)
    else:
        contact.tries += 1
    contact.save()
    return right


def make_topic(user: User, *, now: datetime) -> None:
    """A new topic for push messages, which go to no other from now on."""
    topic = f"scheduler-{secrets.token_urlsafe(24)}"
    _keep(user, Channel.PUSH, topic, confirmed_at=now, code_hash="", code_until=None)


def try_out(contact: Contact, *, now: datetime) -> None:
    """Send a message that says that messages arrive. Raises TooOften or Undelivered."""
    _take("trials", contact.user, now)
    hand_over(contact.channel, contact.address, _("This is a test: messages reach you here."))


def remove(user: User, channel: str) -> bool:
    """Nothing is sent there any more; whether there was an address."""
    with transaction.atomic():
        removed, _rows = Contact.objects.filter(user=user, channel=channel).delete()
        _drop_waiting(user, channel)
    return bool(removed)


def last_failures(
    user: User, addresses: Mapping[str, str], *, now: datetime
) -> dict[str, Delivery]:
    """By channel, the last message of late that did not reach the person at her address there.

    `addresses` are those she has, by channel. One query.
    """
    failed = Delivery.objects.failed().filter(
        recipient=user, webhook=None, next_attempt_at__gt=now - FAILURES_SHOWN
    )
    newest: dict[str, Delivery] = {}
    for row in failed.filter(address__in=addresses.values()).order_by("next_attempt_at", "pk"):
        if addresses.get(row.channel) == row.address:
            newest[row.channel] = row
    return newest


def _keep(user: User, channel: str, address: str, **values: object) -> None:
    with transaction.atomic():
        defaults = {"address": address, "tries": 0, **values}
        Contact.objects.update_or_create(user=user, channel=channel, defaults=defaults)
        _drop_waiting(user, channel, but=address)


def _drop_waiting(user: User, channel: str, *, but: str = "") -> None:
    """What has not left for other addresses of that person there is not sent."""
    waiting = Delivery.objects.unclaimed().filter(recipient=user, channel=channel)
    waiting.exclude(address=but).update(status=Delivery.Status.DROPPED)


def _take(what: str, user: User, now: datetime) -> None:
    per_second = 1 / AGAIN_AFTER.total_seconds()
    left = RateLimit.take(f"{what}:{user.pk}", per_second=per_second, burst=MOST_AT_ONCE, now=now)
    if left < 0:
        minutes = ceil(-left / per_second / 60)
        sentence = ngettext(
            "Enough was sent for now. Try again in %d minute.",
            "Enough was sent for now. Try again in %d minutes.",
            minutes,
        )
        raise TooOften(sentence % minutes)


def _hashed(user: User, channel: str, address: str, code: str) -> str:
    value = "\n".join((str(user.pk), channel, address, code))
    return salted_hmac("notifications.contacts", value, algorithm="sha256").hexdigest()
