"""The wall clock in zones with every kind of clock change."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.intervals import Stretch
from meetings.wallclock import (
    FIRST_DATE,
    LAST_DATE,
    AllDay,
    Timed,
    day_in,
    instant,
    midnight,
    week_of,
    working_stretches,
)

ZONES = sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})
dates = st.dates(date(1975, 1, 1), date(2037, 12, 30))
zones = st.sampled_from(ZONES).map(ZoneInfo)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        # An ordinary time.
        ("Europe/Berlin", "2027-03-29T09:00", "2027-03-29T07:00"),
        ("Europe/Berlin", "2027-01-11T09:00", "2027-01-11T08:00"),
        # 02:00 to 03:00 does not exist: the offset from before (+1) holds.
        ("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T00:59"),
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:30"),
        ("Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00"),
        # 02:00 to 03:00 exists twice: the first (+2).
        ("Europe/Berlin", "2027-10-31T02:30", "2027-10-31T00:30"),
        ("Europe/Berlin", "2027-10-31T03:00", "2027-10-31T02:00"),
        # Ireland's legal standard time is summer time; winter is a negative DST.
        ("Europe/Dublin", "2027-03-28T01:30", "2027-03-28T01:30"),
        ("Europe/Dublin", "2027-10-31T01:30", "2027-10-31T00:30"),
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30"),
        ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30"),
        # Half an hour: 02:00 becomes 02:30, and back.
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:45"),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
        # Morocco kept +1 but in Ramadan, when its clocks stood at +0.
        ("Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T01:30"),
        ("Africa/Casablanca", "2025-04-06T02:30", "2025-04-06T02:30"),
        # Chile's gap begins at midnight: the day starts at 01:00.
        ("America/Santiago", "2025-09-07T00:00", "2025-09-07T04:00"),
        ("America/Santiago", "2025-09-07T00:30", "2025-09-07T04:30"),
        ("America/Santiago", "2025-04-05T23:30", "2025-04-06T02:30"),
        # Samoa left a day out.
        ("Pacific/Apia", "2011-12-29T12:00", "2011-12-29T22:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00"),
        ("Pacific/Apia", "2011-12-31T12:00", "2011-12-30T22:00"),
    ],
)
def test_instant(zone: str, local: str, expected: str) -> None:
    moment = instant(datetime.fromisoformat(local), ZoneInfo(zone))
    assert moment == utc(expected)
    assert moment.tzinfo is UTC


@given(st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 30)), zones)
def test_instant_is_the_first_that_shows_this_time(local: datetime, zone: ZoneInfo) -> None:
    moment = instant(local, zone)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    shows = [
        offset
        for minutes in range(-26 * 4, 26 * 4 + 1)
        if (local - (offset := timedelta(minutes=15 * minutes)))
        .replace(tzinfo=UTC)
        .astimezone(zone)
        .replace(tzinfo=None)
        == local
    ]
    if shows:
        assert moment == (local - max(shows)).replace(tzinfo=UTC)
    else:  # a gap: as far past it as the local time lies within
        before = (moment - timedelta(days=1)).astimezone(zone).utcoffset() or timedelta(0)
        after = moment.astimezone(zone).utcoffset() or timedelta(0)
        assert shown - local == after - before > timedelta(0)


def test_instant_ignores_fold_and_refuses_a_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant(datetime(2027, 10, 31, 2, 30, fold=1), berlin) == utc("2027-10-31T00:30")
    with pytest.raises(ValueError, match="without a zone"):
        instant(datetime(2027, 10, 31, 2, 30, tzinfo=UTC), berlin)


# Days ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2027-03-27", 24),
        ("Europe/Berlin", "2027-03-28", 23),
        ("Europe/Berlin", "2027-10-31", 25),
        ("Europe/Dublin", "2027-03-28", 23),
        ("Europe/Dublin", "2027-10-31", 25),
        ("America/New_York", "2027-03-14", 23),
        ("America/New_York", "2027-11-07", 25),
        ("Australia/Lord_Howe", "2027-10-03", 23.5),
        ("Australia/Lord_Howe", "2027-04-04", 24.5),
        ("Africa/Casablanca", "2025-02-23", 25),
        ("America/Santiago", "2025-09-07", 23),
        ("America/Santiago", "2025-04-05", 25),
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Apia", "2011-12-31", 24),
    ],
)
def test_how_long_a_day_is(zone: str, day: str, hours: float) -> None:
    assert day_in(date.fromisoformat(day), ZoneInfo(zone)).length == timedelta(hours=hours)


def test_a_day_without_midnight_begins_where_its_clocks_do() -> None:
    day = day_in(date(2025, 9, 7), ZoneInfo("America/Santiago"))
    assert day == Stretch(utc("2025-09-07T04:00"), utc("2025-09-08T03:00"))
    assert day.start.astimezone(ZoneInfo("America/Santiago")).hour == 1


@given(dates, zones)
def test_days_follow_each_other_without_a_gap(day: date, zone: ZoneInfo) -> None:
    assert day_in(day, zone).end == day_in(day + timedelta(days=1), zone).start


@given(dates, zones, st.integers(0, 86_399))
def test_noon_lies_in_its_day(day: date, zone: ZoneInfo, second: int) -> None:
    moment = midnight(day, zone) + timedelta(seconds=second)
    stretch = day_in(moment.astimezone(zone).date(), zone)
    if stretch.length == timedelta(days=1):  # no clock change that day
        assert stretch.start <= moment < stretch.end


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2027, 1, 1), date(2027, 1, 3)])
def test_a_week_begins_on_monday(day: date) -> None:
    assert week_of(day) == [date(2026, 12, 28) + timedelta(days=n) for n in range(7)]


# Working hours -------------------------------------------------------------

NINE_TO_FIVE = [(9 * 60, 12 * 60), (13 * 60, 17 * 60)]


def test_working_hours_keep_to_the_wall_clock_across_a_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert working_stretches(date(2027, 3, 26), berlin, NINE_TO_FIVE) == [
        Stretch(utc("2027-03-26T08:00"), utc("2027-03-26T11:00")),
        Stretch(utc("2027-03-26T12:00"), utc("2027-03-26T16:00")),
    ]
    assert working_stretches(date(2027, 3, 29), berlin, NINE_TO_FIVE) == [
        Stretch(utc("2027-03-29T07:00"), utc("2027-03-29T10:00")),
        Stretch(utc("2027-03-29T11:00"), utc("2027-03-29T15:00")),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        pytest.param("Europe/Berlin", "2027-03-28", [(60, 240)], 2, id="over a gap"),
        pytest.param("Europe/Berlin", "2027-10-31", [(60, 240)], 4, id="over a repeated hour"),
        pytest.param("Europe/Berlin", "2027-03-28", [(120, 180)], 0, id="all of it in a gap"),
        pytest.param("Europe/Berlin", "2027-03-28", [(165, 195)], 0, id="starts late in a gap"),
        pytest.param("Europe/Berlin", "2027-03-28", [(0, 1440)], 23, id="short day"),
        pytest.param("Europe/Berlin", "2027-10-31", [(0, 1440)], 25, id="long day"),
        pytest.param("America/Santiago", "2025-09-07", [(0, 120)], 1, id="no midnight"),
        pytest.param("Pacific/Apia", "2011-12-30", [(0, 1440)], 0, id="skipped date"),
        pytest.param("Europe/Berlin", "2027-03-29", [], 0, id="day off"),
    ],
)
def test_how_long_the_work_is(
    zone: str, day: str, hours: list[tuple[int, int]], expected: float
) -> None:
    stretches = working_stretches(date.fromisoformat(day), ZoneInfo(zone), hours)
    assert sum((s.length for s in stretches), timedelta(0)) == timedelta(hours=expected)
    assert all(s.length for s in stretches)


def test_working_hours_that_touch_are_one_stretch() -> None:
    assert working_stretches(date(2027, 3, 29), ZoneInfo("UTC"), [(720, 780), (540, 720)]) == [
        Stretch(utc("2027-03-29T09:00"), utc("2027-03-29T13:00"))
    ]


@pytest.mark.parametrize("hours", [(-1, 60), (60, 60), (120, 60), (0, 1441)])
def test_impossible_working_hours_are_refused(hours: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="within one day"):
        working_stretches(date(2027, 3, 29), ZoneInfo("UTC"), [hours])


# When a meeting is ---------------------------------------------------------


def test_a_timed_meeting() -> None:
    when = Timed(datetime(2027, 3, 29, 9), ZoneInfo("Europe/Berlin"), timedelta(hours=1))
    assert when.during() == Stretch(utc("2027-03-29T07:00"), utc("2027-03-29T08:00"))
    assert when.recurrence_id() == "2027-03-29T09:00:00"


def test_its_length_is_exact_across_a_clock_change() -> None:
    when = Timed(datetime(2027, 3, 28, 1, 30), ZoneInfo("Europe/Berlin"), timedelta(hours=1))
    assert when.during().length == timedelta(hours=1)
    assert when.during().end.astimezone(when.zone).hour == 3


def test_an_all_day_meeting_occupies_each_zone_s_own_dates() -> None:
    when = AllDay(date(2027, 3, 28), 2)
    assert when.last == date(2027, 3, 29)
    assert when.recurrence_id() == "2027-03-28"
    assert when.during() == Stretch(utc("2027-03-28T00:00"), utc("2027-03-30T00:00"))
    assert when.stretch_in(ZoneInfo("Europe/Berlin")) == Stretch(
        utc("2027-03-27T23:00"), utc("2027-03-29T22:00")
    )
    assert when.stretch_in(ZoneInfo("Pacific/Auckland")).start == utc("2027-03-27T11:00")


def test_an_all_day_meeting_on_a_date_that_a_zone_skipped_is_empty_there() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert not AllDay(date(2011, 12, 30), 1).stretch_in(apia).length
    assert AllDay(date(2011, 12, 29), 3).stretch_in(apia).length == timedelta(days=2)


@given(dates, st.integers(1, 400), zones)
def test_an_all_day_meeting_is_found_by_its_stretch_widened_by_a_day(
    first: date, days: int, zone: ZoneInfo
) -> None:
    when = AllDay(first, days)
    day = timedelta(days=1)
    wide = Stretch(when.during().start - day, when.during().end + day)
    inside = when.stretch_in(zone)
    assert wide.start <= inside.start
    assert inside.end <= wide.end


@pytest.mark.parametrize(
    ("start", "length", "message"),
    [
        (datetime(2027, 3, 29, 9), timedelta(0), "end must be after the start"),
        (datetime(2027, 3, 29, 9), timedelta(hours=-1), "end must be after the start"),
        (datetime(2027, 3, 29, 9), timedelta(microseconds=1), "whole seconds"),
        (datetime(2027, 3, 29, 9, 0, 0, 1), timedelta(hours=1), "whole seconds"),
        (datetime(2027, 3, 29, 9, tzinfo=UTC), timedelta(hours=1), "without a zone"),
        (datetime(1, 1, 1), timedelta(hours=1), "1900 and 2199"),
        (datetime(9999, 12, 31), timedelta(hours=1), "1900 and 2199"),
        (datetime(2199, 12, 31, 23), timedelta(days=2), "1900 and 2199"),
        (datetime(2027, 3, 29, 9), timedelta.max - timedelta(microseconds=999_999), "1900"),
    ],
)
def test_impossible_times_are_refused(start: datetime, length: timedelta, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Timed(start, ZoneInfo("Europe/Berlin"), length)


@pytest.mark.parametrize(
    ("first", "days", "message"),
    [
        (date(2027, 3, 29), 0, "at least one day"),
        (date(2027, 3, 29), -1, "at least one day"),
        (date.min, 1, "1900 and 2199"),
        (date.max, 1, "1900 and 2199"),
        (LAST_DATE, 2, "1900 and 2199"),
        (FIRST_DATE, 10**30, "1900 and 2199"),
    ],
)
def test_impossible_dates_are_refused(first: date, days: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AllDay(first, days)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
def test_the_ends_of_the_calendar_are_usable_in_every_zone(zone: str) -> None:
    for day in (FIRST_DATE, LAST_DATE):
        assert AllDay(day, 1).stretch_in(ZoneInfo(zone)).length > timedelta(hours=20)
        Timed(datetime(day.year, day.month, day.day, 23), ZoneInfo(zone), timedelta(hours=1))
