"""Times in templates, in the reader's zone (the one that is active)."""

from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from meetings import timewords

register = template.Library()


def ends(stretch: Any) -> tuple[datetime, datetime]:
    """Start and end of a database range, of whatever has `start` and `end`, or of a pair."""
    if hasattr(stretch, "lower") and hasattr(stretch, "upper"):
        return stretch.lower, stretch.upper
    if hasattr(stretch, "start") and hasattr(stretch, "end"):
        return stretch.start, stretch.end
    start, end = stretch
    return start, end


def reader_today() -> date:
    """The reader's date, which decides whether a year is written."""
    return timezone.localdate()


@register.filter(name="range")
def clock_range(stretch: Any) -> str:
    """`10:00–11:30`."""
    start, end = ends(stretch)
    zone = timezone.get_current_timezone()
    return timewords.clock_range(start, end, zone, today=reader_today())


@register.filter
def range_words(stretch: Any) -> str:
    """`Wed 11 March, 10:00–11:30`."""
    start, end = ends(stretch)
    zone = timezone.get_current_timezone()
    return timewords.range_words(start, end, zone, today=reader_today())


@register.filter
def near_words(stretch: Any) -> str:
    """`Today 10:00–11:30`, `Thu 10:00–11:30`."""
    start, end = ends(stretch)
    zone = timezone.get_current_timezone()
    return timewords.near_words(start, end, zone, today=reader_today())


@register.filter
def near_day(value: date) -> str:
    """`Today`, `Thu`."""
    return timewords.near_day_words(value, today=reader_today())


@register.filter
def day(value: date | datetime) -> str:
    """`Wed 11 March`."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return timewords.day_words(value, today=reader_today())


@register.filter
def clock(at: datetime) -> str:
    """`9:30`."""
    return timewords.clock(at, timezone.get_current_timezone())


@register.filter
def moment(at: datetime) -> str:
    """`Wed 11 March, 9:30`."""
    zone = timezone.get_current_timezone()
    return timewords.moment_words(at, zone, today=reader_today())


@register.filter
def zone_short(zone: tzinfo, at: datetime) -> str:
    """`{{ zone|zone_short:at }}` → `CET`."""
    return timewords.zone_short(zone, at)


@register.filter
def reader_zone(at: datetime) -> str:
    """What the reader's zone is called at that instant: `CET`."""
    return timewords.zone_short(timezone.get_current_timezone(), at)


@register.simple_tag
def days(first: date, last: date) -> str:
    """`{% days first last %}` → `Mon 9 – Wed 11 March`, both included."""
    return timewords.days_words(first, last, today=reader_today())


@register.filter
def zone_place(zone: ZoneInfo) -> str:
    """`Berlin`."""
    return timewords.zone_place(zone)
