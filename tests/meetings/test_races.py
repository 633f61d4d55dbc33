"""Several at once, with real connections: one wins, the others get a friendly answer."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from meetings import scheduler
from meetings.models import Booking, IdempotencyKey, Meeting
from meetings.problems import Refusal, Stale
from meetings.slots import alternatives
from rooms.models import Closure, Room
from tests.factories import NOW, RoomFactory, UserFactory, ana, book, draft, stretch, timed

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run these at the same moment, each on a connection of its own; results or refusals."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            gate.wait()
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_fifty_want_one_room():
    room, people = RoomFactory.create(), UserFactory.create_batch(50)
    wanted = draft(rooms=(room,))
    results = at_once(*(lambda p=p: scheduler.schedule(wanted, by=p, now=NOW) for p in people))
    assert Counter(type(r) for r in results) == {scheduler.Done: 1, scheduler.Conflicted: 49}
    assert (Booking.objects.count(), Meeting.objects.count()) == (1, 1)
    loser = next(r for r in results if isinstance(r, scheduler.Conflicted))
    offers = alternatives(loser.plan.proposal, list(Room.objects.with_details()), now=NOW)
    assert len(offers) == 3


def test_fifty_rounds_of_two_that_overlap():
    room, (one, two) = RoomFactory.create(), UserFactory.create_batch(2)
    for n in range(50):
        start = timed("2027-03-10 10:00").start + timedelta(hours=2 * n)
        early = draft(start.isoformat(), 60, rooms=(room,))
        late = draft((start + timedelta(minutes=30)).isoformat(), 60, rooms=(room,))
        results = at_once(
            lambda d=early: scheduler.schedule(d, by=one, now=NOW),
            lambda d=late: scheduler.schedule(d, by=two, now=NOW),
        )
        assert Counter(type(r) for r in results) == {scheduler.Done: 1, scheduler.Conflicted: 1}
    assert Booking.objects.count() == 50


def test_two_meetings_swap_their_rooms():
    """Each wants the room that the other has: both refuse, or one and then the other moves."""
    first, second = RoomFactory.create_batch(2)
    mine, theirs = book(ana(), rooms=(first,)), book(UserFactory.create(), rooms=(second,))

    def move(meeting, room):
        wanted = replace(scheduler.draft_of(meeting), room_ids=(room.pk,))
        return scheduler.edit(meeting, wanted, by=meeting.organizer, now=NOW, version=1)

    results = at_once(lambda: move(mine, second), lambda: move(theirs, first))
    assert all(isinstance(r, scheduler.Conflicted) for r in results)
    assert {(b.room, b.occurrence.meeting) for b in Booking.objects.live(NOW)} == {
        (first, mine),
        (second, theirs),
    }


def test_two_editors_of_one_meeting():
    meeting = book(ana())

    def rename(title):
        wanted = replace(scheduler.draft_of(meeting), title=title)
        return scheduler.edit(meeting, wanted, by=meeting.organizer, now=NOW, version=1)

    results = at_once(lambda: rename("One"), lambda: rename("Two"))
    assert Counter(type(r) for r in results) == {scheduler.Done: 1, Stale: 1}


def test_a_double_click_books_once():
    organizer = ana()
    results = at_once(
        *[lambda: scheduler.schedule(draft(), by=organizer, now=NOW, key="k") for _ in range(8)]
    )
    assert len({r.meeting.pk for r in results}) == 1
    assert (Meeting.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_a_room_is_booked_and_closed_at_once():
    """Whichever comes first: no meeting is booked into a closure that was there."""
    organizer = ana()
    for n in range(10):
        room = RoomFactory.create()
        during = stretch("2027-03-10 08:00", "2027-03-10 18:00")
        closure = Closure(room=room, during=(during.start, during.end), reason=f"paint {n}")
        booked, found = at_once(
            lambda room=room: scheduler.schedule(
                draft(rooms=(room,)), by=organizer, now=NOW, policy="allow"
            ),
            lambda closure=closure: scheduler.close_place(closure, by=organizer, now=NOW),
        )
        if isinstance(booked, scheduler.Done):
            assert len(found) == 1
        else:
            assert (isinstance(booked, scheduler.Conflicted), found) == (True, [])
