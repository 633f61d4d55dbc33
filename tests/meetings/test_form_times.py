"""Times as they are typed, and the way to a wall clock and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from meetings.formtimes import (
    ClockField,
    end_of,
    from_to,
    length_between,
    next_half_hour,
    skipped,
    when_values,
    whole_days,
)
from meetings.wallclock import AllDay, Timed
from tests.factories import BERLIN

HOUR = timedelta(hours=1)
DAY = date(2027, 3, 10)
SPRING = date(2027, 3, 28)  # 2:00 becomes 3:00 in Berlin
AUTUMN = date(2027, 10, 31)  # 3:00 becomes 2:00


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9", time(9)),
        ("09:30", time(9, 30)),
        ("9:30:00", time(9, 30)),
        ("930", time(9, 30)),
        ("1530", time(15, 30)),
        (" 15.30 ", time(15, 30)),
        ("9h30", time(9, 30)),
        ("3 pm", time(15)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
        ("0", time(0)),
        ("24:00", time(0)),
        ("23:59", time(23, 59)),
        ("", None),
        (None, None),
    ],
)
def test_clock_is_read_as_people_write_it(typed: str | None, expected: time | None) -> None:
    assert ClockField(required=False).clean(typed) == expected


@pytest.mark.parametrize("typed", ["25", "9:60", "24:30", "13 pm", "0 am", "nine", "9-10", "٩"])
def test_what_is_no_time_is_said_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a time\. Write it like 9:30\."):
        ClockField().clean(typed)


def test_from_and_to_make_a_length() -> None:
    assert from_to(DAY, time(10), time(11, 30), None, BERLIN) == Timed(
        datetime(2027, 3, 10, 10), BERLIN, 1.5 * HOUR
    )


def test_until_midnight_needs_no_last_day() -> None:
    assert from_to(DAY, time(22), time(0), None, BERLIN).length == 2 * HOUR


def test_over_midnight_with_a_last_day() -> None:
    when = from_to(DAY, time(23), time(1), DAY + timedelta(days=1), BERLIN)
    assert when.length == 2 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "until"),
    [
        (time(11), time(10), None),
        (time(10), time(10), None),
        (time(0), time(0), None),
        (time(10), time(12), DAY - timedelta(days=1)),
    ],
)
def test_an_end_before_the_start_is_refused(start: time, end: time, until: date | None) -> None:
    with pytest.raises(ValidationError) as refused:
        from_to(DAY, start, end, until, BERLIN)
    assert list(refused.value.message_dict) == ["end"]


def test_outside_the_calendar_is_refused_at_the_date() -> None:
    with pytest.raises(ValidationError) as refused:
        from_to(date(1850, 1, 1), time(10), time(11), None, BERLIN)
    assert list(refused.value.message_dict) == ["date"]
    with pytest.raises(ValidationError) as refused:
        whole_days(date(9999, 12, 31), None)
    assert list(refused.value.message_dict) == ["date"]


def test_whole_days_include_the_last() -> None:
    assert whole_days(DAY, None) == AllDay(DAY, 1)
    assert whole_days(DAY, DAY + timedelta(days=2)) == AllDay(DAY, 3)
    with pytest.raises(ValidationError) as refused:
        whole_days(DAY, DAY - timedelta(days=1))
    assert list(refused.value.message_dict) == ["until"]


def test_a_start_that_clocks_skip_keeps_its_length_on_the_clock_face() -> None:
    when = from_to(SPRING, time(2, 30), time(3), None, BERLIN)
    assert when.length == HOUR / 2
    assert when.during().start == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 3:30 in Berlin
    assert skipped(when.start, BERLIN) == datetime(2027, 3, 28, 3, 30)


def test_an_end_that_clocks_skip_is_an_hour_later() -> None:
    when = from_to(SPRING, time(1, 30), time(2, 30), None, BERLIN)
    assert when.length == HOUR
    assert end_of(when) == datetime(2027, 3, 28, 3, 30)


def test_a_night_of_25_hours_lasts_longer_than_its_clock() -> None:
    assert from_to(AUTUMN, time(1), time(4), None, BERLIN).length == 4 * HOUR


def test_times_that_exist_are_not_skipped() -> None:
    assert skipped(datetime(2027, 3, 10, 2, 30), BERLIN) is None
    assert skipped(datetime(2027, 10, 31, 2, 30), BERLIN) is None


@given(
    start=st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    minutes=st.integers(1, 5 * 1440),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
    ),
)
def test_what_the_form_shows_is_read_back(start: datetime, minutes: int, zone: str) -> None:
    """All but an end in the hour that comes twice, of which the first is meant."""
    when = Timed(start, ZoneInfo(zone), timedelta(minutes=minutes))
    values = when_values(when)
    read = from_to(
        date.fromisoformat(values["date"]),
        ClockField().clean(values["start"]),
        ClockField().clean(values["end"]),
        date.fromisoformat(values["until"]) if values["until"] else None,
        when.zone,
    )
    if not skipped(start, when.zone) and when.during().end.astimezone(when.zone).fold:
        assert read.start == when.start
        assert read.length < when.length
    else:
        assert read == when


def test_all_day_values_leave_the_clock_empty() -> None:
    assert when_values(AllDay(DAY, 3)) == {
        "date": "2027-03-10",
        "until": "2027-03-12",
        "all_day": True,
        "start": "",
        "end": "",
    }
    assert when_values(AllDay(DAY, 1))["until"] == ""


def test_length_is_what_passes_not_what_the_clock_says() -> None:
    start, end = datetime(2027, 3, 28, 1), datetime(2027, 3, 28, 4)
    assert length_between(start, end, BERLIN) == 2 * HOUR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 10, 8, 0, tzinfo=UTC), datetime(2027, 3, 10, 9, 30)),
        (datetime(2027, 3, 10, 8, 29, 59, tzinfo=UTC), datetime(2027, 3, 10, 9, 30)),
        (datetime(2027, 3, 10, 8, 30, tzinfo=UTC), datetime(2027, 3, 10, 10)),
        (datetime(2027, 3, 10, 22, 45, tzinfo=UTC), datetime(2027, 3, 11, 0)),
    ],
)
def test_the_next_half_hour(now: datetime, expected: datetime) -> None:
    assert next_half_hour(now, BERLIN) == expected
