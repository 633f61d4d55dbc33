"""Programs that are told what happens: webhooks, registered by the administrator."""

import secrets
import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_secret() -> str:
    """A key to sign with."""
    return secrets.token_urlsafe(32)


class HookEvent(models.TextChoices):
    """What a webhook can be told of."""

    CREATED = "meeting.created", _("a meeting is made")
    UPDATED = "meeting.updated", _("a meeting changes")
    CANCELLED = "meeting.cancelled", _("a meeting is cancelled")
    REMINDER = "meeting.reminder", _("a meeting begins soon")
    DISPLACED = "meeting.displaced", _("a meeting gives way to a more important one")
    ROOM_LOST = "meeting.room_lost", _("a date of a series gets no room")
    ENDING = "series.ending", _("a series comes to its end")
    ANSWERED = "invitation.answered", _("somebody answers")
    PROPOSED = "proposal.made", _("somebody proposes another time")
    REJECTED = "proposal.declined", _("a proposed time is declined")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """The vocabulary of webhooks."""

    def telling(self, event: HookEvent) -> Self:
        """Those that are told of such an event."""
        return self.filter(active=True, events__contains=[event.value])


class Webhook(models.Model):
    """An address that is told of events by a signed POST.

    What is told of a meeting is what `viewer` may see of it, in the schema of the API.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=300)
    secret = models.CharField(_("secret"), max_length=64, default=new_secret, editable=False)
    events = ArrayField(
        models.CharField(max_length=24, choices=HookEvent), verbose_name=_("events"), default=list
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("sees what this person may see"),
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name
