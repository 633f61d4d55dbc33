"""When a room is wanted: what people choose at the list, as a time."""

from datetime import date as Day
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.wallclock import Timed, instant

HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
MORNING = time(9)


class FreeWhen(forms.Form):
    """A day and hours on the reader's clock; what is left empty is guessed, if a part is given.

    Once it is validated, `when` is the time asked for; None if there is none or it cannot be.
    """

    date = forms.DateField(label=gettext_lazy("Day"), required=False)
    start = forms.TimeField(label=gettext_lazy("From"), required=False)
    end = forms.TimeField(label=gettext_lazy("To"), required=False)

    def __init__(self, query: QueryDict, *, zone: ZoneInfo, now: datetime) -> None:
        super().__init__(query)
        self.zone, self.now = zone, now
        self.when: Timed | None = None

    def clean(self) -> dict[str, Any]:
        """The time, if one is asked for."""
        values = super().clean() or self.cleaned_data
        asked = any(values.get(name) is not None for name in ("date", "start", "end"))
        if asked and not self.errors:
            self._read(values["date"], values["start"], values["end"])
        return values

    def _read(self, day: Day | None, first: time | None, last: time | None) -> None:
        try:
            start = self._start(day, first, last)
            end = self._end(start, last)
            length = instant(end, self.zone) - instant(start, self.zone)
            when = Timed(start, self.zone, length) if length > timedelta(0) else None
        except (ValueError, OverflowError):
            self.add_error("date", _("Choose a day between the years 1900 and 2199."))
            return
        if when is None:
            self.add_error("end", _("It ends before it begins. Choose a later time."))
        elif when.during().end <= self.now:
            self.add_error("date", _("That is over. Choose a time that is still to come."))
        else:
            self.when = when

    def _start(self, day: Day | None, first: time | None, last: time | None) -> datetime:
        """Without a day today; without a time the next half hour, on other days the morning."""
        here = self.now.astimezone(self.zone).replace(tzinfo=None)
        day = day or here.date()
        if first is not None:
            return datetime.combine(day, first.replace(second=0))
        if last is not None and last != time.min:
            return max(datetime.combine(day, last) - HOUR, datetime.combine(day, time.min))
        midnight = datetime.combine(day, time.min)
        if day != here.date():
            return datetime.combine(day, MORNING)
        return midnight - (midnight - here) // HALF_HOUR * HALF_HOUR

    def _end(self, start: datetime, last: time | None) -> datetime:
        """Midnight is that after the day."""
        if last is None:
            return start + HOUR
        end = datetime.combine(start.date(), last.replace(second=0))
        return end + DAY if last == time.min else end
