"""When something is, as it goes out."""

from typing import Any
from zoneinfo import ZoneInfo

from ninja import Schema

from accounts.rest import DayOut, Stamp, stamp
from meetings.wallclock import AllDay, When


class WhenOut(Schema):
    """When it is: instants, or dates if it is all-day (the end excluded)."""

    all_day: bool
    start_time: Stamp | None = None
    end_time: Stamp | None = None
    start_date: DayOut | None = None
    end_date: DayOut | None = None


def when_out(when: When, zone: ZoneInfo | None) -> dict[str, Any]:
    """The fields of a WhenOut."""
    during = when.during()
    if isinstance(when, AllDay):
        first, end = during.start.date(), during.end.date()
        return {"all_day": True, "start_date": first.isoformat(), "end_date": end.isoformat()}
    return {
        "all_day": False,
        "start_time": stamp(during.start, zone),
        "end_time": stamp(during.end, zone),
    }
