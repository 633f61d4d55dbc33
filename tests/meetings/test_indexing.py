"""The rows of series beside their record: extended, compared, restored; rooms booked later."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from psycopg.types.range import TimestamptzRange

from accounts.models import User
from meetings import recurrence, scheduler
from meetings.dates import horizon, index_of
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_range
from meetings.scheduler.clocks import apply_zone_rules
from meetings.scheduler.indexing import check, extend, rebuild, series_to_extend
from rooms.models import Closure, Room
from tests import factories
from tests.factories import BERLIN, NOW, at, book, stretch, timed

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEKLY = "FREQ=WEEKLY"


@pytest.fixture
def ana() -> User:
    return factories.ana()


def series(
    organizer: User,
    start: str = "2027-03-10 10:00",
    rrule: str = WEEKLY,
    *people: User,
    rooms: tuple[Room, ...] = (),
    now: datetime = NOW,
) -> Meeting:
    """A series with its rows as far as they reach at `now`, no room booked yet."""
    when = timed(start)
    meeting = Meeting.objects.create(
        ical_uid=f"{start}{rrule}@test",
        organizer=organizer,
        title="Planning",
        local_date=when.start.date(),
        local_time=when.start.time(),
        timezone=BERLIN,
        length=when.length,
        rrule=rrule,
        created_at=now,
        updated_at=now,
    )
    meeting.rooms.set(rooms)
    index = index_of(meeting, [], until=horizon(now))
    Occurrence.objects.bulk_create(index.rows)
    meeting.indexed_until = index.until
    meeting.save()
    last = recurrence.last(when, rrule)
    span = TimestamptzRange(when.during().start, last.during().end if last else None, "[)")
    for person in (organizer, *people):
        Invitation.objects.create(meeting=meeting, user=person, span=span)
    return meeting


def rows(meeting: Meeting) -> list[tuple[int, str, Any, str]]:
    return list(
        meeting.occurrences.order_by("recurrence_id").values_list(
            "pk", "recurrence_id", "during", "status"
        )
    )


def booked(room: Room) -> list[str]:
    held = Booking.objects.unreleased().filter(room=room, kind="meeting")
    return sorted(held.values_list("occurrence__recurrence_id", flat=True))


class TestRebuilding:
    """From the record, and nothing else."""

    def test_restores_what_is_missing_wrong_and_stale_and_nothing_else(self, ana: User) -> None:
        meeting = series(ana, "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=100", factories.ben())
        moved = meeting.occurrences.get(recurrence_id="2027-03-24T10:00:00")
        moved.meeting, moved.title = meeting, "Elsewhen"
        moved.when = timed("2027-03-25 15:00")
        moved.save()
        before = rows(meeting)
        assert check(meeting, now=NOW + DAY) == []

        missing = meeting.occurrences.get(recurrence_id="2027-03-17T10:00:00")
        missing.delete()
        wrong = as_range(stretch("2027-04-07 09:00", "2027-04-07 10:00"))
        shifted = ["2027-03-24T10:00:00", "2027-04-07T10:00:00"]  # a changed one, and another
        meeting.occurrences.filter(recurrence_id__in=shifted).update(during=wrong)
        Occurrence.objects.create(
            meeting=meeting, recurrence_id="2027-04-08T10:00:00", during=wrong
        )
        meeting.invitations.update(span=None)

        found = [str(drift) for drift in check(meeting, now=NOW)]
        assert len(found) == 5
        assert meeting.occurrences.filter(recurrence_id="2027-04-08T10:00:00").exists()
        assert [str(drift) for drift in rebuild(meeting, now=NOW)] == found
        assert rebuild(meeting, now=NOW) == []
        after = rows(meeting)
        assert [row[1:] for row in after] == [row[1:] for row in before]
        kept = {row for row in before if row[1] != "2027-03-17T10:00:00"}
        assert kept <= set(after)  # by the same ids
        last = recurrence.last(meeting.when, meeting.rrule)
        assert last is not None
        (span,) = set(meeting.invitations.values_list("span", flat=True))
        assert span is not None
        assert (span.lower, span.upper) == (at("2027-03-10 10:00"), last.during().end)

    def test_the_command_lists_and_fails_then_restores(self, ana: User) -> None:
        meeting, other = series(ana), book(ana, "2027-03-11 10:00")
        name = "2027-03-17T10:00:00"
        meeting.occurrences.get(recurrence_id=name).delete()
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("rebuild_occurrences", "--check", stdout=out)
        assert f"{meeting.uid}: {name} is missing" in out.getvalue()
        assert "Meetings looked at: 2. Differences found: 1." in out.getvalue()
        told = StringIO()
        with pytest.raises(CommandError):
            call_command("rebuild_occurrences", "--check", "--json", stdout=told)
        difference = {"meeting_id": str(meeting.uid), "recurrence_id": name}
        assert json.loads(told.getvalue()) == {
            "meetings": 2,
            "differences": [difference | {"difference": "is missing"}],
        }
        call_command("rebuild_occurrences", "--check", str(other.uid), stdout=out)
        call_command("rebuild_occurrences", stdout=out)
        assert meeting.occurrences.filter(recurrence_id=name).count() == 1
        call_command("rebuild_occurrences", "--check", stdout=out)


class TestExtending:
    """Further rows as time goes by, and rooms as they can be booked."""

    def test_adds_a_days_rows_once_and_keeps_the_others(self, ana: User) -> None:
        meeting = series(ana, rrule="FREQ=DAILY")
        before = rows(meeting)
        assert extend(now=NOW + HOUR) == 0
        later = NOW + 10 * DAY
        assert extend(now=later) == 1
        assert extend(now=later) == 0
        after = rows(meeting)
        assert after[: len(before)] == before
        assert len(after) == len(before) + 10
        meeting.refresh_from_db()
        assert meeting.indexed_until == horizon(later)
        assert check(meeting, now=later) == []
        assert not Change.objects.exists()

    def test_leaves_cancelled_and_whole_ones_alone(self, ana: User) -> None:
        cancelled = series(ana, rrule="FREQ=DAILY")
        Meeting.objects.filter(pk=cancelled.pk).update(cancelled=True)
        whole = series(ana, "2027-03-11 10:00", "FREQ=DAILY;COUNT=3")
        assert whole.indexed_until is None
        assert extend(now=NOW + 100 * DAY) == 0

    def test_books_a_room_when_its_horizon_lets_it(self, ana: User) -> None:
        room = factories.RoomFactory.create(horizon_days=14)
        series(ana, "2027-03-10 10:00", WEEKLY, rooms=(room,))
        extend(now=NOW)
        assert booked(room) == ["2027-03-10T10:00:00"]  # 1 March + 14 days: the 15th is the last
        assert series_to_extend(NOW + DAY)  # perhaps
        extend(now=at("2027-03-02 23:59"))
        assert booked(room) == ["2027-03-10T10:00:00"]  # but not before midnight
        extend(now=at("2027-03-03 00:00"))
        assert booked(room) == ["2027-03-10T10:00:00", "2027-03-17T10:00:00"]
        assert not Change.objects.exists()

    def test_tells_once_of_what_is_not_to_be_had(self, ana: User) -> None:
        room = factories.RoomFactory.create(name="Lise", horizon_days=30)
        other = factories.RoomFactory.create(name="Otto", horizon_days=30)
        ben = factories.ben()
        meeting = series(ana, "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=4", ben, rooms=(room, other))
        book(ben, "2027-03-17 10:30", rooms=(room,))
        closed = as_range(stretch("2027-03-24 08:00", "2027-03-24 12:00"))
        Closure.objects.create(room=room, during=closed, reason="Painting")
        for _twice in range(2):
            extend(now=NOW)
        row = meeting.occurrences.get(recurrence_id="2027-03-24T10:00:00")
        assert row.missed_rooms == [room.pk]
        assert len(booked(other)) == 4
        assert booked(room) == [
            "2027-03-10T10:00:00",
            "2027-03-17T10:30:00",
            "2027-03-31T10:00:00",
        ]
        change = meeting.changes.get()
        assert (change.kind, change.by, change.version) == ("rooms", None, meeting.version)
        assert change.dates == ["2027-03-17T10:00:00", "2027-03-24T10:00:00"]
        assert change.fields == {"rooms_missed": [[], ["Lise"]]}

    def test_a_room_of_ones_own_and_dates_that_do_not_take_place(self, ana: User) -> None:
        wanted, own = factories.RoomFactory.create(), factories.RoomFactory.create()
        meeting = series(ana, "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=3", rooms=(wanted,))
        meeting.occurrences.filter(recurrence_id="2027-03-17T10:00:00").update(room_ids=[own.pk])
        meeting.occurrences.filter(recurrence_id="2027-03-24T10:00:00").update(status="skipped")
        extend(now=NOW)
        assert (booked(wanted), booked(own)) == (["2027-03-10T10:00:00"], ["2027-03-17T10:00:00"])


class TestZoneRules:
    """The rows were made by other rules: here, by ones an hour off after the clock change."""

    @pytest.fixture
    def room(self) -> Room:
        return factories.RoomFactory.create()

    @pytest.fixture(autouse=True)
    def shift(self) -> Iterator[None]:
        yield
        assert not any(check(meeting, now=NOW) for meeting in Meeting.objects.all())

    def test_moves_dates_to_come_with_their_rooms_and_tells(self, ana: User, room: Room) -> None:
        first = series(ana, "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=5", rooms=(room,))
        second = series(ana, "2027-03-10 11:00", "FREQ=WEEKLY;COUNT=5", rooms=(room,))
        extend(now=NOW)
        right = rows(first) + rows(second)
        bookings = sorted(b.stretch for b in Booking.objects.unreleased())
        _by_other_rules(HOUR)  # the first's dates where the second's have to be, and so on
        out = StringIO()
        call_command("apply_zone_rules", "--dry-run", stdout=out)
        assert rows(first) + rows(second) != right

        assert len(apply_zone_rules(now=NOW)) == 2
        assert apply_zone_rules(now=NOW) == []
        assert rows(first) + rows(second) == right
        assert sorted(b.stretch for b in Booking.objects.unreleased()) == bookings
        after_the_change = ["2027-03-31T10:00:00", "2027-04-07T10:00:00"]
        change = first.changes.get()
        assert (change.kind, change.dates, change.fields) == ("clocks", after_the_change, {})

    def test_a_room_lost_by_it_is_missed(self, ana: User, room: Room) -> None:
        meeting = series(ana, "2027-03-31 10:00", "FREQ=WEEKLY;COUNT=2", rooms=(room,))
        extend(now=NOW)
        _by_other_rules(HOUR)
        book(ana, "2027-03-31 10:00", 30, rooms=(room,))
        apply_zone_rules(now=NOW)
        row = meeting.occurrences.get(recurrence_id="2027-03-31T10:00:00")
        assert row.missed_rooms == [room.pk]
        assert sorted(meeting.changes.values_list("kind", flat=True)) == ["clocks", "rooms"]
        assert booked(room) == ["2027-03-31T10:00:00", "2027-04-07T10:00:00"]


def test_past_dates_stay_where_they_were(ana: User) -> None:
    meeting = series(ana, "2027-03-31 10:00", "FREQ=WEEKLY;COUNT=2")
    _by_other_rules(HOUR)
    before = rows(meeting)
    apply_zone_rules(now=at("2027-04-02 00:00"))
    after = rows(meeting)
    assert after[0] == before[0]
    assert after[1] != before[1]


def _by_other_rules(by: timedelta) -> None:
    """All that is after 28 March 2027 lies later than it should."""
    change = at("2027-03-28 12:00")
    for row in Occurrence.objects.filter(during__startswith__gt=change):
        row.during = TimestamptzRange(row.start + by, row.end + by, "[)")
        row.save()
    for booking in Booking.objects.filter(during__startswith__gt=change).order_by("-during"):
        booking.during = TimestamptzRange(booking.stretch.start + by, booking.stretch.end + by)
        booking.save()


def test_commands_leave_nothing_to_restore(ana: User) -> None:
    ben, room = factories.ben(), factories.RoomFactory.create(horizon_days=30)
    meeting = book(ana, "2027-03-10 10:00", 60, ben, rooms=(room,), rrule=WEEKLY)
    done = [meeting]

    def change(name: str, scope: scheduler.Scope, **fields: Any) -> None:
        meeting = done[-1]
        meeting.refresh_from_db()
        started = scheduler.draft_of(meeting, scope=scope, recurrence_id=name)
        changed = replace(started, **fields)
        result = scheduler.edit(
            meeting, changed, by=ana, now=NOW, version=meeting.version, policy="allow",
            scope=scope, recurrence_id=name,
        )  # fmt: skip
        done.append(result.meeting)

    this, following, every = scheduler.Scope.THIS, scheduler.Scope.FOLLOWING, scheduler.Scope.ALL
    change("2027-03-17T10:00:00", this, title="Elsewhen", when=timed("2027-03-18 09:00"))
    change("", every, when=timed("2027-03-10 11:00", 30))
    change("2027-04-07T11:00:00", following, rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=50")
    for name, scope in (("2027-04-21T11:00:00", this), ("2028-04-05T11:00:00", following)):
        scheduler.cancel(done[-1], by=ana, now=NOW, scope=scope, recurrence_id=name)
    for later in (NOW, NOW + 20 * DAY):
        extend(now=later)
        for each in Meeting.objects.all():
            assert check(each, now=later) == []
    assert Meeting.objects.count() == 2
    assert booked(room)[-1] == "2027-04-07T11:00:00"
    assert not Change.objects.filter(kind="rooms").exists()
