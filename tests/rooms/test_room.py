"""A room's page: its facts, its week, and what a reader may know of it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.models import Booking
from rooms.models import Closure, OpeningHours, Room
from rooms.views.held import Words
from tests.factories import AmenityFactory, RoomFactory, ana, at, ben, book, cy, rae

NOON = datetime(2027, 3, 10, 11, 0, tzinfo=UTC)  # Wednesday, 12:00 in Berlin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def page(room: Room, reader: User, **query: str) -> object:
    """The room's page as `reader` gets it."""
    client = Client()
    client.force_login(reader)
    return client.get(room.get_absolute_url(), query)


def blocks(room: Room, reader: User, **query: str) -> list[Words]:
    """What the columns say, in order."""
    grid = page(room, reader, **query).context["grid"]
    return [block.value for day in grid.days for block in day.blocks]


def test_asks_who_is_there() -> None:
    room = RoomFactory.create()
    assert Client().get(room.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("address", ["/rooms/nowhere/", "/rooms/day/", "/rooms/a%20b/"])
def test_unknown_rooms_are_not_found(client: Client, address: str) -> None:
    client.force_login(ana())
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("date", ["soon", "2027-02-30", "1500-01-01", ""])
def test_dates_that_are_none_are_not_found(date: str) -> None:
    assert page(RoomFactory.create(), ana(), date=date).status_code == 404


def test_says_what_it_offers() -> None:
    room = RoomFactory.create(
        name="Atlas",
        capacity=14,
        floor="4th floor",
        site__name="Berlin",
        hours=Room.Hours.OWN,
        buffer_after=15,
        description="Mind the step.",
    )
    room.amenities.add(AmenityFactory.create(name="screen"))
    for weekday in (0, 1, 2):
        OpeningHours.objects.create(room=room, weekday=weekday, start=540, end=720)
        OpeningHours.objects.create(room=room, weekday=weekday, start=780, end=1080)
    text = page(room, ana()).content.decode()
    for words in (
        "Berlin, 4th floor",
        "14 seats, screen",
        'Mon–Wed <span class="num">9:00–12:00, 13:00–18:00</span>',
        'Thu–Sun <span class="num">closed</span>',
        "15 minutes after each meeting",
        "Mind the step.",
        f"{reverse('meetings:new')}?room={room.code}",
    ):
        assert words in text
    assert "by the clock of" not in text


def test_is_open_at_all_hours() -> None:
    room = RoomFactory.create(hours=Room.Hours.ALWAYS)
    assert "at all hours" in page(room, ana()).content.decode()


def test_that_is_not_in_use_says_so_and_is_not_offered() -> None:
    room = RoomFactory.create(active=False)
    text = page(room, ana()).content.decode()
    assert "This room is not in use and cannot be booked." in text
    assert f"?room={room.code}" not in text


class TestWeek:
    def test_shows_who_holds_it(self) -> None:
        room = RoomFactory.create()
        meeting = book(ana(), "2027-03-10 10:00", 60, ben(), rooms=(room,))
        (words,) = blocks(room, cy())
        assert (words.title, words.who, words.begins, words.until) == (
            "Design review",
            "Ana Berger",
            "10:00",
            "–11:00",
        )
        assert words.uid == str(meeting.uid)

    def test_of_another_date(self) -> None:
        room = RoomFactory.create()
        book(ana(), "2027-03-17 10:00", rooms=(room,))
        assert blocks(room, ben()) == []
        assert len(blocks(room, cy(), date="2027-03-21")) == 1
        assert blocks(room, rae(), date="2027-03-22") == []

    def test_a_private_meeting_reads_busy_to_others(self) -> None:
        room, organizer, invited = RoomFactory.create(), ana(), ben()
        meeting = book(organizer, "2027-03-10 10:00", 60, invited, title="Salaries",
                       visibility="private", rooms=(room,))  # fmt: skip
        for stranger in (cy(), rae()):
            response = page(room, stranger)
            text = response.content.decode()
            assert "Busy" in text
            for secret in ("Salaries", "Ana Berger", str(meeting.uid)):
                assert secret not in text
        for participant in (organizer, invited):
            text = page(room, participant).content.decode()
            assert "Salaries" in text
            assert str(meeting.uid) in text

    def test_mine_are_told_from_others(self) -> None:
        room, invited = RoomFactory.create(), ben()
        book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,))
        assert "hue-spruce" in blocks(room, invited)[0].look
        assert "hue-stone" in blocks(room, cy())[0].look

    def test_a_cancelled_meeting_is_gone(self) -> None:
        room, organizer = RoomFactory.create(), ana()
        meeting = book(organizer, "2027-03-11 10:00", rooms=(room,))
        scheduler.cancel(meeting, by=organizer, now=NOON)
        assert blocks(room, organizer) == []

    def test_a_meeting_that_moved_elsewhere_is_gone_though_it_can_be_undone(self) -> None:
        room, other, organizer = RoomFactory.create(), RoomFactory.create(), ana()
        meeting = book(organizer, "2027-03-11 10:00", rooms=(room,))
        draft = scheduler.draft_of(meeting)
        moved = type(draft)(**{**_fields(draft), "room_ids": (other.pk,)})
        scheduler.edit(meeting, moved, by=organizer, now=NOON, version=1,
                       undo=timedelta(seconds=10))  # fmt: skip
        assert Booking.objects.unreleased().filter(room=room).exists()
        assert blocks(room, organizer) == []
        assert len(blocks(other, organizer)) == 1

    def test_lit_is_when_it_can_be_had(self) -> None:
        room = RoomFactory.create(hours=Room.Hours.OWN, buffer_after=15)
        OpeningHours.objects.create(room=room, weekday=2, start=9 * 60, end=18 * 60)
        OpeningHours.objects.create(room=room, weekday=3, start=9 * 60, end=18 * 60)
        book(ana(), "2027-03-10 10:00", rooms=(room,))
        Closure.objects.create(
            room=room, reason="Paint", during=(at("2027-03-11 12:00"), at("2027-03-11 20:00"))
        )
        days = page(room, ben()).context["grid"].days
        assert [(band.begins, band.ends) for band in days[2].lit] == [
            ("09:00", "11:00"),
            ("11:15", "18:00"),
        ]
        assert [(band.begins, band.ends) for band in days[3].lit] == [("09:00", "12:00")]
        assert all(not day.lit for number, day in enumerate(days) if number not in (2, 3))

    def test_closures_stand_in_it_with_their_reason(self) -> None:
        room = RoomFactory.create()
        Closure.objects.create(
            room=room, reason="Paint", during=(at("2027-03-11 12:00"), at("2027-03-11 20:00"))
        )
        Closure.objects.create(
            site=room.site,
            reason="Holiday",
            during=(at("2027-03-12 00:00"), at("2027-03-14 00:00")),
        )
        response = page(room, ana())
        assert [words.title for words in blocks(room, ben())] == ["Paint"]
        (bar,) = response.context["grid"].bars
        assert (bar.value.title, bar.column, bar.span) == ("Holiday", 5, 2)
        text = response.content.decode()
        assert "Thu 11 March, 12:00–20:00: Paint" in text
        assert "Fri 12 – Sat 13 March: Holiday" in text
        assert "<dt>Closed</dt>" in text

    def test_is_on_the_readers_clock_and_says_so(self) -> None:
        room = RoomFactory.create(hours=Room.Hours.OWN)
        OpeningHours.objects.create(room=room, weekday=2, start=9 * 60, end=18 * 60)
        book(ana(), "2027-03-10 10:00", rooms=(room,))
        reader = rae(timezone="America/New_York")
        (words,) = blocks(room, reader)
        assert (words.begins, words.until) == ("4:00", "–5:00")
        response = page(room, reader)
        assert "by the clock of Berlin, CET" in response.content.decode()
        assert "on your clock, EST, EDT" in response.content.decode()  # clocks change this week
        assert response.context["grid"].days[2].lit[0].begins == "03:00"


@pytest.mark.parametrize("count", [1, 3])
def test_costs_the_same_whatever_it_holds(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    room, organizer = RoomFactory.create(), ana()
    for number in range(count):
        book(organizer, f"2027-03-1{number} 10:00", visibility="private", rooms=(room,))
        Closure.objects.create(
            room=room,
            reason="Paint",
            during=(at(f"2027-03-1{number} 16:00"), at(f"2027-03-1{number} 18:00")),
        )
        room.amenities.add(AmenityFactory.create())
    client.force_login(ben())
    with django_assert_num_queries(14):
        client.get(room.get_absolute_url())


def _fields(draft: object) -> dict[str, object]:
    return {name: getattr(draft, name) for name in type(draft).__dataclass_fields__}


def test_says_how_far_ahead_it_can_be_booked() -> None:
    reader = ben()
    assert "ahead" not in page(RoomFactory.create(), reader).content.decode()
    text = page(RoomFactory.create(horizon_days=90), reader).content.decode()
    assert "90 days ahead" in text
