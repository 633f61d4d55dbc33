"""Taking rooms from meetings of lower priority: who may, from whom, and what becomes of them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from meetings import scheduler
from meetings.models import Booking, Change, Meeting, Occurrence
from meetings.problems import InvalidDraft, NotAllowed, RoomClosed, RoomTaken, TooFewSeats
from meetings.scheduler import Conflicted, Override, Scope, taking_over
from meetings.wallclock import Timed
from rooms.models import Closure, Room
from tests.factories import (
    BERLIN,
    NOW,
    AmenityFactory,
    RoomFactory,
    UserFactory,
    ana,
    ben,
    book,
    cy,
    days,
    draft,
    stretch,
    timed,
)

LOW, NORMAL, HIGH = Meeting.Priority
BOARD = Override("The board meets here")
DAILY = "FREQ=DAILY;COUNT=5"

database = pytest.mark.django_db


def allowed(user: User) -> User:
    """Somebody who was given the permission."""
    user.user_permissions.add(Permission.objects.get(codename="override_bookings"))
    return User.objects.get(pk=user.pk)


def take(
    by: User, room: Room, *people: User, policy: Override = BOARD, seen: str = "", **fields: Any
) -> scheduler.Done:
    """A meeting of high priority in the room, Wednesday 10 March, 10:00–11:00."""
    values = {"priority": HIGH, "title": "Board", **fields}
    wanted = draft("2027-03-10 10:00", 60, *people, rooms=(room,), **values)
    return scheduler.schedule(wanted, by=by, now=NOW, policy=policy, seen=seen or None)


def rooms_of(meeting: Meeting) -> list[set[str]]:
    """The rooms that each date holds."""
    held = Booking.objects.live(NOW).filter(kind=Booking.Kind.MEETING)
    return [
        set(held.filter(occurrence=row).values_list("room__name", flat=True))
        for row in meeting.occurrences.order_by("during")
    ]


def change_of(meeting: Meeting) -> Change:
    """The one change that tells of its displacement."""
    return Change.objects.get(meeting=meeting, kind=Change.Kind.DISPLACED)


@database
class TestWhatBecomesOfThem:
    def test_the_next_room_in_size_that_has_all_and_seats_everybody(self) -> None:
        screen = AmenityFactory.create()
        blue = RoomFactory.create(name="Blue", capacity=4)
        site = blue.site
        small = RoomFactory.create(name="Small", capacity=2, site=site)
        plain = RoomFactory.create(name="Plain", capacity=3, site=site)
        large = RoomFactory.create(name="Large", capacity=12, site=site)
        right = RoomFactory.create(name="Right", capacity=6, site=site)
        far = RoomFactory.create(name="Far", capacity=3)
        for room in (blue, small, large, right, far):
            room.amenities.add(screen)
        assert plain.pk
        victim = book(ana(), "2027-03-10 10:30", 60, ben(), "guest@example.com", rooms=(blue,))
        done = take(allowed(cy()), blue)
        victim.refresh_from_db()
        change = change_of(victim)
        assert rooms_of(done.meeting) == [{"Blue"}]
        assert rooms_of(victim) == [{"Right"}]
        assert [room.name for room in victim.rooms.all()] == ["Right"]
        assert change.fields == {"rooms": [["Blue"], ["Right"]]}
        assert (change.reason, change.by) == ("The board meets here", done.meeting.organizer)
        assert (victim.version, victim.sequence, change.version) == (2, 1, 2)
        assert change.not_before == NOW

    def test_without_a_room_it_keeps_its_time(self) -> None:
        blue = RoomFactory.create(name="Blue")
        victim = book(ana(), rooms=(blue,))
        take(allowed(cy()), blue)
        assert rooms_of(victim) == [set()]
        assert victim.occurrence.status == Occurrence.Status.SCHEDULED
        assert change_of(victim).fields == {"rooms": [["Blue"], []]}

    def test_or_is_called_off_if_that_was_chosen(self) -> None:
        blue = RoomFactory.create(name="Blue")
        victim = book(ana(), rooms=(blue,))
        take(allowed(cy()), blue, policy=Override("Why", cancel=True))
        victim.refresh_from_db()
        assert victim.cancelled
        assert victim.occurrence.status == Occurrence.Status.CANCELLED
        assert change_of(victim).fields == {"status": ["scheduled", "cancelled"]}

    def test_what_still_has_another_room_is_never_called_off(self) -> None:
        blue, green = RoomFactory.create(name="Blue"), RoomFactory.create(name="Green")
        victim = book(ana(), rooms=(blue, green))
        take(allowed(cy()), blue, policy=Override("Why", cancel=True))
        assert rooms_of(victim) == [{"Green"}]

    def test_of_a_series_only_the_dates_that_collide(self) -> None:
        blue = RoomFactory.create(name="Blue")
        RoomFactory.create(name="Green", site=blue.site)
        series = book(ana(), "2027-03-08 10:00", 60, rooms=(blue,), rrule=DAILY)
        take(allowed(cy()), blue)
        assert rooms_of(series) == [{"Blue"}, {"Blue"}, {"Green"}, {"Blue"}, {"Blue"}]
        change = change_of(series)
        name = "2027-03-10T10:00:00"
        assert change.dates == [name]
        assert change.fields == {
            "dates": [{name: {"rooms": ["Blue"]}}, {name: {"rooms": ["Green"]}}]
        }
        assert list(series.rooms.all()) == [blue]
        call_command("rebuild_occurrences", "--check")

    def test_for_a_series_one_change_for_each_meeting(self) -> None:
        blue = RoomFactory.create(name="Blue")
        organizer = ana()
        single = book(organizer, "2027-03-11 10:00", 60, rooms=(blue,))
        series = book(organizer, "2027-03-08 10:00", 60, rooms=(blue,), rrule="FREQ=DAILY;COUNT=3")
        wanted = draft("2027-03-08 10:00", 60, rooms=(blue,), rrule=DAILY, priority=HIGH)
        policy = Override("Why", cancel=True)
        done = scheduler.schedule(wanted, by=allowed(cy()), now=NOW, policy=policy)
        assert rooms_of(done.meeting) == [{"Blue"}] * 5
        assert change_of(single).dates == []
        assert len(change_of(series).dates) == 3
        statuses = {row.status for row in series.occurrences.all()}
        assert statuses == {Occurrence.Status.CANCELLED}

    @pytest.mark.parametrize("scope", [Scope.THIS, Scope.ALL])
    def test_an_edit_takes_rooms_too_and_cannot_be_undone(self, scope: Scope) -> None:
        blue, by = RoomFactory.create(name="Blue"), allowed(cy())
        victim = book(ana(), rooms=(blue,))
        ours = book(by, "2027-03-09 10:00", 60, rrule="FREQ=DAILY;COUNT=3")
        name = "2027-03-10T10:00:00" if scope is Scope.THIS else ""
        before = scheduler.draft_of(ours, scope=scope, recurrence_id=name)
        done = scheduler.edit(
            ours,
            replace(before, room_ids=(blue.pk,), priority=HIGH),
            by=by,
            now=NOW,
            version=1,
            policy=BOARD,
            undo=timedelta(seconds=10),
            scope=scope,
            recurrence_id=name,
        )
        assert rooms_of(victim) == [set()]
        assert rooms_of(ours)[1] == {"Blue"}
        assert done.change is not None
        assert done.change.not_before == NOW
        assert not hasattr(done.change, "undo")

    def test_an_all_day_meeting_in_another_room_of_the_site(self) -> None:
        blue = RoomFactory.create(name="Blue")
        RoomFactory.create(name="Green", site=blue.site)
        victim = book(ana(), rooms=(blue,), when=days("2027-03-10"), zone=BERLIN)
        take(allowed(cy()), blue)
        assert rooms_of(victim) == [{"Green"}]


@database
class TestWhoGivesWay:
    @pytest.mark.parametrize(
        ("ours", "theirs", "gives_way"),
        [
            (HIGH, NORMAL, True),
            (HIGH, LOW, True),
            (NORMAL, LOW, True),
            (HIGH, HIGH, False),
            (NORMAL, NORMAL, False),
            (NORMAL, HIGH, False),
            (LOW, LOW, False),
        ],
    )
    def test_by_priority(self, ours: int, theirs: int, *, gives_way: bool) -> None:
        blue = RoomFactory.create()
        book(ana(), rooms=(blue,), priority=theirs)
        by = allowed(cy())
        if gives_way:
            assert take(by, blue, priority=ours).plan
            return
        with pytest.raises(Conflicted) as refused:
            take(by, blue, priority=ours)
        assert isinstance(refused.value.plan.problems[0], RoomTaken)

    def test_the_priority_of_a_single_date_counts(self) -> None:
        blue, organizer = RoomFactory.create(), ana()
        series = book(organizer, "2027-03-08 10:00", 60, rooms=(blue,), rrule=DAILY)
        series.occurrences.filter(recurrence_id="2027-03-10T10:00:00").update(priority=HIGH)
        with pytest.raises(Conflicted):
            take(allowed(cy()), blue)

    def test_nobody_without_the_permission_and_nothing_without_a_reason(self) -> None:
        blue, stranger = RoomFactory.create(), cy()
        victim = book(ana(), rooms=(blue,))
        with pytest.raises(NotAllowed):
            take(stranger, blue)
        with pytest.raises(InvalidDraft) as wrong:
            take(allowed(stranger), blue, policy=Override(" \n"))
        assert list(wrong.value.errors) == ["reason"]
        assert rooms_of(victim) == [{blue.name}]

    def test_never_what_is_under_way_or_over(self) -> None:
        blue = RoomFactory.create()
        book(ana(), "2027-03-01 08:30", 60, rooms=(blue,))
        wanted = draft("2027-03-01 09:15", 60, rooms=(blue,), priority=HIGH)
        with pytest.raises(Conflicted):
            scheduler.schedule(wanted, by=allowed(cy()), now=NOW, policy=BOARD)

    def test_never_a_closure_a_small_room_or_what_is_closed(self) -> None:
        by = allowed(cy())
        shut = RoomFactory.create()
        during = stretch("2027-03-10 10:30", "2027-03-10 18:00")
        book(ana(), rooms=(shut,))
        Closure.objects.create(room=shut, during=(during.start, during.end), reason="paint")
        small = RoomFactory.create(capacity=1)
        book(ben(), rooms=(small,))
        for room, kind in ((shut, RoomClosed), (small, TooFewSeats)):
            with pytest.raises(Conflicted) as refused:
                take(by, room, User.objects.get(email="ben@example.com"))
            assert refused.value.plan.refused
            assert kind in {type(problem) for problem in refused.value.plan.problems}
        assert not Change.objects.filter(kind=Change.Kind.DISPLACED).exists()

    def test_never_what_is_held_for_somebody_elses_undo(self) -> None:
        blue, organizer = RoomFactory.create(), ana()
        meeting = book(organizer, rooms=(blue,))
        scheduler.cancel(meeting, by=organizer, now=NOW, undo=timedelta(seconds=10))
        with pytest.raises(Conflicted):
            take(allowed(cy()), blue)

    def test_never_a_room_that_cannot_be_booked_so_far_ahead(self) -> None:
        blue = RoomFactory.create()
        book(ana(), rooms=(blue,))
        Room.objects.filter(pk=blue.pk).update(horizon_days=3)
        with pytest.raises(Conflicted):
            take(allowed(cy()), blue)

    def test_never_another_date_of_its_own_series(self) -> None:
        blue, by = RoomFactory.create(), allowed(cy())
        series = book(by, "2027-03-09 10:00", 60, rooms=(blue,), rrule=DAILY)
        name = "2027-03-10T10:00:00"
        before = scheduler.draft_of(series, scope=Scope.THIS, recurrence_id=name)
        moved = replace(before, when=timed("2027-03-11 10:00"), priority=HIGH)
        with pytest.raises(Conflicted):
            scheduler.edit(
                series,
                moved,
                by=by,
                now=NOW,
                version=1,
                policy=BOARD,
                scope=Scope.THIS,
                recurrence_id=name,
            )

    def test_never_the_earlier_part_of_its_own_series(self) -> None:
        blue, by = RoomFactory.create(), allowed(cy())
        series = book(by, "2027-03-08 10:00", 60, rooms=(blue,), rrule=DAILY)
        first = scheduler.draft_of(series, scope=Scope.THIS, recurrence_id="2027-03-08T10:00:00")
        late = replace(first, when=timed("2027-03-11 14:00"), title="Late")
        series = scheduler.edit(
            series,
            late,
            by=by,
            now=NOW,
            version=1,
            scope=Scope.THIS,
            recurrence_id="2027-03-08T10:00:00",
        ).meeting
        name = "2027-03-10T10:00:00"
        rest = scheduler.draft_of(series, scope=Scope.FOLLOWING, recurrence_id=name)
        moved = replace(rest, when=timed("2027-03-10 14:00"), priority=HIGH)
        with pytest.raises(Conflicted):
            scheduler.edit(
                series,
                moved,
                by=by,
                now=NOW,
                version=2,
                policy=BOARD,
                scope=Scope.FOLLOWING,
                recurrence_id=name,
            )

    def test_a_victim_that_was_not_seen_is_shown_first(self) -> None:
        blue, by = RoomFactory.create(), allowed(cy())
        first = book(ana(), "2027-03-10 10:00", 30, rooms=(blue,))
        wanted = draft(rooms=(blue,), priority=HIGH, title="Board")
        seen = taking_over(
            scheduler.plan_schedule(wanted, by=by, now=NOW), now=NOW, cancel=False
        ).fingerprint
        second = book(ben(), "2027-03-10 10:30", 30, rooms=(blue,))
        with pytest.raises(Conflicted) as refused:
            take(by, blue, seen=seen)
        plan = refused.value.plan
        assert not plan.refused
        assert [d.occurrence.meeting for d in plan.displaced] == [first, second]
        assert rooms_of(first) == [{blue.name}]
        take(by, blue, seen=plan.fingerprint)
        assert rooms_of(first) == rooms_of(second) == [set()]


def held() -> list[tuple[int, Any]]:
    """Every live booking: room and stretch."""
    rows = Booking.objects.live(NOW).filter(kind=Booking.Kind.MEETING)
    return [(row.room_id, row.stretch) for row in rows]


def assert_no_room_twice() -> None:
    found = sorted(held())
    for (room, one), (other, two) in pairwise(found):
        assert room != other or one.end <= two.start


def assert_all_told(meetings: Iterable[Meeting]) -> None:
    """Each single meeting has the rooms it says, and its changes lead there step by step."""
    for meeting in Meeting.objects.filter(pk__in=[m.pk for m in meetings]):
        said = sorted(room.name for room in meeting.rooms.all())
        (has,) = rooms_of(meeting)
        assert sorted(has) == ([] if meeting.cancelled else said)
        changes = list(meeting.changes.filter(kind=Change.Kind.DISPLACED).order_by("pk"))
        assert [change.version for change in changes] == list(range(2, meeting.version + 1))
        for change in changes:
            if "rooms" in change.fields:
                assert change.fields["rooms"][0] != change.fields["rooms"][1]
        moves = [change.fields["rooms"] for change in changes if "rooms" in change.fields]
        for (_was, became), (was, _became) in pairwise(moves):
            assert became == was
        if moves and not meeting.cancelled:
            assert moves[-1][1] == said


OTHERS = st.lists(
    st.tuples(
        st.integers(0, 24),  # quarters of an hour after 8:00
        st.integers(1, 8),  # long
        st.integers(0, 3),  # in which room
        st.sampled_from([LOW, NORMAL, HIGH]),
        st.integers(0, 3),  # guests
    ),
    max_size=14,
)


class Calendars(TestCase):
    """Over random calendars of four rooms."""

    @settings(max_examples=40, deadline=None)
    @given(OTHERS, st.booleans())
    def test_exactly_one_booking_and_everybody_accounted_for(
        self, others: list[tuple[int, int, int, int, int]], cancel: bool
    ) -> None:
        with time_machine.travel(NOW, tick=False):
            by, organizer = allowed(cy()), ana()
            blue = RoomFactory.create(name="Blue", capacity=5)
            rooms = [blue] + [
                RoomFactory.create(name=f"Room {n}", capacity=n, site=blue.site) for n in (2, 4, 6)
            ]
            booked = []
            for quarter, length, room, priority, guests in others:
                start = f"2027-03-10 {8 + quarter // 4:02}:{15 * (quarter % 4):02}"
                names = [f"guest{n}@example.com" for n in range(guests)]
                with suppress(Conflicted):
                    booked.append(
                        book(
                            organizer,
                            start,
                            15 * length,
                            *names,
                            rooms=(rooms[room],),
                            priority=priority,
                        )
                    )
            before = {m.pk: (m.version, rooms_of(m)) for m in booked}
            asked = stretch("2027-03-10 10:00", "2027-03-10 11:00")
            inside = [
                m
                for m in booked
                if m.occurrence.stretch.overlaps(asked) and rooms_of(m) == [{"Blue"}]
            ]
            outranked = all(m.priority < HIGH for m in inside)
            try:
                done = take(by, blue, policy=Override("Why", cancel=cancel))
            except Conflicted:
                assert not outranked
                assert before == {m.pk: (m.version, rooms_of(m)) for m in booked}
                return
            assert outranked
            assert rooms_of(done.meeting) == [{"Blue"}]
            assert_no_room_twice()
            assert_all_told(booked)
            told = set(
                Change.objects.filter(kind=Change.Kind.DISPLACED).values_list("meeting", flat=True)
            )
            assert told == {m.pk for m in inside}
            for meeting in Meeting.objects.filter(pk__in=before.keys() - told):
                assert (meeting.version, rooms_of(meeting)) == before[meeting.pk]
            seats = {room.name: room.capacity for room in rooms}
            for meeting in Meeting.objects.filter(pk__in=told):
                (has,) = rooms_of(meeting)
                assert meeting.cancelled == (cancel and not has)
                assert all(seats[name] >= meeting.invitations.count() for name in has)


def rounds(count: int) -> None:
    """Two overrides and a booking of the same rooms at once, again and again."""
    from tests.meetings.test_races import at_once

    one, two = allowed(cy()), allowed(ben())
    organizer, other = ana(), UserFactory.create()
    blue = RoomFactory.create(name="Blue")
    green = RoomFactory.create(name="Green", site=blue.site)
    for n in range(count):
        start = timed("2027-03-10 10:00").start + timedelta(hours=2 * n)
        when = Timed(start, BERLIN, timedelta(hours=1))
        victim = book(organizer, when=when, rooms=(blue,), priority=LOW)

        def taken(by: User, priority: int, room: Room, when: Timed = when) -> object:
            wanted = draft(when=when, rooms=(room,), priority=priority, title="Board")
            return scheduler.schedule(wanted, by=by, now=NOW, policy=Override("Why"))

        def booked(when: Timed = when) -> object:
            wanted = draft(when=when, rooms=(green,), priority=LOW, title="Sync")
            return scheduler.schedule(wanted, by=other, now=NOW)

        results = at_once(
            lambda: taken(one, NORMAL, blue),
            lambda: taken(two, HIGH, blue),
            booked,
        )
        done = [r.meeting for r in results if isinstance(r, scheduler.Done)]
        assert results[1].__class__ is scheduler.Done, results
        assert rooms_of(results[1].meeting) == [{"Blue"}]
        assert victim.changes.filter(kind=Change.Kind.DISPLACED).exists()
        assert_all_told([victim, *done])
    assert_no_room_twice()


@pytest.mark.django_db(transaction=True)
def test_ten_rounds_at_once() -> None:
    rounds(10)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_hundred_rounds_at_once() -> None:
    rounds(100)
