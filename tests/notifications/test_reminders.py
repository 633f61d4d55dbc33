"""Reminders, with the clock in hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Meeting
from notifications import reminders
from notifications.models import Delivery, ReminderCursor
from notifications.reminders import remind, reminders_due
from tests.factories import NOW, ana, answer, at, ben, book, cy, days, timed
from tests.notifications.conftest import Round, text_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def reminded(now: datetime, work: Round) -> list[tuple[str, str]]:
    """Who is reminded of what at `now`, as (address, opening line)."""
    return sorted(
        (mail["To"].addresses[0].addr_spec, text_of(mail).split("\n")[0])
        for mail in work(now)
        if mail["Subject"].startswith("Reminder: ")
    )


@pytest.fixture
def begun(work: Round) -> Round:
    """A worker that has been running since before the first meeting was booked."""
    work(NOW - MINUTE)
    return work


def change(meeting: Meeting, by: User, now: datetime, **fields: Any) -> None:
    meeting = Meeting.objects.get(pk=meeting.pk)
    wanted = replace(scheduler.draft_of(meeting), **fields)
    scheduler.edit(meeting, wanted, by=by, now=now, version=meeting.version, policy="allow")


def test_each_lead_reminds_everybody_once_on_time(begun: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), reminders=(15, 60, 1440))
    start = at("2027-03-10 10:00")
    seen = []
    for before in (1442, 1440, 1439, 1438, 61, 60, 59, 58, 16, 15, 14, 13, 1, 0, -1):
        seen += [(before, *who) for who in reminded(start - before * MINUTE, begun)]
    both = ["ana@example.com", "ben@example.com"]
    assert seen == [
        *((1439, who, "In 1 day") for who in both),
        *((59, who, "In 59 minutes") for who in both),
        *((14, who, "In 14 minutes") for who in both),
    ]


def test_due_at_the_very_second(begun: Round) -> None:
    book(ana(), "2027-03-10 10:00", reminders=(15,))
    due = at("2027-03-10 09:45")
    begun(due - MINUTE)
    assert not reminders_due(due)
    assert reminders_due(due + timedelta(seconds=1))
    assert reminded(due, begun) == []
    assert reminded(due + timedelta(seconds=1), begun) == [("ana@example.com", "In 15 minutes")]
    assert not reminders_due(due + timedelta(seconds=1))


def test_declined_removed_and_cancelled_are_left_in_peace(begun: Round) -> None:
    organizer, declines, removed = ana(), ben(), cy()
    meeting = book(organizer, "2027-03-10 10:00", 60, declines, removed, reminders=(15,))
    gone = book(organizer, "2027-03-10 10:00", 60, declines, reminders=(15,), title="Gone")
    begun(NOW)
    answer(meeting, declines, "declined")
    change(meeting, organizer, NOW, attendees=(Attendee(declines.email),))
    scheduler.cancel(gone, by=organizer, now=NOW)
    due = at("2027-03-10 09:46")
    assert reminded(due, begun) == [("ana@example.com", "In 14 minutes")]


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda m, by, now: scheduler.cancel(m, by=by, now=now), id="cancelled"),
        pytest.param(lambda m, by, now: answer(m, by, "declined", now=now), id="declined"),
        pytest.param(
            lambda m, by, now: change(m, by, now, when=timed("2027-03-10 15:00")), id="moved"
        ),
        pytest.param(lambda m, by, now: change(m, by, now, reminders=()), id="not wanted"),
    ],
)
def test_a_reminder_that_waits_for_the_mail_server_is_looked_at_again(
    begun: Round, meanwhile: Any
) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-10 10:00", reminders=(15,))
    due = at("2027-03-10 09:46")
    assert remind(due)
    meanwhile(meeting, organizer, due)
    assert reminded(due + MINUTE, begun) == []
    assert Delivery.objects.get(kind="reminder").status == "dropped"


def test_nobody_is_reminded_of_what_has_begun(begun: Round) -> None:
    book(ana(), "2027-03-10 10:00", reminders=(0, 15))
    assert remind(at("2027-03-10 09:46"))
    assert reminded(at("2027-03-10 10:00"), begun) == []
    assert reminded(at("2027-03-10 10:01"), begun) == []


@pytest.mark.parametrize("lead", [15, 30])
def test_booked_inside_a_lead_the_invitation_is_reminder_enough(begun: Round, lead: int) -> None:
    organizer, invited = ana(), ben()
    now = at("2027-03-10 09:50")
    book(organizer, "2027-03-10 10:00", 60, invited, reminders=(5, lead), now=now)
    for minute in range(4):
        assert reminded(now + minute * MINUTE, begun) == []
    assert [who for who, _ in reminded(now + 6 * MINUTE, begun)] == [
        "ana@example.com",
        "ben@example.com",
    ]


def test_booked_inside_a_lead_while_no_worker_ran(begun: Round) -> None:
    begun(at("2027-03-10 08:00"))
    book(ana(), "2027-03-10 10:00", 60, ben(), reminders=(15,), now=at("2027-03-10 09:50"))
    assert reminded(at("2027-03-10 09:52"), begun) == []


def test_moved_inside_a_lead_while_no_worker_ran(begun: Round) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-10 15:00", 60, ben(), reminders=(15,))
    begun(at("2027-03-10 08:00"))
    change(meeting, organizer, at("2027-03-10 09:50"), when=timed("2027-03-10 10:00"))
    assert reminded(at("2027-03-10 09:52"), begun) == []


def test_added_inside_a_lead_only_the_others_are_reminded(begun: Round) -> None:
    organizer, late = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", reminders=(15,))
    begun(at("2027-03-10 08:00"))
    change(meeting, organizer, at("2027-03-10 09:50"), attendees=(Attendee(late.email),))
    assert [who for who, _ in reminded(at("2027-03-10 09:52"), begun)] == ["ana@example.com"]


def test_moved_meeting_takes_its_reminder_along(begun: Round) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-10 10:00", reminders=(15,))
    change(meeting, organizer, at("2027-03-10 09:00"), when=timed("2027-03-10 15:00"))
    assert reminded(at("2027-03-10 09:46"), begun) == []
    assert len(reminded(at("2027-03-10 14:46"), begun)) == 1
    change(meeting, organizer, at("2027-03-10 14:47"), when=timed("2027-03-10 16:00"))
    assert len(reminded(at("2027-03-10 15:46"), begun)) == 1


def test_moved_to_an_earlier_day_and_back(begun: Round) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-12 10:00", reminders=(15,))
    begun(at("2027-03-10 09:00"))
    change(meeting, organizer, at("2027-03-10 09:05"), when=timed("2027-03-10 10:00"))
    assert len(reminded(at("2027-03-10 09:46"), begun)) == 1
    change(meeting, organizer, at("2027-03-10 09:47"), when=timed("2027-03-12 10:00"))
    assert len(reminded(at("2027-03-12 09:46"), begun)) == 1


def test_after_an_outage_what_has_not_begun_is_made_good(begun: Round) -> None:
    organizer = ana()
    for start in ("2027-03-10 09:00", "2027-03-10 13:00", "2027-03-10 13:30"):
        book(organizer, start, 30, reminders=(60,), title=start)
    begun(at("2027-03-10 07:00"))
    assert [opening for _, opening in reminded(at("2027-03-10 12:45"), begun)] == [
        "In 15 minutes",
        "In 45 minutes",
    ]


def test_first_start_reminds_of_nothing_gone_by(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", reminders=(15, 60))
    assert reminded(at("2027-03-10 09:50"), work) == []


@pytest.mark.parametrize("size", [1, 2, 7])
def test_small_batches_leave_nobody_out(
    begun: Round, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(reminders, "BATCH", size)
    organizer = ana()
    for minute in (0, 0, 0, 1, 1):
        book(organizer, f"2027-03-10 10:0{minute}", 30, ben_or_guest(minute), reminders=(15,))
    begun(at("2027-03-10 09:40"))
    assert len(reminded(at("2027-03-10 09:47"), begun)) == 10
    assert len(reminded(at("2027-03-10 09:48"), begun)) == 0


def ben_or_guest(minute: int) -> str:
    return f"guest{minute}@elsewhere.example"


ZONES = {
    "ana@example.com": "Europe/Berlin",
    "ben@example.com": "America/New_York",
    "cy@example.com": "Pacific/Auckland",
}


def test_all_day_counts_from_midnight_in_the_recipients_zone(begun: Round) -> None:
    organizer = ana(timezone=ZONES["ana@example.com"])
    invited = ben(timezone=ZONES["ben@example.com"])
    other = cy(timezone=ZONES["cy@example.com"])
    guest = "marta@silva.example"  # reads the meeting's zone
    book(
        organizer,
        "",
        0,
        invited,
        other,
        guest,
        when=days("2027-03-10"),
        zone=ZoneInfo("Europe/Berlin"),
        reminders=(60, 1440),
    )
    expected = sorted(
        (midnight - timedelta(minutes=lead), address)
        for address, zone in {**ZONES, guest: "Europe/Berlin"}.items()
        for midnight in [datetime(2027, 3, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)]
        for lead in (60, 1440)
    )
    seen = []
    for due in sorted({due for due, _ in expected}):
        assert reminded(due, begun) == []
        for who, words in reminded(due + MINUTE, begun):
            assert words == "Tomorrow"
            seen.append((due, who))
    assert sorted(seen) == expected


def test_all_day_in_small_batches(begun: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    organizer = ana()
    for _ in range(5):
        book(organizer, "", 0, when=days("2027-03-10"), reminders=(60,))
    assert len(reminded(at("2027-03-09 23:01"), begun)) == 5
    assert reminded(at("2027-03-09 23:16"), begun) == []


def test_two_workers_make_each_reminder_once(begun: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), reminders=(15,))
    due = at("2027-03-10 09:46")
    assert remind(due)
    ReminderCursor.objects.update(served_until=due - MINUTE)  # as if the other had not seen it
    remind(due)
    assert len(reminded(due, begun)) == 2


def test_reminder_says_what_one_needs(begun: Round) -> None:
    book(
        ana(),
        "2027-03-10 10:00",
        60,
        ben(timezone="Europe/Lisbon"),
        reminders=(15,),
        join_link="https://meet.example.com/x",
    )
    mails = {m["To"].addresses[0].addr_spec: m for m in begun(at("2027-03-10 09:46"))}
    to_ben = mails["ben@example.com"]
    assert to_ben["Subject"] == "Reminder: Design review, Wed 10 March, 9:00–10:00 WET"
    assert to_ben["From"].addresses[0].display_name == "Scheduler"
    assert "Join: https://meet.example.com/x" in text_of(to_ben)
    assert "?answer=accepted" in text_of(to_ben)
    assert "?answer=" not in text_of(mails["ana@example.com"])
    assert "you organize the meeting" in text_of(mails["ana@example.com"])
    assert [p.get_content_type() for p in to_ben.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_quiet_second_costs_two_queries(begun: Round, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert not remind(NOW)


def test_cursors_follow_where_nothing_is_due(begun: Round) -> None:
    later = NOW + timedelta(hours=1)
    assert reminders_due(later)
    begun(later)
    assert not reminders_due(later)
    timed_ones = ReminderCursor.objects.filter(all_day=False)
    assert {c.served_until - timedelta(minutes=c.lead) for c in timed_ones} == {later}


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_every_midnight_falls_on_a_quarter(at: datetime) -> None:
    quarter = reminders._next_quarter(at)
    assert quarter.minute % 15 == quarter.second == quarter.microsecond == 0
    assert timedelta(0) <= quarter - at < timedelta(minutes=15)
