"""Rules of repetition: what they give where it is easy to be wrong."""

from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from meetings import recurrence
from meetings.wallclock import AllDay, Timed

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = Timed(datetime(2027, 3, 1, 9), BERLIN, timedelta(hours=1))


def days(first: str, text: str, most: int = 5) -> list[str]:
    when = AllDay(date.fromisoformat(first), 1)
    rule = recurrence.canonical(text, when)
    return [each.recurrence_id() for each in islice(recurrence.dates(when, rule), most)]


def test_each_date_keeps_time_of_day_zone_and_length() -> None:
    found = list(recurrence.dates(MONDAY, "FREQ=WEEKLY;COUNT=2"))

    assert found == [MONDAY, Timed(datetime(2027, 3, 8, 9), BERLIN, timedelta(hours=1))]


def test_a_window_ten_years_later() -> None:
    found = recurrence.dates(
        MONDAY, "FREQ=WEEKLY;INTERVAL=2", start=date(2037, 3, 1), end=date(2037, 3, 15)
    )
    assert [each.recurrence_id() for each in found] == ["2037-03-02T09:00:00"]


@pytest.mark.parametrize(
    ("first", "text", "expected"),
    [
        pytest.param(
            "2027-03-01",
            "FREQ=WEEKLY;BYDAY=TU;COUNT=2",
            ["2027-03-01", "2027-03-02"],
            id="the first date counts, also if the rule does not give it",
        ),
        pytest.param(
            "2024-02-29",
            "FREQ=YEARLY",
            ["2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"],
            id="29 February has no other day in other years",
        ),
        pytest.param(
            "2096-02-29",
            "FREQ=YEARLY;INTERVAL=4",
            ["2096-02-29", "2104-02-29", "2108-02-29", "2112-02-29", "2116-02-29"],
            id="2100 is no leap year",
        ),
        pytest.param(
            "2027-01-31",
            "FREQ=MONTHLY",
            ["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31", "2027-08-31"],
            id="months without a 31st are left out",
        ),
        pytest.param(
            "2027-01-30",
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            ["2027-01-30", "2027-02-27", "2027-03-30", "2027-04-29", "2027-05-30"],
            id="counted from the end of each month",
        ),
        pytest.param(
            "2027-03-01",
            "FREQ=MONTHLY;BYDAY=MO,-1FR;COUNT=6",
            ["2027-03-01", "2027-03-08", "2027-03-15", "2027-03-22", "2027-03-26", "2027-03-29"],
            id="plain weekdays and one with an ordinal",
        ),
        pytest.param(
            "2027-01-04",
            "FREQ=YEARLY;BYDAY=1MO,-1FR,53FR",
            ["2027-01-04", "2027-12-31", "2028-01-03", "2028-12-29", "2029-01-01"],
            id="ordinals within a year",
        ),
        pytest.param(
            "2027-03-03",
            "FREQ=YEARLY;BYMONTH=3,6;BYDAY=1WE",
            ["2027-03-03", "2027-06-02", "2028-03-01", "2028-06-07", "2029-03-07"],
            id="with BYMONTH ordinals are within the month",
        ),
        pytest.param(
            "2027-03-05",
            "FREQ=YEARLY;BYMONTHDAY=5,6,7,8,9,10,11;BYDAY=10FR",
            ["2027-03-05", "2028-03-10", "2029-03-09"],
            id="ordinals within a year among days of months",
        ),
        pytest.param(
            "2027-01-01",
            "FREQ=YEARLY;BYYEARDAY=-1,366",
            ["2027-01-01", "2027-12-31", "2028-12-31", "2029-12-31", "2030-12-31"],
            id="one day named twice is one date",
        ),
        pytest.param(
            "2027-01-29",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ["2027-01-29", "2027-02-26", "2027-03-31", "2027-04-30", "2027-05-31"],
            id="the last weekday of the month",
        ),
        pytest.param(
            "2027-01-01",
            "FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYDAY=FR,SA;BYSETPOS=1,1,-1",
            ["2027-01-01", "2027-01-15", "2027-02-13", "2027-03-13", "2027-05-14"],
            id="both ends of a set that has one day at times, none at others",
        ),
        pytest.param(
            "2027-03-01",
            "FREQ=DAILY;INTERVAL=3;BYDAY=MO,TH",
            ["2027-03-01", "2027-03-04", "2027-03-22", "2027-03-25", "2027-04-12"],
            id="weekdays do not bring a daily rule out of step",
        ),
        pytest.param(
            "2027-01-29",
            "FREQ=WEEKLY;BYMONTH=1,2;BYDAY=FR,MO",
            ["2027-01-29", "2027-02-01", "2027-02-05", "2027-02-08", "2027-02-12"],
            id="weeks in some months",
        ),
    ],
)
def test_what_a_rule_gives(first: str, text: str, expected: list[str]) -> None:
    assert days(first, text, len(expected)) == expected


