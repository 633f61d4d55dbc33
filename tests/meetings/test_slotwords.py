"""Why a slot stands where it does, in words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings.slots import Wish, find_slots
from meetings.slotwords import reasons
from rooms.models import Room
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
    stretch,
    works,
)

pytestmark = pytest.mark.django_db

TOKYO = ZoneInfo("Asia/Tokyo")


def said(*required, window=("13:00", "14:00"), **fields):
    """What is said of the best slot, what could be better with a ! before it."""
    start, end = (f"2027-03-10 {part}" for part in window)
    wish = Wish(
        required=required,
        length=timedelta(hours=1),
        window=stretch(start, end),
        zone=BERLIN,
        rooms=tuple(Room.objects.with_details()),
        **fields,
    )
    (slot,) = find_slots(wish, now=NOW, most=1)
    return ["!" * reason.care + reason.words for reason in reasons(slot, wish, BERLIN)]


def yuki(**fields):
    return UserFactory.create(name="Yuki Tan", timezone=TOKYO, **fields)


def test_all_can_come_inside_their_hours():
    here, invited = works(ana()), works(ben())
    assert said(here) == ["Ana can come", "inside everybody’s working hours"]
    assert said(here, invited)[0] == "Both can come"
    other = UserFactory.create(name="Lena Vogt")
    # Of Lena no hours are known, so nothing is said of everybody's.
    assert said(here, invited, other) == ["All 3 can come"]


def test_who_cannot_come_and_for_whom_it_is_late():
    here, invited, far = works(ana()), works(ben()), works(yuki())
    assert said(here, invited, far) == ["All 3 can come", "!21:00 for Yuki"]
    assert said(here, invited, window=("07:00", "08:00"))[1:] == [
        "!outside the working hours of Ana and Ben"
    ]
    meeting = book(far, "2027-03-10 13:00", 60, title="Secret plan", visibility="private")
    assert said(here, invited, far) == [
        "!2 of 3: not Yuki",
        "inside the working hours of those who can come",
    ]
    answer(meeting, far, "tentative")
    assert said(here, invited, far) == [
        "All 3 can come",
        "!perhaps without Yuki",
        "!21:00 for Yuki",
    ]


def test_of_many_only_some_are_named():
    busy = [UserFactory.create(name=f"{name} Wu") for name in ("Al", "Bo", "Cai", "Di", "Ed")]
    for person in busy:
        book(person, "2027-03-10 13:00", 60)
    assert said(ana(), *busy)[0] == "!1 of 6: not Al, Bo, Cai and 2 others"
    assert said(*busy[:4])[0] == "!0 of 4: not Al, Bo, Cai and Di"


def test_people_who_share_a_first_name_have_two():
    others = [UserFactory.create(name=name) for name in ("Bo Wu", "Bo Li")]
    book(others[0], "2027-03-10 13:00", 60)
    assert said(*others)[0] == "!1 of 2: not Bo Wu"


def test_optional_people():
    here, far = works(ana(), (8, 17)), works(yuki())
    early = ("08:00", "09:00")
    assert said(here, optional=(far,), window=early)[2:] == ["with Yuki (optional)"]
    assert said(here, optional=(far,))[2:] == ["with Yuki (optional)", "!21:00 for Yuki"]
    book(far, "2027-03-10 13:00", 60)
    assert said(here, optional=(far,))[2:] == ["!without Yuki (optional)"]


def test_the_room():
    berlin = SiteFactory.create(name="Berlin")
    here = works(ana())
    assert said(here, seats=4)[2:] == ["!no fitting room is free"]
    RoomFactory.create(name="Far Room", capacity=1, site=SiteFactory.create(timezone=TOKYO))
    blue = RoomFactory.create(name="Blue Room", capacity=10, site=berlin)
    assert said(here, seats=4)[2:] == ["Blue Room, 10 seats, Berlin"]
    assert said(here)[2:] == []
    far = works(yuki(), (0, 24), days=range(7))
    assert said(far, seats=1)[2].startswith("Far Room, 1 seat, ")
    assert said(far, seats=4)[2] == "!Blue Room, 10 seats, Berlin"
    Room.objects.filter(pk=blue.pk).update(active=False)
    assert said(here, seats=1)[2].startswith("!Far Room")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2027-03-10 13:00", "as asked"),
        ("2027-03-10 10:00", "3 hours later than asked"),
        ("2027-03-12 13:00", "2 days earlier than asked"),
    ],
)
def test_how_far_from_what_was_asked(asked, expected):
    assert said(works(ana()), near=at(asked))[-1].replace("\xa0", " ") == expected
