"""iCalendar text to values and back (RFC 5545, 5546, 7986)."""

from meetings.ical.lines import BrokenCalendar
from meetings.ical.reading import Note, Reading, read_calendar
from meetings.ical.values import Attendee, Event, Person
from meetings.ical.writing import write_calendar, write_events

__all__ = [
    "Attendee",
    "BrokenCalendar",
    "Event",
    "Note",
    "Person",
    "Reading",
    "read_calendar",
    "write_calendar",
    "write_events",
]
