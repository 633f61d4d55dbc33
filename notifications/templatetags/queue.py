"""What waits to be sent, on the pages of the administration."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from notifications.backlog import backlog
from notifications.lateness import IN_TIME, behind, lasting, length_words
from notifications.models import LateWarning

register = template.Library()

STILL = timedelta(minutes=1)
SHOWN_WARNINGS = 3


@register.inclusion_tag("admin/notifications/_queue.html")
def queue_state(user: User | AnonymousUser) -> dict[str, Any]:
    """Depth and age of the queue, for who may look at the deliveries; else nothing."""
    if not _may_look(user):
        return {}
    now = timezone.now()
    found, late = backlog(now), behind(now)
    return {
        "queue": found,
        "workers": [
            {"name": name, "since": _since(seen, now), "still": now - seen > STILL}
            for name, seen in found.alive.items()
        ],
        "late": length_words(late) if late > IN_TIME else "",
        "warnings": LateWarning.objects.order_by("-pk")[:SHOWN_WARNINGS],
        "now": now,
    }


@register.inclusion_tag("admin/notifications/_late.html")
def late_warning(user: User | AnonymousUser) -> dict[str, Any]:
    """That reminders are late, while they are, for who may look at the deliveries."""
    warning = lasting() if _may_look(user) else None
    return {"warning": warning, "length": warning and _since(warning.began_at, timezone.now())}


@register.filter
def length_until(since: datetime | None, until: datetime) -> str:
    """`12 seconds`, `5 minutes`: how long from one to the other; nothing without a beginning."""
    return "" if since is None else _since(since, until)


def _may_look(user: User | AnonymousUser) -> bool:
    return user.is_active and user.is_staff and user.has_perm("notifications.view_delivery")


def _since(at: datetime, now: datetime) -> str:
    return length_words(now - at)
