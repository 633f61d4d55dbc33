"""The meeting: what was agreed, on the wall clock where it was agreed."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room

if TYPE_CHECKING:
    from meetings.models.occurrence import Occurrence


TITLE_WORDS = SearchVector("title", config="simple")
"""The words of a title as they are searched, in no particular language."""


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """The vocabulary of meetings."""

    def with_people(self) -> Self:
        """With organizer, invitations and wanted rooms, in a constant number of queries."""
        return self.select_related("organizer").prefetch_related(
            "invitations__user", "rooms__site", "occurrences"
        )

    def locked(self, ids: Iterable[int]) -> list["Meeting"]:
        """These meetings, locked against other commands, in the order all commands use."""
        return list(
            self.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True, of=("self",))
        )


class Meeting(models.Model):
    """A meeting, single or a series. `uid` is what leaves the database.

    The wall clock is the truth: `local_date` and `local_time` in `timezone`, `length` (exact
    for a timed meeting, whole days for an all-day one) and an RFC 5545 `rrule` (see
    `meetings.recurrence`). With the dates that somebody touched, that is all the record.

    `cancelled` is set when all of it was called off. `indexed_until` says up to which start
    the dates of the rule are rows; null if all of them are. `series` is shared by the parts
    that one series was split into.
    """

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")

    class Transparency(models.TextChoices):
        BUSY = "busy", _("Busy")
        FREE = "free", _("Free")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ical_uid = models.CharField(max_length=500)
    series = models.UUIDField(default=uuid.uuid4, db_index=True, editable=False)
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="organized",
        null=True,
        blank=True,
    )
    organizer_email = models.EmailField(blank=True)
    organizer_name = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    title = models.CharField(_("title"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    location = models.CharField(_("location"), max_length=500, blank=True)
    join_link = models.URLField(_("join link"), max_length=1000, blank=True)
    all_day = models.BooleanField(_("all day"), default=False)
    local_date = models.DateField(_("date"))
    local_time = models.TimeField(_("start"), null=True, blank=True)
    timezone = TimeZoneField(_("time zone"), use_pytz=False)
    length = models.DurationField(_("length"))
    rrule = models.TextField(blank=True)
    cancelled = models.BooleanField(default=False)
    rooms = models.ManyToManyField(Room, related_name="+", blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    visibility = models.CharField(
        _("visibility"), max_length=7, choices=Visibility, default=Visibility.PUBLIC
    )
    transparency = models.CharField(
        _("shown as"), max_length=4, choices=Transparency, default=Transparency.BUSY
    )
    tentative = models.BooleanField(_("tentative"), default=False)
    reminders = ArrayField(
        models.PositiveIntegerField(), verbose_name=_("reminders"), default=list, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    indexed_until = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(organizer__isnull=False) ^ ~Q(organizer_email=""),
                name="meeting_has_one_organizer",
            ),
            models.CheckConstraint(
                condition=Q(all_day=True, local_time__isnull=True)
                | Q(all_day=False, local_time__isnull=False),
                name="meeting_timed_or_all_day",
            ),
            models.UniqueConstraint(
                fields=["organizer", "ical_uid"],
                condition=Q(organizer__isnull=False),
                name="one_meeting_per_uid_of_a_user",
            ),
            models.UniqueConstraint(
                Lower("organizer_email"),
                "ical_uid",
                condition=Q(organizer__isnull=True),
                name="one_meeting_per_uid_of_an_address",
            ),
        ]
        indexes = [
            models.Index(fields=["ical_uid"], name="meeting_by_ical_uid"),
            GinIndex(TITLE_WORDS, name="meeting_by_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The meeting's page."""
        return reverse("meetings:meeting", args=[self.uid])

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its wall clock."""
        zone: ZoneInfo = self.timezone
        return zone

    @property
    def when(self) -> When:
        """The wall clock of the (first) date."""
        if self.all_day:
            return AllDay(self.local_date, self.length.days)
        assert self.local_time is not None  # the constraint says so
        return Timed(datetime.combine(self.local_date, self.local_time), self.zone, self.length)

    @when.setter
    def when(self, when: When) -> None:
        """Take over a wall clock; an all-day one leaves the zone as it is."""
        self.all_day = isinstance(when, AllDay)
        if isinstance(when, AllDay):
            self.local_date, self.local_time = when.first, None
            self.length = timedelta(days=when.days)
        else:
            self.local_date, self.local_time = when.start.date(), when.start.time()
            self.timezone = when.zone
            self.length = when.length

    @property
    def organizer_address(self) -> str:
        """The organizer's e-mail address."""
        return self.organizer.email if self.organizer else self.organizer_email

    @property
    def organizer_shown(self) -> str:
        """The organizer's name, or the address if that is all we know."""
        if self.organizer:
            return str(self.organizer)
        return self.organizer_name or self.organizer_email

    @property
    def is_private(self) -> bool:
        """Whether others only see "Busy"."""
        return self.visibility == self.Visibility.PRIVATE

    @property
    def is_series(self) -> bool:
        """Whether it repeats."""
        return bool(self.rrule)

    @property
    def occurrence(self) -> "Occurrence":
        """The one date of a single meeting, not for series. Uses prefetched rows."""
        (occurrence,) = self.occurrences.all()
        return occurrence
