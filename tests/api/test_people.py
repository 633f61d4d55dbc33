"""People over the API: calendars, free/busy, slots, oneself."""

from tests import factories
from tests.api.conftest import ProgramOf
from tests.factories import book

DAY = "start=2027-03-10T00:00:00Z&end=2027-03-11T00:00:00Z"


def test_others_read_what_they_may(program: ProgramOf) -> None:
    ana, ben = factories.works(factories.ana()), factories.works(factories.ben())
    book(ana, "2027-03-10 10:00", 60, ben)
    book(ana, "2027-03-10 14:00", 60, ben, title="Salary talk", visibility="private")
    factories.away(ben, "2027-03-10", start="16:00", note="Dentist")

    own = program(ben).get(f"/users/{ben.uid}/calendar?{DAY}&timezone=Europe/Berlin")
    stranger = program(factories.cy())
    seen = stranger.get(f"/users/ben@example.com/calendar?{DAY}")
    free = stranger.get(f"/users/{ben.uid}/availability?{DAY}")

    assert own["user_id"] == str(ben.uid)
    assert [(m["title"], m["start_time"]) for m in own["meetings"]] == [
        ("Design review", "2027-03-10T10:00:00+01:00"),
        ("Salary talk", "2027-03-10T14:00:00+01:00"),
    ]
    assert [(m["title"], m["meeting_id"] is None) for m in seen["meetings"]] == [
        ("Design review", False),
        ("Busy", True),
    ]
    assert [(b["meeting_title"], b["start"]) for b in free["busy_times"]] == [
        ("Design review", "2027-03-10T09:00:00Z"),
        (None, "2027-03-10T13:00:00Z"),
        (None, "2027-03-10T15:00:00Z"),
    ]
    assert free["available_slots"] == [
        {"start": "2027-03-10T08:00:00Z", "end": "2027-03-10T09:00:00Z"},
        {"start": "2027-03-10T10:00:00Z", "end": "2027-03-10T13:00:00Z"},
        {"start": "2027-03-10T14:00:00Z", "end": "2027-03-10T15:00:00Z"},
    ]
    assert stranger("GET", f"/users/nobody@example.com/calendar?{DAY}").status == 404


def test_busy_times_of_many(program: ProgramOf) -> None:
    ana, ben = factories.ana(), factories.ben()
    room = factories.RoomFactory(code="blue")
    book(ana, "2027-03-10 10:00", 60, rooms=[room])
    book(ana, "2027-03-10 11:00", 60)
    call = program(factories.cy())
    body = {"start": "2027-03-10T00:00:00Z", "end": "2027-03-11T00:00:00Z"}

    found = call.post(
        f"/users/{ana.uid}/busy-times",
        body | {"users": [ben.email], "rooms": ["blue"]},
        status=200,
    )

    assert [(b["user_id"], b["room_id"], b["start"], b["end"]) for b in found["busy_times"]] == [
        (str(ana.uid), None, "2027-03-10T09:00:00Z", "2027-03-10T11:00:00Z"),
        (None, "blue", "2027-03-10T09:00:00Z", "2027-03-10T10:00:00Z"),
    ]
    many = call("POST", f"/users/{ana.uid}/busy-times", body | {"users": ["a@b.example"] * 101})
    assert (many.status, many.json["errors"][0]["field"]) == (422, "users")


def test_the_best_times(program: ProgramOf) -> None:
    ana, ben = factories.works(factories.ana()), factories.works(factories.ben())
    factories.RoomFactory(code="blue", capacity=4)
    book(ben, "2027-03-10 09:00", 120)
    question = {
        "required": [ben.email],
        "minutes": 60,
        "start": "2027-03-10T08:00:00Z",
        "end": "2027-03-10T16:00:00Z",
        "near": "2027-03-10T09:00:00Z",
        "room": {"seats": 2},
    }

    found = program(ana).post("/slots", question, status=200)

    best = found["slots"][0]
    assert (best["start_time"], best["room_id"]) == ("2027-03-10T10:00:00Z", "blue")
    assert best["compromise"] is False
    assert best["reasons"]


def test_the_best_times_for_a_series(program: ProgramOf) -> None:
    ana, ben = factories.works(factories.ana()), factories.works(factories.ben())
    for day in ("2027-03-10", "2027-03-17"):
        book(ben, f"{day} 10:00", 60)
    call = program(ana)
    question = {
        "required": [ben.email],
        "minutes": 60,
        "start": "2027-03-10T09:00:00Z",
        "end": "2027-03-10T11:00:00Z",
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "limit": 20,
    }

    found = call.post("/slots", question | {"near": "2027-03-10T09:00:00Z"}, status=200)["slots"]
    without = call("POST", "/slots", question)
    endless = question | {"near": "2027-03-10T09:00:00Z", "rrule": "FREQ=HOURLY"}

    collide = {s["start_time"]: (s["colliding"], s["dates"]) for s in found}
    assert found[0]["start_time"] == "2027-03-10T10:00:00Z"
    assert collide["2027-03-10T10:00:00Z"] == ([], 3)
    assert collide["2027-03-10T09:45:00Z"] == (["2027-03-10T10:45:00", "2027-03-17T10:45:00"], 3)
    assert (found[0]["compromise"], found[-1]["compromise"]) == (False, True)
    assert (without.status, without.json["errors"][0]["field"]) == (422, "near")
    assert call("POST", "/slots", endless).json["errors"][0]["field"] == "rrule"


def test_oneself(program: ProgramOf) -> None:
    ana = factories.ana()
    call = program(ana)

    changed = call(
        "PATCH", "/me", {"timezone": "Asia/Tokyo", "working_hours": {"monday": "9-12, 13:00–17:30"}}
    )
    wrong = call("PATCH", "/me", {"working_hours": {"friday": "late"}})

    assert changed.status == 200
    assert call.get("/me") == changed.json
    assert changed.json["name"] == ana.name
    assert changed.json["timezone"] == "Asia/Tokyo"
    assert changed.json["working_hours"]["monday"] == "9:00–12:00, 13:00–17:30"
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "working_hours.friday")


def test_time_off(program: ProgramOf) -> None:
    ana, ben = factories.ana(), factories.ben()
    meeting = book(ana, "2097-03-13 10:00", 60, ben)
    call, other = program(ben), program(ana)
    days = {"first_day": "2097-03-12", "last_day": "2097-03-14", "decline_existing": True}

    made = call.post("/me/time-off", days)
    again = call("POST", "/me/time-off", days)
    place = f"/me/time-off/{made['time_off_id']}"
    moved = call("PUT", place, {"first_day": "2097-03-13", "until_time": "12:00"})

    assert made["declined"] == 1
    assert factories.invitation_of(meeting, ben).status == "declined"
    assert (again.status, again.json["errors"][0]["field"]) == (422, "first_day")
    assert (moved.json["last_day"], moved.json["until_time"]) == ("2097-03-13", "12:00:00")
    assert other("DELETE", place).status == 404
    assert call("DELETE", place).status == 204
    assert call.get("/me/time-off") == {"time_off": []}
