"""Whether a calendar text is what RFC 5545 and 5546 ask for, read by a parser of our own.

It shares nothing with the library that writes: it reads octets, lines, parameters and values as
the grammar says (RFC 5545, 3.1 and 3.2), then counts properties as the tables of the method do
(RFC 5546, 3.2).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

NAME = r"[A-Za-z0-9-]+"
PARAM = re.compile(rf';({NAME})=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*)((?:,(?:"[^"]*"|[^";:,]*))*)')
ESCAPES = re.compile(r"\\[\\;,nN]")
DATE, LOCAL, UTC = r"\d{8}", r"\d{8}T\d{6}", r"\d{8}T\d{6}Z"
OFFSET = re.compile(r"[+-]\d{4}(\d{2})?")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "TZNAME"}
ONCE = {
    *("UID", "DTSTAMP", "DTSTART", "CLASS", "CREATED", "DESCRIPTION", "GEO", "LAST-MODIFIED"),
    *("LOCATION", "ORGANIZER", "PRIORITY", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL"),
    *("RECURRENCE-ID", "RRULE", "DTEND", "DURATION"),
}
NEEDED = {
    "REQUEST": {"UID", "DTSTAMP", "DTSTART", "ORGANIZER", "ATTENDEE", "SUMMARY", "SEQUENCE"},
    "CANCEL": {"UID", "DTSTAMP", "ORGANIZER", "ATTENDEE", "SEQUENCE"},
    "REPLY": {"UID", "DTSTAMP", "ORGANIZER", "ATTENDEE"},
    "PUBLISH": {"UID", "DTSTAMP", "DTSTART", "SUMMARY"},
}
RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    rf"(;(UNTIL=({UTC}|{LOCAL}|{DATE})|COUNT=\d+|INTERVAL=\d+|WKST=(SU|MO|TU|WE|TH|FR|SA)"
    r"|BY(DAY|MONTHDAY|MONTH|YEARDAY|WEEKNO|SETPOS)=[A-Z0-9,+-]+))*"
)


@dataclass
class Property:
    """One content line."""

    name: str
    params: dict[str, str]
    value: str


@dataclass
class Component:
    """What stands between BEGIN and END."""

    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """The properties of that name."""
        return [p for p in self.properties if p.name == name]

    def one(self, name: str) -> Property | None:
        """The property of that name, if there is one."""
        found = self.all(name)
        assert len(found) <= 1, f"{self.name} has {len(found)} {name}"
        return found[0] if found else None

    def value(self, name: str) -> str:
        """Its value, which has to be there."""
        found = self.one(name)
        assert found is not None, f"{self.name} has no {name}"
        return found.value


def require_valid_mail(mail: EmailMessage) -> None:
    """The calendar part of a mail, and that its header names the same method (RFC 6047, 2.4)."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            method = str(part.get_param("method"))
            calendar = require_valid(data)
            assert calendar.value("METHOD") == method


def require_valid(data: bytes) -> Component:
    """The calendar, taken apart; raises AssertionError with what is wrong."""
    calendar = _parsed(data)
    assert calendar.value("VERSION") == "2.0"
    assert calendar.value("PRODID")
    method = calendar.value("METHOD")
    zones = {zone.value("TZID"): zone for zone in _parts(calendar, "VTIMEZONE")}
    for zone in zones.values():
        _require_zone(zone)
    events = _parts(calendar, "VEVENT")
    assert len(zones) + len(events) == len(calendar.parts), "something else than events and zones"
    if method != "PUBLISH":
        assert len({event.value("UID") for event in events}) == 1, "one message, one UID"
    names = [(e.value("UID"), p.value if (p := e.one("RECURRENCE-ID")) else "") for e in events]
    assert len(set(names)) == len(names), "two events of the same name"
    for event in events:
        _require_event(event, method, set(zones))
    return calendar


def _parts(calendar: Component, name: str) -> list[Component]:
    return [part for part in calendar.parts if part.name == name]


def _parsed(data: bytes) -> Component:
    root = Component("")
    stack = [root]
    for line in _lines(data):
        prop = _property(line)
        if prop.name == "BEGIN":
            stack.append(Component(prop.value))
            stack[-2].parts.append(stack[-1])
        elif prop.name == "END":
            assert stack.pop().name == prop.value, f"END:{prop.value} ends nothing"
        else:
            stack[-1].properties.append(prop)
    assert stack == [root]
    assert not root.properties
    (calendar,) = root.parts
    assert calendar.name == "VCALENDAR"
    return calendar


