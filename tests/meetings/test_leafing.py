"""Days, weeks and months as the calendar names them."""

from datetime import date

import pytest

from meetings.views.leafing import DAY, WEEK, read_date, small_month, step, title_of
from meetings.wallclock import week_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2027-03-10", date(2027, 3, 10)),
        ("2028-02-29", date(2028, 2, 29)),
        ("1900-01-01", date(1900, 1, 1)),
        ("2199-12-31", date(2199, 12, 31)),
        ("2027-02-29", None),
        ("1899-12-31", None),
        ("2200-01-01", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_dates_of_an_address(text: str, found: date | None) -> None:
    assert read_date(text) == found


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2027, 3, 10), "8 – 14 March 2027"),
        (date(2027, 3, 31), "29 March – 4 April 2027"),
        (date(2027, 1, 1), "28 December 2026 – 3 January 2027"),
    ],
    ids=["within a month", "over two months", "over two years"],
)
def test_a_week_is_named_by_its_ends(day: date, title: str) -> None:
    assert title_of(week_of(day)) == title


def test_a_day_is_named_with_its_weekday() -> None:
    assert title_of([date(2027, 3, 10)]) == "Wed 10 March 2027"


@pytest.mark.parametrize(
    ("view", "day", "count", "found"),
    [
        (WEEK, date(2027, 3, 10), 1, date(2027, 3, 17)),
        (WEEK, date(2027, 1, 1), -1, date(2026, 12, 25)),
        (DAY, date(2027, 2, 28), 1, date(2027, 3, 1)),
        (DAY, date(2199, 12, 31), 1, None),
        (WEEK, date(1900, 1, 7), -1, None),
    ],
)
def test_steps(view: str, day: date, count: int, found: date | None) -> None:
    assert step(view, day, count) == found


@pytest.mark.parametrize(
    ("day", "first", "last", "weeks", "earlier", "later"),
    [
        pytest.param(
            date(2027, 3, 31), date(2027, 3, 1), date(2027, 4, 4), 5,
            date(2027, 2, 28), date(2027, 4, 30), id="March, a Monday first",
        ),
        pytest.param(
            date(2027, 2, 1), date(2027, 2, 1), date(2027, 2, 28), 4,
            date(2027, 1, 1), date(2027, 3, 1), id="February, exactly four weeks",
        ),
        pytest.param(
            date(2027, 8, 15), date(2027, 7, 26), date(2027, 9, 5), 6,
            date(2027, 7, 15), date(2027, 9, 15), id="August, six weeks",
        ),
        pytest.param(
            date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 3), 5,
            date(2026, 11, 30), date(2027, 1, 31), id="December",
        ),
    ],
)  # fmt: skip
def test_the_small_month_is_whole_weeks(
    day: date, first: date, last: date, weeks: int, earlier: date, later: date
) -> None:
    month = small_month(day)
    assert month.first == day.replace(day=1)
    assert (month.weeks[0][0], month.weeks[-1][-1], len(month.weeks)) == (first, last, weeks)
    assert (month.earlier, month.later) == (earlier, later)


def test_the_first_and_the_last_month_lead_no_further() -> None:
    assert small_month(date(1900, 1, 15)).earlier is None
    assert small_month(date(2199, 12, 15)).later is None
