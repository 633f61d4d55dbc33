"""The live panel: what is said about a form while it is filled in."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from meetings.views.live import Panel
from rooms.models import Closure, Room
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    works,
)

pytestmark = pytest.mark.django_db

NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = works(ana())
    client.force_login(organizer)
    return organizer


def panel(client: Client, **fields: Any) -> Panel:
    """The panel for Wednesday 10 March 2027, 10:00–11:00 in Berlin, unless said otherwise."""
    values = {"date": "2027-03-10", "start": "10:00", "end": "11:00", "zone": "Europe/Berlin"}
    response = client.post("/meetings/new/live/", values | fields)
    assert response.status_code == 200
    found: Panel = response.context["panel"]
    return found


def spans(found: Panel, name: str) -> list[tuple[str, str, str]]:
    """What is drawn on somebody's strip."""
    assert found.strips is not None
    (row,) = [row for row in found.strips.rows if row.name == name]
    return [(span.start, span.end, span.mark) for span in row.spans]


def words(found: Panel, name: str) -> str:
    assert found.strips is not None
    return next(row.words for row in found.strips.rows if row.name == name)


def test_a_strip_is_lit_where_one_works_and_inked_where_one_is_busy(
    client: Client, organizer: User
) -> None:
    other = works(ben(), (8, 12), (13, 16))
    book(cy(), "2027-03-10 10:30", 60, other)
    answer(book(cy_again(), "2027-03-10 14:00", 30, other), other, "tentative")
    found = panel(client, required=other.email)
    assert spans(found, "Ben Okafor") == [
        ("08:00", "12:00", "lit"),
        ("13:00", "16:00", "lit"),
        ("10:30", "11:30", "busy busy-clash"),
        ("14:00", "14:30", "busy busy-maybe"),
    ]
    assert words(found, "Ben Okafor") == "Ben Okafor is busy 10:30–11:30, perhaps 14:00–14:30"
    assert words(found, "Ana Berger") == "Ana Berger is free all day"
    assert found.summary == "1 person collides"
    assert found.strips is not None
    assert found.strips.asked is not None
    assert (found.strips.asked.start, found.strips.asked.mark) == ("10:00", "asked asked-clash")


def cy_again() -> User:
    return UserFactory.create()


def test_everybody_stands_in_the_readers_zone(client: Client, organizer: User) -> None:
    works(UserFactory.create(name="Omar Haddad", email="omar@example.com", timezone=NEW_YORK))
    works(UserFactory.create(name="Yuki Tan", email="yuki@example.com", timezone=TOKYO))
    found = panel(
        client, required="omar@example.com", optional="yuki@example.com", start="16", end="17"
    )
    assert found.strips is not None
    notes = {row.name: row.note for row in found.strips.rows}
    assert notes == {"Ana Berger": "you", "Omar Haddad": "−6 h", "Yuki Tan": "optional, +8 h"}
    assert spans(found, "Omar Haddad") == [("15:00", "20:00", "lit")]
    assert spans(found, "Yuki Tan") == [("07:00", "09:00", "lit")]
    assert found.late == ["0:00 for Yuki, outside working hours."]
    assert found.remarks == ["It is 10:00 for Omar."]


def test_the_reader_is_told_of_her_own_evening_as_you(client: Client, organizer: User) -> None:
    found = panel(client, required=works(ben()).email, start="22", end="23")
    assert found.late == ["22:00 for you and Ben, outside working hours."]


def test_another_zone_is_put_into_the_readers(client: Client, organizer: User) -> None:
    found = panel(client, zone="America/New_York")
    assert found.remarks == ["For you that is Wed 10 March, 16:00–17:00 CET."]
    assert found.strips is not None
    assert found.strips.asked is not None
    assert (found.strips.asked.start, found.strips.asked.end) == ("16:00", "17:00")


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        (
            {"date": "2027-03-28", "start": "2:30", "end": "3:30"},
            "2:30 does not exist that night; it will be 3:30.",
        ),
        (
            {"date": "2027-10-31", "start": "2:30", "end": "3:30"},
            "2:30 comes twice that night; the first is meant.",
        ),
        ({"date": "2027-02-26"}, "That time has passed."),
        (
            {"required": "guest@elsewhere.example"},
            "1 guest has no calendar here, so nobody knows when they are free.",
        ),
    ],
)
def test_what_is_worth_knowing_of_a_time(
    client: Client, organizer: User, fields: dict[str, str], remark: str
) -> None:
    assert panel(client, **fields).remarks == [remark]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("10:00", "11:00", range(7, 20)),
        ("5:30", "6:30", range(5, 20)),
        ("20:00", "22:15", range(7, 23)),
        ("23:00", "0:00", range(7, 24)),
    ],
)
def test_the_picture_opens_wider_for_odd_hours(
    client: Client, organizer: User, start: str, end: str, hours: range
) -> None:
    found = panel(client, start=start, end=end)
    assert found.strips is not None
    assert found.strips.hours == hours


