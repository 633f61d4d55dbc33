"""How far the worker has come, and that it is alive."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderCursor(models.Model):
    """Up to which start the reminders of one lead (minutes) have been made.

    All that starts before `served_until` is served, and of what starts at that very instant the
    occurrences up to `served_pk`. All-day dates start at each recipient's midnight and have a
    cursor of their own.
    """

    lead = models.PositiveIntegerField()
    all_day = models.BooleanField(default=False)
    served_until = models.DateTimeField()
    served_pk = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "all_day"], name="one_cursor_per_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} min: {self.served_until}"


class Heartbeat(models.Model):
    """When a part of the worker last showed that it is alive."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.beat_at}"


class LateWarning(models.Model):
    """A time during which reminders left late; the last one has no `over_at` while it lasts.

    `told_at` is when the administrators were last written to, empty until a mail server took the
    first mail; once it is not before `over_at`, they know that it is over as well.
    """

    began_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("warning of late reminders")
        verbose_name_plural = _("warnings of late reminders")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(over_at__isnull=True), name="one_warning_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at}"
