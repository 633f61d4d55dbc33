"""Writing events: what mail programs rely on, and that reading it gives the same again."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.ical import (
    Attendee,
    Event,
    Person,
    read_calendar,
    write_events,
)
from meetings.wallclock import AllDay, Timed
from tests.meetings.calendars import BERLIN

STAMP = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
NINE = Timed(datetime(2027, 3, 29, 9), BERLIN, HOUR)
ANA = Person("ana@example.com", "Ana Álvarez")
BEN = Attendee("ben@example.com", "Ben")
EVENT = Event(uid="1@example.com", when=NINE, summary="Planning", organizer=ANA, attendees=(BEN,))


def unfolded(text: bytes) -> list[str]:
    return text.decode().replace("\r\n ", "").split("\r\n")


def written(event: Event, method: str = "REQUEST") -> list[str]:
    return unfolded(write_events([event], method=method, stamp=STAMP))


def test_a_request() -> None:
    lines = written(EVENT)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "METHOD:REQUEST" in lines
    assert "UID:1@example.com" in lines
    assert "DTSTAMP:20261123T080000Z" in lines
    assert "DTSTART;TZID=Europe/Berlin:20270329T090000" in lines
    assert "DTEND;TZID=Europe/Berlin:20270329T100000" in lines
    assert 'ORGANIZER;CN="Ana Álvarez":mailto:ana@example.com' in lines
    assert (
        "ATTENDEE;CN=Ben;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:"
        "mailto:ben@example.com"
    ) in lines
    assert "STATUS:CONFIRMED" in lines
    assert "SEQUENCE:0" in lines
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_a_zone_is_two_yearly_rules_from_the_year_before() -> None:
    lines = written(EVENT)
    start, end = lines.index("BEGIN:VTIMEZONE"), lines.index("END:VTIMEZONE")
    assert lines[start:end] == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20261025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
    ]


def test_a_cancellation_is_cancelled_and_asks_for_nothing() -> None:
    lines = written(EVENT, "CANCEL")
    assert "METHOD:CANCEL" in lines
    assert "STATUS:CANCELLED" in lines
    assert not any("RSVP" in line for line in lines)


def test_a_reply_carries_one_answer() -> None:
    lines = written(Event("1", NINE, attendees=(Attendee("b@x.org", answer="declined"),)), "REPLY")
    assert [line for line in lines if "mailto:b@x.org" in line] == [
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=DECLINED;ROLE=REQ-PARTICIPANT:mailto:b@x.org"
    ]


def test_a_published_event_has_no_attendees() -> None:
    assert not any(line.startswith("ATTENDEE") for line in written(EVENT, "PUBLISH"))


def test_a_room_is_an_attendee_that_nobody_asks() -> None:
    room = Attendee("room-101@example.com", "Room 101", answer="accepted", kind="room")
    (line,) = [x for x in written(Event("1", NINE, attendees=(room,))) if x.startswith("ATTENDEE")]
    assert 'CN="Room 101";CUTYPE=ROOM;PARTSTAT=ACCEPTED' in line
    assert "RSVP" not in line


def test_all_day_is_dates_without_a_zone() -> None:
    lines = written(Event("1", AllDay(date(2027, 3, 29), 2)))
    assert "DTSTART;VALUE=DATE:20270329" in lines
    assert "DTEND;VALUE=DATE:20270331" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def test_utc_needs_no_zone() -> None:
    lines = written(Event("1", Timed(datetime(2027, 3, 29, 9), ZoneInfo("UTC"), HOUR)))
    assert "DTSTART:20270329T090000Z" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def test_one_date_of_a_series_names_it_in_the_zone_of_the_series() -> None:
    lines = written(Event("1", NINE, recurrence_id="2027-03-28T09:00:00"))
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20270328T090000" in lines
    assert not any(line.startswith("RRULE") for line in lines[lines.index("BEGIN:VEVENT") :])


def test_an_end_that_the_wall_clock_cannot_name_is_in_utc() -> None:
    when = Timed(datetime(2027, 10, 31, 2, 30), BERLIN, HOUR)
    lines = written(Event("1", when))
    assert "DTSTART;TZID=Europe/Berlin:20271031T023000" in lines
    assert "DTEND:20271031T013000Z" in lines


def test_a_date_moved_into_another_year_has_the_zone_of_both() -> None:
    lines = written(Event("1", NINE, recurrence_id="2024-12-30T09:00:00"))
    assert "DTSTART:20230326T020000" in lines


def test_what_must_not_stand_in_a_line_cannot_get_into_one() -> None:
    event = Event(
        "1",
        NINE,
        summary="Bell \x07 and \x00 NUL",
        url="https://example.org/\r\nATTENDEE:mailto:evil@example.com",
        organizer=Person("a@x.org", "Ana\r\nATTENDEE:mailto:evil@example.com"),
    )
    lines = written(event)
    assert "SUMMARY:Bell  and  NUL" in lines
    assert not any(line.startswith("ATTENDEE") for line in lines)


# Written and read again ----------------------------------------------------

# Not carriage returns and controls, which are never written.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=200)
odd = st.lists(
    st.sampled_from([*",;:\\\n\t\"'^%", "😀", "ü", "\\n", "%2C", "\u2028", "BEGIN:VEVENT", " "]),
    max_size=60,
).map("".join)
prose = st.one_of(texts, odd).map(lambda text: text if text.strip() else "")
# Names and addresses stand on one line, and a backslash in a parameter has no defined meaning.
names = prose.map(
    lambda s: " ".join(s.replace("\\", "").replace("%", "").replace("\u2028", " ").split())
)
emails = st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z0-9]{1,10}\.org", fullmatch=True)
links = st.from_regex(r"https://[a-z]{1,9}\.org/[!-~]{0,90}", fullmatch=True)
zones = st.sampled_from(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})).map(
    ZoneInfo
)
timed = st.builds(
    Timed,
    st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1)).map(
        lambda d: d.replace(microsecond=0)
    ),
    zones.filter(lambda zone: zone.key in zoneinfo.available_timezones()),
    st.integers(1, 5_000_000).map(lambda seconds: timedelta(seconds=seconds)),
)
all_day = st.builds(AllDay, st.dates(date(1901, 1, 1), date(2100, 1, 1)), st.integers(1, 500))
moments = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
attendees = st.builds(
    Attendee,
    emails,
    names,
    st.sampled_from(["required", "optional", "chair", "non-participant"]),
    st.sampled_from(["needs-action", "accepted", "declined", "tentative", "delegated"]),
    st.sampled_from(["individual", "group", "room", "resource", "unknown"]),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    when = draw(st.one_of(timed, all_day))
    dates = st.lists(st.just(when.recurrence_id()), max_size=2).map(tuple)
    return Event(
        uid=draw(names.filter(bool)),
        when=when,
        summary=draw(prose),
        description=draw(prose),
        location=draw(prose),
        join_link=draw(st.one_of(st.just(""), links)),
        url=draw(st.one_of(st.just(""), links)),
        organizer=draw(st.none() | st.builds(Person, emails, names)),
        attendees=draw(
            st.lists(attendees, max_size=3, unique_by=lambda person: person.email).map(tuple)
        ),
        sequence=draw(st.integers(0, 2**31 - 1)),
        recurrence_id=draw(st.sampled_from(["", when.recurrence_id()])),
        rrule=draw(st.sampled_from(["", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"])),
        exdates=draw(dates),
        rdates=draw(dates),
        transparency=draw(st.sampled_from(["busy", "free"])),
        status=draw(st.sampled_from(["confirmed", "tentative", "cancelled"])),
        visibility=draw(st.sampled_from(["public", "private"])),
        priority=draw(st.sampled_from(["low", "normal", "high"])),
        reminders=draw(
            st.lists(st.integers(0, 20_000), unique=True, max_size=3).map(sorted).map(tuple)
        ),
        created=draw(st.none() | moments),
        last_modified=draw(st.none() | moments),
    )


@given(events())
@settings(max_examples=300)
def test_what_was_written_is_read_again(event: Event) -> None:
    text = write_events([event], method="REQUEST", stamp=STAMP)
    reading = read_calendar(text, default_zone=ZoneInfo("UTC"))
    assert [note.text for note in reading.left_out] == []
    assert reading.events == (event,)
    assert reading.method == "REQUEST"


@given(events())
@settings(max_examples=50)
def test_every_line_has_at_most_75_octets(event: Event) -> None:
    text = write_events([event], method="REQUEST", stamp=STAMP)
    assert text.endswith(b"\r\n")
    for line in text.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two


@pytest.mark.parametrize("name", ["Ana \\, B", "100 %2C"])
def test_odd_names_stay_readable(name: str) -> None:
    event = Event("1", NINE, organizer=Person("a@x.org", name))
    text = write_events([event], method="REQUEST", stamp=STAMP)
    (event,) = read_calendar(text, default_zone=BERLIN).events
    assert event.organizer is not None
    assert event.organizer.email == "a@x.org"
    assert event.organizer.name.startswith(name[:3])
