"""What the reader of calendar texts takes and what it refuses; every mail of the tests is read."""

import pytest

from tests.notifications.itip import require_valid

REQUEST = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:one@example.com
DTSTAMP:20270301T080000Z
DTSTART;TZID=Europe/Berlin:20270310T100000
DTEND;TZID=Europe/Berlin:20270310T110000
RRULE:FREQ=WEEKLY;UNTIL=20270401T080000Z
SEQUENCE:0
SUMMARY:Plans\\, and more
ORGANIZER;CN="Ana: Lima":mailto:ana@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.com
END:VEVENT
END:VCALENDAR
"""


def octets(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def test_a_request_is_taken_apart() -> None:
    calendar = require_valid(octets(REQUEST))
    event = calendar.parts[1]
    organizer = event.one("ORGANIZER")
    assert organizer is not None
    assert organizer.params == {"CN": "Ana: Lima"}
    assert event.value("UID") == "one@example.com"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param("\nDTSTAMP:20270301T080000Z", "", id="a property that is needed"),
        pytest.param("SEQUENCE:0", "SEQUENCE:0\nSEQUENCE:1", id="one twice"),
        pytest.param("Plans\\,", "Plans,", id="a comma that is not escaped"),
        pytest.param("TZID:Europe/Berlin", "TZID:Berlin", id="a zone that is not defined"),
        pytest.param("20270310T110000", "20270310T090000", id="an end before the start"),
        pytest.param("UNTIL=20270401T080000Z", "UNTIL=20270401", id="UNTIL of another type"),
        pytest.param("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=3", id="COUNT beside UNTIL"),
        pytest.param("SUMMARY:Plans", "SUMMARY:" + "x" * 70, id="a line that is too long"),
        pytest.param("mailto:ben@example.com", "ben@example.com", id="no address"),
        pytest.param("END:VEVENT\n", "", id="no end"),
        pytest.param("DTSTART;TZID=Europe/Berlin:", "DTSTART:", id="a floating start"),
        pytest.param("METHOD:REQUEST", "METHOD:CANCEL", id="a cancellation that is none"),
        pytest.param('"Ana: Lima"', "Ana: Lima", id="a colon that is not quoted"),
    ],
)
def test_what_is_refused(was: str, becomes: str) -> None:
    assert was in REQUEST
    with pytest.raises(AssertionError):
        require_valid(octets(REQUEST.replace(was, becomes, 1)))


def test_bare_line_ends_are_refused() -> None:
    with pytest.raises(AssertionError):
        require_valid(REQUEST.encode())
