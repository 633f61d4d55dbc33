"""When to remind of an event (VALARM), in minutes before it starts."""

from datetime import timedelta

from meetings.ical.lines import Component
from meetings.ical.times import LeaveOut, Moment, Zones, duration, parse
from meetings.wallclock import When

_MINUTE = timedelta(minutes=1)


def read_reminders(event: Component, when: When, zones: Zones) -> tuple[int, ...]:
    """Minutes before the start, the shortest first; alarms after the start or of none are not."""
    leads = {
        _lead(alarm, when, zones)
        for alarm in event.parts
        if alarm.name == "VALARM" and alarm.word("ACTION") != "NONE"
    }
    return tuple(sorted(lead // _MINUTE for lead in leads if lead is not None))


def _lead(alarm: Component, when: When, zones: Zones) -> timedelta | None:
    """How long before the start; None if it cannot be read or comes later."""
    trigger = alarm.first("TRIGGER")
    if trigger is None:
        return None
    text = trigger.raw.strip().upper()
    during = when.during()
    try:
        if "P" in text:
            lead = -duration(text)
            if trigger.param("RELATED").upper() == "END":
                lead -= during.length
        else:
            moment = parse(text, "", zones, "alarm")
            if not isinstance(moment, Moment):
                return None
            lead = during.start - moment.at
    except (ValueError, OverflowError, LeaveOut):
        return None
    return lead if lead >= timedelta(0) else None