def test_all_day_asks_for_the_whole_picture(client: Client, organizer: User) -> None:
    found = panel(client, all_day="on", start="", end="")
    assert found.strips is not None
    assert found.strips.asked is not None
    assert (found.strips.asked.start, found.strips.asked.end) == ("07:00", "20:00")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"date": ""}, "Choose a date."),
        ({"end": "9"}, "The end must be after the start."),
        ({"start": "x"}, "“x” is not a time."),
        ({"zone": ""}, "Choose a time zone from the list."),
    ],
)
def test_without_a_time_it_says_what_is_missing(
    client: Client, organizer: User, fields: dict[str, str], missing: str
) -> None:
    RoomFactory.create()
    found = panel(client, **fields)
    assert found.strips is None
    assert found.missing.startswith(missing)
    assert [choice.standing for choice in found.rooms.choices] == [""]
    assert found.button == "Create"


def test_what_is_wrong_elsewhere_does_not_blind_it(client: Client, organizer: User) -> None:
    ben()
    found = panel(
        client, title="", required="ben@example.com, nobody@, Zoe", join_link="x", who="half ty"
    )
    assert found.strips is not None
    assert found.button == "Create"
    found = panel(client, title="", required="ben@example.com, Zoe", join_link="x", who="half ty")
    assert found.button == "Create and invite 1"


def standings(found: Panel) -> dict[str, str]:
    return {choice.room.name: choice.standing for choice in found.rooms.choices}


def test_rooms_that_fit_and_are_free_come_first_the_others_say_why(
    client: Client, organizer: User
) -> None:
    site = SiteFactory.create(timezone=BERLIN)

    def room(name: str, **fields: Any) -> Room:
        created: Room = RoomFactory.create(name=name, site=site, **fields)
        return created

    taken, shut = room("Blue Room"), room("Workshop")
    room("Nook", capacity=1)
    room("Hall", capacity=80)
    room("Green Room", capacity=4)
    RoomFactory.create(name="Far Room", site=SiteFactory.create(name="Tokyo", timezone=TOKYO))
    room("Old Room", active=False)
    book(cy(), rooms=(taken,))
    Closure.objects.create(
        room=shut,
        during=(at("2027-03-10 00:00"), at("2027-03-11 00:00")),
        reason="new floor",
    )
    found = panel(client, required=ben().email)
    assert standings(found) == {
        "Green Room": "free",
        "Hall": "free",
        "Far Room": "free",
        "Nook": "you are 2",
        "Blue Room": "taken 10:00–11:00",
        "Workshop": "closed, new floor",
    }
    assert list(standings(found))[:3] == ["Green Room", "Hall", "Far Room"]
    about = [choice.about for choice in found.rooms.choices]
    assert about[:3] == ["4 seats", "80 seats", "Tokyo, 8 seats"]


def test_rooms_are_found_by_name_and_a_chosen_one_stays(client: Client, organizer: User) -> None:
    site = SiteFactory.create(name="Harbour")
    for name in ("Blue Room", "Green Room"):
        RoomFactory.create(name=name, code=name[:4].lower(), site=site)
    RoomFactory.create(name="Attic", code="attic")
    found = panel(client, room_q="harbour gre", rooms=["attic"])
    assert set(standings(found)) == {"Green Room", "Attic"}
    assert set(standings(panel(client, room_q="nothing"))) == set()


