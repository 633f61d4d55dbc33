"""Reminders of the dates of a series: each once, at its own time, and none that is not to be."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from meetings import scheduler
from meetings.scheduler import OtherTime, Scope, Skip, TryAgain
from meetings.scheduler.indexing import extend
from notifications.reminders import remind
from tests.factories import at, days, timed
from tests.notifications.conftest import Round
from tests.notifications.series import SECOND, Series

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
UNDO = timedelta(seconds=10)


@pytest.fixture
def reminded(known: Series) -> Series:
    """A series with a reminder 15 minutes ahead; the worker has run since it was made."""
    known.edit(Scope.ALL, reminders=(15,))
    known.mails()
    return known


def ben_is_reminded(series: Series, now: datetime) -> list[str]:
    """When the dates are of which Ben is reminded at `now`."""
    return [
        mail["Subject"].removeprefix("Reminder: Design review, ")
        for mail in series.work(now)
        if "ben@" in mail["To"] and mail["Subject"].startswith("Reminder")
    ]


USUAL, MOVED = "Wed 17 March, 10:00–11:00 CET", "Wed 17 March, 12:00–13:00 CET"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (lambda s: None, {"09:46": [USUAL], "09:47": []}),
        (lambda s: s.edit(Scope.THIS, SECOND, reminders=(30,)), {"09:31": [USUAL], "09:46": []}),
        (lambda s: s.edit(Scope.THIS, SECOND, reminders=()), {"09:46": []}),
        (
            lambda s: s.edit(Scope.THIS, SECOND, when=timed("2027-03-17 12:00")),
            {"09:46": [], "11:46": [MOVED], "11:47": []},
        ),
        (
            lambda s: s.mend({SECOND: OtherTime(timed("2027-03-17 12:00"))}),
            {"09:46": [], "11:46": [MOVED]},
        ),
        (lambda s: s.mend({SECOND: Skip()}), {"09:46": []}),
        (lambda s: (s.mend({SECOND: Skip()}), s.mend({SECOND: TryAgain()})), {"09:46": [USUAL]}),
        (lambda s: s.cancel(Scope.THIS, SECOND), {"09:46": []}),
        (lambda s: s.cancel(Scope.FOLLOWING, SECOND), {"09:46": []}),
        (lambda s: s.cancel(Scope.ALL), {"09:46": []}),
        (lambda s: s.edit(Scope.FOLLOWING, SECOND, location="Hall"), {"09:46": [USUAL]}),
        (
            lambda s: s.edit(Scope.ALL, rdates=("2027-03-17T12:00:00",)),
            {"09:46": [USUAL], "11:46": [MOVED]},
        ),
    ],
    ids=[
        "usual",
        "own lead",
        "no lead",
        "moved",
        "mended to another time",
        "skipped",
        "skipped and tried again",
        "cancelled",
        "all after it cancelled",
        "all cancelled",
        "split there",
        "another added",
    ],
)
def test_each_date_has_its_own_reminder(
    reminded: Series, before: Callable[[Series], object], said: dict[str, list[str]]
) -> None:
    before(reminded)
    reminded.mails()
    found = {time: ben_is_reminded(reminded, at(f"2027-03-17 {time}")) for time in said}
    assert found == said


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda s: s.cancel(Scope.THIS, SECOND),
        lambda s: s.cancel(Scope.ALL),
        lambda s: s.mend({SECOND: Skip()}),
        lambda s: s.mend({SECOND: OtherTime(timed("2027-03-17 12:00"))}),
    ],
    ids=["cancelled", "all cancelled", "skipped", "moved"],
)
def test_a_reminder_that_has_not_left_is_looked_at_again(
    reminded: Series, meanwhile: Callable[[Series], object]
) -> None:
    reminded.now = at("2027-03-17 09:46")
    assert remind(reminded.now)
    meanwhile(reminded)
    assert ben_is_reminded(reminded, reminded.now + MINUTE) == []


def test_who_just_heard_that_a_date_moved_is_not_reminded_of_it(reminded: Series) -> None:
    reminded.now = at("2027-03-17 09:30")
    reminded.mails()
    reminded.mend({SECOND: OtherTime(timed("2027-03-17 09:40"))})
    assert ben_is_reminded(reminded, at("2027-03-17 09:31")) == []


@pytest.mark.parametrize("all_day", [False, True])
def test_no_reminder_is_lost_while_something_is_undone(
    series: Series, work: Round, all_day: bool
) -> None:
    first = days("2027-03-10") if all_day else timed("2027-03-10 10:00")
    fields = {"when": first} if all_day else {}
    series.edit(Scope.ALL, reminders=(60,), **fields)
    series.mails()
    name = first.on(first.day + timedelta(days=7)).recurrence_id()
    due = at("2027-03-16 23:00" if all_day else "2027-03-17 09:00")
    series.now = due - timedelta(seconds=4)
    series.mails()
    change = series.cancel(Scope.THIS, name, undo=UNDO)
    assert ben_is_reminded(series, due + timedelta(seconds=2)) == []
    scheduler.undo(change, by=series.ana, now=due + timedelta(seconds=3))
    assert len(ben_is_reminded(series, due + timedelta(seconds=4))) == 1
    again = series.cancel(Scope.THIS, SECOND if not all_day else name, undo=UNDO)
    scheduler.undo(again, by=series.ana, now=due + timedelta(seconds=7))
    assert ben_is_reminded(series, due + timedelta(seconds=8)) == []


@pytest.mark.parametrize(
    ("first", "due"),
    [
        # Where 2:30 is left out it counts from 3:30, where it comes twice from the first.
        ("2027-03-27 02:30", ["2027-03-27T00:30Z", "2027-03-28T00:30Z", "2027-03-28T23:30Z"]),
        ("2027-10-30 02:30", ["2027-10-29T23:30Z", "2027-10-30T23:30Z", "2027-11-01T00:30Z"]),
    ],
)
def test_clock_changes_neither_lose_nor_double_a_reminder(
    series: Series, first: str, due: list[str]
) -> None:
    series.edit(Scope.ALL, rrule="FREQ=DAILY;COUNT=3", when=timed(first), reminders=(60,))
    series.mails()
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    for expected in map(datetime.fromisoformat, due):
        said = [len(ben_is_reminded(series, expected + by)) for by in (-second, second, hour)]
        assert said == [0, 1, 0], expected


def test_dates_past_the_first_index_are_reminded_of(reminded: Series) -> None:
    ahead = at("2029-02-28 09:46")
    for days_ahead in (300, 600):
        reminded.now = at("2027-03-01 09:00") + timedelta(days=days_ahead)
        extend(now=reminded.now)
        reminded.mails()
    assert ben_is_reminded(reminded, ahead) == ["Wed 28 February, 10:00–11:00 CET"]
