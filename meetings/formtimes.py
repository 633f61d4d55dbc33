"""Date, time and length as they are typed, and the wall clock of a meeting: there and back."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from meetings.wallclock import (
    FIRST_DATE,
    LAST_DATE,
    OUTSIDE_CALENDAR,
    AllDay,
    Timed,
    When,
    instant,
)

CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?([0-5]\d))?(?::00)?\s*(?:([ap])\.?m\.?)?", re.I | re.A)
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)


class ClockField(forms.Field):
    """A time of day, typed in any usual way: `9`, `930`, `9:30`, `15.30`, `3 pm`; 24:00 is 0:00."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> time | None:
        """The time; None for nothing. Raises ValidationError with an example."""
        text = str(value or "").strip()
        if not text:
            return None
        found = CLOCK.fullmatch(text)
        hour = _hour(found) if found else None
        if found is None or hour is None:
            raise ValidationError(
                _("“%(text)s” is not a time. Write it like 9:30."), params={"text": text}
            )
        return time(hour, int(found[2] or 0))


def _hour(found: re.Match[str]) -> int | None:
    """The hour of 0 to 23, None if there is no such hour."""
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        return hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else None
    if hour == 24 and not minute:
        return 0
    return hour if hour < 24 else None


def clock_value(at: datetime | time) -> str:
    """What the field shows: `9:30`."""
    return f"{at.hour}:{at.minute:02}"


def skipped(local: datetime, zone: ZoneInfo) -> datetime | None:
    """What clocks in `zone` show at a naive time they skip; None for a time that exists."""
    shown = instant(local, zone).astimezone(zone).replace(tzinfo=None)
    return None if shown == local else shown


def length_between(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """How much time passes from `start` to `end`, both naive wall clocks in `zone`.

    From a start that clocks skip it is counted on the clock face, so that 2:30–3:00 stays half
    an hour in the night that has neither 2:30 nor an hour before 3:00.
    """
    if skipped(start, zone):
        return end - start
    return instant(end, zone) - instant(start, zone)


def end_of(when: Timed) -> datetime:
    """The naive wall clock at which it ends; `length_between` leads back to its length."""
    if skipped(when.start, when.zone):
        return when.start + when.length
    return when.during().end.astimezone(when.zone).replace(tzinfo=None)


def next_half_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """The next full half hour on the wall clock of `zone`, naive."""
    local = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    return local + HALF_HOUR - timedelta(minutes=local.minute % 30)


def when_values(when: When) -> dict[str, Any]:
    """The fields date, start, end, until and all_day for `when`."""
    if isinstance(when, AllDay):
        until = "" if when.days == 1 else when.last.isoformat()
        values = {"date": when.first.isoformat(), "until": until, "all_day": True}
        return {**values, "start": "", "end": ""}
    start, end = when.start, end_of(when)
    until = "" if end.date() == start.date() or ends_at_midnight(start, end) else str(end.date())
    return {
        "date": start.date().isoformat(),
        "start": clock_value(start),
        "end": clock_value(end),
        "until": until,
        "all_day": False,
    }


def ends_at_midnight(start: datetime, end: datetime) -> bool:
    """Whether it runs just up to midnight: its last day is then the first."""
    return end.time() == time.min and end.date() == start.date() + DAY and start.time() > time.min


def whole_days(first: date, until: date | None) -> AllDay:
    """An all-day `when`; raises ValidationError for the field `until` if that comes first."""
    last = until or first
    if last < first:
        raise ValidationError({"until": _("The last day is before the first.")})
    try:
        return AllDay(first, (last - first).days + 1)
    except ValueError as problem:
        raise ValidationError({"date": str(problem)}) from problem


def from_to(first: date, start: time, end: time, until: date | None, zone: ZoneInfo) -> Timed:
    """A timed `when`; raises ValidationError for the field that is wrong."""
    if not all(FIRST_DATE <= day <= LAST_DATE for day in (first, until or first)):
        raise ValidationError({"date": OUTSIDE_CALENDAR})  # the sums below cannot overflow then
    begins = datetime.combine(first, start)
    ends = datetime.combine(until or first, end)
    if ends_at_midnight(begins, ends + DAY):
        ends += DAY
    if ends <= begins:
        raise ValidationError(
            {"end": _("The end must be after the start. Past midnight, give the last day as well.")}
        )
    try:
        return Timed(begins, zone, length_between(begins, ends, zone))
    except ValueError as problem:
        raise ValidationError({"date": str(problem)}) from problem
