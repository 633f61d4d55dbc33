"""What those who look after places type, turned into values."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import TimestamptzRange

from accounts.forms import HoursField
from accounts.models import WorkingHours
from meetings.wallclock import FIRST_DATE, LAST_DATE, instant
from rooms.hours import set_week, week_of
from rooms.models import Closure, Room, Site

DAYS = [f"day{weekday}" for weekday in WorkingHours.Weekday.values]


def _day(weekday: WorkingHours.Weekday) -> HoursField:
    return HoursField(
        label=weekday.label,
        required=False,
        max_length=200,
        widget=AdminTextInputWidget(attrs={"placeholder": _("closed"), "autocomplete": "off"}),
    )


class WeekForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place with its week of opening hours, one line a day."""

    day0 = _day(WorkingHours.Weekday.MONDAY)
    day1 = _day(WorkingHours.Weekday.TUESDAY)
    day2 = _day(WorkingHours.Weekday.WEDNESDAY)
    day3 = _day(WorkingHours.Weekday.THURSDAY)
    day4 = _day(WorkingHours.Weekday.FRIDAY)
    day5 = _day(WorkingHours.Weekday.SATURDAY)
    day6 = _day(WorkingHours.Weekday.SUNDAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = week_of(self.instance)
        for weekday, day in enumerate(DAYS):
            self.initial[day] = week.get(weekday, [])

    def _save_m2m(self) -> None:
        """Called once the place itself is saved, also by the admin."""
        super()._save_m2m()  # type: ignore[misc]
        if set(DAYS) & set(self.changed_data):
            set_week(self.instance, dict(enumerate(self.cleaned_data[day] for day in DAYS)))


class SiteForm(WeekForm):
    """A site; a week without any hours is open at all hours."""

    class Meta:
        model = Site
        fields = ["name", "address", "timezone"]


class RoomForm(WeekForm):
    """A room; its own hours count when it is said that it has some."""

    class Meta:
        model = Room
        fields = [
            "name",
            "code",
            "site",
            "floor",
            "capacity",
            "amenities",
            "description",
            "active",
            "hours",
            "buffer_before",
            "buffer_after",
            "horizon_days",
        ]
        widgets = {"amenities": forms.CheckboxSelectMultiple, "hours": forms.RadioSelect}

    def clean(self) -> dict[str, Any]:
        """A room with hours of its own has some."""
        values = super().clean() or self.cleaned_data
        written = any(values.get(day) or day in self.errors for day in DAYS)
        if values.get("hours") == Room.Hours.OWN and not written:
            self.add_error(
                "hours", _("Write the hours of at least one day below, or choose another answer.")
            )
        return values

    def clean_code(self) -> str:
        """The code stands in addresses: one spelling."""
        code: str = self.cleaned_data["code"].lower()
        return code


# The browser's own: the administration's would say how far the reader is from the server's zone,
# while these are by the clock of the place.
_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class ClosureForm(forms.ModelForm):  # type: ignore[type-arg]
    """A closure on the wall clock of the place it shuts."""

    first_day = forms.DateField(label=_("From"), widget=_DAY)
    first_time = forms.TimeField(label=_("at"), required=False, widget=_TIME)
    last_day = forms.DateField(label=_("Until"), widget=_DAY)
    last_time = forms.TimeField(label=_("at"), required=False, widget=_TIME)

    class Meta:
        model = Closure
        fields = ["room", "site", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(_as_typed(self.instance))

    def clean(self) -> dict[str, Any]:
        """The stretch, in instants, once the place and the days are known."""
        values = super().clean() or self.cleaned_data
        place: Room | Site | None = values.get("room") or values.get("site")
        if place and not self.errors:
            self._set_during(place, values["first_day"], values["last_day"])
        return values

    def _set_during(self, place: Room | Site, first: date, last: date) -> None:
        """Without times whole days are meant, the last one included."""
        if not FIRST_DATE <= first <= LAST_DATE or not FIRST_DATE <= last <= LAST_DATE:
            self.add_error("first_day", _("Choose days between the years 1900 and 2199."))
            return
        until = self.cleaned_data.get("last_time")
        start = instant(_at(first, self.cleaned_data.get("first_time")), place.zone)
        end = instant(_at(last, until) if until else _at(last + timedelta(days=1)), place.zone)
        if end <= start:
            self.add_error("last_day", _("It ends before it begins. Choose a later day or time."))
            return
        self.instance.during = TimestamptzRange(start, end, "[)")


def _at(day: date, at: time | None = None) -> datetime:
    return datetime.combine(day, at or time.min)


def _as_typed(closure: Closure) -> dict[str, date | time | None]:
    """The form's values for a closure: whole days have no times."""
    assert closure.during.lower is not None
    assert closure.during.upper is not None
    start = closure.during.lower.astimezone(closure.zone)
    end = closure.during.upper.astimezone(closure.zone)
    whole_days = start.time() == time.min == end.time()
    return {
        "first_day": start.date(),
        "first_time": None if whole_days else start.time(),
        "last_day": end.date() - timedelta(days=1) if whole_days else end.date(),
        "last_time": None if whole_days else end.time(),
    }
