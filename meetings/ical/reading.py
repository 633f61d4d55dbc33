"""Reading calendars as other programs write them: nothing is guessed in silence.

What cannot be taken is left out with the reason; what had to be changed is remarked upon; and a
file that is not whole is refused altogether.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar.prop import vRecur

from meetings.ical.lines import Component, read_components
from meetings.ical.people import read_attendees, read_organizer
from meetings.ical.reminders import read_reminders
from meetings.ical.text import one_line
from meetings.ical.times import LeaveOut, Moment, Zones, dates_of_series, parse, read_when
from meetings.ical.values import Event, Priority, Status
from meetings.wallclock import When

_STATUSES: dict[str, Status] = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}
_LINKS = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
_LARGEST = 2**31 - 1
_LONGEST_RULE = 1000
_IN_UTC = Zones(Component("VCALENDAR", 0), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Note:
    """A full sentence about what begins in `line` of the file, and what it is called there."""

    line: int
    uid: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: its events, what was left out and why, what was taken with a change.

    `method` is iTIP's; '' for a stored calendar.
    """

    events: tuple[Event, ...]
    left_out: tuple[Note, ...]
    remarks: tuple[Note, ...]
    method: str = ""


def read_calendar(data: bytes, *, default_zone: ZoneInfo) -> Reading:
    """The events of an iCalendar file, in its order.

    Times without a zone are in the calendar's (X-WR-TIMEZONE), else in `default_zone`; single
    events in UTC are shown there too. Of several versions of one event the newest counts
    (SEQUENCE, then LAST-MODIFIED, then DTSTAMP). Raises BrokenCalendar if the file is not whole,
    larger than MAX_BYTES, or has more than MAX_COMPONENTS.
    """
    calendars = read_components(data)
    readers = [_Reader(calendar, default_zone) for calendar in calendars]
    for reader in readers:
        reader.read()
    return Reading(
        events=tuple(event for reader in readers for event in reader.events()),
        left_out=tuple(note for reader in readers for note in sorted(reader.left_out, key=_line)),
        remarks=tuple(note for reader in readers for note in sorted(reader.remarks, key=_line)),
        method=calendars[0].word("METHOD"),
    )


def _line(note: Note) -> int:
    return note.line


class _Reader:
    """Reads one VCALENDAR: first the events, then the changed dates of series among them."""

    def __init__(self, calendar: Component, default_zone: ZoneInfo) -> None:
        self._calendar = calendar
        self._zones = Zones(calendar, default_zone)
        self._taken: dict[tuple[str, str], tuple[Component, Event]] = {}
        self.left_out: list[Note] = []
        self.remarks: list[Note] = []

    def events(self) -> Iterable[Event]:
        """What was taken, in the order of the file."""
        return (event for _, event in sorted(self._taken.values(), key=lambda pair: pair[0].line))

    def read(self) -> None:
        """Take every event, or leave it out with a note."""
        changed_dates = []
        for part in self._calendar.parts:
            if part.name == "VEVENT":
                if part.first("RECURRENCE-ID"):
                    changed_dates.append(part)
                else:
                    self._take(part)
            elif part.name != "VTIMEZONE":
                self.left_out.append(_note(part, f"It is no event but a {one_line(part.name)}."))
        alone: dict[str, When] = {}  # by UID: dates whose series is missing share a wall clock
        for part in changed_dates:
            series = self._taken.get((_uid(part), ""))
            taken = self._take(part, series[1].when if series else alone.get(_uid(part)))
            if taken:
                alone.setdefault(taken.uid, taken.when)

    def _take(self, part: Component, series: When | None = None) -> Event | None:
        self._zones.remarks.clear()
        try:
            if part.unreadable:
                raise LeaveOut(f"Its line {part.unreadable[0]} cannot be read.")
            event, remarks = _event(part, series, self._zones)
        except LeaveOut as reason:
            self.left_out.append(_note(part, str(reason)))
            return None
        if self._calendar.word("METHOD") == "CANCEL":
            event = replace(event, status="cancelled")
        self.remarks += [_note(part, text) for text in dict.fromkeys(remarks)]
        self._keep_newest(part, event)
        return event

    def _keep_newest(self, part: Component, event: Event) -> None:
        key = (event.uid, event.recurrence_id)
        newer, older = (part, event), self._taken.get(key)
        if older and _age(older[0]) > _age(part):
            newer, older = older, newer
        self._taken[key] = newer
        if older:
            text = f"The file has a newer version of it, which begins in line {newer[0].line}."
            self.left_out.append(_note(older[0], text))


