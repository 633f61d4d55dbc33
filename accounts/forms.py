"""What people type about themselves, turned into values."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.hours import USUAL_WEEK, Stretch, hours_words, parse_hours, set_week, week_of
from accounts.models import TimeOff, User, WorkingHours
from accounts.zones import is_zone, present_name, zone_choices
from meetings.wallclock import OUTSIDE_CALENDAR


class SignupForm(forms.Form):
    """What we ask beside the address and the password; the accounts library adds those."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=User._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    timezone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-zone-guess": True})
    )
    field_order = ["name", "email", "password1", "password2"]

    def clean(self) -> dict[str, Any]:
        """Outside the demo the address must be of a listed domain."""
        values = super().clean() or self.cleaned_data
        domain = values.get("email", "").rpartition("@")[2].lower()
        if domain and not settings.DEMO and domain not in settings.SIGN_UP_DOMAINS:
            self.add_error(
                "email",
                _("Sign up with your address at %(domains)s, or ask an administrator.")
                % {"domains": ", ".join(settings.SIGN_UP_DOMAINS)},
            )
        return values

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by the accounts library once the account exists.

        The browser's zone is only taken for the time being: the first page asks.
        """
        user.name = self.cleaned_data["name"]
        if is_zone(self.cleaned_data["timezone"]):
            user.timezone = present_name(self.cleaned_data["timezone"])
        user.save(update_fields=["name", "timezone"])
        set_week(user, USUAL_WEEK)


class ZoneForm(forms.Form):
    """The answer to the browser's proposal."""

    timezone = forms.CharField()

    def clean_timezone(self) -> str:
        """Only zones of the database, by their name of today."""
        name: str = self.cleaned_data["timezone"]
        if not is_zone(name):
            raise forms.ValidationError(
                _("“%(name)s” is not a time zone we know. Choose one from the list."),
                params={"name": name},
            )
        return present_name(name)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, zone and appearance. Saving confirms the zone."""

    timezone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Every page and mail shows times in it.")
    )

    class Meta:
        model = User
        fields = ["name", "timezone", "theme"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "theme": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = self.instance.zone.key
        choices = zone_choices()
        listed = {
            value
            for _region, group in choices
            if isinstance(group, list)
            for value, _label in group
        }
        own = [] if current in listed | {"UTC"} else [(current, current)]
        zone = self.fields["timezone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [*own, *choices]
        self.initial["timezone"] = current

    def save(self, commit: bool = True) -> User:
        """The person, whose zone is no longer a guess."""
        self.instance.timezone_confirmed = True
        person: User = super().save(commit)
        return person


class HoursField(forms.CharField):
    """A weekday's stretches on one line."""

    def to_python(self, value: Any) -> list[Stretch]:  # type: ignore[override]
        """The stretches in order; raises ValidationError."""
        return parse_hours(super().to_python(value) or "")

    def prepare_value(self, value: Any) -> Any:
        """Stretches as text; what was typed stays as it was typed."""
        return value if isinstance(value, str) else hours_words(value or [])


def _day(weekday: WorkingHours.Weekday) -> HoursField:
    return HoursField(
        label=weekday.label,
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("off"), "autocomplete": "off"}),
    )


class WeekFields(forms.Form):
    """A week, one line a day."""

    day0 = _day(WorkingHours.Weekday.MONDAY)
    day1 = _day(WorkingHours.Weekday.TUESDAY)
    day2 = _day(WorkingHours.Weekday.WEDNESDAY)
    day3 = _day(WorkingHours.Weekday.THURSDAY)
    day4 = _day(WorkingHours.Weekday.FRIDAY)
    day5 = _day(WorkingHours.Weekday.SATURDAY)
    day6 = _day(WorkingHours.Weekday.SUNDAY)

    def show_week_of(self, user: User) -> None:
        """Fills the lines with the person's hours."""
        for weekday, stretches in week_of(user).items():
            self.initial[f"day{weekday}"] = stretches

    def save_week_of(self, user: User) -> None:
        """Replaces the person's hours by what was typed."""
        set_week(user, {day: self.cleaned_data[f"day{day}"] for day in WorkingHours.Weekday.values})


class HoursForm(WeekFields):
    """A person's own working hours."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.show_week_of(user)

    def save(self) -> None:
        """Replaces the person's week."""
        self.save_week_of(self.user)


DAY_WRONG = {
    "required": _("Choose the first day."),
    "invalid": _("Choose a day, like 2027-03-10."),
    "min_value": OUTSIDE_CALENDAR,
    "max_value": OUTSIDE_CALENDAR,
}
TIME_WRONG = {"invalid": _("Write a time of day like 13:30.")}


class TimeOffForm(forms.ModelForm):  # type: ignore[type-arg]
    """Days or parts of days on which a person is out of office."""

    decline_existing = forms.BooleanField(
        label=_("Decline what is in it already, answered or not"), required=False
    )

    class Meta:
        model = TimeOff
        fields = ["first", "start", "last", "end", "note", "declines", "message"]
        widgets = {
            "first": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "last": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "start": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "end": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "note": forms.TextInput(attrs={"autocomplete": "off"}),
            "message": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {
            "start": _("From"),
            "end": _("Until"),
            "declines": _("Decline meetings I am asked to in it"),
        }
        error_messages = {
            "first": DAY_WRONG,
            "last": DAY_WRONG,
            "start": TIME_WRONG,
            "end": TIME_WRONG,
        }

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        self.instance.user = user
        self.fields["last"].required = False
        self.fields["last"].help_text = _("Empty: only the first day.")

    def clean(self) -> dict[str, Any]:
        """Without a last day it is the first; nothing twice, and nothing new that is over."""
        values = super().clean() or self.cleaned_data
        if values.get("last") is None and "last" not in self.errors:
            values["last"] = values.get("first")
        return values

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not {"first", "last", "start", "end"} & set(self.changed_data):
            return
        off: TimeOff = self.instance
        if off.stretch_in(self.user.zone).end <= self.now:
            self.add_error("last", _("That is over already. Choose days to come."))
        same = TimeOff.objects.filter(
            user=self.user, first=off.first, last=off.last, start=off.start, end=off.end
        )
        if same.exclude(pk=off.pk).exists():
            self.add_error("first", _("You have taken exactly these days off already."))


class PersonForm(WeekFields, UserChangeForm):  # type: ignore[type-arg]
    """A person as an administrator sees them."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show_week_of(self.instance)


class NewPersonForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A new person; without a password they choose one by mail."""

    class Meta:
        model = User
        fields = ("email", "name", "timezone")
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}
