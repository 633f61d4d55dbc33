"""Places: sites, their rooms, what is in them, when they are open and when they are shut."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from accounts.models import WorkingHours, minutes_words


class Site(models.Model):
    """A building or a campus; its zone is that of its rooms."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    address = models.CharField(_("address"), max_length=240, blank=True)
    timezone = TimeZoneField(_("time zone"), default="UTC", use_pytz=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone of this site."""
        zone: ZoneInfo = self.timezone
        return zone


class Amenity(models.Model):
    """Something a room can have: a screen, a whiteboard, step-free access."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("amenity")
        verbose_name_plural = _("amenities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoomQuerySet(models.QuerySet["Room"]):
    """The vocabulary of rooms."""

    def bookable(self) -> Self:
        """Rooms that are in use."""
        return self.filter(active=True)

    def seating(self, people: int) -> Self:
        """Rooms with at least so many seats."""
        return self.filter(capacity__gte=people)

    def at_sites_of(self, room_ids: Iterable[int]) -> Self:
        """Rooms in use where these rooms are, themselves among them, the smallest first."""
        sites = Room.objects.filter(pk__in=list(room_ids)).values("site")
        return self.bookable().filter(site__in=sites).order_by("capacity", "name", "pk")

    def named(self, names: Iterable[str]) -> "dict[str, Room]":
        """The rooms by these names, each a uid or a code; unknown ones are not there. A query."""
        uids = {name: uid for name in names if (uid := _uid(name))}
        found = self.filter(models.Q(code__in=names) | models.Q(uid__in=uids.values()))
        rooms = {key: room for room in found for key in (room.code, room.uid)}
        keys: dict[str, uuid.UUID | str] = {name: uids.get(name, name) for name in names}
        return {name: rooms[key] for name, key in keys.items() if key in rooms}

    def having(self, amenities: Iterable[Amenity]) -> Self:
        """Rooms that have each of these amenities."""
        found = self
        for amenity in amenities:
            found = found.filter(amenities=amenity)
        return found

    def nearest(self, zones: Iterable[ZoneInfo]) -> Self:
        """Those at a site in one of these zones first, then the smallest."""
        near = models.Q(site__timezone__in={zone.key for zone in zones})
        far = models.Case(models.When(near, then=models.Value(0)), default=models.Value(1))
        return self.annotate(far=far).order_by("far", "capacity", "name", "pk")

    def with_details(self) -> Self:
        """With site, amenities and hours, in a constant number of queries."""
        return self.select_related("site").prefetch_related(
            "amenities", "opening_hours", "site__opening_hours"
        )


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class Room(models.Model):
    """A room that meetings can hold."""

    class Hours(models.TextChoices):
        SITE = "site", _("as its site")
        OWN = "own", _("its own, below")
        ALWAYS = "always", _("open at all hours")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(
        _("code"),
        max_length=60,
        unique=True,
        help_text=_("The room's address on this site, for example room-101."),
        validators=[
            RegexValidator(
                r"^day$", _("“day” is the page of all rooms; choose another."), inverse_match=True
            )
        ],
    )
    name = models.CharField(_("name"), max_length=120)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    floor = models.CharField(_("floor"), max_length=40, blank=True)
    capacity = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    amenities = models.ManyToManyField(Amenity, blank=True, related_name="rooms")
    description = models.TextField(_("description"), blank=True)
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Rooms that are not active cannot be booked.")
    )
    hours = models.CharField(_("opening hours"), max_length=6, choices=Hours, default=Hours.SITE)
    buffer_before = models.PositiveSmallIntegerField(_("minutes kept free before"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("minutes kept free after"), default=0)
    horizon_days = models.PositiveSmallIntegerField(
        _("bookable days ahead"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many days ahead it can be booked; empty for no limit."),
    )

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["site__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="one_room_of_a_name_per_site"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The room's page."""
        return reverse("rooms:room", args=[self.code])

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its site."""
        return self.site.zone

    @property
    def buffers(self) -> tuple[timedelta, timedelta]:
        """What is kept free before and after each meeting."""
        return timedelta(minutes=self.buffer_before), timedelta(minutes=self.buffer_after)

    def bookable_until(self, now: datetime) -> datetime | None:
        """The instant from which on nothing can be booked yet; None without a limit.

        The last bookable day is one of the room's own zone, and whole.
        """
        if self.horizon_days is None:
            return None
        last = now.astimezone(self.zone).date() + timedelta(days=self.horizon_days)
        return datetime.combine(last + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    def bookable_on(self, end: datetime) -> date:
        """The day of the room's zone from which on what ends at `end` can be booked."""
        last = (end - timedelta(microseconds=1)).astimezone(self.zone).date()
        return last - timedelta(days=self.horizon_days or 0)

    def open_minutes(self, weekday: int) -> list[tuple[int, int]]:
        """When it is open on a weekday (0 is Monday), in minutes of its zone's day.

        A site or a room without any hours is open at all hours. Uses prefetched rows.
        """
        if self.hours == self.Hours.ALWAYS:
            return [(0, 1440)]
        owner = self if self.hours == self.Hours.OWN else self.site
        hours = list(owner.opening_hours.all())
        if not hours:
            return [(0, 1440)]
        return sorted((h.start, h.end) for h in hours if h.weekday == weekday)


class OpeningHours(models.Model):
    """One stretch of a weekday in which a site, or a room of its own, is open."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="opening_hours", null=True, blank=True
    )
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="opening_hours", null=True, blank=True
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WorkingHours.Weekday)
    start = models.PositiveSmallIntegerField(_("from"), help_text=_("minutes after midnight"))
    end = models.PositiveSmallIntegerField(_("to"), help_text=_("minutes after midnight"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end"), end__lte=1440, weekday__lte=6),
                name="opening_hours_within_a_day",
            ),
            models.CheckConstraint(
                condition=Q(site__isnull=True) ^ Q(room__isnull=True),
                name="opening_hours_of_a_site_or_a_room",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {minutes_words(self.start, self.end)}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    """The vocabulary of closures."""

    def of_rooms(self, rooms: Iterable[Room]) -> Self:
        """Those that shut any of these rooms, by themselves or with their site."""
        rooms = list(rooms)
        return self.filter(
            Q(room__in=[room.pk for room in rooms]) | Q(site__in={room.site_id for room in rooms})
        )


class Closure(models.Model):
    """A room or a whole site shut over a stretch, with the reason people are told."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="closures", null=True, blank=True
    )
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="closures", null=True, blank=True
    )
    during = DateTimeRangeField(_("during"))
    reason = models.CharField(_("reason"), max_length=200)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(
                condition=Q(site__isnull=True) ^ Q(room__isnull=True),
                name="closure_of_a_site_or_a_room",
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="closure_during")]

    def __str__(self) -> str:
        return f"{self.room or self.site}: {self.reason}"

    def clean(self) -> None:
        super().clean()
        if (self.site is None) == (self.room is None):
            raise ValidationError({"room": _("Choose a room or a site, and not both.")})

    @property
    def zone(self) -> ZoneInfo:
        """The zone of what is shut."""
        place = self.room or self.site
        assert place is not None  # the constraint says so
        return place.zone
