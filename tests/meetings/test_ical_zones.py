"""Zones by their names in other programs, and VTIMEZONEs there and back."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from meetings.ical.vtimezone import vtimezone
from meetings.ical.zones import zone_named
from meetings.wallclock import Timed, instant
from tests.meetings.calendars import BERLIN, read, read_one, why_left_out

HOUR = timedelta(hours=1)
zones = st.sampled_from(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})).map(
    ZoneInfo
)
# Where every VTIMEZONE that starts in 2026 is exact: it holds single changes for eight years.
locals_ = st.datetimes(datetime(2027, 1, 2), datetime(2032, 12, 30)).map(
    lambda local: local.replace(second=0, microsecond=0)
)


@pytest.mark.parametrize(
    ("tzid", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("US/Pacific", "US/Pacific"),
        ("UTC", "UTC"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("/Europe/Berlin", "Europe/Berlin"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("/example.org/EST", None),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Canberra"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(UTC+09:00) Berlin", None),  # the label contradicts itself
        ("Europe/Atlantis", None),
        ("Factory", None),
        ("../../etc/passwd", None),
        ("", None),
        ("/", None),
    ],
)
def test_names(tzid: str, expected: str | None) -> None:
    zone = zone_named(tzid)
    assert (zone and zone.key) == expected


@pytest.mark.parametrize("name", sorted(WINDOWS_TO_OLSON))
def test_every_windows_zone_is_in_our_database(name: str) -> None:
    assert zone_named(name) is not None


# Written ones --------------------------------------------------------------


def text_of(zone: ZoneInfo, name: str) -> str:
    text: str = vtimezone(zone, 2027).to_ical().decode()
    return text.replace("\r\n ", "").replace(f"TZID:{zone.key}\r\n", f"TZID:{name}\r\n")


@given(zones, st.lists(locals_, min_size=5, max_size=5))
@settings(max_examples=150)
def test_a_written_zone_has_the_offsets_of_the_real_one(
    zone: ZoneInfo, times: list[datetime]
) -> None:
    other = tzical(StringIO(text_of(zone, "X"))).get()  # a reader that is not ours
    for local in times:
        around = {
            (local + n * HOUR).replace(tzinfo=zone).utcoffset() for n in range(-3, 4)
        }  # at the change itself readers differ
        if len(around) == 1:
            assert local.replace(tzinfo=other).utcoffset() == around.pop()


@pytest.mark.parametrize(
    ("zone", "changes", "rules"),
    [
        ("Europe/Berlin", 2, 2),
        ("America/New_York", 2, 2),
        ("Europe/Dublin", 2, 2),
        ("Australia/Lord_Howe", 2, 2),
        ("Asia/Tokyo", 1, 0),
        ("Etc/GMT+5", 1, 0),
        ("America/Santiago", 17, 0),  # "the first Sunday from the 2nd on" is no nth Sunday
    ],
)
def test_zones_with_a_rule_are_two_rules(zone: str, changes: int, rules: int) -> None:
    text = text_of(ZoneInfo(zone), "X")
    assert text.count("DTSTART") == changes
    assert text.count("RRULE") == rules
    assert "RDATE" not in text


# The file's own ------------------------------------------------------------


@given(zones, locals_)
@settings(max_examples=150)
def test_a_zone_of_the_file_s_own_means_the_same_instants(zone: ZoneInfo, local: datetime) -> None:
    reading = read(
        f"UID:1\nDTSTART;TZID=Our own:{local:%Y%m%dT%H%M%S}\nDURATION:PT1H",
        head=text_of(zone, "Our own").replace("\r\n", "\n"),
    )
    (event,) = reading.events
    assert event.when.during().start == instant(local, zone)
    if not reading.remarks and event.when.zone.key != "UTC":
        assert event.when.start == event.when.during().start.astimezone(event.when.zone).replace(
            tzinfo=None
        )


OFFICE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""
NINE = "UID:1\nDTSTART;TZID=Customized Time Zone:{day}T090000\nDURATION:PT1H"


def office(winter: str, summer: str, name: str = "Customized Time Zone") -> str:
    return OFFICE.format(name=name, winter=winter, summer=summer)


def test_a_customized_zone_becomes_the_one_it_is_like_the_reader_s_first() -> None:
    paris = ZoneInfo("Europe/Paris")
    event = read_one(NINE.format(day="20270329"), head=office("+0100", "+0200"), zone=paris)
    assert event.when == Timed(datetime(2027, 3, 29, 9), paris, HOUR)
    tokyo = ZoneInfo("Asia/Tokyo")
    event = read_one(NINE.format(day="20270329"), head=office("+0100", "+0200"), zone=tokyo)
    assert event.when.zone.key.startswith("Europe/")
    assert event.when.during().start == datetime(2027, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("20270328T015959", datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC)),
        ("20270328T023000", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # does not exist
        ("20270328T030000", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        ("20271031T023000", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # exists twice
        ("20271031T030000", datetime(2027, 10, 31, 2, tzinfo=UTC)),
    ],
)
def test_clock_changes_of_a_customized_zone_follow_our_rule(local: str, expected: datetime) -> None:
    event = read_one(
        f"UID:1\nDTSTART;TZID=Customized Time Zone:{local}\nDURATION:PT1H",
        head=office("+0100", "+0200"),
    )
    assert event.when.during().start == expected


@pytest.mark.parametrize(
    ("winter", "summer", "zone", "hour"),
    [
        ("+0500", "+0700", "Etc/GMT-7", 2),
        ("-0400", "-0200", "Etc/GMT+2", 11),
        ("+0015", "+0115", "UTC", 7),
    ],
)
def test_a_zone_like_no_other_keeps_the_exact_instant_and_says_so(
    winter: str, summer: str, zone: str, hour: int
) -> None:
    reading = read(NINE.format(day="20270601"), head=office(winter, summer))
    (event,) = reading.events
    minute = 45 if zone == "UTC" else 0
    assert event.when.during().start == datetime(2027, 6, 1, hour, minute, tzinfo=UTC)
    assert event.when.zone.key == zone
    (remark,) = reading.remarks
    assert remark.text == (
        "No known time zone is like its “Customized Time Zone”. Its times are kept exactly, "
        f"in {zone}."
    )


def test_a_known_name_counts_more_than_the_file_s_definition() -> None:
    head = office("+0500", "+0700", name="Europe/Berlin")
    event = read_one("UID:1\nDTSTART;TZID=Europe/Berlin:20270329T090000\nDURATION:PT1H", head=head)
    assert event.when == Timed(datetime(2027, 3, 29, 9), BERLIN, HOUR)


NEW_YORK = """BEGIN:VTIMEZONE
TZID:EST
BEGIN:STANDARD
DTSTART:20061101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20060311T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
END:VTIMEZONE"""


@pytest.mark.parametrize(
    ("head", "zone"),
    [
        pytest.param(NEW_YORK, "America/New_York", id="what the file says it means"),
        pytest.param("", "EST", id="no definition"),
        pytest.param(NEW_YORK.replace("YEARLY", "DAILY"), "EST", id="not understood"),
        pytest.param(office("+0100", "+0300", name="EST"), "EST", id="like no zone"),
    ],
)
def test_an_abbreviation_means_what_the_file_says(head: str, zone: str) -> None:
    event = read_one("UID:1\nDTSTART;TZID=EST:20270629T090000\nDURATION:PT1H", head=head)
    assert event.when == Timed(datetime(2027, 6, 29, 9), ZoneInfo(zone), HOUR)


def test_a_zone_s_own_word_for_where_it_is_counts() -> None:
    head = office("+0100", "+0200").replace(
        "BEGIN:STANDARD", "X-LIC-LOCATION:Europe/Rome\nBEGIN:STANDARD", 1
    )
    event = read_one(NINE.format(day="20270329"), head=head)
    assert event.when.zone.key == "Europe/Rome"


def test_one_file_s_zones_do_not_reach_the_next() -> None:
    event = NINE.format(day="20270329")
    read_one(event, head=office("+0100", "+0200"))
    assert why_left_out(event) == "Its time zone “Customized Time Zone” is unknown."


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=-1SU",
        "FREQ=YEARLY;BYMONTH=13;BYDAY=1SU",
        "FREQ=YEARLY;BYMONTH=3;BYSETPOS=1;BYDAY=SU",
        "FREQ=YEARLY;BYMONTH=x;BYDAY=1SU",
    ],
)
def test_a_zone_that_cannot_be_understood_is_unknown(rule: str) -> None:
    head = office("+0100", "+0200").replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", rule)
    assert "is unknown" in why_left_out(NINE.format(day="20270329"), head=head)
