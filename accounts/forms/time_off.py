"""When somebody is out of office, as it is typed."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import TimeOff, User
from meetings.wallclock import OUTSIDE_CALENDAR

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
