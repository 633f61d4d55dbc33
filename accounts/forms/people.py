"""Who somebody is and when they work, as it is typed."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.hours import USUAL_WEEK, Stretch, hours_words, parse_hours, set_week, week_of
from accounts.models import User, WorkingHours
from accounts.zones import is_zone, present_name, zone_choices


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
