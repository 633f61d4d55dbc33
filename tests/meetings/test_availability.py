"""Everybody's time, against a minute-by-minute oracle and by a table."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from meetings.availability import times
from meetings.intervals import Stretch
from rooms.models import Closure, OpeningHours, Room
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    UserFactory,
    ana,
    answer,
    at,
    away,
    ben,
    book,
    days,
    stretch,
    timed,
    works,
)

pytestmark = pytest.mark.django_db
DAY = stretch("2027-03-10 00:00", "2027-03-11 00:00")


def asked(within, *, people=(), rooms=(), **options):
    """The times of people and rooms, read as a caller would."""
    users = User.objects.filter(pk__in=[p.pk for p in people]).prefetch_related("working_hours")
    detailed = Room.objects.with_details().filter(pk__in=[room.pk for room in rooms])
    return times(list(users), list(detailed), within, now=NOW, **options)


def day(*hours):
    """Stretches of Wednesday, from pairs of wall-clock times in Berlin."""
    instants = {"24:00": DAY.end}
    return tuple(
        Stretch(*(instants.get(text) or at(f"2027-03-10 {text}") for text in pair))
        for pair in hours
    )


def test_a_persons_day():
    me, other = works(ana(), (9, 12), (13, 17)), ben()
    book(me, "2027-03-10 09:00", 60)
    book(me, "2027-03-10 10:00", 30)
    book(me, "2027-03-09 23:00", 120)
    perhaps = book(other, "2027-03-10 10:15", 60, me)
    answer(perhaps, me, "tentative")
    no = book(other, "2027-03-10 15:00", 60, me)
    answer(no, me, "declined")
    found = asked(DAY, people=[me, other])
    mine = found.people[me.pk]
    assert mine.busy == day(("00:00", "01:00"), ("09:00", "10:30"))
    assert mine.tentative == day(("10:30", "11:15"))
    assert mine.works == day(("09:00", "12:00"), ("13:00", "17:00"))
    assert found.people[other.pk].works is None
    assert asked(DAY, people=[me], ignoring=perhaps).people[me.pk].tentative == ()


def test_time_off_is_busy_and_cut_from_working_hours():
    me = works(ana(), (9, 17))
    book(me, "2027-03-10 12:00", 120)
    away(me, "2027-03-09", "2027-03-10", end="13:00")
    away(me, "2027-03-10", start="16:00")
    found = asked(DAY, people=[me]).people[me.pk]
    assert found.away == day(("00:00", "13:00"), ("16:00", "24:00"))
    assert found.busy == day(("00:00", "14:00"), ("16:00", "24:00"))
    assert found.works == day(("13:00", "16:00"))


def test_a_rooms_day_with_its_buffers_and_closures():
    room = RoomFactory.create(hours=Room.Hours.OWN, buffer_before=10, buffer_after=20)
    for weekday, start, end in ((2, 8, 18), (3, 0, 24)):
        OpeningHours.objects.create(room=room, weekday=weekday, start=start * 60, end=end * 60)
    (shut,) = day(("12:00", "13:00"))
    Closure.objects.create(site=room.site, during=(shut.start, shut.end), reason="floors")
    person = ana()
    for start in ("2027-03-10 10:00", "2027-03-11 00:15"):
        book(person, start, rooms=(room,))
    found = asked(DAY, rooms=[room]).rooms[room.pk]
    late = stretch("2027-03-11 00:05", "2027-03-11 00:20")
    assert found.taken == (*day(("09:50", "11:20")), late)
    assert found.open == day(("08:00", "12:00"), ("13:00", "18:00"))


def test_queries_do_not_grow():
    users = [UserFactory.create() for _ in range(4)]
    rooms = [RoomFactory.create() for _ in range(3)]
    for n in (1, 4):
        with CaptureQueriesContext(connection) as queries:
            asked(DAY, people=users[:n], rooms=rooms[:n])
        # People, rooms and their hours cost 6; then what is taken, who is away, what is shut.
        assert len(queries) == 6 + 3


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
CHANGES = ["2027-03-14", "2027-03-28", "2027-04-04", "2027-10-31"]
entries = st.tuples(
    st.integers(-300, 48 * 60), st.integers(1, 300), st.sampled_from(["accepted", "tentative"])
)
clocks = st.integers(5, 22)  # full hours that every day has once
wholes = st.tuples(st.integers(-1, 2), st.integers(1, 2))


class AgainstMinutes(TestCase):
    """Random calendars around clock changes, each minute of two days looked at."""

    @settings(max_examples=25)
    @given(
        st.sampled_from(ZONES),
        st.sampled_from(CHANGES),
        st.lists(entries, max_size=5),
        st.lists(wholes, max_size=1),
        st.lists(st.tuples(wholes, st.none() | clocks, st.none() | clocks), max_size=2),
        st.lists(st.tuples(st.integers(5, 13), st.integers(14, 22)), max_size=2),
    )
    def test_each_minute_is_what_it_is(self, zone_name, change, entries, wholes, off, hours):
        zone, other = ZoneInfo(zone_name), ana()
        person = works(ben(timezone=zone), *hours) if hours else ben(timezone=zone)
        base = datetime.fromisoformat(change).replace(tzinfo=UTC) - timedelta(hours=18)
        within = Stretch(base, base + timedelta(hours=48))
        minutes = [base + timedelta(minutes=n) for n in range(48 * 60)]
        sure, perhaps = set[datetime](), set[datetime]()
        for start, length, status in entries:
            local = (base + timedelta(minutes=start)).astimezone(BERLIN).replace(tzinfo=None)
            meeting = book(other, "", 0, person, when=timed(local.isoformat(), length))
            answer(meeting, person, status)
            first = meeting.when.during().start
            (sure if status == "accepted" else perhaps).update(
                first + timedelta(minutes=n) for n in range(length)
            )
        for offset, count in wholes:
            first_date = base.date() + timedelta(days=offset)
            dates = {first_date + timedelta(days=n) for n in range(count)}
            book(other, "", 0, person, when=days(first_date.isoformat(), count))
            sure.update(m for m in minutes if m.astimezone(zone).date() in dates)
        gone = set[datetime]()
        for (offset, count), start, end in off:
            first_date = base.date() + timedelta(days=offset)
            last_date = first_date + timedelta(days=count - 1)
            if count == 1 and start is not None and end is not None and end <= start:
                continue
            away(
                person,
                first_date.isoformat(),
                last_date.isoformat(),
                f"{start:02}:00" if start is not None else "",
                f"{end:02}:00" if end is not None else "",
            )
            gone.update(
                m
                for m in minutes
                for local in [m.astimezone(zone)]
                if (first_date, start or 0) <= (local.date(), local.hour)
                and (local.date(), local.hour) < (last_date, 24 if end is None else end)
            )
        sure |= gone

        found = asked(within, people=[person]).people[person.pk]

        assert seen(found.busy, minutes) == sure & set(minutes)
        assert seen(found.away, minutes) == gone
        assert seen(found.tentative, minutes) == (perhaps - sure) & set(minutes)
        if not hours:
            assert found.works is None
            return
        working = {
            m
            for m in minutes
            for local in [m.astimezone(zone)]
            if local.weekday() < 5 and any(a <= local.hour < b for a, b in hours)
        }
        assert seen(found.works, minutes) == working - gone


def seen(stretches, minutes):
    """The minutes that lie in the stretches, which must be in order and not touch."""
    assert all(a.end < b.start for a, b in pairwise(stretches))
    return {m for m in minutes if any(s.start <= m < s.end for s in stretches)}
