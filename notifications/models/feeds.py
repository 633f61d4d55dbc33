"""Private addresses of calendars that other programs subscribe to."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from rooms.models import Room

NOTED_EACH = timedelta(hours=1)


def new_token() -> str:
    """A word that nobody guesses."""
    return secrets.token_urlsafe(32)


class FeedQuerySet(models.QuerySet["Feed"]):
    """The vocabulary of feeds."""

    def working(self) -> Self:
        """Those that answer: not revoked, and their owner may still sign in."""
        return self.filter(revoked_at__isnull=True, user__is_active=True)

    def with_place(self) -> Self:
        """With whose it is, and the room and its site if it is a room's."""
        return self.select_related("user", "room__site")

    def subscribe(self, user: User, room: Room | None, now: datetime) -> "Feed":
        """The person's working feed of her calendar or of `room`; a new one if there is none."""
        feed, _made = self.get_or_create(
            user=user, room=room, revoked_at=None, defaults={"created_at": now}
        )
        return feed

    def revoke(self, now: datetime) -> int:
        """Have these answer nobody any more; how many did until now."""
        return self.filter(revoked_at__isnull=True).update(revoked_at=now)


class Feed(models.Model):
    """An address under which a person's calendar, or a room's as she may see it, can be read.

    Whoever has the address can read it, without signing in, until it is revoked. It holds what
    ends later than `past_days` ago and begins within `future_days`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds"
    )
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="feeds", null=True, blank=True
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    past_days = models.PositiveSmallIntegerField(_("days back"), default=60)
    future_days = models.PositiveSmallIntegerField(_("days ahead"), default=400)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "room"],
                condition=models.Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="one_working_feed_per_person_and_room",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid}"

    def get_absolute_url(self) -> str:
        """Where it is read."""
        return reverse("notifications:feed", args=[self.token])

    def renew(self, now: datetime) -> "Feed":
        """Another address for the same; this one answers nobody any more.

        One that was revoked already stays so, and is given as it is.
        """
        with transaction.atomic():
            if not Feed.objects.filter(pk=self.pk).revoke(now):
                return self
            return Feed.objects.create(
                user=self.user,
                room=self.room,
                past_days=self.past_days,
                future_days=self.future_days,
                created_at=now,
            )

    def read(self, now: datetime) -> None:
        """Note that somebody read it, once an hour."""
        if self.last_read_at is None or self.last_read_at < now - NOTED_EACH:
            Feed.objects.filter(pk=self.pk).update(last_read_at=now)
