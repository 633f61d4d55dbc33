"""Other times and rooms: each, taken at once, books."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetings import scheduler
from meetings.slots import alternatives
from rooms.models import Closure, OpeningHours, Room
from tests.factories import (
    NOW,
    RoomFactory,
    UserFactory,
    ana,
    at,
    ben,
    book,
    cy,
    days,
    draft,
    works,
)

pytestmark = pytest.mark.django_db


def offers(organizer, *args, now=NOW, **fields):
    """The alternatives to a draft."""
    plan = scheduler.plan_schedule(draft(*args, **fields), by=organizer, now=now)
    return alternatives(plan.proposal, list(Room.objects.with_details()), now=now)


def starts(found):
    return [a.when.start.isoformat(" ", "minutes") for a in found]


def test_the_nearest_free_times_inside_working_hours():
    organizer, invited = works(ana()), works(ben())
    book(invited, "2027-03-10 10:00", 60)
    found = offers(organizer, "2027-03-10 10:00", 60, invited)
    assert starts(found) == ["2027-03-10 09:00", "2027-03-10 11:00", "2027-03-10 12:00"]


def test_another_room_that_fits_when_the_asked_one_is_taken():
    asked, small, large, huge = (RoomFactory.create(capacity=seats) for seats in (6, 1, 8, 40))
    other = cy()
    book(other, "2027-03-10 10:00", 60, rooms=(asked,))
    kept = offers(works(UserFactory.create()), "2027-03-10 10:00", 60, rooms=(asked,))
    assert {a.rooms for a in kept} == {(asked,)}
    book(other, "2027-03-07 00:00", 82 * 60, rooms=(asked,))
    book(other, "2027-03-10 11:00", 24 * 60 * 20, rooms=(asked,))
    first = offers(works(ana()), "2027-03-10 10:00", 60, ben(), rooms=(asked,))[0]
    assert (first.rooms, first.swapped) == ((large,), True)
    assert small not in first.rooms
    assert huge not in first.rooms


def test_a_room_need_not_be_tidied_before_it_is_shut():
    room = RoomFactory.create(buffer_before=15, buffer_after=15)
    book(cy(), "2027-03-10 10:00", 60, rooms=(room,))
    shut = (at("2027-03-10 12:30"), at("2027-03-10 13:00"))
    Closure.objects.create(room=room, during=shut, reason="new floor")
    found = offers(works(ana(), (11, 14)), "2027-03-10 10:00", 60, rooms=(room,))
    assert starts(found)[:2] == ["2027-03-10 11:30", "2027-03-10 13:00"]


def test_never_in_the_past():
    organizer = ana()
    now = at("2027-03-10 10:05")
    found = offers(organizer, "2027-03-10 09:00", 60, now=now)
    assert all(a.when.during().start >= now for a in found)
    assert len(found) == 3


def test_optional_people_are_waited_for_but_do_not_stop_it():
    from meetings.drafts import Attendee

    organizer, invited = works(ana()), works(ben())
    for day in range(8, 27):
        book(invited, f"2027-03-{day:02} 00:00", 24 * 60)
    found = offers(organizer, attendees=(Attendee(invited.email, "optional"),))
    assert {a.optional_busy for a in found} == {(invited.pk,)}


def test_nothing_when_somebody_required_has_no_time():
    organizer, invited = works(ana()), works(ben())
    book(invited, "2027-03-01 10:00", 60 * 24 * 40)
    assert offers(organizer, "2027-03-10 10:00", 60, invited) == []


def test_all_day_moves_by_days():
    organizer = ana()
    book(organizer, when=days("2027-03-11"), transparency="busy")
    found = offers(organizer, when=days("2027-03-10"), transparency="busy")
    assert [a.when.first.isoformat() for a in found] == ["2027-03-12", "2027-03-13", "2027-03-14"]


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    organizer = works(ana())
    for _ in range(2):
        RoomFactory.create_batch(3)
        rooms = list(Room.objects.with_details())
        plan = scheduler.plan_schedule(draft(rooms=(rooms[0],)), by=organizer, now=NOW)
        with django_assert_num_queries(3):
            alternatives(plan.proposal, rooms, now=NOW)


class EachBooks(TestCase):
    """Over random calendars, rooms and zones."""

    @settings(max_examples=20, deadline=None)
    @given(
        busy=st.lists(
            st.tuples(st.integers(0, 4 * 24 * 4), st.integers(1, 40), st.integers(0, 2)),
            max_size=12,
        ),
        length=st.sampled_from([15, 45, 60, 180]),
        zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/Santiago"]),
        hour=st.integers(0, 23),
    )
    def test_taken_at_once_without_a_conflict(self, busy, length, zone, hour):
        organizer, invited = works(ana()), works(ben(timezone=ZoneInfo(zone)))
        one, two = RoomFactory.create(buffer_after=10), RoomFactory.create(capacity=2)
        for day in range(5):
            OpeningHours.objects.create(site=two.site, weekday=day, start=480, end=1080)
        base = at("2027-03-25 00:00")  # the clock changes on the 28th
        for quarter, quarters, who in busy:
            start = base + timedelta(minutes=15 * quarter)
            room = ((), (one,), (two,))[who]
            wanted = draft(
                start.replace(tzinfo=None).isoformat(),
                15 * quarters,
                zone=ZoneInfo("UTC"),
                rooms=room,
            )
            try:
                scheduler.schedule(wanted, by=(organizer, invited)[who % 2], now=NOW)
            except scheduler.Conflicted:
                continue
        args = (f"2027-03-27 {hour:02}:30", length, invited)
        for found in offers(organizer, *args, rooms=(two,)):
            again = draft(when=found.when, rooms=found.rooms)
            done = scheduler.schedule(
                draft(*args, when=found.when, rooms=found.rooms),
                by=organizer,
                now=NOW,
                policy="reject",
            )
            assert again.when == done.meeting.when
            scheduler.cancel(done.meeting, by=organizer, now=NOW)
