"""Finding a time: the ranking by tables, the edges, the rooms, and that each slot books."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from meetings import scheduler
from meetings.availability import PersonTime, RoomTime, Times
from meetings.intervals import Stretch, merge, subtract
from meetings.models.ranges import as_range
from meetings.slots import RoomFit, Wish, find_slots, slots_in
from meetings.wallclock import Timed
from rooms.models import Closure, OpeningHours, Room, Site
from tests.factories import (
    BERLIN,
    NOW,
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    draft,
    stretch,
    works,
)

TOKYO = ZoneInfo("Asia/Tokyo")
WEST = ZoneInfo("Atlantic/South_Georgia")  # 9:00 in Berlin is 6:00
EAST = ZoneInfo("Pacific/Noumea")  # 10:00 in Berlin is 20:00
DAY = "2027-03-10"  # a Wednesday


def person(pk, zone=BERLIN):
    return User(pk=pk, name=f"Person {pk}", timezone=zone)


def hours(text):
    """`9:00-10:00` of the day, in Berlin."""
    start, end = (f"{DAY} {part:0>5}" for part in text.split("-"))
    return stretch(start, end)


MORNING = hours("9:00-11:00")


NEVER = PersonTime((), (), (), ())  # works at no time


def free(within=MORNING):
    return PersonTime((), (), (), (within,))


def starts(found, zone=BERLIN):
    return [f"{slot.stretch.start.astimezone(zone):%H:%M}" for slot in found]


# --- The ranking ---

A, B = "9:00-10:00", "10:00-11:00"
# From the heaviest to the lightest: what can be wrong with a time.
FAULTS = (
    "required busy",
    "required perhaps busy",
    "required outside hours",
    "required at night",
    "optional busy",
    "optional perhaps busy",
    "optional outside hours",
    "optional at night",
    "no room",
    "room elsewhere",
    "not near",
    "later",
)


def with_faults(*faults):
    """The best of two hours, each with what is wrong with it: (fault, hours) pairs.

    Meetings of an hour in two; so of 9:00 and 10:00 each has but its own fault, and what lies
    between has both.
    """
    wrong = {fault: (hours(text),) for fault, text in faults}
    rooms = [
        Room(pk=1, name="Near", capacity=8, site=Site(pk=1, timezone=BERLIN)),
        Room(pk=2, name="Far", capacity=4, site=Site(pk=2, timezone=TOKYO)),
    ]

    def time(kind):
        outside = wrong.get(f"{kind} outside hours", ())
        return PersonTime(
            busy=wrong.get(f"{kind} busy", ()),
            tentative=wrong.get(f"{kind} perhaps busy", ()),
            away=(),
            works=tuple(subtract([MORNING], outside)),
        )

    taken = wrong.get("no room", ())
    times = Times(
        MORNING,
        {
            1: time("required"),
            2: free() if "required at night" not in wrong else NEVER,
            3: time("optional"),
            4: free() if "optional at night" not in wrong else NEVER,
        },
        {
            1: RoomTime(tuple(merge([*wrong.get("room elsewhere", ()), *taken])), (MORNING,)),
            2: RoomTime(taken, (MORNING,)),
        },
    )

    def night(fault):
        """A zone in which it is night at that time, and day in the other hour."""
        return {hours(A): WEST, hours(B): EAST}.get(wrong.get(fault, (None,))[0], BERLIN)

    near = MORNING.start
    if "not near" in wrong:  # so the other of the two was asked for
        (away,) = wrong["not near"]
        near = at(f"{DAY} 10:00") if away.start == MORNING.start else MORNING.start
    wish = Wish(
        required=(person(1), person(2, night("required at night"))),
        optional=(person(3), person(4, night("optional at night"))),
        length=timedelta(hours=1),
        window=MORNING,
        zone=BERLIN,
        near=None if "later" in wrong else near,
        seats=4,
        rooms=tuple(rooms),
    )
    (best,) = slots_in(times, wish, now=NOW, most=1)
    return best


@pytest.mark.parametrize("fault", [each for each in FAULTS[:-2] if "night" not in each])
def test_each_criterion_decides_alone(fault):
    best = with_faults((fault, A), ("later", B))

    assert starts([best]) == ["10:00"]
    assert best.rank[:9] == (0,) * 9


@pytest.mark.parametrize("kind", ["required", "optional"])
def test_of_times_outside_hours_those_by_day(kind):
    best = with_faults((f"{kind} at night", A), ("later", B))

    assert starts([best]) == ["10:00"]
    counts = best.rank[:4] if kind == "required" else best.rank[4:8]
    assert counts == (0, 0, 1, 0)


def test_the_nearest_then_the_earlier_of_equals():
    assert starts([with_faults(("not near", A))]) == ["10:00"]
    assert starts([with_faults(("later", B))]) == ["09:00"]


@pytest.mark.parametrize(("heavier", "lighter"), [*combinations(FAULTS[:-1], 2)])
def test_each_criterion_decides_only_between_equals(heavier, lighter):
    assert starts([with_faults((heavier, A), (lighter, B))]) == ["10:00"]
    assert starts([with_faults((heavier, B), (lighter, A))]) == ["09:00"]


def test_two_lighter_faults_do_not_outweigh_a_heavier():
    best = with_faults(
        ("required outside hours", A), ("optional busy", B), ("no room", B), ("not near", B)
    )
    assert starts([best]) == ["10:00"]
    assert best.rank[:9] == (0, 0, 0, 0, 1, 0, 0, 0, RoomFit.NONE)
    assert (best.optional_missing, best.room) == ((3,), None)


# --- What is found ---


def wish_of(*required, window=MORNING, minutes=60, **fields):
    return Wish(
        required=required,
        length=timedelta(minutes=minutes),
        window=window,
        zone=fields.pop("zone", BERLIN),
        **fields,
    )


def test_the_best_compromise_when_nobody_has_all():
    times = Times(
        MORNING,
        {
            1: PersonTime((hours("9:00-10:15"),), (), (), None),
            2: PersonTime((hours("9:30-10:30"),), (), (), None),
            3: PersonTime((hours("10:15-11:00"),), (), (), None),
        },
        {},
    )
    found = slots_in(times, wish_of(person(1), person(2), person(3)), now=NOW, most=1)

    assert starts(found) == ["09:00"]
    assert found[0].is_compromise
    assert found[0].missing == (1, 2)
    assert found[0].rank.missing == 2
    # All of them at one time, however bad it is: then no compromise is given.
    times.people[3] = free()
    times.people[1] = PersonTime((hours("9:00-10:00"),), (), (), ())
    times.people[2] = PersonTime((), (), (), ())
    found = slots_in(times, wish_of(person(1), person(2), person(3)), now=NOW)
    assert starts(found) == ["10:00"]
    assert (found[0].missing, found[0].outside) == ((), (1, 2))


def test_who_cannot_come_is_not_counted_outside_hours():
    times = Times(MORNING, {1: PersonTime((MORNING,), (), (), ()), 2: free()}, {})
    (best,) = slots_in(times, wish_of(person(1), person(2)), now=NOW, most=1)
    assert (best.missing, best.outside) == ((1,), ())


def test_suggestions_are_kept_apart_while_there_are_others():
    window = hours("9:00-12:00")
    whole = Times(window, {1: free(window)}, {})
    assert starts(slots_in(whole, wish_of(person(1), window=window), now=NOW, most=3)) == [
        "09:00",
        "10:00",
        "11:00",
    ]
    short = slots_in(whole, wish_of(person(1), window=window, minutes=15), now=NOW, most=3)
    assert starts(short) == ["09:00", "10:00", "11:00"]
    long = slots_in(whole, wish_of(person(1), window=window, minutes=90), now=NOW, most=2)
    assert starts(long) == ["09:00", "10:30"]
    # Only one hour is left: then its neighbours, in order of rank.
    close = slots_in(whole, wish_of(person(1), window=hours("9:00-10:15")), now=NOW)
    assert starts(close) == ["09:00", "09:15"]


def test_where_no_quarter_of_an_hour_is_free_the_first_minute():
    busy = (hours("9:00-9:20"), hours("10:22-11:00"))
    times = Times(MORNING, {1: PersonTime(busy, (), (), (MORNING,))}, {})
    assert starts(slots_in(times, wish_of(person(1)), now=NOW)) == ["09:20"]
    # From a window that begins between two quarters of an hour as well.
    window = Stretch(at(f"{DAY} 09:07"), MORNING.end)
    assert starts(slots_in(times, wish_of(person(1), window=window), now=NOW)) == ["09:20"]


def test_two_rooms_in_turn_are_as_good_as_one():
    site = Site(pk=1, timezone=BERLIN)
    rooms = tuple(Room(pk=pk, name=f"{pk}", capacity=4, site=site) for pk in (1, 2))
    times = Times(
        MORNING,
        {},
        {
            1: RoomTime((), (hours("9:20-10:24"),)),
            2: RoomTime((), (hours("9:24-10:30"),)),
        },
    )
    (best,) = slots_in(times, wish_of(seats=4, rooms=rooms), now=NOW, most=1)
    # The first alone, to be had from 9:20 to 9:24, has no quarter of an hour; both together do.
    assert (starts([best]), best.room) == (["09:30"], rooms[1])


@pytest.mark.parametrize(
    ("window", "minutes", "now", "expected"),
    [
        pytest.param("9:00-10:00", 60, "8:00", ["09:00"], id="as long as the window"),
        pytest.param("9:00-10:00", 61, "8:00", [], id="longer than the window"),
        pytest.param("9:00-9:00", 15, "8:00", [], id="an empty window"),
        pytest.param("9:00-11:00", 60, "9:20", ["09:30", "09:45", "10:00"], id="now inside"),
        pytest.param("9:00-11:00", 60, "10:00", ["10:00"], id="now at the last start"),
        pytest.param("9:00-11:00", 60, "10:01", [], id="too late"),
        pytest.param("9:00-11:00", 60, "12:00", [], id="all past"),
        pytest.param("9:01-10:05", 60, "8:00", ["09:01"], id="no quarter of an hour inside"),
    ],
)
def test_the_edges_of_the_window(window, minutes, now, expected):
    times = Times(MORNING, {1: free()}, {})
    wish = wish_of(person(1), window=hours(window), minutes=minutes)
    assert starts(slots_in(times, wish, now=at(f"{DAY} {now:0>5}"))) == expected


def test_nobody_at_all():
    found = slots_in(Times(MORNING, {}, {}), wish_of(), now=NOW, most=2)
    assert starts(found) == ["09:00", "10:00"]
    assert found[0].rank[:9] == (0,) * 9


def test_no_length_is_refused():
    with pytest.raises(ValueError, match="longer than no time"):
        wish_of(minutes=0)


def test_whoever_never_said_when_they_work_is_not_woken():
    window = stretch("2027-03-10 04:00", "2027-03-10 23:00")
    never = PersonTime((), (), (), None)
    found = slots_in(
        Times(window, {1: never, 2: never}, {}),
        wish_of(person(1), person(2, TOKYO), window=window),
        now=NOW,
        most=3,
    )
    assert starts(found) == ["07:00", "08:00", "09:00"]
    assert [slot.outside for slot in found] == [(), (), ()]
    late = stretch("2027-03-10 11:30", "2027-03-10 13:00")
    (best,) = slots_in(
        Times(window, {1: never, 2: never}, {}),
        wish_of(person(1), person(2, TOKYO), window=late),
        now=NOW,
        most=1,
    )
    assert (starts([best]), best.outside) == (["11:30"], (2,))


def test_required_and_optional_counts_once():
    times = Times(MORNING, {1: PersonTime((MORNING,), (), (), None)}, {})
    (best,) = slots_in(times, wish_of(person(1), optional=(person(1),)), now=NOW, most=1)
    assert (best.missing, best.optional_missing) == ((1,), ())


# --- Rooms, and times as they are booked ---


def known(*people):
    """The people as a wish wants them, in this order."""
    found = User.objects.get_queryset().prefetch_related("working_hours")
    return tuple(found.get(pk=person.pk) for person in people)


def rooms():
    return tuple(Room.objects.with_details())


def best(*required, now=NOW, **fields):
    """`09:00 Blue`: the best slot and its room."""
    wish = wish_of(*known(*required), **{"seats": 5, "rooms": rooms(), **fields})
    (slot,) = find_slots(wish, now=now, most=1)
    return f"{slot.stretch.start.astimezone(BERLIN):%H:%M} {slot.room}"


@pytest.mark.django_db
def test_the_room_that_suits_best():
    berlin, tokyo = SiteFactory.create(), SiteFactory.create(timezone=TOKYO)
    screen = AmenityFactory.create()
    for name, seats, site in (
        ("A six", 6, berlin),
        ("Five", 5, berlin),
        ("Four", 4, berlin),
        ("Far", 7, tokyo),
    ):
        RoomFactory.create(name=name, capacity=seats, site=site)
    RoomFactory.create(name="Disused", capacity=5, site=berlin, active=False)
    RoomFactory.create(name="Screen", capacity=30, site=berlin).amenities.add(screen)
    here, there = works(ana()), works(ben(timezone=TOKYO), (9, 20))

    assert best(here) == "09:00 Five"  # the nearest in size
    assert best(there) == "09:00 Far"  # at the site where most are
    assert best(here, amenities=frozenset({screen.pk})) == "09:00 Screen"
    assert best(there, site=berlin.pk) == "09:00 Five"
    assert best(here, seats=31) == "09:00 None"
    assert best(here, seats=0) == "09:00 None"


@pytest.mark.django_db
def test_a_time_with_a_free_room_before_an_earlier_one():
    window = hours("9:00-13:00")
    room = RoomFactory.create(name="Blue", buffer_before=10, buffer_after=10, horizon_days=20)
    here = works(ana())
    book(cy(), f"{DAY} 09:00", 60, rooms=(room,))
    assert best(here, window=window) == "10:30 Blue"  # what is kept free after it, and before
    Closure.objects.create(room=room, during=as_range(hours("11:00-11:30")), reason="Paint")
    assert best(here, window=window) == "11:30 Blue"
    OpeningHours.objects.create(site=room.site, weekday=2, start=11 * 60 + 40, end=14 * 60)
    assert best(here, window=window) == "11:45 Blue"
    early = at("2027-02-18 12:00")
    assert best(here, window=window, now=early) == "11:45 Blue"
    assert best(here, window=window, now=early - timedelta(days=1)) == "09:00 None"


@pytest.mark.django_db
def test_across_midnight_and_a_change_of_the_clocks():
    window = stretch("2027-03-27 20:00", "2027-03-28 12:00")
    here = works(ana(), (20, 24), (0, 6), days=range(7))
    book(here, "2027-03-27 22:00", 150)
    (slot,) = find_slots(
        wish_of(*known(here), window=window, minutes=180), now=NOW, most=1
    )  # clocks go from 2:00 to 3:00
    assert slot.stretch == stretch("2027-03-28 00:30", "2027-03-28 04:30")
    assert slot.outside == ()
    window = Stretch(window.start, at("2027-03-28 10:00"))
    (slot,) = find_slots(wish_of(*known(here), window=window, minutes=300), now=NOW, most=1)
    assert slot.stretch == stretch("2027-03-28 00:30", "2027-03-28 06:30")
    assert slot.outside == (here.pk,)


@pytest.mark.django_db
def test_answers_and_ones_own_meeting_count_as_everywhere():
    here, invited = works(ana()), works(ben())
    meeting = book(here, f"{DAY} 09:00", 60, invited)
    assert best(invited, seats=0, window=MORNING) == "10:00 None"
    assert best(here, invited, seats=0, ignoring=meeting) == "09:00 None"
    answer(meeting, invited, "tentative")
    (slot,) = find_slots(wish_of(*known(invited), window=hours("9:00-10:00")), now=NOW)
    assert (slot.perhaps, slot.missing) == ((invited.pk,), ())
    answer(meeting, invited, "declined")
    assert best(invited, seats=0) == "09:00 None"


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    people = [works(ana()), works(ben())]
    RoomFactory.create()
    for _ in range(2):
        wish = wish_of(*known(*people), seats=1, rooms=rooms())
        with django_assert_num_queries(3):  # what is taken, time off, closures
            assert find_slots(wish, now=NOW)
        people += [works(UserFactory.create()) for _ in range(5)]
        RoomFactory.create_batch(5)


class EachBooks(TestCase):
    """Over random calendars, rooms and zones, at a change of the clocks."""

    @settings(max_examples=12, deadline=None)
    @given(
        busy=st.lists(
            st.tuples(st.integers(0, 2 * 24 * 4), st.integers(1, 40), st.integers(0, 2)),
            max_size=10,
        ),
        length=st.sampled_from([20, 60, 180]),
        zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/Santiago"]),
        hour=st.integers(0, 23),
    )
    def test_taken_at_once_without_a_conflict(self, busy, length, zone, hour):
        organizer, invited = works(ana()), works(ben(timezone=ZoneInfo(zone)))
        one, two = RoomFactory.create(buffer_after=10), RoomFactory.create(capacity=2)
        for day in range(5):
            OpeningHours.objects.create(site=two.site, weekday=day, start=480, end=1080)
        base = at("2027-03-27 00:00")  # the clock changes on the 28th
        for quarter, quarters, who in busy:
            start = (base + timedelta(minutes=15 * quarter)).replace(tzinfo=None)
            place = ((), (one,), (two,))[who]
            wanted = draft(start.isoformat(), 15 * quarters, zone=ZoneInfo("UTC"), rooms=place)
            with suppress(scheduler.Conflicted):
                scheduler.schedule(wanted, by=(organizer, invited)[who % 2], now=NOW)
        window = stretch(f"2027-03-27 {hour:02}:30", "2027-03-29 09:00")
        required = known(organizer, invited)
        found = find_slots(
            wish_of(*required, window=window, minutes=length, seats=2, rooms=rooms()), now=NOW
        )
        for slot in found:
            if slot.missing:
                continue
            when = Timed(
                slot.stretch.start.replace(tzinfo=None), ZoneInfo("UTC"), slot.stretch.length
            )
            wanted = draft(when.start.isoformat(), 1, invited, when=when)
            wanted = replace(wanted, room_ids=(slot.room.pk,) if slot.room else ())
            done = scheduler.schedule(wanted, by=organizer, now=NOW, policy="reject")
            scheduler.cancel(done.meeting, by=organizer, now=NOW)
