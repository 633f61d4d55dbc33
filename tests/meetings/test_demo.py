"""The demo: the same everywhere, loadable on every day, and of nobody's harm."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.demo import SIGN_INS
from accounts.models import User
from meetings.availability import closures_of, open_time
from meetings.conflicts import with_buffers
from meetings.dates import date_asked
from meetings.demo import company, load, planning
from meetings.demo.planning import Dated, planned
from meetings.health import health
from meetings.intervals import Stretch
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_range
from meetings.occurrences import calendar_of
from meetings.scheduler.indexing import check
from meetings.waiting import awaiting
from meetings.wallclock import midnight, week_of
from rooms.models import Closure, Room, Site
from tests.factories import ana

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2027, 3, 10, 10, 18, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def person(key: str) -> User:
    """Somebody of the demo."""
    return User.objects.get_queryset().get(email=f"{key}@example.com")


def mine(user: User, week: int = 0) -> list[Occurrence]:
    """Somebody's dates in a week around WEDNESDAY, in order."""
    monday = week_of(WEDNESDAY.date())[0] + timedelta(days=7 * week)
    within = Stretch(midnight(monday, BERLIN), midnight(monday + timedelta(days=7), BERLIN))
    return [entry.occurrence for entry in calendar_of(user, within)]


class TestLoaded(TestCase):
    """What the demo holds, loaded once on a Wednesday."""

    @classmethod
    def setUpTestData(cls) -> None:
        load.load(WEDNESDAY)

    def test_is_a_company(self) -> None:
        people = User.objects.get_queryset()
        assert people.count() == 40
        assert people.values("timezone").distinct().count() == 3
        assert Room.objects.count() == 15
        assert Site.objects.count() == 3
        assert Closure.objects.count() == 2
        assert all(user.email.endswith("@example.com") for user in people)
        assert Meeting.objects.count() > 150

    def test_has_the_four_sign_ins(self) -> None:
        for email in SIGN_INS:
            user = User.objects.get_queryset().get(email=email)
            assert user.check_password("demo")
            assert user.emailaddress_set.get().verified
            assert user.is_superuser == (email == "rae@example.com")

    def test_anas_week_shows_every_kind(self) -> None:
        reader = person("ana")
        week = mine(reader)
        answers = {i.status for i in reader.invitations.filter(meeting__occurrences__in=week)}
        assert len(week) > 35
        assert answers == set(Invitation.Status.values)
        meetings = [occurrence.meeting for occurrence in week]
        assert any(meeting.is_private for meeting in meetings)
        assert any(meeting.all_day and meeting.length.days > 1 for meeting in meetings)
        assert any(meeting.transparency == "free" for meeting in meetings)
        assert any(meeting.organizer != reader for meeting in meetings)
        for other in (-1, 1, 2):
            assert len(mine(reader, other)) > 9

    def test_a_day_is_full(self) -> None:
        reader = person("ana")
        thursday = datetime(2027, 3, 11, 9, 0, tzinfo=BERLIN).astimezone(UTC)
        busy = [o.stretch for o in mine(reader) if not o.meeting.all_day]
        quarters = [thursday + timedelta(minutes=15 * n) for n in range(34)]
        assert all(any(s.start <= at < s.end for s in busy) for at in quarters)

    def test_somebody_is_asked_outside_working_hours(self) -> None:
        review = Meeting.objects.get(title="Design review")
        yuki = review.invitations.get(user__email="yuki@example.com")
        assert review.occurrence.start.astimezone(yuki.user.zone).hour == 21
        assert yuki.role == "optional"

    def test_cy_is_a_stranger_to_ana_and_ben(self) -> None:
        cys = set(Invitation.objects.filter(user__email="cy@example.com").values_list("meeting"))
        theirs = Invitation.objects.filter(user__email__in=["ana@example.com", "ben@example.com"])
        assert cys
        assert not cys & set(theirs.values_list("meeting"))

    def test_room_101_is_booked_this_week_only(self) -> None:
        room = Room.objects.get(code="room-101")
        week = [midnight(day, BERLIN) for day in week_of(WEDNESDAY.date())]
        this_week = as_range(Stretch(week[0], week[-1] + timedelta(days=1)))
        assert room.hours == Room.Hours.ALWAYS
        assert room.buffers == (timedelta(0), timedelta(0))
        assert room.bookings.count() > 3
        assert not room.bookings.exclude(during__contained_by=this_week).exists()

    def test_nobody_is_told_but_of_what_is_to_come(self) -> None:
        waiting = list(Change.objects.to_announce(WEDNESDAY))
        kinds = Counter(change.kind for change in waiting)
        assert kinds == {"created": 7, "updated": 2, "cancelled": 1, "rooms": 1}
        for change in waiting:
            name = change.dates[0] if change.dates else ""
            assert date_asked(change.meeting, name, WEDNESDAY).start > WEDNESDAY
        asked = Invitation.objects.filter(
            meeting__changes__in=waiting, user__email="ben@example.com"
        )
        assert asked.filter(status="needs-action").count() >= 5

    def test_series_are_as_people_have_them(self) -> None:
        series = Meeting.objects.exclude(rrule="")
        assert series.count() > 15
        assert series.filter(all_day=True).exists()
        assert series.values("timezone").distinct().count() == 3
        stand_up = series.get(title="Stand-up")
        assert stand_up.invitations.filter(status="declined", note="At the dentist.").exists()
        assert stand_up.occurrences.filter(status="cancelled").count() == 1
        assert series.get(title="Engineering week").occurrences.filter(status="skipped").exists()
        planning = series.get(title="Week planning")
        (own,) = planning.occurrences.exclude(title=None)
        assert own.shown_title == "Week planning, with the budget"
        guest = planning.invitations.get(user__email="greta@example.com")
        assert guest.recurrence_id == own.recurrence_id
        roadmap = series.get(title="Roadmap with New York")
        (moved,) = (row for row in roadmap.occurrences.all() if row.is_moved)
        assert moved.when.day.weekday() == 1
        for meeting in series:
            assert not check(meeting, now=WEDNESDAY), meeting.title

    def test_a_series_of_ana_lacks_its_room_once_and_waits_for_it_later(self) -> None:
        meeting = Meeting.objects.get(title="Retrospective")
        shown = health(Meeting.objects.with_people().get(pk=meeting.pk), now=WEDNESDAY)
        (lost,) = (date for date in shown.dates if date.lost)
        (told,) = meeting.changes.filter(kind="rooms")
        assert told.dates == [lost.name]
        assert shown.waiting > 20

    def test_history_reads_in_the_order_of_time(self) -> None:
        times = list(Change.objects.order_by("pk").values_list("created_at", flat=True))
        assert times == sorted(times)
        assert times[-1] < WEDNESDAY

    def test_answers_carry_notes(self) -> None:
        assert Invitation.objects.exclude(note="").count() >= 4
        assert Change.objects.filter(kind="answered").count() > 400

    def test_guests_from_outside_are_asked(self) -> None:
        assert Invitation.objects.exclude(email="").filter(user=None).count() >= 3