def _lines(data: bytes) -> Iterator[str]:
    """The unfolded lines (3.1)."""
    assert data.endswith(b"\r\n"), "the last line has no end"
    lines = data[:-2].split(b"\r\n")
    for line in lines:
        assert not set(b"\r\n") & set(line), f"a bare line end in {line!r}"
        assert 0 < len(line) <= 75, f"{len(line)} octets: {line!r}"
    text = b"\r\n".join(lines).replace(b"\r\n ", b"").decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text), "a control character"
    yield from text.split("\r\n")


def _property(line: str) -> Property:
    name = re.match(NAME, line)
    assert name, f"no name: {line}"
    params: dict[str, str] = {}
    at = name.end()
    while line[at] == ";":
        found = PARAM.match(line, at)
        assert found, f"no parameter at {at}: {line}"
        assert found[1].upper() not in params, f"{found[1]} twice: {line}"
        params[found[1].upper()] = found[2].strip('"') + found[3]
        at = found.end()
    assert line[at] == ":", f"no value: {line}"
    return Property(name[0].upper(), params, line[at + 1 :])


def _require_zone(zone: Component) -> None:
    assert zone.parts, "a zone without rules"
    for part in zone.parts:
        assert part.name in ("STANDARD", "DAYLIGHT")
        assert re.fullmatch(LOCAL, part.value("DTSTART"))
        assert OFFSET.fullmatch(part.value("TZOFFSETFROM"))
        assert OFFSET.fullmatch(part.value("TZOFFSETTO"))


def _require_event(event: Component, method: str, zones: set[str]) -> None:
    counted = Counter(p.name for p in event.properties)
    assert {name for name in ONCE if counted[name] > 1} == set()
    assert NEEDED[method] - counted.keys() == set(), f"{method} lacks them"
    assert not (counted["DTEND"] and counted["DURATION"])
    assert re.fullmatch(UTC, event.value("DTSTAMP"))
    status = event.one("STATUS")
    if method == "CANCEL":
        assert status is not None
        assert status.value == "CANCELLED"
    if method == "REPLY":
        (answerer,) = event.all("ATTENDEE")
        assert answerer.params["PARTSTAT"] in ("ACCEPTED", "TENTATIVE", "DECLINED")
    for person in (*event.all("ATTENDEE"), *event.all("ORGANIZER")):
        assert re.fullmatch(r"mailto:[^@\s]+@[^@\s]+", person.value, re.IGNORECASE)
    for prop in event.properties:
        _require_value(prop)
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
        for prop in event.all(name):
            _require_time(prop, zones)
    _require_alike(event)


def _require_value(prop: Property) -> None:
    if prop.name in TEXTS:
        rest = ESCAPES.sub("", prop.value)
        assert not set(rest) & set("\\;,"), f"{prop.name} is not escaped: {prop.value}"
    elif prop.name == "RRULE":
        assert RULE.fullmatch(prop.value), prop.value
        assert not ("UNTIL" in prop.value and "COUNT" in prop.value)
    elif prop.name == "SEQUENCE":
        assert prop.value.isdigit()


def _require_time(prop: Property, zones: set[str]) -> None:
    for value in prop.value.split(","):
        if prop.params.get("VALUE") == "DATE":
            assert re.fullmatch(DATE, value), value
            assert "TZID" not in prop.params
        elif "TZID" in prop.params:
            assert re.fullmatch(LOCAL, value), value
            assert prop.params["TZID"] in zones, f"{prop.params['TZID']} is not defined"
        else:
            assert re.fullmatch(UTC, value), f"{prop.name} floats: {value}"


def _require_alike(event: Component) -> None:
    """Start and end are of one type; UNTIL is of the type of the start (3.3.10)."""
    start, end, rule = event.one("DTSTART"), event.one("DTEND"), event.one("RRULE")
    if start is None:
        return
    if end is not None:
        assert end.params.get("VALUE") == start.params.get("VALUE")
        assert end.value > start.value or end.params != start.params, "it ends before it starts"
    until = re.search(r"UNTIL=([^;]+)", rule.value) if rule else None
    if until:
        wanted = DATE if start.params.get("VALUE") == "DATE" else UTC
        assert re.fullmatch(wanted, until[1]), f"{until[0]} beside {start.value}"
