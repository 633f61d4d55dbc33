"""Rules of a series that is split or moved."""

from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from meetings import recurrence
from meetings.wallclock import AllDay, Timed

MONDAY = Timed(datetime(2027, 3, 1, 9), ZoneInfo("Europe/Berlin"), timedelta(hours=1))


@pytest.mark.parametrize(
    ("rule", "day", "earlier", "later"),
    [
        pytest.param(
            "FREQ=WEEKLY;COUNT=5",
            "2027-03-15",
            "FREQ=WEEKLY;COUNT=2",
            "FREQ=WEEKLY;COUNT=3",
            id="COUNT is counted anew on both sides",
        ),
        pytest.param(
            "FREQ=WEEKLY",
            "2027-03-15",
            "FREQ=WEEKLY;UNTIL=20270308",
            "FREQ=WEEKLY",
            id="endless",
        ),
        pytest.param(
            "FREQ=WEEKLY;UNTIL=20270401",
            "2027-03-22",
            "FREQ=WEEKLY;UNTIL=20270315",
            "FREQ=WEEKLY;UNTIL=20270401",
            id="with an end",
        ),
        pytest.param("FREQ=WEEKLY;COUNT=2", "2027-03-08", "", "", id="one date on each side"),
        pytest.param(
            "FREQ=WEEKLY;UNTIL=20270320", "2027-03-15", "FREQ=WEEKLY;UNTIL=20270308", "", id="last"
        ),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
            "2027-03-02",
            "",
            "FREQ=WEEKLY;BYDAY=TU;COUNT=2",
            id="the first date was not the rule's",
        ),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            "2027-03-05",
            "",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            id="in the middle of a week",
        ),
    ],
)
def test_a_split(rule: str, day: str, earlier: str, later: str) -> None:
    on = date.fromisoformat(day)
    assert recurrence.ended_before(MONDAY, rule, on) == earlier
    assert recurrence.continued_from(MONDAY, rule, on) == later


def test_the_part_before_a_day_that_is_no_date() -> None:
    assert (
        recurrence.ended_before(MONDAY, "FREQ=WEEKLY", date(2027, 3, 20))
        == "FREQ=WEEKLY;UNTIL=20270315"
    )


def test_a_part_needs_a_date_on_each_side() -> None:
    with pytest.raises(ValueError, match="Nothing of the series"):
        recurrence.ended_before(MONDAY, "FREQ=WEEKLY", MONDAY.day)
    with pytest.raises(ValueError, match="no date on that day"):
        recurrence.continued_from(MONDAY, "FREQ=WEEKLY", date(2027, 3, 9))


@pytest.mark.parametrize(
    ("first", "rule", "by_days", "expected"),
    [
        ("2027-03-01", "", 1, ""),
        ("2027-03-01", "FREQ=WEEKLY;BYDAY=MO", 0, "FREQ=WEEKLY;BYDAY=MO"),
        ("2027-03-01", "FREQ=WEEKLY", 1, "FREQ=WEEKLY"),
        ("2027-03-01", "FREQ=WEEKLY;BYDAY=MO,SU", 1, "FREQ=WEEKLY;BYDAY=MO,TU"),
        ("2027-03-01", "FREQ=WEEKLY;BYDAY=MO,WE", -1, "FREQ=WEEKLY;BYDAY=TU,SU"),
        (
            "2027-03-01",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20270401",
            3,
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=TH;UNTIL=20270404",
        ),
        ("2027-03-01", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", 2, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"),
        (
            "2027-03-01",
            "FREQ=WEEKLY;BYMONTH=3;BYDAY=MO",
            1,
            "FREQ=WEEKLY;BYMONTH=3;BYDAY=MO",
        ),
        ("2027-03-01", "FREQ=DAILY;COUNT=3", 5, "FREQ=DAILY;COUNT=3"),
        ("2027-03-01", "FREQ=DAILY;UNTIL=20270305", -5, "FREQ=DAILY;UNTIL=20270228"),
        ("2027-03-01", "FREQ=DAILY;BYDAY=MO,TU", 1, "FREQ=DAILY;BYDAY=TU,WE"),
        ("2027-03-01", "FREQ=MONTHLY", 14, "FREQ=MONTHLY"),
        ("2027-03-01", "FREQ=MONTHLY;BYMONTHDAY=1", 14, "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("2027-03-31", "FREQ=MONTHLY;BYMONTHDAY=-1", -1, "FREQ=MONTHLY;BYMONTHDAY=-2"),
        ("2027-03-31", "FREQ=MONTHLY;BYMONTHDAY=-1", 1, "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("2027-03-01", "FREQ=MONTHLY;BYMONTHDAY=1,15", 1, "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("2027-03-09", "FREQ=MONTHLY;BYDAY=2TU", 8, "FREQ=MONTHLY;BYDAY=3WE"),
        ("2027-03-23", "FREQ=MONTHLY;BYDAY=4TU", 7, "FREQ=MONTHLY;BYDAY=-1TU"),
        ("2027-03-26", "FREQ=MONTHLY;BYDAY=-1FR", -1, "FREQ=MONTHLY;BYDAY=-1TH"),
        ("2027-03-26", "FREQ=MONTHLY;BYDAY=-1FR", 7, "FREQ=MONTHLY;BYDAY=1FR"),
        ("2027-03-09", "FREQ=MONTHLY;BYDAY=2TU,4TU", 1, "FREQ=MONTHLY;BYDAY=2TU,4TU"),
        (
            "2027-03-31",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            1,
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ),
        (
            "2027-03-31",
            "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31",
            1,
            "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1",
        ),
        ("2027-03-31", "FREQ=YEARLY;BYMONTH=3", 1, "FREQ=YEARLY;BYMONTH=4"),
        ("2027-03-09", "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU", 30, "FREQ=YEARLY;BYMONTH=4;BYDAY=2TH"),
        ("2027-03-31", "FREQ=YEARLY;BYMONTH=3,6", 1, "FREQ=YEARLY;BYMONTH=3,6"),
        ("2027-05-17", "FREQ=YEARLY;BYDAY=20MO", 1, "FREQ=YEARLY;BYDAY=20MO"),
        ("2027-05-17", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", 1, "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"),
    ],
)
def test_a_moved_series(first: str, rule: str, by_days: int, expected: str) -> None:
    when = AllDay(date.fromisoformat(first), 1)

    found = recurrence.moved(rule, by_days, when)

    assert found == expected
    assert recurrence.canonical(found, when.on(when.first + timedelta(days=by_days))) == found


@pytest.mark.parametrize("by_days", [-9, -3, -1, 1, 2, 6, 10])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH,SU",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
        "FREQ=WEEKLY;BYDAY=MO,WE,SU;BYSETPOS=1,-1;WKST=SU",
        "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20271231",
        "FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,FR",
    ],
)
def test_a_moved_weekly_series_has_every_date_moved(rule: str, by_days: int) -> None:
    by = timedelta(days=by_days)

    found = recurrence.dates(MONDAY.on(MONDAY.day + by), recurrence.moved(rule, by_days, MONDAY))

    before = islice(recurrence.dates(MONDAY, rule), 60)
    assert [each.day for each in islice(found, 60)] == [each.day + by for each in before]
