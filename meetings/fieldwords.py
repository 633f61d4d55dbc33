"""A meeting's fields in words: what a Change says was changed, and from what to what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from meetings.models import Meeting, Occurrence
from meetings.problems import Difference
from meetings.rulewords import rule_words
from meetings.timewords import day_words, days_words, range_words, zone_short
from meetings.wallclock import AllDay

MOST_DATES = 3

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
    "rrule": gettext_lazy("Repeats"),
    "dates": gettext_lazy("Dates"),
    "exdates": gettext_lazy("Dates left out"),
    "rdates": gettext_lazy("Dates added"),
    "rooms_missed": gettext_lazy("Rooms not to be had"),
    "status": gettext_lazy("Takes place"),
}


CHOICES = {
    "priority": Meeting.Priority,
    "visibility": Meeting.Visibility,
    "transparency": Meeting.Transparency,
}


def field_label(field: str) -> str:
    """What people call a field of a Change."""
    return str(LABELS.get(field, field))


def value_words(field: str, value: Any, zone: ZoneInfo, *, first: date | None = None) -> str:
    """A Change's value in words, times in `zone`; a rule as one from the day `first` on."""
    if field in CHOICES:
        return str(CHOICES[field](value).label)
    if field == "rrule":
        return rule_words(AllDay(first, 1), value) if value and first else value or _("no")
    if field == "status":
        return _yes_or_no(value == Occurrence.Status.SCHEDULED)
    if field == "dates":
        return _dates(value, zone)
    if field in ("exdates", "rdates"):
        return names_words(value) or _("none")
    if isinstance(value, dict):
        return _when(value, zone)
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, list):
        items = map(lead_words if field == "reminders" else str, value)
        return ", ".join(items) or _("none")
    return str(value) or _("none")


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """What somebody else changed in one field, in words."""

    field: str
    label: str
    was: str
    theirs: str


def difference_words(
    difference: Difference, zone: ZoneInfo, *, first: date | None = None
) -> DifferenceWords:
    """The difference, times in `zone`; a rule as one from the day `first` on."""
    was, theirs = (
        value_words(difference.field, value, zone, first=first)
        for value in (difference.was, difference.theirs)
    )
    return DifferenceWords(difference.field, field_label(difference.field), was, theirs)


def names_words(names: Collection[str]) -> str:
    """The days of recurrence-ids: `Wed 17 March, Wed 24 March and 3 more`."""
    return _few([day_words(date.fromisoformat(name[:10])) for name in sorted(names)])


def _dates(value: dict[str, dict[str, Any]] | list[str], zone: ZoneInfo) -> str:
    """What single dates were or became, by recurrence-id; an import only names them."""
    if isinstance(value, list):
        return names_words(value) or _("none")
    said = [
        _("%(date)s: %(values)s")
        % {
            "date": day_words(date.fromisoformat(name[:10])),
            "values": ", ".join(
                str(Occurrence.Status(of_date[field]).label).lower()
                if field == "status"
                else value_words(field, of_date[field], zone)
                for field in sorted(of_date)
            ),
        }
        for name, of_date in sorted(value.items())
    ]
    return _few(said, between="; ") or _("none")


def _few(words: list[str], *, between: str = ", ") -> str:
    rest = len(words) - MOST_DATES
    if rest <= 1:
        return between.join(words)
    shown = between.join(words[:MOST_DATES])
    return ngettext("%(shown)s and %(n)d more", "%(shown)s and %(n)d more", rest) % {
        "shown": shown,
        "n": rest,
    }


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


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
