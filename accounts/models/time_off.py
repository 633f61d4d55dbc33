"""When people are away."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from meetings.intervals import Stretch
from meetings.wallclock import FIRST_DATE, LAST_DATE, instant

DAY = timedelta(days=1)


class TimeOffQuerySet(models.QuerySet["TimeOff"]):
    """The vocabulary of time off."""

    def touching(self, first: date, last: date) -> Self:
        """What is off on some date from `first` to `last`, both included."""
        return self.filter(first__lte=last, last__gte=first)

    def declining(self, now: datetime) -> Self:
        """What declines meetings and is not over, wherever the person is."""
        return self.filter(declines=True, last__gte=(now - DAY).date())


class TimeOff(models.Model):
    """Somebody is out of office from one local date to another, both included.

    Dates and times of day are on the wall clock of the person's own zone: without times, all of
    these days as with an all-day meeting. `start` is when it begins on the first day, `end` when
    it is over on the last. The note is for the person alone; `message` is what organizers read
    if it `declines`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="time_off", verbose_name=_("person")
    )
    first = models.DateField(
        _("first day"), validators=[MinValueValidator(FIRST_DATE), MaxValueValidator(LAST_DATE)]
    )
    last = models.DateField(
        _("last day"), validators=[MinValueValidator(FIRST_DATE), MaxValueValidator(LAST_DATE)]
    )
    start = models.TimeField(_("from, on the first day"), null=True, blank=True)
    end = models.TimeField(_("until, on the last day"), null=True, blank=True)
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("Only you and administrators see it.")
    )
    declines = models.BooleanField(_("decline meetings"), default=False)
    message = models.TextField(
        _("message"),
        max_length=1000,
        blank=True,
        help_text=_("What organizers read with the answer."),
    )

    objects = TimeOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["first", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gt=F("first"))
                | Q(last=F("first"))
                & (Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gt=F("start"))),
                name="time_off_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["user", "last"], name="time_off_of_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.first} – {self.last}"

    def clean(self) -> None:
        super().clean()
        if not (self.first and self.last):  # what was typed is no date
            return
        if self.last < self.first:
            raise ValidationError({"last": _("The last day is before the first.")})
        same_day = self.first == self.last
        if same_day and self.start is not None and self.end is not None and self.end <= self.start:
            raise ValidationError({"end": _("On one day, it has to end after it begins.")})

    @property
    def whole_days(self) -> bool:
        """Whether it has no times of day."""
        return self.start is None and self.end is None

    def stretch_in(self, zone: ZoneInfo) -> Stretch:
        """The instants of it in `zone`, the person's own."""
        begins = datetime.combine(self.first, self.start or time.min)
        ends = (
            datetime.combine(self.last, self.end)
            if self.end is not None
            else datetime.combine(self.last + DAY, time.min)
        )
        start = instant(begins, zone)
        # Part of a day may lie wholly where clocks are put back, and then it is no time.
        return Stretch(start, max(start, instant(ends, zone)))
