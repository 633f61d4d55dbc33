"""Whether reminders leave in time; when they do not, the administrators are written to.

A row of LateWarning is the whole state. It is there from when reminders are late until they are in
time again, and says up to when the administrators were told: nothing yet, that it began, or that
it is over. What they were not told, since the mail server is away too, they are told when it is
back. A row is locked while its mail is handed over, so that of several workers one sends it; a
worker that is stopped just then has it sent again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from notifications.backlog import UNTRIED
from notifications.channels import Undelivered
from notifications.channels.email import EmailPost
from notifications.models import Delivery, LateWarning
from notifications.reminders import lateness

logger = logging.getLogger(__name__)

LATE = timedelta(minutes=2)
IN_TIME = timedelta(seconds=30)
# After that nobody is told any more that it was so.
STALE = timedelta(days=2)
INSTANT = timedelta(microseconds=1)


def behind(now: datetime, *, made_by: datetime | None = None) -> timedelta:
    """How late reminders are: the making of them, or the oldest that nobody was given. Two queries.

    One that was refused is not late, but that person's mail server, nor one that has to wait for
    an older message that was. With `made_by` only those that were made by then count.
    """
    mine = {name: OuterRef(name) for name in ("meeting", "address", "channel")}
    refused = Delivery.objects.waiting().exclude(UNTRIED).filter(**mine, pk__lt=OuterRef("pk"))
    waiting = Delivery.objects.waiting().filter(
        UNTRIED,
        ~Exists(refused),
        lane=Delivery.Lane.REMINDERS,
        webhook=None,
        not_before__lte=now,
        created_at__lte=made_by or now,
    )
    oldest = waiting.aggregate(oldest=Min("not_before"))["oldest"]
    return max(lateness(now), now - (oldest or now))


def watch(now: datetime) -> None:
    """Begin or end a warning, and mail what of it was not told. To be asked once a minute.

    Takes as long as the mail server lets it. Raises DatabaseError or InterfaceError.
    """
    late = behind(now)
    # What is sent by mail since it failed elsewhere is late from the first, and leaves at once.
    if late > LATE and behind(now, made_by=now - IN_TIME) > LATE:
        _begin(now, late)
    elif late < IN_TIME:
        _end(now)
    for pk in list(_untold(now).values_list("pk", flat=True)):
        _tell(pk, now)


def lasting() -> LateWarning | None:
    """The warning that lasts, if reminders are late now. One query."""
    return LateWarning.objects.filter(over_at=None).first()


def length_words(length: timedelta) -> str:
    """`12 seconds`, `5 minutes`, `3 hours`, `2 days`: how long, to one unit, translated."""
    seconds = max(0, round(length.total_seconds()))
    if seconds >= 2 * 86400:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86400) % {"n": seconds // 86400}
    if seconds >= 2 * 3600:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    if seconds >= 60:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}


def left_late(warning: LateWarning, now: datetime) -> int:
    """How many reminders have left later than they should, while the warning lasted."""
    sent = Delivery.objects.about([Delivery.Kind.REMINDER]).filter(webhook=None)
    return sent.filter(
        status=Delivery.Status.SENT,
        sent_at__range=(warning.began_at, warning.over_at or now),
        sent_at__gt=F("not_before") + LATE,
    ).count()


def _begin(now: datetime, late: timedelta) -> None:
    """Open a warning, unless one lasts; another worker may do so at this moment."""
    _warning, begins = LateWarning.objects.get_or_create(
        over_at=None, defaults={"began_at": now - late}
    )
    if begins:
        logger.error("Reminders are %d s late", late.total_seconds())


def _end(now: datetime) -> None:
    """Close the warning that lasts; always later than what was told of it."""
    with transaction.atomic():
        lasts = LateWarning.objects.filter(over_at=None).select_for_update(skip_locked=True)
        warning = lasts.first()
        if warning is not None:
            told = warning.told_at or warning.began_at
            warning.over_at = max(now, told + INSTANT)
            warning.save(update_fields=["over_at"])
            logger.warning("Reminders leave in time again")


def _untold(now: datetime) -> QuerySet[LateWarning]:
    """Those of whose beginning, or end, the administrators do not know."""
    untold = Q(told_at=None) | Q(told_at__lt=F("over_at"))
    recent = Q(over_at=None) | Q(over_at__gt=now - STALE)
    return LateWarning.objects.filter(untold, recent).order_by("pk")


def _tell(pk: int, now: datetime) -> None:
    """Mail one warning as it stands, unless another worker does."""
    with transaction.atomic():
        found = _untold(now).filter(pk=pk).select_for_update(skip_locked=True)
        warning = found.first()
        addresses = list(_administrators().values_list("email", flat=True))
        if warning is None or not addresses:
            return
        try:
            with EmailPost() as post:
                post.hand_over(_mail(warning, addresses, now))
        except Undelivered as error:
            # Not the server's words: they may quote an address.
            reason = type(error).__name__
            logger.warning("The administrators are not told of late reminders yet: %s", reason)
            return
        warning.told_at = max(now, warning.over_at or now)
        warning.save(update_fields=["told_at"])


def _administrators() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_superuser=True).exclude(email="").order_by("pk")


def _mail(warning: LateWarning, addresses: Sequence[str], now: datetime) -> EmailMessage:
    over = warning.over_at
    paragraphs = _over(warning, over) if over else _lasts(warning, now)
    subject = _("Reminders leave in time again") if over else _("Reminders leave late")
    log = settings.BASE_URL + reverse("admin:notifications_delivery_changelist")
    paragraphs.append(_("What waits, and what has failed: %(address)s") % {"address": log})
    # Not the answer of a person, nor to be answered (RFC 3834, 5).
    headers = {"Auto-Submitted": "auto-generated"}
    body = "\n\n".join(paragraphs) + "\n"
    return EmailMessage(subject, body, to=list(addresses), headers=headers)


def _lasts(warning: LateWarning, now: datetime) -> list[str]:
    since = _("Reminders have been late for %(length)s, since %(at)s.")
    return [
        since % {"length": length_words(now - warning.began_at), "at": _at(warning.began_at)},
        _(
            "Look whether the worker runs and the mail server takes what it is given. Nothing is"
            " lost: what waits leaves by itself, unless its meeting has begun by then."
        ),
        _("You will be told when this is over."),
    ]


def _over(warning: LateWarning, over: datetime) -> list[str]:
    count = left_late(warning, over)
    told = ngettext(
        "%(count)d reminder has left more than two minutes late.",
        "%(count)d reminders have left more than two minutes late.",
        count,
    )
    lasted = _("Reminders were late for %(length)s, from %(start)s to %(end)s.")
    length = length_words(over - warning.began_at)
    return [
        lasted % {"length": length, "start": _at(warning.began_at), "end": _at(over)},
        told % {"count": count},
        _("Of meetings that had begun by then nobody was reminded."),
    ]


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
