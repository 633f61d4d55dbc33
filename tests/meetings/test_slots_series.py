"""The time for a series at which the fewest dates collide: by tables, and against plain loops."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetings import scheduler
from meetings.availability import busy_people, busy_rooms, closures_of, open_time, working_time
from meetings.conflicts import Proposal, covers, with_buffers
from meetings.drafts import Attendee
from meetings.intervals import Stretch
from meetings.slots import Wish, find_series_slots, series_alternatives
from meetings.wallclock import Timed
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
    stretch,
    timed,
    works,
)

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def offers(organizer, *args, now=NOW, rrule=WEEKLY, most=3, **fields):
    """The alternatives to a draft of a series."""
    plan = scheduler.plan_schedule(draft(*args, rrule=rrule, **fields), by=organizer, now=now)
    rooms = list(Room.objects.with_details())
    return series_alternatives(plan.proposal, plan.draft.rrule, rooms, now=now, most=most)


def words(found):
    """`Wed 9:00 0/4`, each."""
    return [f"{a.when.start:%a %H:%M} {a.colliding}/{a.of}" for a in found]


def test_fewest_dates_first_then_the_nearest():
    organizer, invited = works(ana()), works(ben())
    for day in ("10", "17"):  # of March, the first two dates
        book(invited, f"2027-03-{day} 10:00", 60)
    book(invited, "2027-03-31 09:00", 60)
    assert words(offers(organizer, "2027-03-10 10:00", 60, invited)) == [
        "Wed 11:00 0/4",
        "Wed 12:00 0/4",
        "Wed 13:00 0/4",
    ]
    for day in ("10", "17", "24"):
        book(invited, f"2027-03-{day} 11:00", 8 * 60)
        book(invited, f"2027-03-{day} 08:00", 2 * 60)
    assert words(offers(organizer, "2027-03-10 10:00", 60, invited, most=5)) == [
        "Tue 10:00 0/4",
        "Thu 10:00 0/4",
        "Tue 09:00 0/4",
        "Tue 11:00 0/4",
        "Thu 09:00 0/4",
    ]


def test_nothing_is_better_than_a_time_without_a_collision():
    assert offers(ana(), "2027-03-10 10:00", 60, ben()) == []


def test_working_hours_decide_between_equals():
    organizer, invited = works(ana(), (9, 11)), works(ben(), (9, 17))
    book(invited, "2027-03-10 10:00", 60)
    found = offers(organizer, "2027-03-10 10:00", 60, invited, rrule="FREQ=DAILY;COUNT=2")
    assert [(w, a.outside_hours) for w, a in zip(words(found), found, strict=True)] == [
        ("Wed 09:00 0/2", False),
        ("Wed 11:00 0/2", True),
        ("Wed 08:00 0/2", True),
    ]


def test_the_days_around_only_where_it_is_weekly_on_one_day():
    organizer, invited = works(ana()), works(ben())
    for day in ("09", "16", "23", "30"):  # until Thursday, 9:00
        book(invited, f"2027-03-{day} 00:00", 57 * 60)
    asked = ("2027-03-10 10:00", 60, invited)
    assert words(offers(organizer, *asked)) == ["Thu 10:00 0/4", "Thu 09:00 0/4", "Thu 11:00 0/4"]
    assert offers(organizer, *asked, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,WE;COUNT=4") == []


def test_not_from_a_friday_into_the_weekend():
    organizer = ana()
    book(organizer, "2027-03-11 00:00", 24 * 60)
    book(organizer, "2027-03-12 00:00", 24 * 60)
    assert offers(organizer, "2027-03-12 10:00", rrule="FREQ=WEEKLY;COUNT=2") == []


def test_another_room_at_the_same_time_comes_first():
    asked, small, other = (RoomFactory.create(capacity=seats) for seats in (6, 1, 8))
    stranger = cy()
    for week in range(3):
        book(stranger, f"2027-03-{10 + 7 * week} 10:00", 60, rooms=(asked,))
    found = offers(works(ana()), "2027-03-10 10:00", 60, ben(), rooms=(asked,))
    assert [(a.when.start.hour, a.rooms) for a in found] == [
        (10, (other,)),
        (9, (asked,)),
        (11, (asked,)),
    ]
    assert small not in {room for a in found for room in a.rooms}


def test_dates_that_a_room_cannot_be_booked_for_yet_do_not_collide():
    near, far = RoomFactory.create(horizon_days=12), RoomFactory.create()
    for week in range(4):
        book(UserFactory.create(), f"2027-03-{10 + 7 * week} 10:00", rooms=(far,))
    found = offers(ana(), "2027-03-10 10:00", rooms=(far,))
    assert (found[0].when, found[0].rooms) == (timed("2027-03-10 10:00"), (near,))


def test_never_into_the_past_and_optional_people_do_not_count():
    organizer, invited = ana(), ben()
    book(organizer, "2027-03-10 10:00", 60)
    book(invited, "2027-03-10 11:00", 60)
    now = at("2027-03-10 09:50")
    found = offers(
        organizer, "2027-03-10 10:00", now=now, attendees=(Attendee(invited.email, "optional"),)
    )
    assert words(found)[0] == "Wed 11:00 0/4"
    assert all(a.when.during().start >= now for a in found)


def test_all_day_moves_by_a_day():
    organizer = ana()
    book(organizer, when=days("2027-03-10"), transparency="busy")
    found = offers(organizer, when=days("2027-03-10"), transparency="busy")
    assert [(a.when.first.isoformat(), a.colliding) for a in found] == [
        ("2027-03-09", 0),
        ("2027-03-11", 0),
    ]


def test_three_queries_however_many_dates_people_and_rooms(django_assert_num_queries):
    organizer = works(ana())
    for count in (1, 3):
        people = [works(UserFactory.create()) for _ in range(count)]
        rooms = RoomFactory.create_batch(count)
        for person in people:
            book(person, "2027-03-10 10:00", 60)
        plan = scheduler.plan_schedule(
            draft(
                "2027-03-10 10:00",
                60,
                *people,
                rooms=tuple(rooms),
                rrule=f"FREQ=WEEKLY;COUNT={count * 10}",
            ),
            by=organizer,
            now=NOW,
        )
        detailed = list(Room.objects.with_details())
        with django_assert_num_queries(3):
            assert series_alternatives(plan.proposal, plan.draft.rrule, detailed, now=NOW)


class Plainly:
    """Everything around, read once and looked through in plain loops."""

    def __init__(self, proposal: Proposal, rooms: list[Room]) -> None:
        around = stretch("2027-03-20 00:00", "2027-05-01 00:00")
        self.proposal = proposal
        self.people = [asked.user for asked in proposal.people]
        self.busy = [
            busy.stretch
            for found in busy_people(self.people, around, now=NOW).values()
            for busy in found
        ]
        self.taken = busy_rooms(rooms, around, now=NOW)
        self.shut = closures_of(rooms, [around])
        self.open = {room.pk: open_time(room, around) for room in rooms}
        self.work = [working_time(person, around) or [] for person in self.people]

    def at(self, shift: timedelta) -> list[Stretch]:
        """The dates at a shift."""
        dates = [date for date in self.proposal.dates if isinstance(date, Timed)]
        return [replace(date, start=date.start + shift).during() for date in dates]

    def colliding(self, shift: timedelta, room: Room) -> int:
        """How many dates collide at a shift in a room."""
        return sum(self.is_busy(date) or not self.is_free(room, date) for date in self.at(shift))

    def is_busy(self, date: Stretch) -> bool:
        return any(busy.overlaps(date) for busy in self.busy)

    def is_free(self, room: Room, date: Stretch) -> bool:
        limit = room.bookable_until(NOW)
        if limit is not None and date.end > limit:
            return True  # booked later
        return (
            not any(
                taken.stretch.overlaps(with_buffers(date, room)) for taken in self.taken[room.pk]
            )
            and not any(closed.overlaps(date) for closed, _reason in self.shut[room.pk])
            and covers(self.open[room.pk], date)
        )

    def times_outside(self, shift: timedelta) -> int:
        """How often somebody works at other hours."""
        return sum(not covers(work, date) for work in self.work for date in self.at(shift))

    def outside(self, shift: timedelta) -> bool:
        return any(not covers(work, date) for work in self.work for date in self.at(shift))


class AgainstPlainLoops(TestCase):
    """Random calendars across a change of the clocks."""

    @settings(max_examples=20, deadline=None)
    @given(
        busy=st.lists(
            st.tuples(
                st.integers(0, 15), st.integers(20, 80), st.integers(1, 20), st.integers(0, 3)
            ),
            max_size=14,
        ),
        quarter=st.integers(28, 70),
        minutes=st.sampled_from([15, 50, 240]),
        zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/Santiago"]),
        rule=st.sampled_from(["FREQ=WEEKLY;COUNT=3", "FREQ=DAILY;INTERVAL=6;COUNT=3"]),
        horizon=st.sampled_from([None, 30]),
    )
    def test_the_best_in_order(self, busy, quarter, minutes, zone, rule, horizon):
        organizer, stranger = works(ana(), (8, 12), (13, 18)), cy()
        invited = works(ben(timezone=ZoneInfo(zone)))
        one = RoomFactory.create(buffer_after=10, horizon_days=horizon)
        two = RoomFactory.create(capacity=2, buffer_before=5)
        for day in range(5):
            OpeningHours.objects.create(site=two.site, weekday=day, start=480, end=1080)
        closed = stretch("2027-04-01 09:00", "2027-04-01 12:00")
        Closure.objects.create(during=(closed.start, closed.end), reason="new floor", room=one)
        takers = [(organizer, ()), (invited, ()), (stranger, (one,)), (stranger, (two,))]
        for day, start, quarters, taker in busy:
            begins = datetime(2027, 3, 24) + timedelta(days=day, minutes=15 * start)
            by, rooms = takers[taker]
            wanted = draft(begins.isoformat(), 15 * quarters, rooms=rooms)
            with suppress(scheduler.Conflicted):
                scheduler.schedule(wanted, by=by, now=NOW)
        first = datetime(2027, 3, 24) + timedelta(minutes=15 * quarter)
        asked = draft(first.isoformat(), minutes, invited, rooms=(one,), rrule=rule)
        proposal = scheduler.plan_schedule(asked, by=organizer, now=NOW).proposal
        rooms = list(Room.objects.with_details().order_by("pk"))
        plainly = Plainly(proposal, rooms)

        clocks = {15 * quarter, *range(7 * 60, 20 * 60 + 1 - minutes, 15)}
        shifts = [
            (day, timedelta(minutes=clock - 15 * quarter))
            for day in ((-1, 0, 1) if "WEEKLY" in rule else (0,))
            for clock in clocks
        ]
        as_asked = plainly.colliding(timedelta(0), rooms[0])
        order = sorted(
            (fewest, plainly.outside(shift), abs(day), abs(clock), shift)
            for day, clock in shifts
            for shift in [timedelta(days=day) + clock]
            if (fewest := min(plainly.colliding(shift, room) for room in rooms)) < as_asked
        )
        expected: list[tuple[int, bool, timedelta]] = []
        for fewest, outside, _days, _clock, shift in order:
            length = timedelta(minutes=minutes)
            if all(abs(shift - other) >= length for _, _, other in expected):
                expected.append((fewest, outside, shift))

        found = series_alternatives(proposal, rule, rooms, now=NOW)

        assert [
            (one.colliding, one.outside_hours, one.when.start - first) for one in found
        ] == expected[:3]
        for each in found:
            shift = each.when.start - first
            assert plainly.colliding(shift, *each.rooms) == each.colliding

        wish = Wish(
            required=(organizer, invited),
            length=timedelta(minutes=minutes),
            window=stretch("2027-03-23 00:00", "2027-03-27 00:00"),
            zone=organizer.zone,
            near=proposal.dates[0].during().start,
            seats=2,
            rooms=tuple(rooms),
        )
        slots = find_series_slots(wish, proposal, rule, now=NOW)
        for slot in slots:
            shift = slot.when.start - first
            assert plainly.colliding(shift, slot.room) == slot.rank.colliding == len(slot.colliding)
        assert slots[0].rank[:2] == min(
            (min(plainly.colliding(shift, room) for room in rooms), plainly.times_outside(shift))
            for day in ((-1, 0, 1, 2) if "WEEKLY" in rule else (0,))
            for clock in clocks
            for shift in [timedelta(days=day, minutes=clock - 15 * quarter)]
        )


def asked_series(organizer, *args, **fields):
    """What is asked for by a draft of a series."""
    plan = scheduler.plan_schedule(draft(*args, **fields), by=organizer, now=NOW)
    return plan.proposal, plan.draft.rrule


def best(asked, required, *, window=("2027-03-08 00:00", "2027-03-13 00:00"), **fields):
    """The best times for a series, as `Wed 9:00` with how each stands."""
    proposal, rrule = asked
    wish = Wish(
        required=required,
        length=timedelta(hours=1),
        window=stretch(*window),
        zone=required[0].zone,
        near=proposal.dates[0].during().start,
        **fields,
    )
    return find_series_slots(wish, proposal, rrule, now=NOW)


def test_a_time_for_all_dates_each_value_decides_between_equals():
    organizer, other, third = works(ana(), (9, 12)), works(ben()), works(cy())
    stranger = UserFactory.create()
    book(stranger, "2027-03-17 10:00", 60, organizer)  # of the second date
    book(stranger, "2027-03-24 09:00", 60, third)
    asked = asked_series(organizer, "2027-03-10 10:00", 60, other, rrule=WEEKLY)
    wednesday = ("2027-03-10 00:00", "2027-03-11 00:00")
    found = best(asked, (organizer, other), optional=(third,), window=wednesday)
    assert [(f"{slot.when.start:%H:%M}", slot.rank[:3]) for slot in found] == [
        ("11:00", (0, 0, 0)),
        ("09:00", (0, 0, 1)),
        ("12:00", (0, 4, 0)),
        ("13:00", (0, 4, 0)),
        ("14:00", (0, 4, 0)),
    ]


def test_the_first_date_stays_in_the_window():
    organizer, other = works(ana()), works(ben())
    weekly = asked_series(organizer, "2027-03-10 10:00", 60, other, rrule=WEEKLY)
    days = {f"{slot.when.start:%a}" for slot in best(weekly, (organizer, other))}
    assert days == {"Wed"}  # as near as it gets
    thursday = ("2027-03-11 00:00", "2027-03-12 00:00")
    beside = best(weekly, (organizer, other), window=thursday)
    assert [f"{slot.when.start:%a %H:%M}" for slot in beside][:1] == ["Thu 09:00"]
    monthly = asked_series(organizer, "2027-03-10 10:00", rrule="FREQ=MONTHLY;COUNT=3")
    assert best(monthly, (organizer,), window=thursday) == []


def test_as_many_dates_collide_as_booking_it_says():
    organizer, invited, room = ana(), ben(), RoomFactory.create()
    book(invited, "2027-03-10 00:00", 24 * 60)
    book(cy(), "2027-03-17 00:00", 24 * 60, rooms=(room,))
    book(invited, "2027-03-24 10:00", 60)
    fields = {"rooms": (room,), "rrule": "FREQ=WEEKLY;BYDAY=WE,TH;COUNT=6"}
    found = offers(organizer, "2027-03-10 10:00", 60, invited, **fields)
    assert found[0].colliding == 2
    wanted = draft("", 60, invited, when=found[0].when, **fields)
    plan = scheduler.plan_schedule(wanted, by=organizer, now=NOW)
    assert len(plan.colliding) == 2
