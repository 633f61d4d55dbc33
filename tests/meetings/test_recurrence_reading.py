"""What is written as a rule: read, refused with a reason, pasted, and written for others."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings import recurrence
from meetings.recurrence import MOST_DATES, BadRule, Parts, Pasted, Reason
from meetings.wallclock import AllDay, Timed, When

MONDAY = Timed(datetime(2027, 3, 1, 9), ZoneInfo("Europe/Berlin"), timedelta(hours=1))
ALL_DAY = AllDay(date(2027, 3, 1), 1)
LATE = Timed(datetime(2027, 3, 1, 23, 30), ZoneInfo("America/New_York"), timedelta(hours=1))


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        pytest.param(MONDAY, "", "", id="nothing"),
        pytest.param(MONDAY, " RRULE: ", "", id="an empty rule"),
        pytest.param(
            MONDAY,
            "rrule:freq=weekly;interval=1;wkst=mo;byday=we,mo,we",
            "FREQ=WEEKLY;BYDAY=MO,WE",
            id="prefix, lower case, defaults, order, twice the same",
        ),
        pytest.param(
            MONDAY,
            "UNTIL=20270630;BYDAY=-1FR,+2TU,MO;WKST=SU;FREQ=MONTHLY;INTERVAL=02;",
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,2TU,-1FR;WKST=SU;UNTIL=20270630",
            id="any order of parts",
        ),
        pytest.param(
            MONDAY,
            "FREQ=YEARLY;BYMONTHDAY=-1,15,1;BYMONTH=12,3",
            "FREQ=YEARLY;BYMONTH=3,12;BYMONTHDAY=1,15,-1",
            id="those from the end last",
        ),
        pytest.param(MONDAY, "FREQ=DAILY;COUNT=1", "FREQ=DAILY;COUNT=1", id="only once"),
        pytest.param(
            MONDAY, "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "FREQ=DAILY", id="its own time"
        ),
        pytest.param(
            MONDAY, "FREQ=DAILY;UNTIL=20270305T080000Z", "FREQ=DAILY;UNTIL=20270305", id="UTC"
        ),
        pytest.param(
            MONDAY,
            "FREQ=DAILY;UNTIL=20270305T075959Z",
            "FREQ=DAILY;UNTIL=20270304",
            id="UTC, a second before the start",
        ),
        pytest.param(
            MONDAY, "FREQ=DAILY;UNTIL=20270305T090000", "FREQ=DAILY;UNTIL=20270305", id="local"
        ),
        pytest.param(
            MONDAY,
            "FREQ=DAILY;UNTIL=20270305T085959",
            "FREQ=DAILY;UNTIL=20270304",
            id="local, a second before the start",
        ),
        pytest.param(
            LATE,
            "FREQ=DAILY;UNTIL=20270305T043000Z",
            "FREQ=DAILY;UNTIL=20270304",
            id="UTC, on the next date there",
        ),
        pytest.param(
            MONDAY,
            "FREQ=DAILY;UNTIL=20270301",
            "FREQ=DAILY;UNTIL=20270301",
            id="ends on the first date",
        ),
        pytest.param(
            MONDAY, "FREQ=WEEKLY;UNTIL=99991231T235959Z", "FREQ=WEEKLY", id="after all calendars"
        ),
        pytest.param(
            ALL_DAY,
            "FREQ=DAILY;UNTIL=20270305T000000Z",
            "FREQ=DAILY;UNTIL=20270305",
            id="all day: the date as written",
        ),
    ],
)
def test_a_rule_in_one_spelling(when: When, text: str, expected: str) -> None:
    assert recurrence.canonical(text, when) == expected
    assert recurrence.canonical(expected, when) == expected


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("every Tuesday", Reason.UNREADABLE, ""),
        ("FREQ=", Reason.UNREADABLE, "FREQ"),
        ("FREQ=DAILY;;COUNT=2", Reason.UNREADABLE, ""),
        ("FREQ=FORTNIGHTLY", Reason.UNREADABLE, "FREQ"),
        ("FREQ=WEEKLY;BYDAY=TUE", Reason.UNREADABLE, "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=", Reason.UNREADABLE, "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,,2", Reason.UNREADABLE, "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=²", Reason.UNREADABLE, "BYMONTHDAY"),
        ("FREQ=DAILY;BYEASTER=1", Reason.UNKNOWN_PART, "BYEASTER"),
        ("FREQ=DAILY;FREQ=WEEKLY", Reason.TWICE, "FREQ"),
        ("INTERVAL=2", Reason.NO_FREQUENCY, "FREQ"),
        ("FREQ=SECONDLY", Reason.FREQUENCY, "FREQ"),
        ("FREQ=HOURLY;BYHOUR=3", Reason.FREQUENCY, "FREQ"),
        ("FREQ=DAILY;INTERVAL=0", Reason.INTERVAL, "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", Reason.INTERVAL, "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1.5", Reason.INTERVAL, "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", Reason.COUNT, "COUNT"),
        ("FREQ=DAILY;COUNT=ten", Reason.COUNT, "COUNT"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270401", Reason.COUNT_AND_UNTIL, "COUNT"),
        ("FREQ=DAILY;UNTIL=tomorrow", Reason.UNTIL, "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270230", Reason.UNTIL, "UNTIL"),
        ("FREQ=DAILY;UNTIL=00000101", Reason.UNTIL, "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270228", Reason.UNTIL_BEFORE_START, "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270301T080000", Reason.UNTIL_BEFORE_START, "UNTIL"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", Reason.UNTIL_BEFORE_START, "UNTIL"),
        ("FREQ=YEARLY;BYMONTH=13", Reason.OUT_OF_RANGE, "BYMONTH"),
        ("FREQ=YEARLY;BYMONTH=-1", Reason.OUT_OF_RANGE, "BYMONTH"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", Reason.OUT_OF_RANGE, "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", Reason.OUT_OF_RANGE, "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", Reason.OUT_OF_RANGE, "BYMONTHDAY"),
        ("FREQ=YEARLY;BYYEARDAY=367", Reason.OUT_OF_RANGE, "BYYEARDAY"),
        ("FREQ=YEARLY;BYWEEKNO=54", Reason.OUT_OF_RANGE, "BYWEEKNO"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", Reason.OUT_OF_RANGE, "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-367", Reason.OUT_OF_RANGE, "BYSETPOS"),
        ("FREQ=WEEKLY;WKST=XX", Reason.OUT_OF_RANGE, "WKST"),
        ("FREQ=WEEKLY;BYDAY=2TU", Reason.ORDINAL, "BYDAY"),
        ("FREQ=DAILY;BYDAY=MO,-1FR", Reason.ORDINAL, "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", Reason.ORDINAL, "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO", Reason.ORDINAL, "BYDAY"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=MO,-6FR", Reason.ORDINAL, "BYDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", Reason.ORDINAL, "BYDAY"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", Reason.ORDINAL_WITH_WEEKS, "BYDAY"),
        ("FREQ=MONTHLY;BYWEEKNO=20", Reason.WRONG_FREQUENCY, "BYWEEKNO"),
        ("FREQ=DAILY;BYYEARDAY=20", Reason.WRONG_FREQUENCY, "BYYEARDAY"),
        ("FREQ=WEEKLY;BYYEARDAY=20", Reason.WRONG_FREQUENCY, "BYYEARDAY"),
        ("FREQ=MONTHLY;BYYEARDAY=20", Reason.WRONG_FREQUENCY, "BYYEARDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=20", Reason.WRONG_FREQUENCY, "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", Reason.POSITION_ALONE, "BYSETPOS"),
        ("FREQ=DAILY;BYHOUR=9,17", Reason.TIME_PARTS, "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=10", Reason.TIME_PARTS, "BYHOUR"),
        ("FREQ=DAILY;BYMINUTE=30", Reason.TIME_PARTS, "BYMINUTE"),
        ("FREQ=DAILY;BYSECOND=x", Reason.TIME_PARTS, "BYSECOND"),
        ("RSCALE=CHINESE;FREQ=YEARLY", Reason.CALENDAR_SYSTEM, "RSCALE"),
        ("FREQ=YEARLY;SKIP=FORWARD", Reason.CALENDAR_SYSTEM, "SKIP"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", Reason.NEVER, ""),
        ("FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31", Reason.NEVER, ""),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=4", Reason.NEVER, ""),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", Reason.NEVER, ""),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3", Reason.NEVER, ""),
        ("FREQ=YEARLY;BYYEARDAY=1;BYMONTH=12", Reason.NEVER, ""),
        ("FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7", Reason.NEVER, ""),
        ("FREQ=YEARLY;INTERVAL=200;COUNT=3", Reason.NEVER, ""),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", Reason.NEVER, ""),
        (f"FREQ=DAILY;COUNT={MOST_DATES + 1}", Reason.TOO_MANY, "COUNT"),
        ("FREQ=DAILY;COUNT=" + "9" * 1000, Reason.TOO_MANY, "COUNT"),
        ("FREQ=DAILY;UNTIL=20991231", Reason.TOO_MANY, "UNTIL"),
        ("FREQ=DAILY;BYMONTH=" + "1," * 1000 + "1", Reason.TOO_LONG, ""),
    ],
)
def test_what_no_rule_can_mean(text: str, reason: Reason, part: str) -> None:
    with pytest.raises(BadRule) as caught:
        recurrence.canonical(text, MONDAY)

    assert (caught.value.reason, caught.value.part) == (reason, part)
    assert str(caught.value).endswith(".")
    assert len(caught.value.value) <= 60


def test_as_many_dates_as_may_be() -> None:
    rule = f"FREQ=DAILY;COUNT={MOST_DATES}"
    assert recurrence.canonical(rule, MONDAY) == rule
    last = MONDAY.day + timedelta(days=MOST_DATES - 1)
    until = f"FREQ=DAILY;UNTIL={last:%Y%m%d}"
    assert recurrence.canonical(until, MONDAY) == until
    with pytest.raises(BadRule, match=f"more than {MOST_DATES} dates"):
        recurrence.canonical(f"FREQ=DAILY;UNTIL={last + timedelta(days=1):%Y%m%d}", MONDAY)


def test_an_all_day_series_has_no_time_of_day() -> None:
    with pytest.raises(BadRule) as caught:
        recurrence.canonical("FREQ=DAILY;BYHOUR=0", ALL_DAY)
    assert caught.value.reason == Reason.TIME_PARTS


def test_a_rule_taken_apart() -> None:
    rule = "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,-1;BYDAY=MO,2TU,-1FR;BYSETPOS=1;UNTIL=20270630"

    assert recurrence.parts(rule) == Parts(
        "MONTHLY",
        interval=2,
        bymonthday=(1, -1),
        byday=((0, 0), (2, 1), (-1, 4)),
        bysetpos=(1,),
        until=date(2027, 6, 30),
    )


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (MONDAY, "FREQ=DAILY;UNTIL=20270630T070000Z"),
        (LATE, "FREQ=DAILY;UNTIL=20270701T033000Z"),
        (ALL_DAY, "FREQ=DAILY;UNTIL=20270630"),
    ],
)
def test_the_end_as_other_calendars_want_it(when: When, expected: str) -> None:
    assert recurrence.in_ical("FREQ=DAILY;UNTIL=20270630", when) == expected


@pytest.mark.parametrize("rule", ["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3"])
def test_a_rule_without_a_last_day_is_the_same_outside(rule: str) -> None:
    assert recurrence.in_ical(rule, MONDAY) == rule


# What people paste ---------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        pytest.param(MONDAY, "", Pasted(""), id="nothing"),
        pytest.param(MONDAY, "freq=daily", Pasted("FREQ=DAILY"), id="a rule alone"),
        pytest.param(
            MONDAY,
            "RRULE:FREQ=DAILY;COUNT=5\r\nEXDATE;VALUE=DATE:20270302,\r\n 20270303\r\n"
            "RDATE:20270310T080000Z\r\n",
            Pasted(
                "FREQ=DAILY;COUNT=5",
                ("2027-03-02T09:00:00", "2027-03-03T09:00:00"),
                ("2027-03-10T09:00:00",),
            ),
            id="lines, one of them folded; dates without a time",
        ),
        pytest.param(
            MONDAY,
            'EXDATE;TZID="America/New_York":20270402T030000\nrrule:FREQ=DAILY',
            Pasted("FREQ=DAILY", ("2027-04-02T09:00:00",)),
            id="in another zone",
        ),
        pytest.param(
            MONDAY,
            "RDATE;TZID=Europe/Berlin:20270402T140000\nRDATE:20270402T140000,20270402T140000",
            Pasted("", (), ("2027-04-02T14:00:00",)),
            id="dates alone, one of them three times",
        ),
        pytest.param(
            ALL_DAY,
            "RRULE:FREQ=DAILY\nEXDATE:20270302T000000",
            Pasted("FREQ=DAILY", ("2027-03-02",)),
            id="all day",
        ),
    ],
)
def test_what_is_pasted(when: When, text: str, expected: Pasted) -> None:
    assert recurrence.pasted(text, when) == expected


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", Reason.SEVERAL_RULES, "RRULE"),
        ("FREQ=DAILY\nEXRULE:FREQ=WEEKLY", Reason.UNKNOWN_LINE, "EXRULE"),
        ("DTSTART:20270301T090000\nRRULE:FREQ=DAILY", Reason.UNKNOWN_LINE, "DTSTART"),
        ("FREQ=DAILY\nEXDATE:tomorrow", Reason.DATES, "EXDATE"),
        ("FREQ=DAILY\nRDATE:20270230", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE:00010101T000000Z", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE:99991231T235959Z", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE;VALUE=PERIOD:20270302T090000Z/PT1H", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE;TZID=Europe/Nowhere:20270302T090000", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE;TZID=../../etc:20270302T090000", Reason.DATES, "RDATE"),
        ("FREQ=DAILY\nRDATE:" + "20270302," * 3000, Reason.TOO_LONG, ""),
    ],
)
def test_what_cannot_be_pasted(text: str, reason: Reason, part: str) -> None:
    with pytest.raises(BadRule) as caught:
        recurrence.pasted(text, MONDAY)
    assert (caught.value.reason, caught.value.part) == (reason, part)
