"""Writing an event as iCalendar text (RFC 5545, and iTIP's METHOD, RFC 5546)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar
from icalendar.parser import Contentline, Contentlines, Parameters
from icalendar.prop import vCalAddress, vDDDTypes, vDuration, vRecur, vText, vUri

from meetings.ical.people import ROLES
from meetings.ical.text import one_line, printable
from meetings.ical.values import Attendee, Event, Method
from meetings.ical.vtimezone import vtimezone
from meetings.wallclock import AllDay, Timed

PRODID = "-//Scheduler//Meetings and rooms//EN"

_PRIORITIES = {"high": 1, "low": 9}  # normal is written as nothing


def write_events(events: Sequence[Event], *, method: Method, stamp: datetime) -> bytes:
    """A VCALENDAR with these events, as UTF-8 text with CRLF, folded at 75 octets.

    They are one event, or a series and dates of it that were changed.

    `stamp` (UTC) is when this text was made: of two messages about one event with the same
    SEQUENCE the later counts (RFC 5546, 2.1.5). `method` must be repeated in the mail part's
    content type. In a REQUEST people are asked for an answer (RSVP=TRUE). A CANCEL is written as
    cancelled whatever its `status` says. A PUBLISH has no attendees (RFC 5546, 3.2.1). Times
    in UTC are written as such, other zones with their VTIMEZONE.
    """
    calendar = _empty(method)
    _add_zones(calendar, events, stamp.year)
    for event in events:
        calendar.add_component(_vevent(event, method=method, stamp=stamp))
    return _text(calendar)


def write_calendar(
    events: Sequence[Event], *, name: str, zone: ZoneInfo, refresh: timedelta, year: int
) -> bytes:
    """A whole calendar that other programs subscribe to; otherwise as `write_events` PUBLISH.

    Each event needs its `last_modified`, which is also its DTSTAMP, so that the same events give
    the same bytes. `name` is shown for the calendar, `zone` is that of times without one,
    `refresh` is how often to ask again, `year` the present one: zones are right for some years
    after it. The properties are those of RFC 7986 and what Google, Outlook and Apple had before.
    """
    calendar = _empty("PUBLISH")
    for key in ("NAME", "X-WR-CALNAME"):
        calendar.add(key, vText(one_line(name)))
    calendar.add("X-WR-TIMEZONE", vText(zone.key))
    calendar.add("REFRESH-INTERVAL", vDuration(refresh, params=Parameters({"VALUE": "DURATION"})))
    calendar.add("X-PUBLISHED-TTL", vDuration(refresh))
    _add_zones(calendar, events, year)
    for event in events:
        assert event.last_modified is not None
        part = _vevent(event, method="PUBLISH", stamp=event.last_modified)
        part.add("X-MICROSOFT-CDO-BUSYSTATUS", _busy_status(event))
        calendar.add_component(part)
    return _text(calendar)


def _busy_status(event: Event) -> str:
    """What Outlook takes for TRANSP and STATUS together (MS-OXCICAL)."""
    if event.transparency == "free":
        return "FREE"
    return "TENTATIVE" if event.status == "tentative" else "BUSY"


def _empty(method: Method) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _text(calendar: icalendar.Calendar) -> bytes:
    return b"".join(_folded(line) for line in calendar.content_lines() if line)


@lru_cache(maxsize=2000)
def _folded(line: Contentline) -> bytes:
    """A line as lines of at most 75 octets. Those of zones and people come again and again."""
    return bytes(Contentlines([line]).to_ical())  # type: ignore[no-untyped-call]


def _add_zones(calendar: icalendar.Calendar, events: Sequence[Event], now: int) -> None:
    for key, year in sorted(_first_years(events).items()):
        calendar.add_component(vtimezone(ZoneInfo(key), year, now))


def _first_years(events: Iterable[Event]) -> dict[str, int]:
    """By zone, the first year whose clock changes must be told: a date may have been moved."""
    years: defaultdict[str, list[int]] = defaultdict(list)
    for event in events:
        if isinstance(event.when, Timed):
            years[event.when.zone.key].append(event.when.start.year)
        if zone := _zone_of_series(event):
            dates = (event.recurrence_id, *event.exdates, *event.rdates)
            years[zone.key] += [int(text[:4]) for text in dates if "T" in text]
    return {key: min(found) for key, found in years.items() if found and key != "UTC"}


def _zone_of_series(event: Event) -> ZoneInfo | None:
    """In which the event's recurrence-ids are; None for dates."""
    own = event.when.zone if isinstance(event.when, Timed) else None
    return event.series_zone or own


