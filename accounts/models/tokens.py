"""Tokens by which a program acts for a person."""

import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

# Found by programs that look for secrets in code and logs.
SECRET = re.compile(r"sch_[A-Za-z0-9_-]{43}")
USE_NOTED_EVERY = timedelta(minutes=1)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """The vocabulary of tokens."""

    def working(self, now: datetime) -> Self:
        """Those that open something: neither revoked nor expired, of somebody with an account."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            revoked_at__isnull=True,
            user__is_active=True,
        )

    def opened_by(self, secret: str, *, now: datetime) -> "ApiToken | None":
        """The working token behind `secret`, with its user; one look-up by its hash."""
        if not SECRET.fullmatch(secret):
            return None
        return self.working(now).select_related("user").filter(hashed=_hash(secret)).first()

    def revoke(self, now: datetime) -> int:
        """From now on they open nothing; how many did until now."""
        return self.filter(revoked_at__isnull=True).update(revoked_at=now)


class ApiToken(models.Model):
    """Lets a program act for a person, as far as its scopes go.

    Of the secret only a hash is kept. It is random and long, so that one round of SHA-256 is
    enough: there is nothing to guess.
    """

    SHOWN = 12  # characters of the secret by which its owner recognizes it

    class Scope(models.TextChoices):
        READ = "read", _("Read what you may see")
        WRITE = "write", _("Book, change and answer for you")
        METRICS = "metrics", _("Read the service's metrics and health")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80)
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=SHOWN, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("made"), editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(
        cls,
        user: User,
        *,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None,
        now: datetime,
    ) -> tuple["ApiToken", str]:
        """A new token and its secret, which cannot be had again.

        Raises ValidationError, with the field, for what cannot be: no or unknown scopes, a scope
        that is not for this person, an expiry that is over, somebody without an open account.
        """
        secret = f"sch_{secrets.token_urlsafe(32)}"
        token = cls(
            user=user,
            name=name,
            hashed=_hash(secret),
            prefix=secret[: cls.SHOWN],
            scopes=sorted(set(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
        token.full_clean()
        token.save()
        return token, secret

    @classmethod
    def scopes_for(cls, user: User) -> list["ApiToken.Scope"]:
        """The scopes this person may give away."""
        return [scope for scope in cls.Scope if scope != cls.Scope.METRICS or user.is_staff]

    def clean(self) -> None:
        super().clean()
        if not self.user.is_active:
            raise ValidationError(_("This account is closed. Open it first."))
        others = set(self.Scope) - set(self.scopes_for(self.user))
        if others & set(self.scopes or ()):
            raise ValidationError({"scopes": _("Only administrators have a token for metrics.")})
        if self.expires_at is not None and self.expires_at <= self.created_at:
            raise ValidationError({"expires_at": _("That is over already. Choose a later day.")})

    def allows(self, scope: Scope) -> bool:
        """Whether it may be used for this, as long as its user may have such a token."""
        return scope in self.scopes and scope in self.scopes_for(self.user)

    def used(self, *, now: datetime) -> None:
        """Note the use; to the minute, so that a busy program does not write all the time."""
        if self.last_used_at is None or now - self.last_used_at >= USE_NOTED_EVERY:
            self.last_used_at = now
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=now)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
