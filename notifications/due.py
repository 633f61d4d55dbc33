"""Whether there is work: asked several times a second, so each question is one look at an index."""

from datetime import datetime

from django.db.models import QuerySet

from meetings.models import Booking
from notifications.announcing import ready_changes
from notifications.extending import extension_due
from notifications.hooks import hooks_due
from notifications.models import Delivery
from notifications.reminders import reminders_due


def due_now(now: datetime) -> bool:
    """Whether something is to be announced, sent, reminded of, released or extended at `now`."""
    return (
        ready_changes(now).exists()
        or _due_for_people(now).filter(lane__in=Delivery.Lane.values).exists()
        or hooks_due(now).filter(lane__in=Delivery.Lane.values).exists()
        or Booking.objects.unreleased().filter(kind="hold", expires_at__lte=now).exists()
        or reminders_due(now)
        or extension_due(now)
    )


def oldest_due(now: datetime) -> datetime | None:
    """Since when the oldest change or delivery that is due waits, or None if none does.

    Webhooks do not count: a program that is away is no trouble of ours.
    """
    announced = ready_changes(now).order_by("not_before").values_list("not_before", flat=True)
    waiting = [announced.first()]
    for lane in Delivery.Lane:
        due = _due_for_people(now).filter(lane=lane).order_by("next_attempt_at")
        waiting.append(due.values_list("next_attempt_at", flat=True).first())
    return min(filter(None, waiting), default=None)


def _due_for_people(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.due(now).filter(webhook=None)
