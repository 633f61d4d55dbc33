"""A room held for a while."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.intervals import Stretch
from meetings.models.occurrence import Occurrence
from meetings.models.ranges import as_stretch, only
from rooms.models import Room

NO_DOUBLE_BOOKING = "no_double_booking"


class BookingQuerySet(models.QuerySet["Booking"]):
    """The vocabulary of bookings."""

    def unreleased(self) -> Self:
        """Those the constraint judges: also a hold that has expired and was not yet met."""
        return self.filter(released_at__isnull=True)

    def live(self, now: datetime) -> Self:
        """Those that keep a room taken at `now`: an expired hold does not."""
        return self.unreleased().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


class Booking(models.Model):
    """A room held over `during`, the buffers of the time included.

    The database makes two unreleased bookings of one room that overlap impossible.
    """

    class Kind(models.TextChoices):
        MEETING = "meeting", _("meeting")
        HOLD = "hold", _("hold")

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings")
    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="bookings", null=True, blank=True
    )
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.MEETING)
    during = DateTimeRangeField()
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        permissions = [
            ("override_bookings", _("Can take rooms from meetings of lower priority")),
        ]
        constraints = [
            ExclusionConstraint(
                name=NO_DOUBLE_BOOKING,
                expressions=[
                    (only("room_id"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(released_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(kind="meeting", expires_at__isnull=True, occurrence__isnull=False)
                | Q(kind="hold", expires_at__isnull=False),
                name="booking_of_a_date_or_a_hold",
            ),
        ]
        indexes = [
            GistIndex(
                fields=["during"], condition=Q(released_at__isnull=True), name="booking_during"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(released_at__isnull=True, kind="hold"),
                name="booking_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.during}"

    @property
    def stretch(self) -> Stretch:
        """What it takes of the room."""
        return as_stretch(self.during)
