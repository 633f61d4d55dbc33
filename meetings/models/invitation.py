"""One person on one meeting."""

import secrets
import uuid
from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.models.meeting import Meeting
from meetings.models.ranges import only


def new_token() -> str:
    """An unguessable token of 256 bits for an address."""
    return secrets.token_urlsafe(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """The vocabulary of invitations."""

    def current(self) -> Self:
        """Those of people who were not removed."""
        return self.filter(removed_at__isnull=True)

    def of(self, user: User) -> Self:
        """This person's."""
        return self.filter(user=user)

    def awaiting_answer(self) -> Self:
        """Those nobody has answered yet."""
        return self.filter(status=Invitation.Status.NEEDS_ACTION)


class Invitation(models.Model):
    """One person on one meeting: a user, or only an e-mail address.

    `recurrence_id` is empty for the whole meeting; a row with one is for that date alone and
    outweighs the other there: an answer, somebody asked only then, or, with `removed_at`,
    somebody who is not on it then (see `on_date`).
    `span` reaches from the first start to the last end over every live date, has no end if
    there is none, and is null when no date is left. A removed person's row stays.
    """

    class Role(models.TextChoices):
        REQUIRED = "required", _("required")
        OPTIONAL = "optional", _("optional")

    class Status(models.TextChoices):
        NEEDS_ACTION = "needs-action", _("not answered")
        ACCEPTED = "accepted", _("accepted")
        TENTATIVE = "tentative", _("tentative")
        DECLINED = "declined", _("declined")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    recurrence_id = models.CharField(max_length=19, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="invitations",
        null=True,
        blank=True,
    )
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.REQUIRED)
    status = models.CharField(max_length=12, choices=Status, default=Status.NEEDS_ACTION)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    span = DateTimeRangeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) ^ ~Q(email=""),
                name="invitation_of_a_user_or_an_address",
            ),
            models.UniqueConstraint(
                fields=["meeting", "user", "recurrence_id"],
                condition=Q(user__isnull=False),
                name="one_invitation_per_user",
            ),
            models.UniqueConstraint(
                "meeting",
                Lower("email"),
                "recurrence_id",
                condition=Q(user__isnull=True),
                name="one_invitation_per_address",
            ),
        ]
        indexes = [
            GistIndex(
                only("user_id"),
                "span",
                # A removed person's row for one date says that she does not come then.
                condition=Q(user__isnull=False)
                & (Q(removed_at__isnull=True) | ~Q(recurrence_id="")),
                name="invitation_user_span",
            ),
            models.Index(
                "user",
                condition=Q(status="needs-action", removed_at__isnull=True),
                name="invitation_waiting",
            ),
            models.Index(Lower("email"), condition=~Q(email=""), name="invitation_address"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_name}: {self.get_status_display()}"

    @property
    def address(self) -> str:
        """Where mail for this person goes."""
        return self.user.email if self.user else self.email

    @property
    def shown_name(self) -> str:
        """The person's name, or the address if that is all we know."""
        return str(self.user) if self.user else self.name or self.email

    @property
    def is_organizers(self) -> bool:
        """Whether this is the organizer's own place on the meeting."""
        meeting = self.meeting
        if self.user_id:
            return self.user_id == meeting.organizer_id
        return self.email.lower() == meeting.organizer_email.lower()

    @property
    def declined(self) -> bool:
        """Whether the person does not come."""
        return self.status == self.Status.DECLINED

    @property
    def person(self) -> int | str:
        """What tells people apart: the user's id, or the address in lower case."""
        return self.user_id or self.email.lower()


def on_date(invitations: Iterable[Invitation], recurrence_id: str) -> list[Invitation]:
    """The rows that count for one date, one a person, in order of `pk`; who was removed is not.

    The date's own row of a person outweighs that for the whole meeting. With an empty
    `recurrence_id`, the rows of who is on the meeting as a whole.
    """
    rows: dict[int | str, Invitation] = {}
    for row in sorted(invitations, key=lambda row: (row.recurrence_id != "", row.pk)):
        if row.recurrence_id in ("", recurrence_id):
            rows[row.person] = row
    return sorted((r for r in rows.values() if r.removed_at is None), key=lambda r: r.pk)