@pytest.mark.parametrize(
    ("first", "text", "expected"),
    [
        pytest.param(
            "2024-11-10",
            "FREQ=WEEKLY;WKST=WE;BYDAY=MO,TU,WE;BYSETPOS=1",
            ["2024-11-10", "2024-11-13", "2024-11-20"],
            id="a week's set begins with the week, not with the first date",
        ),
        pytest.param(
            "2011-01-01",
            "FREQ=YEARLY;BYWEEKNO=52;BYDAY=SA,SU",
            ["2011-01-01", "2011-01-02", "2011-12-31", "2012-01-01", "2012-12-29"],
            id="the first days of a year in the last week of the one before",
        ),
        pytest.param(
            "2009-12-31",
            "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH,SA",
            ["2009-12-31", "2010-01-02", "2015-12-31", "2016-01-02", "2020-12-31"],
            id="week 53 where there is one",
        ),
        pytest.param(
            "2010-01-02",
            "FREQ=YEARLY;INTERVAL=6;BYWEEKNO=52,53;BYDAY=TU,SA",
            ["2010-01-02", "2015-12-22", "2015-12-26", "2015-12-29", "2016-01-02"],
            id="years in steps are those that weeks are counted in",
        ),
        pytest.param(
            "2025-12-29",
            "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO",
            ["2025-12-29", "2028-01-03", "2029-12-31"],
            id="week 1 of every second year, from December on",
        ),
        pytest.param(
            "2027-05-19",
            "FREQ=YEARLY;BYWEEKNO=20",
            ["2027-05-19", "2028-05-17", "2029-05-16"],
            id="a week alone is the first date's weekday in it",
        ),
        pytest.param(
            "2027-01-03",
            "FREQ=YEARLY;WKST=SU;BYWEEKNO=1,-1;BYDAY=SU",
            ["2027-01-03", "2027-12-26", "2028-01-02", "2028-12-24", "2028-12-31"],
            id="weeks that begin on Sunday are counted otherwise",
        ),
        pytest.param(
            "2027-01-01",
            "FREQ=YEARLY;BYMONTH=12;BYWEEKNO=1;BYDAY=MO,TU",
            ["2027-01-01", "2029-12-31", "2030-12-30", "2030-12-31"],
            id="days of week 1 that are in December",
        ),
    ],
)
def test_where_programs_differ(first: str, text: str, expected: list[str]) -> None:
    """As RFC 5545 has it; widespread libraries give other dates."""
    assert days(first, text, len(expected)) == expected


def test_a_rule_that_gives_nothing_still_has_its_first_date() -> None:
    for rule in (
        "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3;COUNT=9",
        "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2",
    ):
        assert list(recurrence.dates(MONDAY, rule)) == [MONDAY]


def test_the_last_date_and_how_many() -> None:
    assert recurrence.last(MONDAY, "FREQ=WEEKLY;COUNT=3") == MONDAY.on(date(2027, 3, 15))
    assert recurrence.last(MONDAY, "FREQ=WEEKLY;UNTIL=20270321") == MONDAY.on(date(2027, 3, 15))
    assert recurrence.how_many(MONDAY, "FREQ=WEEKLY;UNTIL=20270321") == 3
    assert recurrence.last(MONDAY, "FREQ=WEEKLY") is None
    assert recurrence.how_many(MONDAY, "FREQ=WEEKLY") is None


def test_whether_a_day_is_a_date() -> None:
    assert recurrence.gives(MONDAY, "FREQ=WEEKLY;INTERVAL=2", date(2035, 4, 2))
    assert not recurrence.gives(MONDAY, "FREQ=WEEKLY;INTERVAL=2", date(2035, 4, 9))
    assert not recurrence.gives(MONDAY, "FREQ=DAILY", date(2027, 2, 28))
