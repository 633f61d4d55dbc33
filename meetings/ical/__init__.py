"""iCalendar text to values and back (RFC 5545, 5546, 7986)."""

from meetings.ical.values import Attendee, Event, Person
from meetings.ical.writing import write_calendar, write_event

__all__ = ["Attendee", "Event", "Person", "write_calendar", "write_event"]
