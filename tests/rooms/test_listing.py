"""The list of rooms: who is found, what is said, what it costs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms.models import Closure, OpeningHours, Room
from tests.factories import (
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    ana,
    at,
    ben,
    book,
    rae,
)

NOON = datetime(2027, 3, 10, 11, 0, tzinfo=UTC)  # Wednesday, 12:00 in Berlin

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(ben())
    return client


def found(client: Client, **query: object) -> list[str]:
    """The names of the rooms that the list shows."""
    response = client.get(reverse("rooms:list"), query)
    assert response.status_code == 200
    return [row.room.name for row in response.context["rows"]]


def test_asks_who_is_there() -> None:
    response = Client().get(reverse("rooms:list"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_shows_rooms_by_site_and_floor(client: Client) -> None:
    berlin, york = SiteFactory.create(name="Berlin"), SiteFactory.create(name="York")
    RoomFactory.create(name="Zoo", site=york)
    RoomFactory.create(name="Nook", site=berlin, floor="2nd floor")
    RoomFactory.create(name="Atlas", site=berlin, floor="1st floor")
    assert found(client) == ["Atlas", "Nook", "Zoo"]


class TestFilters:
    @pytest.fixture(autouse=True)
    def rooms(self) -> None:
        berlin, york = SiteFactory.create(name="Berlin"), SiteFactory.create(name="York")
        screen, camera = (AmenityFactory.create(name=name) for name in ("screen", "camera"))
        atlas = RoomFactory.create(name="Atlas", code="b-4", site=berlin, capacity=14)
        nook = RoomFactory.create(name="Nook", site=berlin, floor="3rd floor", capacity=4)
        zoo = RoomFactory.create(name="Zoo", site=york, capacity=8)
        atlas.amenities.set([screen, camera])
        nook.amenities.set([screen])
        zoo.amenities.set([camera])

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["Atlas", "Nook", "Zoo"]),
            ({"site": "York"}, ["Zoo"]),
            ({"seats": "8"}, ["Atlas", "Zoo"]),
            ({"amenities": ["screen"]}, ["Atlas", "Nook"]),
            ({"amenities": ["screen", "camera"]}, ["Atlas"]),
            ({"q": "oo"}, ["Nook", "Zoo"]),
            ({"q": "3rd NOOK"}, ["Nook"]),
            ({"q": "b-4"}, ["Atlas"]),
            ({"site": "Berlin", "seats": "5", "amenities": ["screen"]}, ["Atlas"]),
            ({"site": "York", "seats": "9"}, []),
        ],
        ids=str,
    )
    def test_each_and_all(self, client: Client, query: dict[str, object], names: list[str]) -> None:
        assert found(client, **query) == names

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"seats": "many"}, "seats"),
            ({"seats": "-1"}, "seats"),
            ({"seats": "9" * 30}, "seats"),
            ({"site": "Atlantis"}, "site"),
            ({"amenities": ["pool"]}, "amenities"),
            ({"q": "x" * 101}, "q"),
            ({"q": "\x00"}, "q"),
        ],
        ids=str,
    )
    def test_what_cannot_be_read_is_said_and_does_not_filter(
        self, client: Client, query: dict[str, object], field: str
    ) -> None:
        response = client.get(reverse("rooms:list"), query)
        assert len(response.context["rows"]) == 3
        (error,) = response.context["search"].errors[field]
        assert error in response.content.decode()

    def test_nothing_found_says_so(self, client: Client) -> None:
        page = client.get(reverse("rooms:list"), {"seats": "99"}).content.decode()
        assert "No room is like that." in page
        assert "Show all rooms" in page

    def test_a_fragment_for_htmx_and_its_address(self, client: Client) -> None:
        response = client.get(
            reverse("rooms:list"),
            {"q": "", "site": "York", "seats": ""},
            headers={"HX-Request": "true", "HX-Target": "rooms"},
        )
        page = response.content.decode()
        assert "Zoo" in page
        assert "Nook" not in page
        assert "<html" not in page
        assert 'id="rooms-count" role="status" hx-swap-oob="true">1 room<' in page
        assert response["HX-Push-Url"] == "/rooms/?site=York"

    def test_the_whole_page_when_the_browser_goes_back(self, client: Client) -> None:
        headers = {
            "HX-Request": "true",
            "HX-Target": "rooms",
            "HX-History-Restore-Request": "true",
        }
        assert b"<html" in client.get(reverse("rooms:list"), headers=headers).content


class TestWhatItIsNow:
    @pytest.fixture(autouse=True)
    def noon(self, client: Client) -> Iterator[None]:
        with time_machine.travel(NOON, tick=False):
            client.force_login(User.objects.get_queryset().get())
            yield

    def words(self, client: Client) -> str:
        """How the only room stands."""
        page = client.get(reverse("rooms:list")).content.decode()
        return page.split('room-standing">')[1].split("</span>")[0].split("<span")[0]

    def test_free(self, client: Client) -> None:
        RoomFactory.create()
        assert self.words(client) == "free for the rest of the day"

    def test_free_until_it_is_taken_with_its_buffer(self, client: Client) -> None:
        room = RoomFactory.create(buffer_before=15)
        book(ana(), "2027-03-10 14:00", rooms=(room,))
        assert self.words(client) == "free until 13:45"

    def test_taken_until_the_last_of_two_in_a_row(self, client: Client) -> None:
        room, organizer = RoomFactory.create(), ana()
        book(organizer, "2027-03-10 11:30", rooms=(room,))
        book(organizer, "2027-03-10 12:30", rooms=(room,))
        assert self.words(client) == "taken until 13:30"

    def test_free_as_another_ends(self, client: Client) -> None:
        room = RoomFactory.create()
        book(ana(), "2027-03-10 11:00", rooms=(room,))
        assert self.words(client) == "free for the rest of the day"

    def test_closed_with_the_reason(self, client: Client) -> None:
        room = RoomFactory.create()
        during = (at("2027-03-10 00:00"), at("2027-03-12 00:00"))
        Closure.objects.create(site=room.site, reason="New floor", during=during)
        assert self.words(client) == "closed until Fri 12 March"
        assert "New floor" in client.get(reverse("rooms:list")).content.decode()

    def test_not_open_yet(self, client: Client) -> None:
        room = RoomFactory.create(hours=Room.Hours.OWN)
        OpeningHours.objects.create(room=room, weekday=2, start=14 * 60, end=18 * 60)
        assert self.words(client) == "opens 14:00"

    def test_opens_on_another_day(self, client: Client) -> None:
        room = RoomFactory.create(hours=Room.Hours.OWN)
        OpeningHours.objects.create(room=room, weekday=0, start=8 * 60, end=18 * 60)
        assert self.words(client) == "opens Mon 15 March, 8:00"

    def test_in_the_readers_zone(self, client: Client) -> None:
        room = RoomFactory.create()
        book(ana(), "2027-03-10 14:00", rooms=(room,))
        client.force_login(rae(timezone="Asia/Tokyo"))
        assert self.words(client) == "free until 22:00"

    def test_not_in_use_and_not_bookable(self, client: Client) -> None:
        RoomFactory.create(code="old", active=False)
        assert self.words(client) == "not in use"
        assert "?room=old" not in client.get(reverse("rooms:list")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_costs_the_same_whatever_it_holds(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organizer = ana()
    for room in RoomFactory.create_batch(count):
        room.amenities.set(AmenityFactory.create_batch(count))
        OpeningHours.objects.create(site=room.site, weekday=2, start=480, end=1080)
        book(organizer, rooms=(room,))
        during = (at("2020-03-10 00:00"), at("2027-03-10 00:00"))
        Closure.objects.create(room=room, reason="Paint", during=during)
    with django_assert_num_queries(12):
        client.get(reverse("rooms:list"))


def test_comes_in_pages(client: Client) -> None:
    site = SiteFactory.create()
    for number in range(51):
        RoomFactory.create(site=site, name=f"Room {number:02}")
    page = client.get(reverse("rooms:list"), {"site": site.name})
    assert len(page.context["rows"]) == 50
    assert f"?site={site.name.replace(' ', '+')}&amp;page=2" in page.content.decode()
    assert found(client, page="2") == ["Room 50"]
    assert found(client, page="99") == ["Room 50"]
    assert len(found(client, page="nothing")) == 50
