"""The calendar of somebody who takes in every mail, and nothing else (RFC 5546)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
from dateutil.rrule import rrulestr

from meetings.intervals import Stretch
from tests.notifications.conftest import calendar_method
from tests.notifications.series import events_in

Dates = list[tuple[str, str]]


@dataclass
class Recipient:
    """By UID and RECURRENCE-ID the newest event that came; '' is the one of all dates."""

    events: dict[str, dict[str, icalendar.Event]] = field(default_factory=dict)
    zones: dict[str, icalendar.Timezone] = field(default_factory=dict)

    def take_in(self, mails: Iterable[EmailMessage]) -> None:
        """Do what each mail's METHOD says; one that is older than what is there is an error."""
        for mail in mails:
            for event in events_in(mail):
                self._require_newer(event)
            for zone in _zones_in(mail):
                self.zones[str(zone["TZID"])] = zone
            if calendar_method(mail) == "CANCEL":
                self._cancel(events_in(mail))
            else:
                self._request(events_in(mail))

    def _require_newer(self, event: icalendar.Event) -> None:
        known = self.events.get(event["UID"], {})
        for there in (known.get(""), known.get(_name(event))):
            if there is not None:
                assert _age(event) >= _age(there)

    def _request(self, events: list[icalendar.Event]) -> None:
        if any(not _name(event) for event in events):
            self.events.pop(events[0]["UID"], None)  # all of it is told anew
        for event in events:
            self.events.setdefault(event["UID"], {})[_name(event)] = event

    def _cancel(self, events: list[icalendar.Event]) -> None:
        for event in events:
            assert event["UID"] in self.events
            if not _name(event):
                del self.events[event["UID"]]
            else:
                self.events[event["UID"]][_name(event)] = event

    def dates(self, within: Stretch) -> Dates:
        """The starts and ends in `within` that python-dateutil makes of it."""
        found: set[tuple[Any, Any]] = set()
        for of_uid in self.events.values():
            whole = of_uid.get("")
            starts = _starts(whole, within) if whole else set()
            length = whole.end - whole.start if whole else timedelta(0)
            for name, event in of_uid.items():
                if not name:
                    continue
                instance = event["RECURRENCE-ID"].dt
                if event["STATUS"] != "CANCELLED":
                    # Nobody has to understand a change to a date that the series does not have.
                    assert not whole or instance in starts or not _touches(instance, within)
                    found.add((event.start, event.end))
                starts.discard(instance)
            found |= {(start, start + length) for start in starts}
        return sorted((said(a), said(b)) for a, b in found if _touches(a, within))

    def text(self) -> bytes:
        """All of it as one file; what was called off is left out of its series."""
        calendar = icalendar.Calendar()
        calendar.add("PRODID", "-//recipient//")
        calendar.add("VERSION", "2.0")
        for zone in self.zones.values():
            calendar.add_component(zone)
        for of_uid in self.events.values():
            for event in of_uid.values():
                calendar.add_component(event)
        return bytes(calendar.to_ical())


def said(value: date) -> str:
    """An instant in UTC, or a date."""
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()


def _starts(whole: icalendar.Event, within: Stretch) -> set[Any]:
    """What the rule and the lists of dates give, on the wall clock as RFC 5545 counts."""
    first = whole["DTSTART"].dt
    found = {first}
    if "RRULE" in whole:
        timed = isinstance(first, datetime)
        naive = (
            first.replace(tzinfo=None) if timed else datetime.combine(first, datetime.min.time())
        )
        rule = rrulestr(_naive_until(whole["RRULE"], first), dtstart=naive)
        for local in rule.between(naive, within.end.replace(tzinfo=None), inc=True):
            found.add(local.replace(tzinfo=first.tzinfo) if timed else local.date())
    found |= _list(whole, "RDATE")
    return found - _list(whole, "EXDATE")


def _naive_until(rule: icalendar.vRecur, first: date) -> str:
    copied = icalendar.vRecur(rule)
    if "UNTIL" in copied and isinstance(first, datetime):
        copied["UNTIL"] = [copied["UNTIL"][0].astimezone(first.tzinfo).replace(tzinfo=None)]
    return copied.to_ical().decode()


def _list(event: icalendar.Event, name: str) -> set[Any]:
    values = event.get(name, [])
    return {d.dt for one in (values if isinstance(values, list) else [values]) for d in one.dts}


def _touches(start: date, within: Stretch) -> bool:
    if not isinstance(start, datetime):
        start = datetime.combine(start, datetime.min.time(), UTC)
    return within.start <= start < within.end


def _zones_in(mail: EmailMessage) -> list[icalendar.Timezone]:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return list(icalendar.Calendar.from_ical(part.get_content()).walk("VTIMEZONE"))
    return []


def _name(event: icalendar.Event) -> str:
    return said(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else ""


def _age(event: icalendar.Event) -> tuple[int, datetime]:
    """By which of two events the newer is told (RFC 5546, 2.1.5)."""
    return event["SEQUENCE"], event["DTSTAMP"].dt