def _event(part: Component, series: When | None, zones: Zones) -> tuple[Event, list[str]]:
    """A VEVENT and the remarks on it; `series` is when the series is that this is a date of."""
    if any(found.param("RANGE") for found in part.all("RECURRENCE-ID")):
        raise LeaveOut("It changes a date and all that follow, which only old programs write.")
    when = read_when(part, zones)
    attendees, remarks = read_attendees(part)
    organizer = read_organizer(part)
    if part.first("ORGANIZER") and organizer is None:
        remarks.append("Its organizer has no e-mail address and was left out.")
    recurrence_ids = dates_of_series(part, "RECURRENCE-ID", series or when, zones)
    event = Event(
        uid=_uid(part),
        when=when,
        summary=part.text("SUMMARY"),
        description=part.text("DESCRIPTION"),
        location=part.text("LOCATION"),
        join_link=next(_web_addresses(part, *_LINKS), ""),
        url=next(_web_addresses(part, "URL"), ""),
        organizer=organizer,
        attendees=attendees,
        sequence=_sequence(part),
        recurrence_id=recurrence_ids[0] if recurrence_ids else "",
        rrule=_rrule(part),
        exdates=dates_of_series(part, "EXDATE", when, zones),
        rdates=dates_of_series(part, "RDATE", when, zones),
        transparency="free" if part.word("TRANSP") == "TRANSPARENT" else "busy",
        status=_STATUSES.get(part.word("STATUS"), "confirmed"),
        # An unknown CLASS counts as PRIVATE (RFC 5545, 3.8.1.3).
        visibility="public" if part.word("CLASS") in ("", "PUBLIC") else "private",
        priority=_priority(part),
        reminders=read_reminders(part, when, zones),
        created=_moment(part, "CREATED"),
        last_modified=_moment(part, "LAST-MODIFIED"),
        line=part.line,
    )
    return event, [*zones.remarks, *remarks]


def _note(part: Component, text: str) -> Note:
    return Note(part.line, part.text("UID").strip(), one_line(part.text("SUMMARY")), text)


def _uid(part: Component) -> str:
    """Its UID; without one, what tells it from others, so that it stays itself when read again."""
    uid = one_line(part.text("UID"))
    if uid:
        return uid
    said = "\n".join(f"{p.param('TZID')}:{p.raw}" for p in part.all("DTSTART")[:1])
    digest = hashlib.sha256(f"{said}\n{part.text('SUMMARY')}".encode()).hexdigest()
    return f"{digest[:32]}@without-uid.invalid"


def _age(part: Component) -> tuple[int, datetime, datetime]:
    """Versions of one event in order of age, the newest greatest."""
    never = datetime.min.replace(tzinfo=UTC)
    modified, stamped = _moment(part, "LAST-MODIFIED"), _moment(part, "DTSTAMP")
    return _sequence(part), modified or never, stamped or never


def _sequence(part: Component) -> int:
    text = part.text("SEQUENCE").strip()
    return min(int(text), _LARGEST) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _moment(part: Component, name: str) -> datetime | None:
    """A moment that is always in UTC; None if it is missing or unreadable."""
    found = part.first(name)
    if found is None:
        return None
    try:
        value = parse(found.raw.strip(), "", _IN_UTC, name)
    except LeaveOut:
        return None
    return value.at if isinstance(value, Moment) else None


def _rrule(part: Component) -> str:
    rules = [rule.raw.strip() for rule in part.all("RRULE") if rule.raw.strip()]
    if part.first("EXRULE") or len(rules) > 1:
        raise LeaveOut("It repeats by more than one rule.")
    if not rules:
        return ""
    try:
        if len(rules[0]) > _LONGEST_RULE:
            raise ValueError
        rule = vRecur.from_ical(rules[0])
        if "FREQ" not in rule:
            raise ValueError
        return str(rule.to_ical().decode())
    except (ValueError, TypeError, AttributeError):
        raise LeaveOut(f"Its rule “{one_line(rules[0])[:60]}” cannot be read.") from None


def _priority(part: Component) -> Priority:
    """RFC 5545, 3.8.1.9: 1 to 4 is high, 5 is normal, 6 to 9 low, 0 says nothing."""
    number = part.text("PRIORITY").strip()
    if number in ("1", "2", "3", "4"):
        return "high"
    return "low" if number in ("6", "7", "8", "9") else "normal"


def _web_addresses(part: Component, *names: str) -> Iterator[str]:
    for name in names:
        for found in part.all(name):
            address = one_line(found.raw)
            if address.lower().startswith(("https://", "http://")):
                yield address
