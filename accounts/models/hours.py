"""When people work, by the week."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class WorkingHours(models.Model):
    """One stretch of a weekday in which a person works; a weekday may have several."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    start = models.PositiveSmallIntegerField(_("from"), help_text=_("minutes after midnight"))
    end = models.PositiveSmallIntegerField(_("to"), help_text=_("minutes after midnight"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["weekday", "start"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start__lt=models.F("end"), end__lte=1440, weekday__lte=6),
                name="working_hours_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {minutes_words(self.start, self.end)}"


def minutes_words(start: int, end: int) -> str:
    """Minutes after midnight as `9:00–17:30`; 1440 is `24:00`."""
    return f"{start // 60}:{start % 60:02}–{end // 60}:{end % 60:02}"
