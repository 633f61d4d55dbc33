"""The opening hours of a site or of a room, as a week."""

from django.db import transaction

from accounts.hours import Stretch
from rooms.models import OpeningHours, Room, Site

Week = dict[int, list[Stretch]]


def week_of(place: Site | Room) -> Week:
    """Its own stretches by weekday, 0 = Monday, in minutes; days without any are absent."""
    week: Week = {}
    if place.pk:
        for row in place.opening_hours.all():
            week.setdefault(row.weekday, []).append((row.start, row.end))
    return week


def set_week(place: Site | Room, week: Week) -> None:
    """Replaces all of its own hours."""
    owner = {"site": place} if isinstance(place, Site) else {"room": place}
    rows = [
        OpeningHours(**owner, weekday=weekday, start=start, end=end)
        for weekday, stretches in week.items()
        for start, end in stretches
    ]
    with transaction.atomic():
        place.opening_hours.all().delete()
        OpeningHours.objects.bulk_create(rows)
