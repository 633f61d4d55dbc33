"""What the meeting form offers to choose from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.zones import Choices as ZoneChoices
from accounts.zones import is_zone, zone_choices
from meetings.drafts import REMINDER_LEADS
from meetings.fieldwords import lead_words
from meetings.formrules import monthly
from meetings.forms import PROMINENT_LEADS, MeetingForm
from meetings.models import Meeting
from meetings.recurrence import Parts
from meetings.recurrence.parts import WEEKDAYS
from meetings.ruledays import days_on
from meetings.timewords import zone_place, zone_short
from meetings.wallclock import When
from rooms.models import Site

MOST_SITES = 20
HALF_HOURS = [f"{minute // 60}:{minute % 60:02}" for minute in range(0, 1440, 30)]


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: what is sent, what is read, whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the fields; `more_leads` are those that few people need."""

    zones: list[Option]
    all_zones: ZoneChoices
    leads: list[Option]
    more_leads: list[Option]
    visibility: list[Option]
    priority: list[Option]
    lengths: list[Option]
    clocks: list[str]
    repeat: list[Option]
    weekdays: list[Option]
    monthly: list[Option]
    ends: list[Option]

    @property
    def more_open(self) -> bool:
        """Whether one of the rarer reminders is chosen."""
        return any(option.chosen for option in self.more_leads)


def form_choices(form: MeetingForm, reader: User) -> Choices:
    """The options, with those chosen that stand in the form. One query, for the sites' zones."""
    values = form.values
    at = form.when.during().start if form.when else timezone.now()
    chosen = {str(lead) for lead in values.get("reminders", [])}
    leads = [Option(str(lead), lead_words(lead), str(lead) in chosen) for lead in REMINDER_LEADS]
    prominent = {str(lead) for lead in PROMINENT_LEADS}
    return Choices(
        _near_zones(str(values.get("zone", "")), reader, at),
        zone_choices(),
        [option for option in leads if option.value in prominent],
        [option for option in leads if option.value not in prominent],
        _options(Meeting.Visibility.choices, values.get("visibility")),
        _options(Meeting.Priority.choices, values.get("priority")),
        _lengths(),
        HALF_HOURS,
        _options(_repeats(), values.get("repeat", "")),
        [
            Option(name, str(WEEKDAYS_ABBR[n]), name in values.get("on", []))
            for n, name in enumerate(WEEKDAYS)
        ],
        _options(monthly_words(form.when).items(), values.get("by") or "date"),
        _options(
            {"": _("never"), "on": _("on a date"), "after": _("after a number of times")}.items(),
            values.get("ends", ""),
        ),
    )


def _repeats() -> Iterable[tuple[str, str]]:
    return {
        "": _("Does not repeat"),
        "daily": _("Daily"),
        "weekdays": _("Every weekday, Monday to Friday"),
        "weekly": _("Weekly"),
        "monthly": _("Monthly"),
        "yearly": _("Yearly"),
        "rule": _("By a rule"),
    }.items()


def monthly_words(when: When | None) -> dict[str, str]:
    """What the ways of a monthly rule are called: `on day 9`, `on the second Tuesday`."""
    if when is None:
        return {
            "date": _("on the same day"),
            "last": _("on the last day"),
            "nth": _("on the same weekday"),
            "weekday": _("on the last such weekday"),
        }
    return {
        by: _("on %(days)s") % {"days": days_on(Parts("MONTHLY", **monthly(by, when)))}
        for by in ("date", "last", "nth", "weekday")
    }


def _options(choices: Iterable[tuple[object, object]], chosen: object) -> list[Option]:
    return [Option(str(value), str(label), str(value) == chosen) for value, label in choices]


def _lengths() -> list[Option]:
    labels = {15: _("15 min"), 30: _("30"), 60: _("1 hour"), 90: _("1½"), 120: _("2")}
    return [Option(str(minutes), label, chosen=False) for minutes, label in labels.items()]


def _near_zones(chosen: str, reader: User, at: datetime) -> list[Option]:
    """The chosen zone, the reader's and those of the sites, as `Berlin, CET` on that day."""
    sites = Site.objects.order_by("name").values_list("timezone", flat=True)[:MOST_SITES]
    zones = {zone.key: zone for zone in (reader.zone, *sites)}
    if chosen not in zones and is_zone(chosen):
        zones[chosen] = ZoneInfo(chosen)
    return [
        Option(key, f"{zone_place(zone)}, {zone_short(zone, at)}", key == chosen)
        for key, zone in zones.items()
    ]
