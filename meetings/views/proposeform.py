"""The times that somebody types to propose them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from meetings.formtimes import ClockField, clock_value, from_to, when_values, whole_days
from meetings.models import CounterProposal, Occurrence
from meetings.scheduler.propose import MOST_TIMES
from meetings.wallclock import Timed, When


class TimeForm(forms.Form):
    """One time: a day, and from when until when, or the last day of an all-day meeting.

    Without a beginning it is at the same time of day, without an end as long as now. `when` is
    None if nothing was typed.
    """

    date = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input"}),
        error_messages={"invalid": _("That is not a day. Write it like 2027-03-29.")},
    )
    start = ClockField(
        label=_("From"), required=False, widget=forms.TextInput(attrs={"class": "input"})
    )
    end = ClockField(
        label=_("To"), required=False, widget=forms.TextInput(attrs={"class": "input"})
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input"}),
        error_messages={"invalid": _("That is not a day. Write it like 2027-03-29.")},
    )
    when: When | None = None

    def __init__(self, *args: Any, now_at: Occurrence, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now_at, self.zone = now_at, zone
        for name in ("start", "end") if now_at.all_day else ("until",):
            del self.fields[name]
        local = now_at.stretch.start.astimezone(zone), now_at.stretch.end.astimezone(zone)
        for name, at in zip(("start", "end"), local, strict=True):
            if name in self.fields:
                self.fields[name].widget.attrs["placeholder"] = clock_value(at)

    def clean(self) -> dict[str, Any]:
        """Work out `when`."""
        values = dict(self.cleaned_data)
        if self.errors or not any(value is not None for value in values.values()):
            return values
        first = values.get("date")
        if first is None:
            raise forms.ValidationError({"date": _("Say on which day.")})
        if self.now_at.all_day:
            self.when = whole_days(first, values["until"]) if values["until"] else self._days(first)
        else:
            self.when = self._timed(first, values["start"], values["end"])
        return values

    def _days(self, first: Any) -> When:
        days = self.now_at.dates.days
        return whole_days(first, first + timedelta(days=days - 1))

    def _timed(self, first: Any, start: Any, end: Any) -> When:
        stretch = self.now_at.stretch
        start = start or stretch.start.astimezone(self.zone).time()
        if end is not None:
            return from_to(first, start, end, None, self.zone)
        try:
            return Timed(datetime.combine(first, start), self.zone, stretch.end - stretch.start)
        except ValueError as problem:
            raise forms.ValidationError({"date": str(problem)}) from problem


def time_forms(
    now_at: Occurrence,
    zone: ZoneInfo,
    *,
    posted: QueryDict | None = None,
    proposal: CounterProposal | None = None,
) -> list[TimeForm]:
    """A form for each time that can be proposed, filled with what is proposed so far."""
    whens = [when.during() for when in proposal.whens(now_at)] if proposal else []
    forms_ = []
    for n in range(MOST_TIMES):
        initial = _values(whens[n], now_at, zone) if n < len(whens) else {}
        forms_.append(TimeForm(posted, prefix=f"t{n}", initial=initial, now_at=now_at, zone=zone))
    return forms_


def _values(stretch: Any, now_at: Occurrence, zone: ZoneInfo) -> dict[str, Any]:
    """A proposed time as it would have been typed in `zone`."""
    if now_at.all_day:
        first = stretch.start.date()
        return {"date": first, "until": (stretch.end - timedelta(days=1)).date()}
    local = stretch.start.astimezone(zone).replace(tzinfo=None)
    values = when_values(Timed(local, zone, stretch.end - stretch.start))
    return {name: values[name] for name in ("date", "start", "end")}
