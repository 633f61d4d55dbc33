"""What collides, against a minute-by-minute oracle and by tables."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from meetings import scheduler
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.models import Booking, Meeting
from meetings.problems import (
    OutsideOpeningHours,
    OutsideWorkingHours,
    PersonAway,
    PersonBusy,
    RoomClosed,
    RoomInactive,
    RoomTaken,
    Severity,
    TooFewSeats,
)
from rooms.models import Closure, OpeningHours, Room
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    away,
    ben,
    book,
    cy,
    days,
    draft,
    stretch,
    timed,
    works,
)

pytestmark = pytest.mark.django_db


def problems(*dates, people=(), rooms=(), **options):
    """What stands against dates for people and rooms."""
    users = (
        User.objects.get_queryset()
        .prefetch_related("working_hours")
        .in_bulk([person.pk for person in people])
    )
    detailed = Room.objects.with_details().in_bulk([room.pk for room in rooms])
    proposal = Proposal(
        dates=dates,
        people=tuple(Asked(users[person.pk]) for person in people),
        rooms=tuple(detailed[room.pk] for room in rooms),
        seats=options.pop("seats", 1),
        **options,
    )
    return find_conflicts(proposal, now=NOW)


@pytest.mark.parametrize(
    ("start", "minutes", "collides"),
    [
        ("10:00", 60, True),
        ("10:00", 30, True),
        ("09:30", 120, True),
        ("10:15", 15, True),
        ("09:30", 31, True),
        ("10:59", 60, True),
        ("09:00", 60, False),
        ("11:00", 60, False),
        ("10:00", 24 * 60, True),
    ],
    ids=[
        "exact",
        "shares the start",
        "contains",
        "inside",
        "reaches a minute in",
        "begins in the last minute",
        "ends as the other begins",
        "begins as the other ends",
        "a whole day",
    ],
)
def test_half_open(start, minutes, collides):
    person, room = ana(), RoomFactory.create()
    meeting = book(person, rooms=(room,))
    asked = timed(f"2027-03-10 {start}", minutes)
    found = problems(asked, people=[person], rooms=[room])
    taken, date = stretch("2027-03-10 10:00", "2027-03-10 11:00"), asked.recurrence_id()
    expected = [
        RoomTaken(room.pk, taken, meeting.occurrence.pk, date),
        PersonBusy(person.pk, taken, meeting.occurrence.pk, False, False, date),
    ]
    assert found == (expected if collides else [])


@pytest.mark.parametrize(
    ("status", "busy"),
    [("accepted", "busy"), ("tentative", "perhaps"), ("declined", None), (None, "busy")],
)
def test_an_answer_says_whether_somebody_is_busy(status, busy):
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    if status:
        answer(meeting, invited, status)
    found = [p.tentative for p in problems(timed("2027-03-10 10:00"), people=[invited])]
    assert found == {"busy": [False], "perhaps": [True], None: []}[busy]


@pytest.mark.parametrize(
    ("start", "minutes", "is_away"),
    [
        ("2027-03-07 23:00", 60, False),
        ("2027-03-07 23:00", 61, True),
        ("2027-03-09 03:00", 30, True),
        ("2027-03-10 11:30", 30, True),
        ("2027-03-10 12:00", 30, False),
    ],
)
def test_time_off_is_in_the_persons_own_zone(start, minutes, is_away):
    person = ana(timezone=ZoneInfo("Asia/Tokyo"))
    away(person, "2027-03-08", "2027-03-10", end="12:00")
    asked = timed(start, minutes, person.zone)
    off = stretch("2027-03-08 00:00", "2027-03-10 12:00", person.zone)
    expected = [PersonAway(person.pk, off, False, asked.recurrence_id())] if is_away else []
    assert problems(asked, people=[person]) == expected


def test_time_off_warns_for_a_required_person_and_notes_for_an_optional_one():
    person = ana()
    off = away(person, "2027-03-10").stretch_in(person.zone)
    assert PersonAway(person.pk, off, False).severity == Severity.WARNS
    assert PersonAway(person.pk, off, True).severity == Severity.NOTES
    assert problems(timed("2027-03-10 10:00"), people=[person], free=True) == []
    (whole,) = problems(days("2027-03-09", 2), people=[person])
    assert whole == PersonAway(person.pk, off, False, "2027-03-09")


def test_what_does_not_take_time():
    person = ana()
    book(person, transparency="free")
    cancelled = book(person)
    scheduler.cancel(cancelled, by=person, now=NOW)
    own = book(person)
    assert problems(timed("2027-03-10 10:00"), people=[person], ignoring=own) == []


def test_an_all_day_date_takes_the_day_of_each_persons_zone():
    near, far = ana(), ben(timezone=ZoneInfo("Asia/Tokyo"))
    book(near, "", 0, far, when=days("2027-03-10"))
    evening = timed("2027-03-09 23:00", 30)  # 7:00 on the 10th in Tokyo
    assert [p.user_id for p in problems(evening, people=[near, far])] == [far.pk]
    night = timed("2027-03-10 23:00", 30)  # the 11th in Tokyo
    assert [p.user_id for p in problems(night, people=[near, far])] == [near.pk]


def test_an_all_day_date_takes_the_day_of_the_rooms_zone():
    room = RoomFactory.create(site__timezone=ZoneInfo("America/New_York"))
    book(ana(), when=days("2027-03-10"), rooms=(room,))
    assert Booking.objects.get().stretch == stretch(
        "2027-03-10 00:00", "2027-03-11 00:00", ZoneInfo("America/New_York")
    )
    assert problems(timed("2027-03-11 06:00"), rooms=[room]) == []  # midnight there
    assert problems(timed("2027-03-11 05:59", 1), rooms=[room]) != []


def test_a_closure_of_the_room_or_its_site_shuts_it():
    room = RoomFactory.create()
    closed = stretch("2027-03-10 10:30", "2027-03-10 12:00")
    for place in ({"room": room}, {"site": room.site}):
        closure = Closure.objects.create(
            during=(closed.start, closed.end), reason="new floor", **place
        )
        assert problems(timed("2027-03-10 10:00"), rooms=[room]) == [
            RoomClosed(room.pk, closed, "new floor", "2027-03-10T10:00:00")
        ]
        assert problems(timed("2027-03-10 12:00"), rooms=[room]) == []
        closure.delete()


def test_opening_hours_of_the_site_the_room_or_none():
    room = RoomFactory.create()
    early = timed("2027-03-10 07:30")
    assert problems(early, rooms=[room]) == []
    for day in range(5):
        OpeningHours.objects.create(site=room.site, weekday=day, start=480, end=1080)
    (found,) = problems(early, rooms=[room])
    assert isinstance(found, OutsideOpeningHours)
    assert stretch("2027-03-10 08:00", "2027-03-10 18:00") in found.open
    assert problems(timed("2027-03-10 17:00"), rooms=[room]) == []
    assert problems(timed("2027-03-13 10:00"), rooms=[room]) != []  # a Saturday
    assert problems(days("2027-03-10"), rooms=[room]) == []
    assert problems(days("2027-03-12", 2), rooms=[room]) != []
    room.hours = Room.Hours.ALWAYS
    room.save()
    assert problems(early, rooms=[room]) == []


def test_seats_and_rooms_out_of_use():
    room = RoomFactory.create(capacity=4, active=False)
    assert problems(timed("2027-03-10 10:00"), rooms=[room], seats=5) == [
        RoomInactive(room.pk),
        TooFewSeats(room.pk, 4, 5),
    ]


def test_outside_working_hours_is_worth_knowing_no_more():
    person = works(ana(), (9, 12), (13, 17))
    (found,) = problems(timed("2027-03-10 11:30"), people=[person])
    assert isinstance(found, OutsideWorkingHours)
    assert found.severity == Severity.NOTES
    assert problems(timed("2027-03-10 11:00"), people=[person]) == []
    assert problems(timed("2027-03-10 11:30"), people=[ben()]) == []  # has not said


def test_many_dates_cost_the_same_three_queries(django_assert_num_queries):
    person, room = ana(), RoomFactory.create()
    for week in range(3):
        book(person, f"2027-03-{10 + 7 * week} 10:00", rooms=(room,))
    user = User.objects.get_queryset().prefetch_related("working_hours").get()
    detailed = tuple(Room.objects.with_details())
    first = timed("2027-03-10 10:30")
    dates = [replace(first, start=first.start + timedelta(weeks=n)) for n in range(52)]
    for some in (dates[:1], dates):
        proposal = Proposal(tuple(some), (Asked(user),), detailed, seats=1)
        with django_assert_num_queries(3):
            found = find_conflicts(proposal, now=NOW)
    assert len(found) == 6


minutes = st.integers(0, 36 * 60)


class AgainstMinutes(TestCase):
    """Random calendars, each minute looked at."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(st.tuples(minutes, st.integers(1, 300)), max_size=8),
        st.lists(st.tuples(minutes, st.integers(1, 300)), min_size=1, max_size=4),
    )
    def test_finds_exactly_what_shares_a_minute(self, booked, asked):
        base = at("2027-03-27 20:00")  # the clock changes in the following night
        person = cy()

        def when(start, length):
            local = (base + timedelta(minutes=start)).astimezone(BERLIN).replace(tzinfo=None)
            return timed(local.isoformat(), length)

        def minutes_of(date):
            during = date.during()
            first = int((during.start - base) / timedelta(minutes=1))
            return set(range(first, first + int(during.length / timedelta(minutes=1))))

        meetings = [book(person, when=when(*b)) for b in booked]
        dates = [when(*a) for a in asked]
        found = problems(*dates, people=[person])
        expected = [
            meeting.occurrence.pk
            for date in dates
            for meeting in meetings
            if minutes_of(date) & minutes_of(meeting.when)
        ]
        assert sorted(p.occurrence_id for p in found) == sorted(expected)


def test_a_draft_is_never_written_by_asking():
    scheduler.plan_schedule(draft(), by=ana(), now=NOW)
    assert Meeting.objects.count() == 0
