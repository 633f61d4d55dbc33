"""The list of rooms at a time: which fit, what is said of the others, where they lead."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings.models.ranges import as_range
from rooms.models import Closure, OpeningHours, Room
from tests.factories import AmenityFactory, RoomFactory, SiteFactory, ana, at, ben, book, stretch

NOON = at("2027-03-10 12:00")  # Wednesday
AT_TWO = {"date": "2027-03-10", "start": "14:00", "end": "15:00"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Iterator[Client]:
    client.force_login(ben())
    with time_machine.travel(NOON, tick=False):
        client.force_login(User.objects.get_queryset().get())
        yield client


def said(client: Client, **query: object) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Each room with the reasons against it, and what would pass."""
    response = client.get(reverse("rooms:list"), AT_TWO | query)
    assert response.status_code == 200
    return [
        (a.room.name, [(r.what, r.more) for r in a.reasons], a.later_words)
        for a in response.context["answers"]
    ]


def shut(room: Room) -> None:
    during = as_range(stretch("2027-03-10 00:00", "2027-03-12 00:00"))
    Closure.objects.create(room=room, during=during, reason="Paint")


def opens_at_three(room: Room) -> None:
    OpeningHours.objects.create(site=room.site, weekday=2, start=15 * 60, end=20 * 60)


def taken(room: Room, **fields: object) -> None:
    book(ana(), "2027-03-10 13:30", rooms=(room,), **fields)


def tidied_after(room: Room) -> None:
    Room.objects.update(buffer_after=15)
    book(ana(), "2027-03-10 15:00", rooms=(room,))


RULES = [
    (lambda room: None, {}, [], ""),
    (taken, {}, [("taken 13:30–14:30", "By Design review, Ana Berger.")], "free from 14:30"),
    (
        lambda room: taken(room, visibility="private"),
        {},
        [("taken 13:30–14:30", "By a private meeting.")],
        "free from 14:30",
    ),
    (
        tidied_after,
        {},
        [
            (
                "taken 15:00–16:15",
                "By Design review, Ana Berger. "
                "The room is kept free for 15 minutes after each meeting.",
            )
        ],
        "free from 16:15",
    ),
    (
        shut,
        {},
        [("closed until Fri 12 March, 0:00", "Paint")],
        "free from Fri 12 March, 0:00",
    ),
    (
        opens_at_three,
        {},
        [("not open then", "That day it is open 15:00–20:00.")],
        "free from 15:00",
    ),
    (lambda room: None, {"seats": 10}, [("8 seats; you are 10", "")], ""),
    (lambda room: None, {"amenities": ["screen"]}, [("lacks screen", "")], ""),
    (
        lambda room: Room.objects.update(horizon_days=9),
        {"date": "2027-05-12"},
        [("not bookable yet", "It can be booked from Mon 3 May on.")],
        "",
    ),
    (lambda room: Room.objects.update(active=False), {}, [("out of use", "")], ""),
    (
        taken,
        {"seats": 10},
        [("taken 13:30–14:30", "By Design review, Ana Berger."), ("8 seats; you are 10", "")],
        "free from 14:30",
    ),
]


@pytest.mark.parametrize(("arrange", "query", "reasons", "later"), RULES)
def test_says_the_rule_and_what_would_pass(client, arrange, query, reasons, later) -> None:
    room = RoomFactory.create(name="Blue Room")
    arrange(room)
    AmenityFactory.create(name="screen").rooms.add(RoomFactory.create(name="Other", capacity=20))
    assert ("Blue Room", reasons, later) in said(client, **query)


