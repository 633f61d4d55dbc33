"""What a calendar program makes of a feed, worked out with `dateutil` from the text alone.

Every time is read off the wall clock and made an instant by the VTIMEZONE that stands in the text
itself, so that this one is proved as well.
"""

import io
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

import icalendar
from dateutil.rrule import rrulestr
from dateutil.tz import datetime_exists, tzical

from meetings.intervals import Stretch

# Of an all-day date the dates, of others the instants.
Moment = date | datetime
BEFORE = timedelta(hours=6)


class Shown(NamedTuple):
    """One date as a program shows it."""

    start: Moment
    end: Moment
    title: str
    status: str


class Program:
    """A program that read a calendar."""

    def __init__(self, text: str) -> None:
        self.calendar = icalendar.Calendar.from_ical(text)
        lines = text.replace("\r\n ", "")
        zones = re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", lines, re.DOTALL)
        self._zones: dict[str, tzinfo] = {}
        for zone in zones:
            (name,) = re.findall(r"TZID:(.*)\r\n", zone)
            found = tzical(io.StringIO(zone.replace("\r\n", "\n"))).get(name)
            self._zones[name] = found

    def events(self) -> list[icalendar.Event]:
        """The events as written."""
        return list(self.calendar.walk("VEVENT"))

    def shown(self, within: Stretch) -> list[Shown]:
        """The dates that touch the stretch, in order."""
        by_uid: dict[str, list[icalendar.Event]] = {}
        for event in self.events():
            by_uid.setdefault(str(event["UID"]), []).append(event)
        found = [one for events in by_uid.values() for one in self._dates(events, within)]
        return sorted(found, key=lambda one: (str(one.start), one.title))

    def _dates(self, events: list[icalendar.Event], within: Stretch) -> list[Shown]:
        found: dict[datetime, Shown] = {}
        for event in events:
            if "RECURRENCE-ID" not in event:
                for start in self._starts(event, within):
                    found[start] = self._shown(event, start)
        for event in events:
            if "RECURRENCE-ID" in event:
                found[naive(event["RECURRENCE-ID"].dt)] = self._shown(event)
        return [one for one in found.values() if touches(one, within)]

    def _starts(self, event: icalendar.Event, within: Stretch) -> set[datetime]:
        first = naive(event["DTSTART"].dt)
        starts = {first}
        if "RRULE" in event:
            rule = event["RRULE"].to_ical().decode()
            for until in re.findall(r"UNTIL=(\w+)", rule):
                rule = rule.replace(until, self._local(until, event).strftime("%Y%m%dT%H%M%S"))
            last = within.end.replace(tzinfo=None) + timedelta(days=2)
            starts |= set(rrulestr(rule, dtstart=first).between(first, last, inc=True))
        starts |= listed(event, "RDATE")
        return starts - listed(event, "EXDATE")

    def _local(self, until: str, event: icalendar.Event) -> datetime:
        if not until.endswith("Z"):
            return datetime.strptime(until[:8], "%Y%m%d")  # noqa: DTZ007
        at = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return at.astimezone(self._zone(event["DTSTART"])).replace(tzinfo=None)

    def _zone(self, value: Any) -> tzinfo:
        return self._zones[value.params["TZID"]] if "TZID" in value.params else UTC

    def _shown(self, event: icalendar.Event, start: datetime | None = None) -> Shown:
        begin, end = event["DTSTART"], event["DTEND"]
        said = str(event["SUMMARY"]), str(event["STATUS"])
        if not isinstance(begin.dt, datetime):
            first = start.date() if start else begin.dt
            return Shown(first, first + (end.dt - begin.dt), *said)
        length = self._instant(end) - self._instant(begin)
        at = self._instant(begin, start)
        return Shown(at, at + length, *said)

    def _instant(self, value: Any, wall: datetime | None = None) -> datetime:
        zone = self._zone(value)
        local = (wall or naive(value.dt)).replace(tzinfo=zone)
        if datetime_exists(local):
            return local.astimezone(UTC)
        # RFC 5545, 3.3.5: a time that the clocks leave out is one by the offset before.
        return (local - BEFORE).astimezone(UTC) + BEFORE


def naive(value: Moment) -> datetime:
    """What the wall clock shows; midnight for a date."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time.min)


def listed(event: icalendar.Event, name: str) -> set[datetime]:
    """The dates of an RDATE or EXDATE."""
    values = event.get(name, [])
    many = values if isinstance(values, list) else [values]
    return {naive(one.dt) for value in many for one in value.dts}


def touches(one: Shown, within: Stretch) -> bool:
    """Whether it touches the stretch; an all-day one by UTC."""
    start, end = (naive(value).replace(tzinfo=UTC) for value in (one.start, one.end))
    return start < within.end and within.start < end
