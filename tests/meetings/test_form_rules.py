"""How a meeting repeats: what the controls say, and rules, there and back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from meetings.formrules import asked_rule, rule_values
from meetings.recurrence import canonical
from meetings.wallclock import AllDay, Timed
from tests.factories import BERLIN

TUESDAY = Timed(datetime(2027, 3, 9, 9), BERLIN, timedelta(hours=1))  # the second of the month


@pytest.mark.parametrize(
    ("controls", "rule"),
    [
        ({}, ""),
        ({"repeat": "daily"}, "FREQ=DAILY"),
        ({"repeat": "daily", "every": "3"}, "FREQ=DAILY;INTERVAL=3"),
        ({"repeat": "weekdays", "every": "4"}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ({"repeat": "weekly"}, "FREQ=WEEKLY;BYDAY=TU"),
        (
            {"repeat": "weekly", "every": "2", "on": ["TH", "TU", "XX"]},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
        ),
        ({"repeat": "monthly"}, "FREQ=MONTHLY;BYMONTHDAY=9"),
        ({"repeat": "monthly", "by": "last"}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ({"repeat": "monthly", "by": "nth"}, "FREQ=MONTHLY;BYDAY=2TU"),
        ({"repeat": "monthly", "by": "weekday"}, "FREQ=MONTHLY;BYDAY=-1TU"),
        ({"repeat": "yearly", "ends": "after", "times": "7"}, "FREQ=YEARLY;COUNT=7"),
        (
            {"repeat": "daily", "ends": "on", "ends_on": "2027-06-30"},
            "FREQ=DAILY;UNTIL=20270630",
        ),
        (
            {"repeat": "rule", "rule": "rrule:freq=monthly;bysetpos=-1;byday=mo,tu"},
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        ),
    ],
)
def test_a_rule_there_and_back(controls: dict[str, Any], rule: str) -> None:
    asked = asked_rule(controls, TUESDAY).rule
    assert asked == canonical(rule, TUESDAY)
    back = rule_values(asked, TUESDAY)
    assert back["repeat"] == controls.get("repeat", "")
    assert asked_rule(back, TUESDAY).rule == asked


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU",
        "FREQ=MONTHLY;BYMONTHDAY=10",
        "FREQ=MONTHLY;BYDAY=3TU",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU",
        "FREQ=DAILY;BYMONTH=3",
    ],
)
def test_what_the_controls_cannot_say_stands_in_the_text_field(rule: str) -> None:
    shown = rule_values(rule, TUESDAY)
    assert (shown["repeat"], shown["rule"]) == ("rule", rule)
    assert asked_rule(shown, TUESDAY).rule == rule


def test_dates_left_out_and_added_come_with_a_pasted_rule() -> None:
    text = "RRULE:FREQ=DAILY;COUNT=5\nEXDATE;VALUE=DATE:20270310\nRDATE;VALUE=DATE:20270401"
    found = asked_rule({"repeat": "rule", "rule": text}, AllDay(date(2027, 3, 9), 1))
    assert (found.rule, found.exdates, found.rdates) == (
        "FREQ=DAILY;COUNT=5",
        ("2027-03-10",),
        ("2027-04-01",),
    )


@pytest.mark.parametrize(
    ("controls", "sentence"),
    [
        ({"repeat": "daily", "every": "x"}, "Give a whole number from 1, for example 2."),
        ({"repeat": "daily", "every": "0"}, "Give a whole number from 1, for example 2."),
        ({"repeat": "daily", "every": "²"}, "Give a whole number from 1, for example 2."),
        (
            {"repeat": "daily", "ends": "on", "ends_on": "soon"},
            "Choose the last day on which it may take place.",
        ),
        ({"repeat": "hourly"}, "Choose how it repeats from the list."),
        (
            {"repeat": "rule", "rule": " "},
            "Write a rule, for example FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
        ),
    ],
)
def test_what_cannot_be_read(controls: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        asked_rule(controls, TUESDAY)
    assert refused.value.messages == [sentence]


@pytest.mark.parametrize(
    "controls",
    [
        {"repeat": "daily", "every": "0"},
        {"repeat": "daily", "ends": "after", "times": "0"},
        {"repeat": "daily", "ends": "after", "times": "5001"},
        {"repeat": "daily", "ends": "on", "ends_on": "2027-03-08"},
        {"repeat": "rule", "rule": "FREQ=SECONDLY"},
        {"repeat": "rule", "rule": "FREQ=DAILY;COUNT=2;UNTIL=20280101"},
    ],
)
def test_what_no_rule_can_mean_is_refused_with_a_sentence(controls: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        asked_rule(controls, TUESDAY)
    assert refused.value.messages[0].endswith(".")