def _vevent(event: Event, *, method: Method, stamp: datetime) -> icalendar.Event:
    part = icalendar.Event()
    part.add("UID", event.uid)
    part.add("SEQUENCE", event.sequence)
    part.add("DTSTAMP", stamp)
    _add_when(part, event)
    _add_texts(part, event)
    if event.organizer:
        part.add("ORGANIZER", _address(event.organizer.email, event.organizer.name))
    if method != "PUBLISH":
        for attendee in event.attendees:
            part.add("ATTENDEE", _attendee(attendee, asked=method == "REQUEST"))
    part.add("STATUS", "CANCELLED" if method == "CANCEL" else event.status.upper())
    part.add("TRANSP", "TRANSPARENT" if event.transparency == "free" else "OPAQUE")
    part.add("CLASS", event.visibility.upper())
    if event.priority in _PRIORITIES:
        part.add("PRIORITY", _PRIORITIES[event.priority])
    for name, moment in (("CREATED", event.created), ("LAST-MODIFIED", event.last_modified)):
        if moment:
            part.add(name, moment)
    for minutes in event.reminders:
        part.add_component(_alarm(event, minutes))
    return part


def _add_texts(part: icalendar.Event, event: Event) -> None:
    part.add("SUMMARY", printable(event.summary))
    if event.description:
        part.add("DESCRIPTION", printable(event.description))
    if event.location:
        part.add("LOCATION", printable(event.location))
    if event.url:
        part.add("URL", vUri(one_line(event.url)))
    if event.join_link:
        part.add("CONFERENCE", vUri(one_line(event.join_link), params={"VALUE": "URI"}))


def _add_when(part: icalendar.Event, event: Event) -> None:
    """DTSTART and DTEND, and what says which dates of a series there are."""
    when = event.when
    if isinstance(when, AllDay):
        part.add("DTSTART", vDDDTypes(when.first))
        part.add("DTEND", vDDDTypes(when.last + timedelta(days=1)))
    else:
        part.add("DTSTART", _local(when.start, when.zone))
        part.add("DTEND", _end(when))
    if event.recurrence_id:
        part.add("RECURRENCE-ID", _date_of_series(event.recurrence_id, event))
    if event.rrule:
        part.add("RRULE", vRecur.from_ical(event.rrule))
    for text in event.exdates:
        part.add("EXDATE", _date_of_series(text, event))
    for text in event.rdates:
        part.add("RDATE", _date_of_series(text, event))


def _end(when: Timed) -> vDDDTypes:
    """The end in the zone of the start; in UTC if the wall clock cannot name it.

    A local time that exists twice means the first, so an end in the second hour needs UTC.
    """
    end = when.during().end
    local = end.astimezone(when.zone)
    return vDDDTypes(end) if local.fold else _local(local.replace(tzinfo=None), when.zone)


def _local(wall_clock: datetime, zone: ZoneInfo) -> vDDDTypes:
    if zone.key == "UTC":
        return vDDDTypes(wall_clock.replace(tzinfo=UTC))
    value = vDDDTypes(wall_clock)
    # By hand, since the library would choose among the names of zones that are alike.
    value.params["TZID"] = zone.key
    return value


def _date_of_series(text: str, event: Event) -> vDDDTypes:
    """A recurrence-id ('2027-03-29T09:00:00' or '2027-03-29') in the zone of the series."""
    if "T" not in text:
        return vDDDTypes(date.fromisoformat(text))
    wall_clock, zone = datetime.fromisoformat(text), _zone_of_series(event)
    return _local(wall_clock, zone) if zone else vDDDTypes(wall_clock)


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{one_line(email)}")
    if name:
        address.params["CN"] = one_line(name)
    return address


def _attendee(attendee: Attendee, *, asked: bool) -> vCalAddress:
    address = _address(attendee.email, attendee.name)
    address.params["CUTYPE"] = attendee.kind.upper()
    address.params["ROLE"] = ROLES[attendee.role]
    address.params["PARTSTAT"] = attendee.answer.upper()
    if asked and attendee.kind == "individual":
        address.params["RSVP"] = "TRUE"
    return address


def _alarm(event: Event, minutes: int) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", printable(event.summary) or "Reminder")
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    return alarm