def test_fitting_first_each_with_a_link_that_fills_the_form(client: Client) -> None:
    berlin, york = SiteFactory.create(name="Berlin"), SiteFactory.create(name="York")
    rooms = [
        RoomFactory.create(name=name, code=name.lower(), site=site, capacity=seats)
        for name, site, seats in [("Taken", berlin, 6), ("Large", berlin, 20), ("Fits", berlin, 6)]
    ]
    RoomFactory.create(name="Away", site=york)
    taken(rooms[0])
    response = client.get(reverse("rooms:list"), AT_TWO | {"site": "Berlin", "seats": 5})
    answers = response.context["answers"]
    assert [answer.room.name for answer in answers] == ["Fits", "Large", "Taken"]
    assert [answer.book for answer in answers] == [
        "/meetings/new/?room=fits&date=2027-03-10&time=14%3A00&length=60",
        "/meetings/new/?room=large&date=2027-03-10&time=14%3A00&length=60",
        "",
    ]
    assert answers[2].later == "/meetings/new/?room=taken&date=2027-03-10&time=14%3A30&length=60"
    assert "2 of 3 rooms fit and are free, Wed 10 March, 14:00–15:00" in response.content.decode()
    values = client.get(answers[2].later).context["values"]
    assert (values["date"], values["start"], values["end"]) == ("2027-03-10", "14:30", "15:30")
    assert values["rooms"] == ["taken"]


def test_by_the_readers_clock(client: Client) -> None:
    User.objects.get_queryset().update(timezone="Asia/Tokyo")
    book(ana(), "2027-03-10 14:00", rooms=(RoomFactory.create(),))
    found = said(client, start="22:00", end="23:00")
    assert found[0][1][0][0] == "taken 22:00–23:00"
    assert found[0][2] == "free from 23:00"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({"start": "14:00"}, "Wed 10 March, 14:00–15:00"),
        ({"date": "2027-03-10"}, "Wed 10 March, 12:00–13:00"),
        ({"date": "2027-03-11"}, "Thu 11 March, 9:00–10:00"),
        ({"date": "2027-03-11", "end": "16:00"}, "Thu 11 March, 15:00–16:00"),
        ({"date": "2027-03-11", "start": "22:30", "end": "00:00"}, "Thu 11 March, 22:30–24:00"),
        ({"date": "2027-03-28", "start": "01:00", "end": "03:30"},
         "Sun 28 March, 1:00 CET – 3:30 CEST"),
    ],
)  # fmt: skip
def test_what_is_left_empty_is_guessed(client: Client, query: dict[str, str], asked: str) -> None:
    assert client.get(reverse("rooms:list"), query).context["asked"] == asked


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        (AT_TWO | {"end": "13:00"}, "end", "It ends before it begins. Choose a later time."),
        ({"date": "2027-03-09"}, "date", "That is over. Choose a time that is still to come."),
        (AT_TWO | {"date": "0001-01-01"}, "date", "Choose a day between the years 1900 and 2199."),
        (AT_TWO | {"date": "9999-12-31"}, "date", "Choose a day between the years 1900 and 2199."),
        (AT_TWO | {"date": "tomorrow"}, "date", "Enter a valid date."),
        (AT_TWO | {"start": "25:00"}, "start", "Enter a valid time."),
        (AT_TWO | {"start": "14:00\x00"}, "start", "Enter a valid time."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_does_not_filter(
    client: Client, query: dict[str, str], field: str, sentence: str
) -> None:
    RoomFactory.create()
    headers = {"HX-Request": "true", "HX-Target": "rooms"}
    response = client.get(reverse("rooms:list"), query)
    assert response.context["free"].errors == {field: [sentence]}
    assert len(response.context["rows"]) == 1
    assert sentence in response.content.decode()
    assert sentence in client.get(reverse("rooms:list"), query, headers=headers).content.decode()


def test_comes_in_pages(client: Client) -> None:
    site = SiteFactory.create()
    for number in range(51):
        RoomFactory.create(site=site, name=f"Room {number:02}")
    page = client.get(reverse("rooms:list"), AT_TWO).content.decode()
    assert "end=15%3A00&amp;page=2" in page
    assert [name for name, *_rest in said(client, page="2")] == ["Room 50"]
    assert [name for name, *_rest in said(client, page="99")] == ["Room 50"]
    assert len(said(client, page="²")) == len(said(client, page="9" * 99)) == 50


@pytest.mark.parametrize("count", [1, 3])
def test_costs_the_same_whatever_it_holds(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organizer = ana()
    for _n in range(count):
        room = RoomFactory.create()
        OpeningHours.objects.create(site=room.site, weekday=2, start=480, end=1080)
        book(organizer, "2027-03-10 14:00", rooms=(room,), visibility="private")
    with django_assert_num_queries(23):
        said(client)
