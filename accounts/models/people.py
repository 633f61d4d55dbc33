"""People: who they are, and where their day is."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField


def normal_address(address: str) -> str:
    """The one spelling of an e-mail address that is stored and compared."""
    return address.strip().lower()


class UserQuerySet(models.QuerySet["User"]):
    """The vocabulary of people."""

    def active(self) -> Self:
        """Those who may sign in and be found."""
        return self.filter(is_active=True)

    def with_addresses(self, addresses: Iterable[str]) -> Self:
        """The accounts behind these e-mail addresses, however they are written."""
        return self.filter(email__in={normal_address(address) for address in addresses})

    def named_like(self, text: str) -> Self:
        """Those whose name or address has each of the words, for a type-ahead."""
        found = self
        for word in text.split():
            found = found.filter(models.Q(name__icontains=word) | models.Q(email__istartswith=word))
        return found.order_by("name", "email")


class UserManager(BaseUserManager["User"]):
    """Makes people; addresses are lower-cased."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        """Those who may sign in and be found."""
        return self.get_queryset().active()

    def with_addresses(self, addresses: Iterable[str]) -> UserQuerySet:
        """The accounts behind these e-mail addresses, however they are written."""
        return self.get_queryset().with_addresses(addresses)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normal_address(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new person; without a password nobody can sign in as them."""
        user = self.model(email=normal_address(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Signs in by e-mail address; `uid` is what leaves the database."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    timezone = TimeZoneField(_("time zone"), default="UTC", use_pytz=False)
    timezone_confirmed = models.BooleanField(
        _("time zone confirmed"),
        default=False,
        help_text=_("Until then the browser's zone is proposed."),
    )
    theme = models.CharField(
        _("appearance"), max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may enter the administration"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = normal_address(self.email)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which this person reads times."""
        zone: ZoneInfo = self.timezone
        return zone

    @property
    def first_name(self) -> str:
        """The name for a short mention: "Ben is busy"."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    def get_full_name(self) -> str:
        """The name as the accounts library and the admin ask for it."""
        return str(self)
