"""When a meeting is, as requests say it: instants and a zone, or dates."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import Field

from accounts.rest import Day, Flag, Instant, Strict, invalid
from meetings.wallclock import AllDay, Timed, When, instant


class Timing(Strict):
    """`start_time` and `end_time`; or `all_day` with its dates."""

    start_time: Instant | None = None
    end_time: Instant | None = None
    all_day: Flag = False
    start_date: Day | None = None
    end_date: Day | None = Field(None, description="The first day after it.")


def when_from(body: Timing, zone: ZoneInfo) -> When:
    """When it is, on the wall clock of `zone`. Raises Refused naming the field."""
    if body.all_day:
        if body.start_time or body.end_time:
            raise invalid("all_day", _("An all-day meeting has dates: start_date and end_date."))
        return _all_day(body.start_date, body.end_date)
    if body.start_date or body.end_date:
        raise invalid("start_date", _("Dates need all_day: true; else give start_time, end_time."))
    return _timed(body.start_time, body.end_time, zone)


def _all_day(first: date | None, end: date | None) -> AllDay:
    if first is None:
        raise invalid("start_date", _("Say on which day it begins."))
    end = end or first + timedelta(days=1)
    if end <= first:
        raise invalid("end_date", _("The end, the first day after it, must be after the start."))
    try:
        return AllDay(first, (end - first).days)
    except ValueError as problem:
        raise invalid("start_date", str(problem)) from problem


def _timed(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> Timed:
    if start is None:
        raise invalid("start_time", _("Say when it starts."))
    if end is None:
        raise invalid("end_time", _("Say when it ends."))
    if end <= start:
        raise invalid("end_time", _("The end must be after the start."))
    return timed(start, end, zone)


def timed(start: datetime, end: datetime, zone: ZoneInfo, *, field: str = "start_time") -> Timed:
    """The wall clock in `zone` of two instants. Raises Refused naming the field of the start."""
    local = start.astimezone(zone).replace(tzinfo=None)
    if instant(local, zone) != start:
        # A wall clock shows this time twice, and a meeting is at the first of them.
        sentence = _("Clocks in %(zone)s show that time twice; book the first, or in UTC.")
        raise invalid(field, sentence % {"zone": zone.key})
    try:
        return Timed(local, zone, end - start)
    except ValueError as problem:
        raise invalid(field, str(problem)) from problem
