"""That a series comes to its end: noted once, in time, and told to its organizer."""

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from meetings import scheduler
from meetings.models import Change, Meeting
from meetings.scheduler.ending import note_ending, note_or_log, series_ending
from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.extending import extend_due
from tests.factories import NOW, ana, at, ben, book

LAST = "2027-04-14T10:00:00"
START = at("2027-04-14 10:00")
DUE = START - timedelta(days=14)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def weekly(rule: str = "FREQ=WEEKLY;COUNT=6", **fields: Any) -> Meeting:
    """A series of Ana's with Ben, from 10 March to 14 April."""
    return book(ana(), "2027-03-10 10:00", 60, ben(), rrule=rule, **fields)


def noted(now: datetime) -> list[list[str]]:
    """The dates of the notes that are made at `now`."""
    found = [note_ending(pk, now=now) for pk in series_ending(now)]
    return [change.dates for change in found if change is not None]


@pytest.mark.django_db
def test_noted_once_two_weeks_before_the_last_date() -> None:
    meeting = weekly()
    assert noted(DUE - SECOND) == []
    assert noted(DUE + SECOND) == [[LAST]]
    assert noted(DUE + SECOND) == []
    assert note_ending(meeting.pk, now=DUE + DAY) is None
    change = Change.objects.get(kind="ending")
    assert (change.by, change.not_before, change.version) == (None, DUE + SECOND, meeting.version)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("FREQ=WEEKLY", id="endless"),
        pytest.param("FREQ=DAILY;COUNT=28", id="of 27 days"),
        pytest.param("", id="a single meeting"),
    ],
)
def test_not_of_what_has_no_end_in_sight_or_is_short(rule: str) -> None:
    weekly(rule)
    for days in range(0, 60, 5):
        assert series_ending(NOW + days * DAY) == []


@pytest.mark.django_db
def test_not_of_what_was_called_off_or_is_over() -> None:
    meeting = weekly()
    assert series_ending(START) == []
    assert series_ending(START - SECOND) == [meeting.pk]
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW)
    assert series_ending(DUE + SECOND) == []
    assert note_ending(meeting.pk, now=DUE + SECOND) is None


@pytest.mark.django_db
def test_noted_again_for_another_end() -> None:
    meeting = weekly()
    assert noted(DUE + SECOND) == [[LAST]]
    meeting = Meeting.objects.get(pk=meeting.pk)
    longer = replace(scheduler.draft_of(meeting), rrule="FREQ=WEEKLY;COUNT=10")
    scheduler.edit(
        meeting,
        longer,
        by=meeting.organizer,
        now=DUE + DAY,
        version=meeting.version,
        policy="allow",
    )
    assert noted(DUE + 2 * DAY) == []
    assert noted(DUE + 27 * DAY) == []
    assert noted(DUE + 28 * DAY + SECOND) == [["2027-05-12T10:00:00"]]


@pytest.mark.django_db
def test_organizer_alone_is_told_until_when_and_where_to_let_it_go_on() -> None:
    meeting = weekly(title="Stand-up")

    def work(now: datetime) -> list[Any]:
        before = len(mail.outbox)
        assert extend_due(now, until=time.monotonic() + 30)
        announce(now)
        send_due(now, until=time.monotonic() + 30)
        return mail.outbox[before:]

    assert [m.to for m in work(NOW)] == [["ben@example.com"]]
    (told,) = work(DUE + SECOND)
    assert told.to == ["ana@example.com"]
    mime: Any = told.message()
    assert mime["Subject"].startswith("Ends soon: Stand-up")
    text = mime.get_body(("plain",)).get_content()
    assert "Your series comes to its end" in text
    assert "Its last date is Wed 14 April. Nothing follows unless you let it go on." in text
    assert f"/meetings/{meeting.uid}/edit/" in text
    assert work(DUE + 2 * DAY) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_note() -> None:
    pk = weekly().pk
    both = threading.Barrier(2)
    made = []

    def note() -> None:
        try:
            both.wait(20)
            made.append(note_or_log(pk, now=DUE + SECOND))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=note) for _n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [False, True]
    assert Change.objects.filter(kind="ending").count() == 1
