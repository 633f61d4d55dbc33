"""The outbox: what is to be sent, to whom, and how it went."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from meetings.models import Change, Invitation, Meeting
from notifications.models.hooks import Webhook
from notifications.models.wishes import Channel


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """The vocabulary of the outbox."""

    def waiting(self) -> Self:
        """Those that have not left."""
        return self.filter(status=Delivery.Status.WAITING)

    def unclaimed(self) -> Self:
        """Those that have not left and that no worker has in hand, or was stopped with."""
        return self.waiting().filter(claimed_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Those that may leave now and that no worker holds."""
        return self.waiting().filter(next_attempt_at__lte=now)

    def foremost(self) -> Self:
        """Those before which nothing waits for the same person and meeting."""
        older = Delivery.objects.waiting().filter(
            meeting=OuterRef("meeting"),
            address=OuterRef("address"),
            channel=OuterRef("channel"),
            pk__lt=OuterRef("pk"),
        )
        return self.filter(~Exists(older))

    def by_mail(self) -> Self:
        """Those over e-mail."""
        return self.filter(channel=Channel.EMAIL)

    def elsewhere(self) -> Self:
        """Those over any other channel."""
        return self.exclude(channel=Channel.EMAIL)

    def failed(self) -> Self:
        """Those that are not tried again by themselves."""
        return self.filter(status=Delivery.Status.FAILED)

    def try_again(self, now: datetime) -> int:
        """Have the failed ones leave at once, and those that wait for their next try; how many.

        What has left is left alone: its organizer can send an invitation again.
        """
        count = self.unclaimed().filter(not_before__lte=now).update(next_attempt_at=now)
        return count + self.failed().update(
            status=Delivery.Status.WAITING, next_attempt_at=now, attempts=0, error=""
        )

    def about(self, kinds: Iterable[str]) -> Self:
        """Those of these kinds."""
        return self.filter(kind__in=list(kinds))


class Delivery(models.Model):
    """One message for one person over one channel: a row of the outbox.

    Made from a Change, from a reminder (`recurrence_id`, `start`, `lead` in minutes), or since
    another could not be delivered (`about`). `invitation` is whom it is about: the recipient's
    own, or for an answer the one answered; where a `webhook` is told of a meeting, the organizer's.
    `next_attempt_at` is when it may be claimed: at first `not_before`, later the end of a
    worker's lease or of the wait after a failure. `claimed_at` is set while a worker has it in
    hand; `in_doubt` says that a worker was stopped with it, so that it may have left.
    `covers` is the number of the newest Change that it tells of. A muted row stands for what the
    person wants to hear of over no channel: it is there for the record.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        UPDATE = "update", _("change")
        CANCELLATION = "cancellation", _("cancellation")
        ANSWER = "answer", _("answer")
        REMINDER = "reminder", _("reminder")
        PROPOSAL = "proposal", _("proposal of another time")
        REJECTION = "rejection", _("declined proposal")
        ENDING = "ending", _("end of a series")
        FAILURE = "failure", _("message that failed")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer needed")
        MUTED = "muted", _("not wanted")

    class Lane(models.IntegerChoices):
        """Which leave first."""

        PROMPT = 1, _("answers and invitations")
        CHANGES = 2, _("changes")
        REMINDERS = 3, _("reminders")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    change = models.ForeignKey(
        Change, on_delete=models.CASCADE, related_name="deliveries", null=True, blank=True
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    about = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="notices", null=True, blank=True
    )
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", null=True, blank=True
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    address = models.CharField(max_length=320)
    channel = models.CharField(max_length=20, default="email")
    kind = models.CharField(max_length=12, choices=Kind)
    lane = models.PositiveSmallIntegerField(choices=Lane)
    recurrence_id = models.CharField(max_length=19, blank=True, default="")
    start = models.DateTimeField(null=True, blank=True)
    lead = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    not_before = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    in_doubt = models.BooleanField(default=False)
    covers = models.BigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["change", "address", "channel"],
                condition=Q(change__isnull=False, webhook__isnull=True),
                name="one_delivery_per_change",
            ),
            models.UniqueConstraint(
                fields=["change", "webhook"],
                condition=Q(change__isnull=False, webhook__isnull=False),
                name="one_delivery_per_change_and_webhook",
            ),
            models.UniqueConstraint(
                fields=["invitation", "recurrence_id", "start", "lead", "channel"],
                condition=Q(lead__isnull=False, webhook__isnull=True),
                name="one_delivery_per_reminder",
            ),
            models.UniqueConstraint(
                fields=["meeting", "recurrence_id", "start", "lead", "webhook"],
                condition=Q(lead__isnull=False, webhook__isnull=False),
                name="one_delivery_per_reminder_and_webhook",
            ),
            models.UniqueConstraint(fields=["about", "channel"], name="one_notice_per_failure"),
            models.CheckConstraint(
                condition=Q(change__isnull=False, lead__isnull=True, about__isnull=True)
                | Q(
                    change__isnull=True, lead__isnull=False, start__isnull=False, about__isnull=True
                )
                | Q(change__isnull=True, lead__isnull=True, about__isnull=False),
                name="delivery_of_a_change_a_reminder_or_a_failure",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lane", "next_attempt_at"],
                condition=Q(status="waiting"),
                name="delivery_due",
            ),
            models.Index(
                fields=["lane", "next_attempt_at"],
                condition=Q(status="waiting") & ~Q(channel="email"),
                name="delivery_due_elsewhere",
            ),
            models.Index(
                fields=["meeting", "address"],
                condition=Q(status="waiting"),
                name="delivery_order",
            ),
            models.Index(fields=["meeting"], name="delivery_meeting"),
            models.Index(
                fields=["recipient"], condition=Q(status="failed"), name="delivery_failures"
            ),
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="failed"), name="delivery_failed"
            ),
            # Of the log: how an address begins, and what went wrong.
            models.Index(
                fields=["address"], opclasses=["varchar_pattern_ops"], name="delivery_address"
            ),
            models.Index(fields=["id"], condition=~Q(error=""), name="delivery_errors"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.uid}"
