"""What is on between two instants, for a person and in a room."""

import pytest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.context import rail
from meetings.models import Invitation
from meetings.occurrences import (
    calendar_of,
    how_many_come,
    occurrences_in_room,
    rooms_of,
    with_rooms,
)
from rooms.models import Room
from tests import factories
from tests.factories import NOW, answer, book, invitation_of, stretch

pytestmark = pytest.mark.django_db

DAY = stretch("2027-03-10 00:00", "2027-03-11 00:00")


@pytest.fixture
def ana() -> User:
    return factories.ana()


@pytest.fixture
def ben() -> User:
    return factories.ben()


@pytest.fixture
def room() -> Room:
    return factories.RoomFactory.create()


def titles(person: User, start: str, end: str) -> list[str]:
    return [entry.occurrence.shown_title for entry in calendar_of(person, stretch(start, end))]


def test_is_in_order_of_start_with_ones_own_answer(ana: User, ben: User) -> None:
    book(ana, "2027-03-10 15:00", 60, ben, title="later")
    answer(book(ana, "2027-03-10 09:00", 60, ben, title="earlier"), ben, "declined")
    book(ana, "2027-03-10 12:00", 60, title="only Ana's")
    found = calendar_of(ben, DAY)
    assert [(e.meeting.title, e.invitation.status) for e in found] == [
        ("earlier", "declined"),
        ("later", "needs-action"),
    ]
    assert {e.invitation.user_id for e in found} == {ben.pk}


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        pytest.param("2027-03-10 09:00", "2027-03-10 10:00", [], id="ends as it begins"),
        pytest.param("2027-03-10 11:00", "2027-03-10 12:00", [], id="begins as it ends"),
        pytest.param("2027-03-10 10:59", "2027-03-10 12:00", ["Design review"], id="its end"),
        pytest.param("2027-03-10 09:00", "2027-03-10 10:01", ["Design review"], id="its start"),
        pytest.param("2027-03-10 10:20", "2027-03-10 10:30", ["Design review"], id="within"),
    ],
)
def test_stretches_are_half_open(ana: User, start: str, end: str, found: list[str]) -> None:
    book(ana, "2027-03-10 10:00", 60)
    assert titles(ana, start, end) == found


def test_all_day_is_the_persons_own_day(ana: User) -> None:
    book(ana, when=factories.days("2027-03-10"))
    assert titles(ana, "2027-03-09 00:00", "2027-03-10 00:00") == []
    assert titles(ana, "2027-03-10 00:00", "2027-03-10 00:30") == ["Design review"]
    assert titles(ana, "2027-03-11 00:00", "2027-03-11 01:00") == []


def test_an_answer_for_one_date_outweighs_that_for_all(ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben)
    whole = invitation_of(meeting, ben)
    Invitation.objects.create(
        meeting=meeting,
        user=ben,
        recurrence_id=meeting.occurrence.recurrence_id,
        status="tentative",
        span=whole.span,
    )
    assert [e.invitation.status for e in calendar_of(ben, DAY)] == ["tentative"]


def test_cancelled_and_removed_are_gone(ana: User, ben: User) -> None:
    cancelled = book(ana, "2027-03-10 10:00", 60, ben)
    changed = book(ana, "2027-03-10 12:00", 60, ben)
    scheduler.cancel(cancelled, by=ana, now=NOW)
    scheduler.edit(changed, factories.draft("2027-03-10 12:00"), by=ana, now=NOW, version=1)
    assert calendar_of(ben, DAY) == []


def test_the_rooms_are_those_that_are_held(ana: User, room: Room) -> None:
    meeting = book(ana, rooms=(room,))
    (entry,) = calendar_of(ana, DAY)
    with_rooms([entry.occurrence])
    assert rooms_of(entry.occurrence) == [room]
    scheduler.edit(meeting, factories.draft(), by=ana, now=NOW, version=1)
    (entry,) = calendar_of(ana, DAY)
    with_rooms([entry.occurrence])
    assert rooms_of(entry.occurrence) == []


def test_how_many_come(ana: User, ben: User) -> None:
    two = book(ana, "2027-03-10 10:00", 60, ben)
    one = book(ana, "2027-03-10 12:00", 60)
    dates = [one.occurrence, two.occurrence]
    assert list(how_many_come(dates).values()) == [1, 2]


def test_what_holds_a_room(
    ana: User, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    book(ana, "2027-03-10 15:00", 60, rooms=(room,), title="later")
    book(ana, "2027-03-10 09:00", 60, rooms=(room,), title="earlier")
    book(ana, "2027-03-11 09:00", 60, rooms=(room,), title="the day after")
    book(ana, "2027-03-10 12:00", 60, rooms=(factories.RoomFactory.create(),), title="elsewhere")
    scheduler.cancel(
        book(ana, "2027-03-10 13:00", 60, rooms=(room,), title="cancelled"), by=ana, now=NOW
    )
    with django_assert_num_queries(1):
        held = occurrences_in_room(room, DAY, now=NOW)
        assert [(o.shown_title, str(o.meeting.organizer)) for o in held] == [
            ("earlier", "Ana Berger"),
            ("later", "Ana Berger"),
        ]


def test_the_rail_costs_nothing_until_it_is_shown(
    ana: User, ben: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    book(ana, "2027-03-10 10:00", 60, ben)
    request = RequestFactory().get("/")
    request.user = ben
    with django_assert_num_queries(0):
        rail(request)
