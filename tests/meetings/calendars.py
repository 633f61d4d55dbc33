"""Small calendars written by hand, and the real ones beside this file."""

from pathlib import Path
from zoneinfo import ZoneInfo

from meetings.ical import Event, Reading, read_calendar

DATA = Path(__file__).parent / "data"
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*events: str, head: str = "") -> bytes:
    """A VCALENDAR of events, each given as its lines; `head` are lines before them."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *head.strip().splitlines()]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*(line.strip("\n") for line in lines), "END:VCALENDAR", ""]).encode()


def read(*events: str, head: str = "", zone: ZoneInfo = BERLIN) -> Reading:
    return read_calendar(calendar(*events, head=head), default_zone=zone)


def read_one(event: str, *, head: str = "", zone: ZoneInfo = BERLIN) -> Event:
    """The one event, which must be taken as it is."""
    reading = read(event, head=head, zone=zone)
    assert [note.text for note in reading.left_out] == []
    (found,) = reading.events
    return found


def why_left_out(event: str, *, head: str = "") -> str:
    """The reason why the one event is not taken."""
    reading = read(event, head=head)
    assert reading.events == ()
    (note,) = reading.left_out
    return note.text


def read_file(name: str, zone: ZoneInfo = BERLIN) -> Reading:
    return read_calendar((DATA / name).read_bytes(), default_zone=zone)
