"""One date of a meeting."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Deferrable, F, Func, Q
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from meetings.intervals import Stretch
from meetings.models.meeting import Meeting
from meetings.models.ranges import as_range, as_stretch
from meetings.wallclock import AllDay, Timed, When

OWN_FIELDS = (
    "title",
    "description",
    "location",
    "join_link",
    "priority",
    "transparency",
    "tentative",
    "reminders",
    "room_ids",
)
"""What one date can have of its own; null where it is as its meeting."""


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """The vocabulary of dates."""

    def live(self) -> Self:
        """Those that take place."""
        return self.filter(status=Occurrence.Status.SCHEDULED)

    def overlapping(self, stretch: Stretch) -> Self:
        """Those found in this stretch; an all-day one by its UTC dates, so widen by a day."""
        return self.filter(during__overlap=as_range(stretch))

    def differing(self) -> Self:
        """Those that are not just what the rule says: touched, or without a room they wanted."""
        found = Q(local_date__isnull=False) | ~Q(missed_rooms=[])
        found |= ~Q(origin=Occurrence.Origin.RULE) | ~Q(status=Occurrence.Status.SCHEDULED)
        for name in OWN_FIELDS:
            found |= Q((f"{name}__isnull", False))
        return self.filter(found)


class Occurrence(models.Model):
    """One date of a meeting; a single meeting has one.

    `recurrence_id` is the wall-clock start the rule gave it (`2027-03-29T09:00:00`, a date if
    all-day; RFC 5545, 3.8.4.4), and stays when the date is moved. A moved one has a wall clock
    of its own (`local_date` and what follows it). The nullable fields (OWN_FIELDS) are set
    where this date differs from its meeting.

    `missed_rooms` are those wanted that somebody else took, or had when they could be booked at
    last; the organizer was told.

    A row that somebody touched is part of the record; any other is only an index of what the
    rule gives. `during` and `all_day` always are: they follow from the wall clock. `during` of
    an all-day date is midnight to midnight UTC and only finds it.

    A date past the indexed ones is an unsaved instance, without `pk`.
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
    all_day = models.BooleanField(default=False)
    local_date = models.DateField(null=True, blank=True)
    local_time = models.TimeField(null=True, blank=True)
    timezone = TimeZoneField(null=True, blank=True, use_pytz=False)
    length = models.DurationField(null=True, blank=True)
    origin = models.CharField(max_length=5, choices=Origin, default=Origin.RULE)
    status = models.CharField(max_length=9, choices=Status, default=Status.SCHEDULED)
    title = models.CharField(max_length=300, null=True, blank=True)  # noqa: DJ001 - null: the meeting's
    description = models.TextField(null=True, blank=True)  # noqa: DJ001
    location = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001
    join_link = models.URLField(max_length=1000, null=True, blank=True)  # noqa: DJ001
    priority = models.PositiveSmallIntegerField(choices=Meeting.Priority, null=True, blank=True)
    transparency = models.CharField(  # noqa: DJ001
        max_length=4, choices=Meeting.Transparency, null=True, blank=True
    )
    tentative = models.BooleanField(null=True, blank=True)
    reminders = ArrayField(models.PositiveIntegerField(), null=True, blank=True)
    room_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    missed_rooms = ArrayField(models.BigIntegerField(), default=list, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("date of a meeting")
        verbose_name_plural = _("dates of meetings")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "recurrence_id"],
                # Judged at the end of a statement: dates of a series take each other's place.
                deferrable=Deferrable.IMMEDIATE,
                name="one_occurrence_per_recurrence_id",
            ),
            models.CheckConstraint(
                condition=Q(local_date__isnull=True, local_time__isnull=True, length__isnull=True)
                | Q(local_date__isnull=False, length__isnull=False),
                name="occurrence_moved_to_a_whole_wall_clock",
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="occurrence_during"),
            models.Index(Func(F("during"), function="lower"), name="occurrence_start"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_title} {self.recurrence_id}"

    @property
    def when(self) -> When:
        """The wall clock of this date: its own where it was moved, else the rule's."""
        if self.local_date is None:
            return when_named(self.meeting, self.recurrence_id)
        assert self.length is not None  # the constraint says so
        if self.local_time is None:
            return AllDay(self.local_date, self.length.days)
        start = datetime.combine(self.local_date, self.local_time)
        return Timed(start, self.timezone or self.meeting.zone, self.length)

    @when.setter
    def when(self, when: When) -> None:
        """Take over a wall clock, as a move of its own unless the rule gives just that."""
        own = when != when_named(self.meeting, self.recurrence_id)
        self.local_date = self.local_time = self.length = self.timezone = None
        if own and isinstance(when, AllDay):
            self.local_date, self.length = when.first, timedelta(days=when.days)
        elif own and isinstance(when, Timed):
            self.local_date, self.local_time = when.start.date(), when.start.time()
            self.length = when.length
            self.timezone = None if when.zone.key == self.meeting.zone.key else when.zone
        self.index()

    def index(self) -> None:
        """Work out `during` and `all_day` from the wall clock."""
        when = self.when
        self.during = as_range(when.during())
        self.all_day = isinstance(when, AllDay)

    @property
    def key(self) -> tuple[int, str]:
        """What names it, a row or not: the meeting's id and the recurrence-id."""
        return self.meeting_id, self.recurrence_id

    @property
    def is_moved(self) -> bool:
        """Whether it has a wall clock of its own."""
        return self.local_date is not None

    @property
    def is_touched(self) -> bool:
        """Whether somebody changed, moved, added, skipped or cancelled just this date."""
        return (
            self.is_moved
            or self.origin != self.Origin.RULE
            or self.status != self.Status.SCHEDULED
            or any(getattr(self, name) is not None for name in OWN_FIELDS)
        )

    @property
    def stretch(self) -> Stretch:
        """The instants of a timed date; UTC dates of an all-day one (see `occupied_in`)."""
        return as_stretch(self.during)

    @property
    def dates(self) -> AllDay:
        """The dates of an all-day occurrence."""
        stretch = self.stretch
        return AllDay(stretch.start.date(), (stretch.end - stretch.start) // timedelta(days=1))

    def occupied_in(self, zone: ZoneInfo) -> Stretch:
        """The instants it takes of a person or a room in `zone`."""
        return self.dates.stretch_in(zone) if self.all_day else self.stretch

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

    @property
    def shown_transparency(self) -> str:
        """Its own transparency, or the meeting's."""
        return self.meeting.transparency if self.transparency is None else self.transparency

    @property
    def shown_tentative(self) -> bool:
        """Whether it is only tentative: its own word, or the meeting's."""
        return self.meeting.tentative if self.tentative is None else self.tentative

    @property
    def shown_priority(self) -> int:
        """Its own priority, or the meeting's."""
        return self.meeting.priority if self.priority is None else self.priority


def when_named(meeting: Meeting, recurrence_id: str) -> When:
    """The wall clock that a recurrence-id of the meeting stands for: unmoved, full length.

    Raises ValueError if it is none, or not of the kind (a date, a date-time) of the meeting.
    """
    when = meeting.when
    if isinstance(when, AllDay):
        return replace(when, first=date.fromisoformat(recurrence_id))
    start = datetime.fromisoformat(recurrence_id)
    if "T" not in recurrence_id:
        raise ValueError(recurrence_id)
    return replace(when, start=start)
