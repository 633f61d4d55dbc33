"""Rooms over the API: listed, found, seen when they are free, booked."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import TimestamptzRange

from meetings.models import Booking, Meeting
from rooms.models import Closure, OpeningHours, Room
from tests.api.conftest import ProgramOf
from tests.factories import (
    BERLIN,
    NOW,
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    ana,
    at,
    ben,
    book,
    cy,
)

ALWAYS = Room.Hours.ALWAYS
TEN, ELEVEN = "2027-03-10T09:00:00Z", "2027-03-10T10:00:00Z"  # in Berlin
TIME = {"start_time": TEN, "end_time": ELEVEN}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def shut(start: str, end: str, **place: Any) -> None:
    during = TimestamptzRange(at(start), at(end), "[)")
    Closure.objects.create(during=during, reason="Painting", **place)


def codes(found: dict[str, Any]) -> list[str]:
    return [room["room_id"] for room in found["rooms"]]


def test_rooms_are_listed_in_filtered_pages(program: ProgramOf) -> None:
    main, annex = SiteFactory(name="Main"), SiteFactory(name="Annex")
    screen, board = AmenityFactory(name="Screen"), AmenityFactory(name="Whiteboard")
    big = RoomFactory(code="big", name="Zeppelin", site=main, floor="2", capacity=20)
    big.amenities.add(screen, board)
    RoomFactory(code="mid", name="Birch", site=main, floor="2").amenities.add(screen)
    RoomFactory(code="low", name="Ash", site=main, floor="1", capacity=4)
    RoomFactory(code="far", name="Oak", site=annex, floor="3", active=False)
    call = program(ana())
    call.get("/rooms?limit=1")

    with CaptureQueriesContext(connection) as two:
        first = call.get("/rooms?limit=2")
    with CaptureQueriesContext(connection) as one:
        call.get("/rooms?limit=1")
    rest = call.get(f"/rooms?limit=2&cursor={first['next']}")

    assert [codes(first), codes(rest), rest["next"]] == [["far", "low"], ["mid", "big"], None]
    assert len(one) == len(two)
    assert first["rooms"][0]["standing"]["now"] == "inactive"
    assert codes(call.get("/rooms?site=main&capacity=8")) == ["mid", "big"]
    assert codes(call.get("/rooms?amenities=screen&amenities=whiteboard")) == ["big"]
    assert codes(call.get("/rooms?amenities=screen,Whiteboard")) == ["big"]
    assert codes(call.get("/rooms?q=2%20ir")) == ["mid"]
    for wrong, field in (
        *(("site=Nowhere", "site"), ("amenities=Pool", "amenities"), ("capacity=0", "capacity")),
        ("amenities=%00", "amenities.0"),
        *(("cursor=x", "cursor"), (f"free_from={TEN}", "free_until"), ("limit=101", "limit")),
        (f"free_from={ELEVEN}&free_until={TEN}", "free_until"),
        ("free_from=2027-02-01T09:00:00Z&free_until=2027-02-01T10:00:00Z", "free_until"),
    ):
        refused = call("GET", f"/rooms?{wrong}")
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)


def test_only_rooms_that_are_free_then(program: ProgramOf) -> None:
    organizer, site = ana(), SiteFactory()
    _small, taken, _large, closed = (
        RoomFactory(code=code, name=code, site=site, hours=ALWAYS, capacity=seats)
        for code, seats in (("small", 2), ("taken", 8), ("large", 20), ("closed", 8))
    )
    book(organizer, rooms=(taken,))
    shut("2027-03-10 10:30", "2027-03-10 12:00", room=closed)
    call = program(organizer)

    free = f"free_from={TEN}&free_until={ELEVEN}"
    first = call.get(f"/rooms?{free}&limit=1")
    rest = call.get(f"/rooms?{free}&limit=1&cursor={first['next']}")

    assert [codes(first), codes(rest), rest["next"]] == [["small"], ["large"], None]
    assert codes(call.get(f"/rooms?{free}&capacity=8")) == ["large"]
    later = "free_from=2027-03-10T11:00:00Z&free_until=2027-03-10T12:00:00Z"
    assert codes(call.get(f"/rooms?{later}")) == ["small", "closed", "taken", "large"]


def test_a_room_with_its_rules(program: ProgramOf) -> None:
    site = SiteFactory(name="Main", address="1 High Street")
    room = RoomFactory(
        code="room-101", site=site, hours="own", buffer_after=10, horizon_days=30, floor="1"
    )
    OpeningHours.objects.create(room=room, weekday=0, start=480, end=1440)
    shut("2027-03-01 08:00", "2027-03-02 00:00", site=site)
    shut("2027-02-01 08:00", "2027-02-02 00:00", room=room)
    call = program(ana())

    found = call.get("/rooms/room-101?timezone=Europe/Berlin")

    assert found == call.get(f"/rooms/{room.uid}?timezone=Europe/Berlin")
    assert found["opening_hours"] == [{"weekday": 0, "opens": "08:00", "closes": "24:00"}]
    assert (found["site"], found["timezone"], found["buffer_after"]) == ("Main", BERLIN.key, 10)
    assert found["bookable_until"] == "2027-04-01T00:00:00+02:00"
    assert found["standing"]["now"] == "shut"
    assert [(c["start"], c["reason"]) for c in found["closures"]] == [
        ("2027-03-01T08:00:00+01:00", "Painting")
    ]
    for nothing in ("room-1", "%00", "x" * 400, "é"):
        assert call("GET", f"/rooms/{nothing}").status == 404


def test_when_a_room_is_free_and_who_has_it(program: ProgramOf) -> None:
    organizer, stranger = ana(), cy()
    room = RoomFactory(code="room-101", buffer_before=5, buffer_after=10)
    OpeningHours.objects.create(site=room.site, weekday=2, start=480, end=1080)
    book(organizer, "2027-03-10 10:00", 60, rooms=(room,), title="Open")
    book(organizer, "2027-03-10 14:00", 60, rooms=(room,), title="Secret", visibility="private")
    shut("2027-03-10 17:00", "2027-03-10 19:00", room=room)
    window = "start=2027-03-10T06:00:00Z&end=2027-03-10T18:00:00Z&timezone=Europe/Berlin"

    found = program(stranger).get(f"/rooms/room-101/availability?{window}")

    def hours(name: str) -> list[tuple[str, str]]:
        return [(slot["start"][11:16], slot["end"][11:16]) for slot in found[name]]

    assert (found["room_id"], found["available"]) == ("room-101", False)
    # Five minutes before and ten after each meeting are kept free, twice where two could meet.
    assert hours("available_slots") == [("08:00", "09:45"), ("11:15", "13:45"), ("15:15", "17:00")]
    assert [(b["title"], b["organizer"]) for b in found["bookings"]] == [
        ("Open", organizer.email),
        ("Busy", None),
    ]
    assert hours("bookings") == [("10:00", "11:00"), ("14:00", "15:00")]
    assert hours("kept_free") == [
        *(("09:55", "10:00"), ("11:00", "11:10"), ("13:55", "14:00"), ("15:00", "15:10")),
    ]
    assert [c["reason"] for c in found["closures"]] == ["Painting"]
    slot = found["available_slots"][1]
    asked = f"start={slot['start']}&end={slot['end']}".replace("+", "%2B")
    assert program(stranger).get(f"/rooms/room-101/availability?{asked}")["available"] is True
    whole = {"title": "Long", "start_time": slot["start"], "end_time": slot["end"]}
    program(stranger).post("/rooms/room-101/book", whole)
    for wrong in (
        "start=2027-03-10T06:00:00Z&end=2027-03-10T06:00:00Z",
        "start=2027-03-10T06:00:00Z&end=2029-03-10T06:00:00Z",
    ):
        refused = program(stranger)("GET", f"/rooms/room-101/availability?{wrong}")
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, "end")


def test_the_room_finder_says_what_stands_against_a_room(program: ProgramOf) -> None:
    organizer, site = ana(), SiteFactory()
    screen = AmenityFactory(name="Screen")
    RoomFactory(code="good", name="good", site=site, hours=ALWAYS, capacity=9).amenities.add(screen)
    taken = RoomFactory(
        code="taken", name="taken", site=site, hours=ALWAYS, capacity=9, buffer_before=15
    )
    taken.amenities.add(screen)
    RoomFactory(code="small", name="small", site=site, hours=ALWAYS, capacity=4)
    late = RoomFactory(
        code="late", name="late", site=site, hours=ALWAYS, capacity=9, horizon_days=3
    )
    late.amenities.add(screen)
    book(organizer, "2027-03-10 10:30", 60, rooms=(taken,), title="Sync")
    call = program(organizer)
    wish = TIME | {"seats": 5, "amenities": ["screen"]}

    found = call.post("/rooms/find", wish, status=200)
    first = call.post("/rooms/find", wish | {"limit": 3}, status=200)
    rest = call.post("/rooms/find", wish | {"limit": 3, "cursor": first["next"]}, status=200)

    assert (found["fitting"], found["total"], found["dates"], found["next"]) == (1, 4, 1, None)
    assert codes(found) == [*codes(first), *codes(rest)] == ["good", "late", "taken", "small"]
    good, soon, busy, small = found["rooms"]
    assert (good["fits"], good["reasons"]) == (True, [])
    (reason,) = busy["reasons"]
    assert (reason["kind"], reason["until"]) == ("room-taken", "2027-03-10T10:45:00Z")
    assert busy["free_from"] == "2027-03-10T10:45:00Z"
    assert "11:45" in reason["passes"]
    (reason,) = soon["reasons"]
    assert (reason["kind"], reason["until"]) == ("not-yet-bookable", "2027-03-06T23:00:00Z")
    (reason,) = small["reasons"]
    assert (reason["kind"], reason["passes"]) == ("too-few-seats", "At most 4 people.")
    assert small["missing_amenities"] == ["Screen"]


def test_the_room_finder_looks_at_all_dates_of_a_rule(program: ProgramOf) -> None:
    organizer = ana()
    room = RoomFactory(code="room-101", hours=ALWAYS)
    busy = book(organizer, "2027-03-17 10:00", 60, rooms=(room,))
    call = program(organizer)
    wish = TIME | {"rrule": "FREQ=WEEKLY;COUNT=4"}

    found = call.post("/rooms/find", wish, status=200)
    own = call.post("/rooms/find", wish | {"meeting_id": str(busy.uid)}, status=200)

    (one,) = found["rooms"]
    assert (found["dates"], one["free_dates"], one["fits"]) == (4, 3, False)
    assert [r["recurrence_id"] for r in one["reasons"]] == ["2027-03-17T10:00:00"]
    assert own["rooms"][0]["fits"] is True
    over = {"start_time": "2027-02-10T09:00:00Z", "end_time": "2027-02-10T10:00:00Z"}
    for wrong, field in (
        *((over, "end_time"), ({"start_time": TEN}, "end_time"), ({}, "start_time")),
        *((TIME | {"rrule": "FREQ=NOW"}, "rrule"), (TIME | {"seats": -1}, "seats")),
        (TIME | {"recurrence_id": "2027-03-17T10:00:00"}, "meeting_id"),
    ):
        refused = call("POST", "/rooms/find", wrong)
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)
    other = call("POST", "/rooms/find", wish | {"meeting_id": str(busy.series)})
    assert other.status == 404


def test_a_new_meeting_in_a_room(program: ProgramOf) -> None:
    RoomFactory(code="room-101", hours=ALWAYS)
    RoomFactory(code="room-102", hours=ALWAYS)
    call = program(ana())
    body = TIME | {"title": "Review", "room_ids": ["room-102"]}

    plan = call.post("/rooms/room-101/book", body | {"dry_run": True}, status=200)
    made = call.post("/rooms/room-101/book", body, idempotency_key="one")
    again = call.post("/rooms/room-101/book", body, idempotency_key="one")

    assert (plan["possible"], plan["rooms_taken"]) == (True, ["room-101", "room-102"])
    assert (made["room_ids"], made["room_booked"]) == (["room-101", "room-102"], True)
    assert again == made
    assert Meeting.objects.count() == 1
    taken = program(ben())("POST", "/rooms/room-101/book", TIME | {"title": "Mine"})
    assert (taken.status, taken.json["conflicts"][0]["kind"]) == (409, "room-taken")
    nameless = call("POST", "/rooms/room-101/book", TIME)
    assert (nameless.status, nameless.json["errors"][0]["field"]) == (422, "title")
    assert call("POST", "/rooms/room-9/book", body).status == 404


def test_a_room_for_a_meeting_that_is_there(program: ProgramOf) -> None:
    organizer, invited, stranger = ana(), ben(), cy()
    taken = RoomFactory(code="taken", hours=ALWAYS)
    RoomFactory(code="room-101", hours=ALWAYS)
    book(stranger, rooms=(taken,))
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    call, body = program(organizer), {"meeting_id": str(meeting.uid)}

    assert program(invited)("POST", "/rooms/room-101/book", body).status == 403
    refused = call("POST", "/rooms/taken/book", body)
    assert (refused.status, refused.json["conflicts"][0]["kind"]) == (409, "room-taken")
    for wrong in ({"title": "New"}, TIME):
        assert call("POST", "/rooms/room-101/book", body | wrong).status == 422
    stale = call("POST", "/rooms/room-101/book", body, if_match='"9"')
    assert stale.status == 412
    plan = call.post("/rooms/room-101/book", body | {"dry_run": True}, status=200)
    assert plan["rooms_taken"] == ["room-101"]
    first = call("POST", "/rooms/room-101/book", body, if_match='"1"')
    again = call("POST", "/rooms/room-101/book", body, if_match='"1"')

    assert [first.status, again.status] == [201, 201]
    assert (first.json["room_ids"], first.json["version"]) == (["room-101"], meeting.version + 1)
    assert again.json == first.json
    assert Booking.objects.filter(occurrence__meeting=meeting).count() == 1


def test_a_room_for_one_date_of_a_series(program: ProgramOf) -> None:
    room = RoomFactory(code="room-101", hours=ALWAYS)
    meeting = book(organizer := ana(), rrule="FREQ=WEEKLY;COUNT=4")
    date = {"scope": "this", "recurrence_id": "2027-03-17T10:00:00"}
    call = program(organizer)

    found = call.post("/rooms/room-101/book", date | {"meeting_id": str(meeting.uid)})

    assert (found["recurrence_id"], found["room_ids"]) == (date["recurrence_id"], ["room-101"])
    (held,) = Booking.objects.filter(room=room).select_related("occurrence")
    assert held.occurrence is not None
    assert held.occurrence.recurrence_id == date["recurrence_id"]
    lonely = call("POST", "/rooms/room-101/book", date | TIME | {"title": "New"})
    assert (lonely.status, lonely.json["errors"][0]["field"]) == (422, "meeting_id")
