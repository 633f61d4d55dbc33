"""What was done, by whom: the audit log, and the source of everything that is announced."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting
from meetings.models.proposed import CounterProposal


class ChangeQuerySet(models.QuerySet["Change"]):
    """The vocabulary of changes."""

    def to_announce(self, now: datetime) -> Self:
        """Those whose undo window is over and that nobody has announced yet, oldest first."""
        return self.filter(announced_at__isnull=True, not_before__lte=now).order_by("pk")

    def undoable(self, meeting: Meeting, *, by: User, now: datetime) -> Self:
        """What `by` changed of the meeting and can still undo, newest first.

        Of a series that was split, either part finds it.
        """
        about = self.filter(Q(meeting=meeting) | Q(parts__meeting=meeting))
        return about.filter(by=by, undone_at=None, undo__until__gt=now).order_by("-pk")


class Change(models.Model):
    """One command's work: a row per command, written in its transaction; `pk` is its number.

    `fields` maps a field to what it was and what it became, as JSON values: instants as
    ISO 8601 in UTC, a wall clock as its recurrence-id, rooms as names. `added` and `removed`
    hold invitations' ids. Nothing of it is announced before `not_before`.

    `dates` are the recurrence-ids it is about; empty if it is about the whole meeting. A
    series that is split has one for each part: that of the earlier part is `part_of` the
    later's; so is that of a date that goes on as a meeting of its own. What was undone
    (`undone_at`) never happened for whoever was to be told. `proposal` is what was proposed,
    withdrawn, declined or, by an edit, accepted. One that was displaced lost rooms, or was
    called off, for a meeting of higher priority: by whom and why is in `by` and `reason`.
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        UPDATED = "updated", _("changed")
        CANCELLED = "cancelled", _("cancelled")
        ANSWERED = "answered", _("answered")
        RESENT = "resent", _("sent again")
        IMPORTED = "imported", _("imported")
        ROOMS = "rooms", _("rooms booked")
        CLOCKS = "clocks", _("new rules of a time zone")
        UNDONE = "undone", _("undone")
        PROPOSED = "proposed", _("proposed another time")
        REJECTED = "rejected", _("declined a proposed time")
        DISPLACED = "displaced", _("displaced")
        WITHDRAWN = "withdrawn", _("withdrew a proposed time")
        ENDING = "ending", _("comes to its end")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="changes")
    dates = ArrayField(models.CharField(max_length=19), default=list, blank=True)
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="changes", null=True, blank=True
    )
    proposal = models.ForeignKey(
        CounterProposal, on_delete=models.CASCADE, related_name="changes", null=True, blank=True
    )
    version = models.PositiveIntegerField()
    fields = models.JSONField(default=dict)
    added = ArrayField(models.BigIntegerField(), default=list, blank=True)
    removed = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reason = models.TextField(blank=True)
    part_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="parts", null=True, blank=True
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(announced_at__isnull=True),
                name="change_to_announce",
            ),
            models.Index(fields=["created_at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.meeting_id}"

    @property
    def goes_on(self) -> bool:
        """Whether its meeting is the later part of a series that now ends before. Uses `parts`."""
        others = [part for part in self.parts.all() if part.meeting_id != self.meeting_id]
        return any(part.fields["rrule"][1] for part in others)  # a single meeting has no rule


BESIDE = (
    Change.Kind.ANSWERED,
    Change.Kind.PROPOSED,
    Change.Kind.REJECTED,
    Change.Kind.WITHDRAWN,
    Change.Kind.ENDING,
)
"""The kinds that leave the meeting itself as it is: what is said about it."""


class Undo(models.Model):
    """How everything was before a change that can still be undone: rows as JSON, by table.

    It is of no use once the change's window is over, and goes then.
    """

    change = models.OneToOneField(
        Change, on_delete=models.CASCADE, primary_key=True, related_name="undo"
    )
    before = models.JSONField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.change_id} until {self.until}"


class IdempotencyKey(models.Model):
    """A try that was already answered: the same key with the same body gets `answer` again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return self.key
