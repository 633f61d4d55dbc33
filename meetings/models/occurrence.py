"""One date of a meeting."""

from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from meetings.intervals import Stretch
from meetings.models.meeting import Meeting
from meetings.models.ranges import as_range, as_stretch
from meetings.wallclock import AllDay


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """The vocabulary of dates."""

    def live(self) -> Self:
        """Those that take place."""
        return self.filter(status=Occurrence.Status.SCHEDULED)

    def overlapping(self, stretch: Stretch) -> Self:
        """Those found in this stretch; an all-day one by its UTC dates, so widen by a day."""
        return self.filter(during__overlap=as_range(stretch))


class Occurrence(models.Model):
    """One date of a meeting; a single meeting has one.

    `recurrence_id` is the wall-clock start the rule gave it (`2027-03-29T09:00:00`, a date if
    all-day; RFC 5545, 3.8.4.4), and stays when the date is moved. `during` of an all-day date
    is midnight to midnight UTC and only finds it. The nullable fields are set where this date
    differs from its meeting.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        SKIPPED = "skipped", _("Skipped")
        CANCELLED = "cancelled", _("Cancelled")

    class Origin(models.TextChoices):
        RULE = "rule", _("From the rule")
        ADDED = "added", _("Added")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="occurrences")
    recurrence_id = models.CharField(max_length=19)
    during = DateTimeRangeField()
    origin = models.CharField(max_length=5, choices=Origin, default=Origin.RULE)
    status = models.CharField(max_length=9, choices=Status, default=Status.SCHEDULED)
    title = models.CharField(max_length=300, null=True, blank=True)  # noqa: DJ001 - null: the meeting's
    description = models.TextField(null=True, blank=True)  # noqa: DJ001
    location = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    join_link = models.URLField(max_length=1000, null=True, blank=True)  # noqa: DJ001
    reminders = ArrayField(models.PositiveIntegerField(), null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("date of a meeting")
        verbose_name_plural = _("dates of meetings")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "recurrence_id"], name="one_occurrence_per_recurrence_id"
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="occurrence_during"),
            models.Index(Func(F("during"), function="lower"), name="occurrence_start"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_title} {self.recurrence_id}"

    @property
    def stretch(self) -> Stretch:
        """The instants of a timed date; UTC dates of an all-day one (see `occupied_in`)."""
        return as_stretch(self.during)

    @property
    def all_day(self) -> AllDay:
        """The dates of an all-day occurrence."""
        stretch = self.stretch
        return AllDay(stretch.start.date(), (stretch.end - stretch.start) // timedelta(days=1))

    def occupied_in(self, zone: ZoneInfo) -> Stretch:
        """The instants it takes of a person or a room in `zone`."""
        return self.all_day.stretch_in(zone) if self.meeting.all_day else self.stretch

    @property
    def start(self) -> datetime:
        """When it starts."""
        return self.stretch.start

    @property
    def end(self) -> datetime:
        """When it ends."""
        return self.stretch.end

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        return self.status == self.Status.CANCELLED

    @property
    def shown_title(self) -> str:
        """Its own title, or the meeting's."""
        return self.meeting.title if self.title is None else self.title

    @property
    def shown_description(self) -> str:
        """Its own description, or the meeting's."""
        return self.meeting.description if self.description is None else self.description

    @property
    def shown_location(self) -> str:
        """Its own location, or the meeting's."""
        return self.meeting.location if self.location is None else self.location

    @property
    def shown_join_link(self) -> str:
        """Its own join link, or the meeting's."""
        return self.meeting.join_link if self.join_link is None else self.join_link

    @property
    def shown_reminders(self) -> list[int]:
        """Its own reminders, or the meeting's, in minutes before the start."""
        return self.meeting.reminders if self.reminders is None else self.reminders
