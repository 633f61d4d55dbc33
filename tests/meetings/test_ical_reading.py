"""Reading calendars: real ones, odd ones, broken ones and hostile ones."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.ical import Attendee, BrokenCalendar, Event, Person, lines, read_calendar
from meetings.wallclock import AllDay, Timed
from tests.meetings.calendars import BERLIN, DATA, calendar, read, read_file, read_one, why_left_out

HOUR = timedelta(hours=1)
WHOLE = sorted(path.name for path in DATA.glob("*.ics") if path.name != "broken.ics")


# Calendars from other programs ---------------------------------------------


@pytest.mark.parametrize(
    ("name", "single", "recurring", "all_day"),
    [
        ("exceptions.ics", 0, 1, 0),
        ("exchange-moved-all-day.ics", 0, 2, 2),
        ("exchange-windows-zones.ics", 2, 2, 0),
        ("fablab-feed.ics", 27, 1, 1),
        ("google-clock-change.ics", 1, 12, 0),
        ("google-holidays-australia.ics", 42, 54, 96),
        ("google-moved.ics", 0, 4, 2),
        ("holidays-germany.ics", 34, 0, 34),
        ("makerspace.ics", 34, 30, 3),
        ("only-overrides.ics", 410, 267, 60),
        ("outlook-2010.ics", 1, 0, 0),
        ("outlook-web.ics", 3, 1, 0),
    ],
)
def test_real_calendars(name: str, single: int, recurring: int, all_day: int) -> None:
    reading = read_file(name)
    of_series = (bool(e.rrule or e.rdates or e.recurrence_id) for e in reading.events)
    assert Counter(of_series) == Counter({False: single, True: recurring})
    assert sum(isinstance(event.when, AllDay) for event in reading.events) == all_day
    assert reading.left_out == reading.remarks == ()
    assert all(event.uid for event in reading.events)


def test_every_real_calendar_has_its_row() -> None:
    assert len(WHOLE) == 12


def test_outlook_s_attendees_keep_their_roles() -> None:
    (event,) = read_file("outlook-2010.ics").events
    assert event.organizer == Person("bobsmith@example.com", "Smith, Bob")
    assert event.attendees == (
        Attendee("johndoe@example.com", "Doe, John", role="optional"),
        Attendee("janedoe@example.com", "Doe, Jane", role="chair"),
    )
    new_york = ZoneInfo("America/New_York")
    assert event.when == Timed(datetime(2013, 6, 10, 12), new_york, HOUR)
    assert event.description.endswith("Will include a presentation and food.")
    assert event.sequence == 1
    assert event.last_modified == datetime(2013, 6, 8, 20, 4, 10, tzinfo=UTC)


def test_outlook_s_menu_labels_are_zones_and_its_missing_uids_stay_the_same() -> None:
    events = read_file("outlook-web.ics").events
    assert [event.when.zone.key for event in events] == [
        "Australia/Canberra",
        *["America/New_York"] * 3,
    ]
    uids = [event.uid for event in events]
    assert len(set(uids)) == 4
    assert [event.uid for event in read_file("outlook-web.ics").events] == uids


def test_exchange_s_zones_even_where_it_quotes_too_much() -> None:
    events = read_file("exchange-windows-zones.ics").events
    assert events[0].when == Timed(datetime(2020, 9, 10, 9), BERLIN, HOUR / 2)
    assert events[1].when == Timed(datetime(2020, 6, 9, 9), BERLIN, HOUR / 2)
    assert events[1].transparency == "free"
    assert events[2].when.zone.key == "America/Los_Angeles"
    assert events[3].exdates[:2] == ("2020-07-21T12:00:00", "2020-07-23T12:00:00")


def test_dates_without_value_date_are_all_day() -> None:
    events = read_file("holidays-germany.ics").events
    assert events[0].summary == "New Year's Day"
    assert events[0].when == AllDay(date(2019, 1, 1), 1)
    assert events[0].rrule == ""
    christmas = read_file("google-holidays-australia.ics").events[0]
    assert christmas.when == AllDay(date(2004, 12, 25), 1)
    assert christmas.status == "tentative"


def test_changed_dates_name_the_date_the_series_gave_them() -> None:
    series, moved, whole, moved_day = read_file("google-moved.ics").events
    assert (series.recurrence_id, series.rrule) != ("", "")
    assert moved.uid == series.uid
    assert moved.recurrence_id == "2023-08-15T14:00:00"
    assert moved.when.start == datetime(2023, 8, 14, 14)
    assert moved_day.uid == whole.uid
    assert moved_day.recurrence_id == "2023-08-17"
    exchange = read_file("exchange-moved-all-day.ics").events
    assert exchange[1].recurrence_id == "2026-02-26"  # written as a midnight in its zone
    holidays = read_file("google-holidays-australia.ics").events
    assert all(len(event.recurrence_id) in (0, 10) for event in holidays)


def test_dates_taken_out_are_on_the_wall_clock_of_the_series() -> None:
    (event,) = read_file("exceptions.ics").events
    assert event.when == Timed(datetime(2019, 10, 15, 16, 15), BERLIN, HOUR * 1.5)
    assert len(event.exdates) == 9
    assert {text[11:] for text in event.exdates} == {"16:15:00"}  # in UTC they differ


# When ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20270329T090000\nDTEND;TZID=Europe/Berlin:20270329T100000",
            Timed(datetime(2027, 3, 29, 9), BERLIN, HOUR),
            id="zone",
        ),
        pytest.param(
            "DTSTART:20270329T090000\nDURATION:PT1H",
            Timed(datetime(2027, 3, 29, 9), BERLIN, HOUR),
            id="floating",
        ),
        pytest.param(
            "DTSTART:20270329T070000Z\nDTEND:20270329T080000Z",
            Timed(datetime(2027, 3, 29, 9), BERLIN, HOUR),
            id="UTC",
        ),
        pytest.param(
            "DTSTART:20270329T070000Z\nDTEND:20270329T080000Z\nRRULE:FREQ=DAILY",
            Timed(datetime(2027, 3, 29, 7), ZoneInfo("UTC"), HOUR),
            id="UTC, repeated: the rule counts in UTC",
        ),
        pytest.param(
            "DTSTART:20271031T013000Z\nDTEND:20271031T023000Z",
            Timed(datetime(2027, 10, 31, 1, 30), ZoneInfo("UTC"), HOUR),
            id="UTC, in an hour that the wall clock cannot name",
        ),
        pytest.param(
            "DTSTART;TZID=America/New_York:20270329T090000\n"
            "DTEND;TZID=Europe/Berlin:20270329T220000",
            Timed(datetime(2027, 3, 29, 9), ZoneInfo("America/New_York"), HOUR * 7),
            id="a flight",
        ),
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20270327T120000\nDURATION:P1D",
            Timed(datetime(2027, 3, 27, 12), BERLIN, HOUR * 23),
            id="a day by the wall clock, over a clock change",
        ),
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20270327T120000\nDURATION:PT24H",
            Timed(datetime(2027, 3, 27, 12), BERLIN, HOUR * 24),
            id="24 hours over a clock change",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20270329\nDTEND;VALUE=DATE:20270401",
            AllDay(date(2027, 3, 29), 3),
            id="several days",
        ),
        pytest.param("DTSTART;VALUE=DATE:20270329", AllDay(date(2027, 3, 29), 1), id="a date"),
        pytest.param("DTSTART:20270329\nDTEND:20270329", AllDay(date(2027, 3, 29), 1), id="same"),
        pytest.param(
            "DTSTART;VALUE=DATE:20270329\nDURATION:P1W", AllDay(date(2027, 3, 29), 7), id="a week"
        ),
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20270327T000000\nDTEND;TZID=Europe/Berlin:20270329T000000\n"
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            AllDay(date(2027, 3, 27), 2),
            id="Outlook's all-day, over a clock change",
        ),
        pytest.param(
            "DTSTART:20270329T090000\nDTEND:20270402T170000",
            Timed(datetime(2027, 3, 29, 9), BERLIN, timedelta(days=4, hours=8)),
            id="several days with times",
        ),
    ],
)
def test_when(lines: str, expected: Timed | AllDay) -> None:
    assert read_one(f"UID:1\n{lines}").when == expected


def test_the_calendar_s_zone_comes_before_the_reader_s() -> None:
    head = "X-WR-TIMEZONE:America/Chicago"
    event = read_one("UID:1\nDTSTART:20270329T140000Z\nDURATION:PT1H", head=head)
    assert event.when == Timed(datetime(2027, 3, 29, 9), ZoneInfo("America/Chicago"), HOUR)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DTEND:20270329T100000", "It has no start (DTSTART)."),
        ("DTSTART:20270329T100000\nDTEND:20270329T093000", "It ends before it starts."),
        ("DTSTART:20270329T100000\nDURATION:-PT1H", "It ends before it starts."),
        ("DTSTART:20270329\nDTEND:20270328", "It ends before it starts."),
        (
            "DTSTART:20270329T100000\nDTEND:20270329T100000",
            "It takes no time: it has no end, or ends when it starts.",
        ),
        ("DTSTART:20270329T100000", "It takes no time: it has no end, or ends when it starts."),
        ("DTSTART:2026-12-03", "Its start “2026-12-03” is no date or time."),
        ("DTSTART:20270230", "Its start “20270230” is no date or time."),
        (
            "DTSTART:20270329T100000\nDTEND:20270329",
            "It starts at a time of day but ends on a date.",
        ),
        (
            "DTSTART:20270329\nDTEND:20270329T100000",
            "It starts on a date but ends at a time of day.",
        ),
        (
            "DTSTART:20270329\nDURATION:PT25H",
            "It starts on a date but does not last whole days.",
        ),
        ("DTSTART:20270329T100000\nDURATION:1h", "Its length “1H” cannot be read."),
        (
            "DTSTART;TZID=Europe/Atlantis:20270329T100000\nDURATION:PT1H",
            "Its time zone “Europe/Atlantis” is unknown.",
        ),
        ("DTSTART:00010101T000000\nDURATION:PT1H", "Meetings lie between"),
        ("DTSTART:00010102\nDURATION:P1D", "Meetings lie between the years 1900 and 2199."),
        ("DTSTART:99991231\nDURATION:P1D", "Meetings lie between the years 1900 and 2199."),
        ("DTSTART:99991231T235959\nDURATION:PT1H", "Meetings lie between"),
        ("DTSTART:20270329T100000\nDURATION:P99999999W", "Meetings lie between"),
        ("DTSTART:20270329T100000\nDURATION:P9999999999D", "Its length “P9999999999D” cannot"),
        ("DTSTART:20270329T100000\nDURATION:P900000D", "Meetings lie between"),
        ("DTSTART:20270329\nDURATION:P9999999D", "Meetings lie between"),
        ("DTSTART:20270329T100000\nDURATION:PT1H\nRRULE:nonsense", "Its rule “nonsense”"),
        (
            "DTSTART:20270329\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
            "It repeats by more than one rule.",
        ),
        (
            "DTSTART:20270329T100000\nDURATION:PT1H\n"
            "RDATE;VALUE=PERIOD:20270330T100000Z/20270330T120000Z",
            "It repeats by periods",
        ),
        ("DTSTART:20270329\nthis is no content line", "Its line 7 cannot be read."),
    ],
)
def test_what_is_left_out_says_why(lines: str, reason: str) -> None:
    text = why_left_out(f"UID:1\n{lines}")
    assert text.startswith(reason) or reason in text
    assert text[0].isupper()
    assert text.endswith(".")


def test_a_note_says_where_and_what() -> None:
    reading = read(
        "UID:1\nSUMMARY:Good\nDTSTART:20270329", "UID:2\nSUMMARY:Bad\\, really\nDTEND:20270329"
    )
    (note,) = reading.left_out
    assert (note.line, note.uid, note.summary) == (9, "2", "Bad, really")
    assert [event.uid for event in reading.events] == ["1"]


def test_tasks_and_journals_are_left_out_by_name() -> None:
    head = "BEGIN:VTODO\nUID:t\nSUMMARY:Buy milk\nEND:VTODO"
    reading = read("UID:1\nDTSTART:20270329", head=head)
    assert len(reading.events) == 1
    assert [(n.summary, n.text) for n in reading.left_out] == [
        ("Buy milk", "It is no event but a VTODO.")
    ]


# What else an event says ---------------------------------------------------


def test_texts() -> None:
    event = read_one(
        "UID:a\\,b@example.org\n"
        "DTSTART:20270329\n"
        "SUMMARY;LANGUAGE=en:Commas\\, semicolons\\; backslash \\\\n and\\nline\n"
        "DESCRIPTION:folded in the mid\n dle\\Nof a word\n"
        "LOCATION:Room \x07101"
    )
    assert event.uid == "a,b@example.org"
    assert event.summary == "Commas, semicolons; backslash \\n and\nline"
    assert event.description == "folded in the middle\nof a word"
    assert event.location == "Room 101"


def test_a_character_cut_in_two_by_a_fold_is_whole_again() -> None:
    data = calendar("UID:1\nDTSTART:20270329\nSUMMARY:ab").replace(b"ab", b"a\xc3\r\n \xbcb")
    (event,) = read_calendar(data, default_zone=BERLIN).events
    assert event.summary == "aüb"


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("TRANSP:TRANSPARENT", "transparency", "free"),
        ("TRANSP:OPAQUE", "transparency", "busy"),
        ("STATUS:CANCELLED", "status", "cancelled"),
        ("STATUS:tentative", "status", "tentative"),
        ("CLASS:PRIVATE", "visibility", "private"),
        ("CLASS:CONFIDENTIAL", "visibility", "private"),
        ("CLASS:X-UNKNOWN", "visibility", "private"),
        ("CLASS:PUBLIC", "visibility", "public"),
        ("PRIORITY:1", "priority", "high"),
        ("PRIORITY:5", "priority", "normal"),
        ("PRIORITY:9", "priority", "low"),
        ("PRIORITY:soon", "priority", "normal"),
        ("SEQUENCE:7", "sequence", 7),
        ("SEQUENCE:-1", "sequence", 0),
        ("SEQUENCE:²", "sequence", 0),
        ("SEQUENCE:99999999999", "sequence", 2**31 - 1),
        ("CREATED:20270101T000000Z", "created", datetime(2027, 1, 1, tzinfo=UTC)),
        ("CREATED:yesterday", "created", None),
        ("URL:https://example.org/a,b;c?d=%2C", "url", "https://example.org/a,b;c?d=%2C"),
        ("URL:javascript:alert(1)", "url", ""),
        ("CONFERENCE;VALUE=URI:https://meet.example.org/x", "join_link", None),
        ("X-GOOGLE-CONFERENCE:https://meet.example.org/x", "join_link", None),
        ("CONFERENCE:tel:+491234", "join_link", ""),
        ("RRULE:", "rrule", ""),
        ("RRULE:freq=weekly;byday=mo", "rrule", "FREQ=WEEKLY;BYDAY=MO"),
    ],
)
def test_fields(line: str, field: str, expected: object) -> None:
    if field == "join_link" and expected is None:
        expected = "https://meet.example.org/x"
    assert getattr(read_one(f"UID:1\nDTSTART:20270329\n{line}"), field) == expected


def test_a_cancellation_cancels_its_events() -> None:
    event = read_one("UID:1\nDTSTART:20270329\nSTATUS:CONFIRMED", head="METHOD:CANCEL")
    assert event.status == "cancelled"


def test_people() -> None:
    reading = read(
        "UID:1\n"
        "DTSTART:20270329\n"
        "ORGANIZER;CN=\"Ana, of ^'Sales^'\":MAILTO:Ana@Example.com\n"
        "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ben:mailto:ben@example.com\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:BEN@example.com\n"
        "ATTENDEE;CUTYPE=ROOM;PARTSTAT=TENTATIVE:mailto:room@example.com\n"
        "ATTENDEE;EMAIL=cy@example.com;X-A=b:/aMTIz/principal/\n"
        "ATTENDEE;CN=Nobody:invalid:nomail\n"
    )
    (event,) = reading.events
    assert event.organizer == Person("ana@example.com", 'Ana, of "Sales"')
    assert event.attendees == (
        Attendee("ben@example.com", "Ben", role="optional", answer="accepted"),
        Attendee("room@example.com", kind="room", answer="tentative"),
        Attendee("cy@example.com"),
    )
    assert [note.text for note in reading.remarks] == [
        "Attendee “Nobody” has no e-mail address and was left out."
    ]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("TRIGGER:-PT15M", (15,)),
        ("TRIGGER;RELATED=START:-P1D", (1440,)),
        ("TRIGGER:PT0S", (0,)),
        ("TRIGGER:PT15M", ()),
        ("TRIGGER;RELATED=END:-PT90M", (30,)),
        ("TRIGGER;VALUE=DATE-TIME:20270329T063000Z", (30,)),
        ("TRIGGER;VALUE=DATE-TIME:20270330T063000Z", ()),
        ("TRIGGER:soon", ()),
        ("TRIGGER:-PT15M\nACTION:NONE", ()),
        ("ACTION:DISPLAY", ()),
    ],
)
def test_reminders(trigger: str, expected: tuple[int, ...]) -> None:
    event = read_one(
        "UID:1\nDTSTART;TZID=Europe/Berlin:20270329T090000\nDURATION:PT1H\n"
        f"BEGIN:VALARM\n{trigger}\nEND:VALARM"
    )
    assert event.reminders == expected


def test_of_two_versions_the_newest_counts_wherever_it_stands() -> None:
    old = "UID:1\nDTSTART:20270329\nSUMMARY:Old\nSEQUENCE:1"
    new = "UID:1\nDTSTART:20270330\nSUMMARY:New\nSEQUENCE:2"
    for order in ([old, new], [new, old]):
        reading = read(*order)
        assert [event.summary for event in reading.events] == ["New"]
        (note,) = reading.left_out
        assert note.summary == "Old"
        assert "newer version" in note.text


def test_a_changed_date_stands_beside_its_series_and_alone() -> None:
    series = "UID:1\nDTSTART;TZID=Europe/Berlin:20270329T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    changed = "UID:1\nRECURRENCE-ID:20270330T070000Z\nDTSTART:20270330T100000Z\nDURATION:PT1H"
    both = read(changed, series).events
    assert [event.recurrence_id for event in both] == ["2027-03-30T09:00:00", ""]
    alone = read_one(changed)
    assert alone.recurrence_id == "2027-03-30T07:00:00"  # no series says which zone it is in


# Broken and hostile --------------------------------------------------------


def test_the_broken_one_is_refused_altogether() -> None:
    with pytest.raises(BrokenCalendar, match=r"cut off: VEVENT, which begins in line 12, has no"):
        read_file("broken.ics")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"Dear Sir or Madam,\r\nhere is my calendar.", "Line 1 stands outside of a calendar"),
        (b"<html>\n</html>\n", "Line 1 stands outside"),
        (b"BEGIN:VEVENT\nEND:VEVENT\n", "Line 1 begins VEVENT outside of a calendar"),
        (b"END:VCALENDAR\n", "Line 1 ends VCALENDAR, which has not begun"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "Line 3 ends VCALENDAR, but VEVENT"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\n", "cut off: VCALENDAR"),
        (b"BEGIN:VCALENDAR\nX:\xff\nEND:VCALENDAR\n", "Line 2 is not UTF-8"),
        (calendar().decode().encode("utf-16"), "Line 1 is not UTF-8"),
        (calendar() + b"SUMMARY:after\n", "Line 5 stands outside"),
    ],
)
def test_what_is_no_calendar_says_where(data: bytes, message: str) -> None:
    with pytest.raises(BrokenCalendar, match=message):
        read_calendar(data, default_zone=BERLIN)


@given(st.sampled_from(WHOLE), st.data())
@settings(max_examples=60)
def test_a_calendar_cut_off_anywhere_is_refused(name: str, data: st.DataObject) -> None:
    whole = (DATA / name).read_bytes().rstrip()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(BrokenCalendar):
        read_calendar(whole[:cut], default_zone=BERLIN)


@given(st.sampled_from(WHOLE), st.data())
@settings(max_examples=60)
def test_a_damaged_calendar_is_read_or_refused_never_more(name: str, data: st.DataObject) -> None:
    damaged = bytearray((DATA / name).read_bytes()[:4000])
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=20)):
        damaged[at] = data.draw(st.integers(0, 255))
    damaged += b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    try:
        reading = read_calendar(bytes(damaged), default_zone=BERLIN)
    except BrokenCalendar as error:
        assert str(error).endswith(".")  # noqa: PT017
    else:
        assert all(isinstance(event, Event) for event in reading.events)


@given(
    st.sampled_from(["DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RECURRENCE-ID", "TRANSP"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30),
    st.text("TZ0123456789:;-+P=,/Ä\"'", max_size=30),
)
def test_odd_values_never_raise(name: str, odd: str, likely: str) -> None:
    start = "" if name == "DTSTART" else "DTSTART:20270329T100000\n"
    for value in (odd, likely):
        reading = read(f"UID:1\n{start}{name}:{value}")
        assert len(reading.events) + len(reading.left_out) == 1


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_COMPONENTS", 3)
    read_calendar(calendar("DTSTART:20270329", "DTSTART:20270330"), default_zone=BERLIN)
    with pytest.raises(BrokenCalendar, match="more than 3 components"):
        read_calendar(calendar(*["DTSTART:20270329"] * 3), default_zone=BERLIN)
    with pytest.raises(BrokenCalendar, match="larger than 10 MB"):
        read_calendar(b" " * (lines.MAX_BYTES + 1), default_zone=BERLIN)
