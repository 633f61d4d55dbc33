"""How people want to be told: of what, over which channels, when not, and how long before."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The ways by which a message reaches a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("Push")
    CHAT = "chat", _("Chat")


class Event(models.TextChoices):
    """What a person can be told of, as people choose it."""

    INVITATION = "invitation", _("I am invited")
    UPDATE = "update", _("A meeting changes")
    CANCELLATION = "cancellation", _("A meeting is cancelled")
    REMINDER = "reminder", _("A meeting begins soon")
    ROOM = "room", _("A room is lost, or taken by somebody else")
    ANSWER = "answer", _("Somebody answers my invitation")
    PROPOSAL = "proposal", _("Somebody proposes another time")
    REJECTION = "rejection", _("The time that I proposed is declined")
    ENDING = "ending", _("A series of mine comes to its end")
    FAILURE = "failure", _("A message of mine cannot be delivered")


class Preference(models.Model):
    """That a person wants to hear of an event over a channel, or does not.

    Where there is no row, `routing.USUAL` says it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences"
    )
    event = models.CharField(max_length=12, choices=Event)
    channel = models.CharField(max_length=5, choices=Channel)
    wanted = models.BooleanField()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "event", "channel"], name="one_preference_per_event_and_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.channel} {self.wanted}"


class ContactQuerySet(models.QuerySet["Contact"]):
    """The vocabulary of contacts."""

    def confirmed(self) -> Self:
        """Those whose owner has shown that they are hers."""
        return self.filter(confirmed_at__isnull=False)


class Contact(models.Model):
    """Where a person is reached over a channel other than e-mail.

    A phone number in E.164 for SMS, a topic for push, a name for chat. Nothing but a code is sent
    there before the person has typed that code: `code_hash` is of the one that was sent last, good
    until `code_until`, and `tries` how often another was typed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contacts"
    )
    channel = models.CharField(max_length=5, choices=Channel)
    address = models.CharField(max_length=100)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    code_hash = models.CharField(max_length=128, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="one_contact_per_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    def is_confirmed(self) -> bool:
        """Whether messages go there."""
        return self.confirmed_at is not None

    def confirm(self, now: datetime) -> None:
        """From now on messages go there; the code has served."""
        self.confirmed_at, self.code_hash, self.code_until, self.tries = now, "", None, 0


class Wishes(models.Model):
    """When a person wants to be told; nobody without a row has any wish.

    Between `quiet_from` and `quiet_until`, local times in the person's zone that may reach over
    midnight, no channel but e-mail is used. `reminders` (minutes) replace those of the meetings;
    None means the meetings' own, [] none at all.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishes"
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    reminders = ArrayField(models.PositiveIntegerField(), null=True, blank=True)

    class Meta:
        verbose_name = _("wishes")
        verbose_name_plural = _("wishes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
