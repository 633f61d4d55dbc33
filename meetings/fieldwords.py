"""A meeting's fields in words: what a Change says was changed, and from what to what."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from meetings.models import Meeting
from meetings.timewords import days_words, range_words, zone_short

LABELS = {
    "title": gettext_lazy("Title"),
    "when": gettext_lazy("When"),
    "timezone": gettext_lazy("Time zone"),
    "attendees": gettext_lazy("People"),
    "rooms": gettext_lazy("Room"),
    "location": gettext_lazy("Location"),
    "join_link": gettext_lazy("Join link"),
    "description": gettext_lazy("About"),
    "visibility": gettext_lazy("Seen as"),
    "priority": gettext_lazy("Priority"),
    "reminders": gettext_lazy("Reminders"),
    "transparency": gettext_lazy("Shown as"),
    "tentative": gettext_lazy("Tentative"),
}


CHOICES = {
    "priority": Meeting.Priority,
    "visibility": Meeting.Visibility,
    "transparency": Meeting.Transparency,
}


def field_label(field: str) -> str:
    """What people call a field of a Change."""
    return str(LABELS.get(field, field))


def value_words(field: str, value: Any, zone: ZoneInfo) -> str:
    """A Change's value in words, times in `zone`."""
    if field in CHOICES:
        return str(CHOICES[field](value).label)
    if isinstance(value, dict):
        return _when(value, zone)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        items = map(lead_words if field == "reminders" else str, value)
        return ", ".join(items) or _("none")
    return str(value) or _("none")


def lead_words(minutes: int) -> str:
    """How long before the start somebody is reminded: `15 min`, `2 hours`, `at the start`."""
    if not minutes:
        return _("at the start")
    if not minutes % 10080:
        return ngettext("%d week", "%d weeks", minutes // 10080) % (minutes // 10080)
    if not minutes % 1440:
        return ngettext("%d day", "%d days", minutes // 1440) % (minutes // 1440)
    if not minutes % 60:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return _("%d min") % minutes


def _when(value: dict[str, str], zone: ZoneInfo) -> str:
    if "first" in value:
        return days_words(date.fromisoformat(value["first"]), date.fromisoformat(value["last"]))
    start, end = datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"])
    return f"{range_words(start, end, zone)} {zone_short(zone, start)}"
