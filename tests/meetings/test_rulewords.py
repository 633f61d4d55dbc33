"""Rules of repetition in words."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import islice, product
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from meetings import recurrence
from meetings.recurrence import BadRule, Reason
from meetings.rulewords import bad_rule_words, rule_words
from meetings.wallclock import AllDay, Timed

# The second of March 2027 is a Tuesday, the first of its month.
TUESDAY = Timed(datetime(2027, 3, 2, 9), ZoneInfo("Europe/Berlin"), timedelta(hours=1))
ALL_DAY = AllDay(date(2027, 3, 2), 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Does not repeat"),
        ("FREQ=DAILY", "Every day"),
        ("FREQ=DAILY;INTERVAL=2", "Every second day"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", "Every 10 days, 5 times"),
        ("FREQ=DAILY;BYMONTH=1,6", "Every day in January and June"),
        ("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TH", "Every 3 days if that is Monday or Thursday"),
        ("FREQ=DAILY;BYMONTHDAY=13;BYDAY=FR", "Every month on day 13 if that is Friday"),
        ("FREQ=WEEKLY", "Every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day"),
        ("FREQ=WEEKLY;BYDAY=SA,SU", "Every Saturday and Sunday"),
        ("FREQ=DAILY;COUNT=1", "On single dates"),
        ("FREQ=WEEKLY;BYDAY=TU,TH,FR;COUNT=1", "Every Tuesday, Thursday and Friday, 1 time"),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20270630", "Every second Tuesday until 30 June 2027"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "Every second week on Tuesday and Thursday"),
        ("FREQ=WEEKLY;INTERVAL=3", "Every 3 weeks on Tuesday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
            "Every second week on Sunday and Tuesday (weeks begin on Sunday)",
        ),
        ("FREQ=WEEKLY;WKST=SU", "Every Tuesday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU", "Every second Tuesday"),
        ("FREQ=WEEKLY;BYMONTH=3;BYDAY=MO,TU", "Every Monday and Tuesday in March"),
        ("FREQ=WEEKLY;BYDAY=TU,TH;BYSETPOS=1", "Every week on the first of Tuesday and Thursday"),
        ("FREQ=MONTHLY", "Every month on day 2"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15,-1", "Every month on day 1, day 15 and the last day"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-10", "Every 3 months on day 10 from the end"),
        ("FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=MO,-2FR", "Every month on every Monday and the second-to-last Friday"),
        ("FREQ=MONTHLY;BYDAY=TU", "Every Tuesday"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "Every second month on every Tuesday"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3", "Every month on the third Tuesday"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
            "Every month on the first weekday and the last weekday",
        ),
        ("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2", "Every month on the second weekend day"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1", "Every month on the last day"),
        (
            "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3",
            "Every month on the third of Tuesday, Wednesday and Thursday",
        ),
        (
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13,20,21",
            "Every month on days 7–13, day 20 and day 21 if that is Saturday",
        ),
        ("FREQ=MONTHLY;BYMONTH=3;BYDAY=2TU", "Every year on the second Tuesday of March"),
        ("FREQ=YEARLY", "Every year on 2 March"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=24", "Every second year on 24 December"),
        ("FREQ=YEARLY;BYMONTH=6,7", "Every year on day 2 of June and July"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1", "Every year on the last day of December"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "Every month on day 1"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "Every Thursday in March"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=TU",
            "Every 4 years on days 2–8 of November if that is Tuesday",
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "Every year on Monday number 20 of the year"),
        ("FREQ=YEARLY;BYDAY=-1FR", "Every year on the last Friday of the year"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "Every year on Monday in week 20"),
        (
            "FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,-1",
            "Every 3 years on day 1, day 100 and the last day of the year",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYDAY=FR,SA;BYSETPOS=1;COUNT=3",
            "By the rule FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYDAY=FR,SA;BYSETPOS=1, 3 times",
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=5;BYDAY=1TU",
            "By the rule FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=5;BYDAY=1TU",
        ),
    ],
)
def test_a_rule_in_words(text: str, words: str) -> None:
    assert rule_words(ALL_DAY, recurrence.canonical(text, ALL_DAY)) == words


def test_a_timed_series_says_its_time_and_zone() -> None:
    rule = "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270630"

    assert (
        rule_words(TUESDAY, rule)
        == "Every second Tuesday at 9:00 until 30 June 2027, Europe/Berlin"
    )
    assert (
        rule_words(TUESDAY, rule, zone_shown=False)
        == "Every second Tuesday at 9:00 until 30 June 2027"
    )
    assert rule_words(TUESDAY, "") == "Does not repeat"


def test_a_note_about_weeks_does_not_stand_between_day_and_time() -> None:
    words = rule_words(TUESDAY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4")

    assert words == (
        "Every second week on Sunday and Tuesday at 9:00 (weeks begin on Sunday), 4 times, "
        "Europe/Berlin"
    )


def test_the_same_words_mean_the_same_dates() -> None:
    meant = defaultdict(set)
    choices = product(
        ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"],
        ["", "INTERVAL=2"],
        ["", "BYMONTH=3", "BYMONTH=3,7"],
        ["", "BYYEARDAY=61,-1", "BYWEEKNO=1,9", "BYMONTHDAY=2,13", "BYMONTHDAY=-1"],
        ["", "BYDAY=TU", "BYDAY=2TU", "BYDAY=TU,-1FR", "BYDAY=MO,TU,WE,TH,FR"],
        ["", "BYSETPOS=2,-1"],
        ["", "WKST=SU"],
    )
    for freq, *said in choices:
        text = ";".join([f"FREQ={freq}", *filter(None, said)])
        try:
            rule = recurrence.canonical(text, ALL_DAY)
        except BadRule:
            continue
        days = tuple(each.day for each in islice(recurrence.dates(ALL_DAY, rule), 15))
        meant[rule_words(ALL_DAY, rule)].add(days)

    assert len(meant) > 200
    assert [words for words, dates in meant.items() if len(dates) > 1] == []


def test_weekdays_months_and_dates_are_translated() -> None:
    with translation.override("de"):
        words = rule_words(ALL_DAY, "FREQ=WEEKLY;BYMONTH=3;BYDAY=TU,SU;UNTIL=20280331")

    assert "Dienstag" in words
    assert "März" in words


# Why a rule cannot be ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every Tuesday", "“EVERY TUESDAY” cannot be read: a rule is made of parts like FREQ"),
        ("FREQ=HOURLY", "once a day at most: instead of HOURLY, write DAILY, WEEKLY"),
        ("FREQ=DAILY;INTERVAL=0", "“0” is no interval: write a whole number from 1"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270401", "write COUNT or UNTIL, not both"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "gives no date after the first"),
        ("FREQ=WEEKLY;BYDAY=2TU", "“2TU” cannot be counted"),
        ("FREQ=DAILY;COUNT=5001", "gives more than 5000 dates"),
        ("FREQ=YEARLY;BYMONTH=13", "There is no “13” in BYMONTH: write one of 1…12."),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "no “0” in BYMONTHDAY: write one of 1…31, -1…-31."),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY goes with FREQ=DAILY, MONTHLY, YEARLY only"),
        ("FREQ=DAILY;BYHOUR=9,17", "The time of day is the meeting's own: leave BYHOUR out"),
        ("FREQ=DAILY;UNTIL=100%", "“100%” is no date"),
    ],
)
def test_why_a_rule_cannot_be(text: str, words: str) -> None:
    with pytest.raises(BadRule) as caught:
        recurrence.canonical(text, TUESDAY)

    assert words in bad_rule_words(caught.value)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_whole_sentence(reason: Reason) -> None:
    error = BadRule(reason, "BYDAY", "x" * 100, allowed="1…5")

    words = bad_rule_words(error)

    assert words.endswith(".")
    assert "%" not in words
    assert words == str(error)
