"""Rules of repetition: dates, ends, splits."""

from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from meetings import recurrence
from meetings.recurrence import BadRule, Reason
from meetings.wallclock import AllDay, Timed

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = Timed(datetime(2027, 3, 1, 9), BERLIN, timedelta(hours=1))


def days(when: Timed | AllDay, rule: str, most: int = 5) -> list[str]:
    found = islice(recurrence.dates(when, rule), most)
    return [each.recurrence_id()[:10] for each in found]


def test_every_second_monday() -> None:
    assert days(MONDAY, "FREQ=WEEKLY;INTERVAL=2", 3) == ["2027-03-01", "2027-03-15", "2027-03-29"]


def test_the_first_date_counts_also_if_the_rule_does_not_give_it() -> None:
    assert days(MONDAY, "FREQ=WEEKLY;BYDAY=TU;COUNT=2") == ["2027-03-01", "2027-03-02"]


def test_a_late_window() -> None:
    found = recurrence.dates(
        MONDAY, "FREQ=WEEKLY;INTERVAL=2", start=date(2037, 3, 1), end=date(2037, 3, 15)
    )
    assert [each.recurrence_id() for each in found] == ["2037-03-02T09:00:00"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("rrule:freq=weekly;interval=1;wkst=mo;byday=we,mo", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=DAILY;UNTIL=20270305T080000Z", "FREQ=DAILY;UNTIL=20270305"),
        ("FREQ=DAILY;UNTIL=20270305T075959Z", "FREQ=DAILY;UNTIL=20270304"),
        ("FREQ=DAILY;UNTIL=20270305T085959", "FREQ=DAILY;UNTIL=20270304"),
        ("FREQ=DAILY;UNTIL=20270305", "FREQ=DAILY;UNTIL=20270305"),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert recurrence.canonical(text, MONDAY) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FREQ=SECONDLY", Reason.FREQUENCY),
        ("FREQ=DAILY;INTERVAL=0", Reason.INTERVAL),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270401", Reason.COUNT_AND_UNTIL),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", Reason.NEVER),
        ("FREQ=WEEKLY;BYDAY=2TU", Reason.ORDINAL),
        ("FREQ=DAILY;COUNT=5001", Reason.TOO_MANY),
    ],
)
def test_what_no_rule_can_mean(text: str, reason: Reason) -> None:
    with pytest.raises(BadRule) as caught:
        recurrence.canonical(text, MONDAY)
    assert caught.value.reason == reason


def test_a_split_recomputes_count() -> None:
    rule = "FREQ=WEEKLY;COUNT=5"
    assert recurrence.ended_before(MONDAY, rule, date(2027, 3, 15)) == "FREQ=WEEKLY;COUNT=2"
    assert recurrence.continued_from(MONDAY, rule, date(2027, 3, 15)) == "FREQ=WEEKLY;COUNT=3"


def test_what_is_pasted() -> None:
    found = recurrence.pasted(
        "RRULE:FREQ=DAILY;COUNT=5\nEXDATE;VALUE=DATE:20270302\nRDATE:20270310T080000Z", MONDAY
    )
    assert found == recurrence.Pasted(
        "FREQ=DAILY;COUNT=5", ("2027-03-02T09:00:00",), ("2027-03-10T09:00:00",)
    )