def test_rooms_and_foot_ride_along(client: Client, organizer: User) -> None:
    RoomFactory.create(code="blue", name="Blue Room")
    values = {"date": "2027-03-10", "start": "10", "end": "11", "zone": "Europe/Berlin"}
    page = client.post("/meetings/new/live/", values | {"rooms": ["blue"]}).content.decode()
    assert '<div id="rooms" hx-swap-oob="true">' in page
    assert '<div class="sheet-foot" id="foot" hx-swap-oob="true">' in page
    assert "Mails nobody, holds Blue Room" in page


def test_the_button_has_the_reason_with_it(client: Client, organizer: User) -> None:
    other = works(ben(), (8, 18))
    book(cy(), "2027-03-10 10:30", 60, other)
    values = {"date": "2027-03-10", "start": "10", "end": "11", "zone": "Europe/Berlin"}
    page = client.post("/meetings/new/live/", values | {"required": other.email}).content.decode()
    foot = page.partition('id="foot"')[2]
    assert "Save anyway and invite 1" in foot
    assert '<span class="foot-why clash">1 person collides</span>' in foot
    page = client.post("/meetings/new/live/", values).content.decode()
    assert "foot-why" not in page


def test_a_room_is_swapped_within_its_site(client: Client, organizer: User) -> None:
    blue = RoomFactory.create(name="Blue Room", code="blue", floor="3rd floor")
    RoomFactory.create(name="Green Room", site=blue.site, floor="3rd floor", capacity=10)
    RoomFactory.create(name="Elsewhere")
    book(cy(), rooms=(blue,))
    found = panel(client, rooms=["blue"])
    assert [(o.headline, o.why) for o in found.swaps] == [
        ("Green Room", "10 seats, same floor, free then")
    ]
    assert all("Elsewhere" not in offer.why for offer in found.times)


def test_other_times_do_not_overlap_one_another(client: Client, organizer: User) -> None:
    other = ben()
    book(cy(), "2027-03-10 10:00", 60, other)
    found = panel(client, required=other.email)
    assert [offer.headline for offer in found.times] == [
        "Wed 10 March, 9:00–10:00",
        "Wed 10 March, 11:00–12:00",
        "Wed 10 March, 12:00–13:00",
    ]
    assert found.times[0].why == "Everyone is free."


def test_too_few_seats_offers_rooms_but_no_other_times(client: Client, organizer: User) -> None:
    small = RoomFactory.create(code="nook", capacity=1)
    RoomFactory.create(name="Hall", site=small.site, capacity=9)
    found = panel(client, rooms=["nook"], required=ben().email)
    assert [offer.headline for offer in found.swaps] == ["Hall"]
    assert found.times == []
    assert found.button == "Save anyway and invite 1"


def queries(client: Client, **fields: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        panel(client, **fields)
    return len(captured)


def test_the_number_of_queries_does_not_grow(client: Client, organizer: User) -> None:
    def more(count: int) -> str:
        site = SiteFactory.create(timezone=BERLIN)
        people = [works(UserFactory.create()) for _ in range(count)]
        for person in people:
            book(UserFactory.create(), "2027-03-10 10:00", 60, person, visibility="private")
        RoomFactory.create_batch(count, site=site, capacity=80)
        return ", ".join(person.email for person in people)

    few = queries(client, required=more(2), rooms=[Room.objects.first().code])  # type: ignore[union-attr]
    many = queries(client, required=more(12), rooms=[Room.objects.first().code])  # type: ignore[union-attr]
    assert many == few
    assert many < 40


def test_hundreds_of_rooms_and_people_are_cut_to_what_can_be_read(
    client: Client, organizer: User
) -> None:
    site = SiteFactory.create(timezone=BERLIN)
    Room.objects.bulk_create(
        Room(name=f"Room {n:03}", code=f"r{n}", site=site, capacity=100) for n in range(300)
    )
    people = User.objects.bulk_create(
        User(name=f"Zoe {n:03}", email=f"zoe{n}@example.com", timezone=BERLIN) for n in range(60)
    )
    for person in people[40:52]:
        book(cy_again(), "2027-03-10 10:00", 60, person)
    found = panel(client, required=", ".join(person.email for person in people))
    assert len(found.rooms.choices) <= 12
    assert found.rooms.more
    assert found.strips is not None
    assert len(found.strips.rows) == 20
    assert found.strips.left_out == 41
    assert {p.name for p in people[40:52]} <= {row.name for row in found.strips.rows}
    assert (len(found.findings), found.unsaid) == (10, 2)
    assert found.summary == "12 people collide"