# A weekend, the ends of months and years, the weeks of clock changes.
DAYS = [
    datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
    datetime(2027, 3, 13, 12, 0, tzinfo=UTC),
    datetime(2027, 3, 14, 7, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    datetime(2027, 4, 2, 21, 59, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 59, tzinfo=UTC),
    datetime(2027, 11, 4, 15, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 9, 0, tzinfo=UTC),
]
each_day = pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{now:%a %d %b %H:%M}")


def plan(now: datetime) -> list[Dated]:
    """What would be booked."""
    people = company.write_people(now)
    rooms = company.write_places()
    company.shut(rooms, by=people["rae"], now=now)
    return planned(rooms, now)


@each_day
def test_no_room_is_taken_twice_or_outside_what_it_offers(now: datetime) -> None:
    held: dict[Room, list[Stretch]] = defaultdict(list)
    for meeting in plan(now):
        for when in meeting.dates if meeting.room else ():
            assert meeting.room
            stretch = when.during()
            whole = with_buffers(stretch, meeting.room)
            shut = closures_of([meeting.room], [stretch])[meeting.room.pk]
            assert meeting.room.capacity > len([g for g in meeting.asked if not g.optional])
            assert open_time(meeting.room, stretch) == [stretch]
            assert not any(closed.overlaps(stretch) for closed, _reason in shut)
            assert not any(other.overlaps(whole) for other in held[meeting.room])
            held[meeting.room].append(whole)
    assert len(held) == 15


@each_day
def test_everything_is_made_and_answered_before_it_begins(now: datetime) -> None:
    for meeting in plan(now):
        begins = meeting.when.during().start
        assert meeting.made < min(begins, now)
        assert all(meeting.made <= answer.at < min(begins, now) for answer in meeting.answers)
        if meeting.entry.announced:
            assert now - meeting.made < timedelta(hours=2)
            assert begins > now
        else:
            local = meeting.made.astimezone(BERLIN)
            assert local.weekday() < 5
            assert 9 <= local.hour < 15


@pytest.mark.long
@each_day
def test_loads_on_any_day(now: datetime) -> None:
    load.load(now)
    assert awaiting(person("ana"), now).count() >= 3
    assert awaiting(person("ben"), now).count() >= 5


def test_is_the_same_twice() -> None:
    first = [_as_values(meeting) for meeting in plan(WEDNESDAY)]
    load.forget()
    assert [_as_values(meeting) for meeting in plan(WEDNESDAY)] == first
    assert len(first) > 150


def _as_values(meeting: Dated) -> tuple[object, ...]:
    return (
        meeting.entry,
        meeting.when,
        meeting.room and meeting.room.code,
        meeting.made,
        meeting.answers,
    )


class TestCommand:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only what waits for an answer, to be quick."""
        monkeypatch.setattr(planning, "WEEKS", {})
        monkeypatch.setattr(planning, "SERIES", [])

    def test_says_what_there_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("demo")
        said = capsys.readouterr().out
        assert "40 people, 15 rooms, " in said
        assert "ana@example.com" in said

    def test_refuses_where_there_is_data(self) -> None:
        somebody = ana(password="secret")
        with pytest.raises(CommandError, match="only an empty database"):
            call_command("demo")
        call_command("demo", if_empty=True)
        assert list(User.objects.get_queryset()) == [somebody]

    def test_refuses_in_production(self, settings: Any) -> None:
        settings.DEMO = False
        with pytest.raises(CommandError, match="In production there is no demo"):
            call_command("demo")
        assert not User.objects.get_queryset().exists()

    def test_takes_nothing_back_but_its_own(self) -> None:
        ana()  # nobody can sign in, but this is no demo
        with pytest.raises(CommandError, match="only an empty database"):
            call_command("demo")
        assert User.objects.get_queryset().count() == 1

    def test_begins_anew_after_an_interruption(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(company, "open_doors", lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                load.load(WEDNESDAY)
        assert load.is_unfinished()
        call_command("demo", verbosity=0)
        assert not load.is_unfinished()
        assert User.objects.get_queryset().count() == 40
