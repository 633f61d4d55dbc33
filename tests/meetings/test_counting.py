"""What is counted of meetings, answers and conflicts: once, and only if it came about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from meetings import scheduler
from meetings.events import announced
from meetings.models import Booking, Meeting
from meetings.scheduler import Conflicted, Override, Skip, plan_schedule
from meetings.scheduler.committing import committed
from tests.factories import NOW, RoomFactory, ana, answer, ben, book, days, draft
from tests.scraping import counted

pytestmark = pytest.mark.django_db

Counting = Callable[..., float]


@pytest.fixture
def more(django_capture_on_commit_callbacks: Any) -> Counting:
    """`more(act, name, **labels)`: by how much a figure grows when something is done."""

    def more(act: Callable[[], object], name: str, **labels: str) -> float:
        before = counted(name, **labels)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return counted(name, **labels) - before

    return more


def test_meetings_and_their_lengths(more: Counting) -> None:
    organizer = ana()

    def three() -> None:
        book(organizer, "2027-03-10 10:00", 45)
        book(organizer, "2027-03-11 10:00", 15)
        book(organizer, "2027-03-10 14:00", 60, rrule="FREQ=DAILY;COUNT=5")

    assert more(three, "meetings_created_total", repeats="no") == 2
    assert more(three, "meetings_created_total", repeats="yes") == 1
    assert more(three, "meeting_length_seconds_sum", all_day="no") == 2 * 3600
    assert more(three, "meeting_length_seconds_count", all_day="no") == 3

    def holiday() -> None:
        book(organizer, when=days("2027-03-20", 2))

    assert more(holiday, "meeting_length_seconds_sum", all_day="yes") == 2 * 86400


def test_nothing_that_did_not_come_about(more: Counting) -> None:
    organizer = ana()

    def refuse(**kwargs: object) -> None:
        raise RuntimeError

    def failed() -> None:
        announced.connect(refuse)
        try:
            with pytest.raises(RuntimeError):
                book(organizer)
        finally:
            announced.disconnect(refuse)

    assert more(failed, "meetings_created_total", repeats="no") == 0


def test_people_invited_and_their_answers(more: Counting) -> None:
    organizer, invited = ana(), ben()
    made: list[Meeting] = []

    def invite() -> None:
        made.append(book(organizer, "2027-03-10 10:00", 60, invited, "guest@example.com"))

    assert more(invite, "invitations_created_total", repeats="no") == 2
    for status in ("accepted", "tentative", "declined"):
        say = lambda status=status: answer(made[0], invited, status)  # noqa: E731
        assert more(say, "invitation_answers_total", answer=status) == 1


@pytest.mark.parametrize(
    ("policy", "seen", "outcome"),
    [
        ("reject", False, "refused"),
        ("propose", False, "refused"),
        ("ask", False, "asked"),
        ("ask", True, "saved"),
        ("allow", False, "saved"),
    ],
)
def test_how_a_busy_person_ends(more: Counting, policy: str, seen: bool, outcome: str) -> None:
    organizer, invited = ana(), ben()
    book(invited, "2027-03-10 10:00", 60)
    wanted = draft("2027-03-10 10:30", 60, invited)
    plan = scheduler.plan_schedule(wanted, by=organizer, now=NOW)

    def save() -> None:
        try:
            scheduler.schedule(
                wanted,
                by=organizer,
                now=NOW,
                policy=policy,
                seen=plan.fingerprint if seen else None,
            )
        except Conflicted:
            assert outcome != "saved"

    before = counted("conflicts_detected_total", problem="person_busy")
    checks = counted("conflict_check_duration_seconds_count", dates="one")
    assert more(save, "conflict_outcomes_total", policy=policy, outcome=outcome) == 1
    assert counted("conflicts_detected_total", problem="person_busy") == before + 1
    assert counted("conflict_check_duration_seconds_count", dates="one") >= checks + 1


def test_a_room_that_is_taken_over(more: Counting) -> None:
    organizer, invited = ana(), ben()
    room = RoomFactory.create()
    book(invited, "2027-03-10 10:00", 60, rooms=(room,))
    organizer.user_permissions.add(Permission.objects.get(codename="override_bookings"))
    organizer = User.objects.get(pk=organizer.pk)

    def take() -> None:
        wanted = draft(rooms=(room,), priority=Meeting.Priority.HIGH)
        scheduler.schedule(wanted, by=organizer, now=NOW, policy=Override("The board meets here"))

    found = counted("conflicts_detected_total", problem="room_taken")
    assert more(take, "conflict_outcomes_total", policy="override", outcome="displaced") == 1
    assert counted("conflicts_detected_total", problem="room_taken") == found + 1


def test_a_room_that_somebody_took_at_that_moment(more: Counting) -> None:
    organizer, room = ana(), RoomFactory.create()
    theirs = book(ben(), "2027-03-10 10:00", 60, rooms=(room,)).occurrence
    wanted = draft(rooms=(room,))

    def come_late() -> None:
        def work() -> None:
            Booking.objects.create(
                room=room, occurrence=theirs, during=theirs.during, created_at=NOW
            )

        with pytest.raises(Conflicted):
            committed(work, plan=lambda: plan_schedule(wanted, by=organizer, now=NOW))

    assert more(come_late, "conflict_outcomes_total", policy="any", outcome="too_late") == 1


def test_what_is_decided_for_dates(more: Counting) -> None:
    organizer, room = ana(), RoomFactory.create()
    book(ben(), "2027-03-11 10:00", 60, rooms=(room,))
    wanted = draft(rooms=(room,), rrule="FREQ=DAILY;COUNT=5")

    def save() -> None:
        decisions = {"2027-03-11T10:00:00": Skip()}
        scheduler.schedule(
            wanted, by=organizer, now=NOW + timedelta(minutes=1), decisions=decisions
        )

    assert more(save, "conflict_decisions_total", decision="skip") == 1
