"""Series date by date over the API: their dates, their health, mending them, what was done."""

from typing import Any

import pytest

from accounts.models import User
from meetings.models import Meeting
from rooms.models import Room
from tests import factories
from tests.api.conftest import Program, ProgramOf

SERIES = {
    "title": "Weekly",
    "start_time": "2027-03-10T10:00:00+01:00",
    "end_time": "2027-03-10T11:00:00+01:00",
    "timezone": "Europe/Berlin",
    "attendees": ["ben@example.com"],
    "room_id": "room-101",
    "rrule": "FREQ=WEEKLY;COUNT=4",
}
NAMES = [
    *("2027-03-10T10:00:00", "2027-03-17T10:00:00", "2027-03-24T10:00:00"),
    "2027-03-31T10:00:00",
]


@pytest.fixture
def call(program: ProgramOf) -> Program:
    for code in ("room-101", "other"):
        factories.RoomFactory(code=code, hours=Room.Hours.ALWAYS)
    factories.ben()
    return program(factories.ana())


def booked(call: Program, **more: Any) -> str:
    return f"/meetings/{call.post('/meetings/recurring', SERIES | more)['meeting_id']}"


def ben(program: ProgramOf) -> Program:
    return program(User.objects.get(email="ben@example.com"))


def names(found: dict[str, Any]) -> list[str]:
    return [one["recurrence_id"] for one in found["occurrences"]]


SPRING = "start=2027-03-01T00:00:00Z&end=2027-04-30T00:00:00Z"


def test_dates_come_in_pages_with_their_state(call: Program) -> None:
    address = booked(call)
    call("DELETE", f"{address}?scope=this&recurrence_id={NAMES[1]}")
    own = {"title": "Once", "room_id": "other"}
    call("PATCH", f"{address}?scope=this&recurrence_id={NAMES[2]}", own)

    first = call.get(f"{address}/occurrences?{SPRING}&limit=3")
    rest = call.get(f"{address}/occurrences?{SPRING}&limit=3&cursor={first['next']}")

    assert (names(first), names(rest), rest["next"]) == (NAMES[:3], NAMES[3:], None)
    assert [(o["title"], o["status"], o["room_ids"]) for o in first["occurrences"]] == [
        ("Weekly", "scheduled", ["room-101"]),
        ("Weekly", "cancelled", ["room-101"]),
        ("Once", "scheduled", ["other"]),
    ]
    assert rest["occurrences"][0]["start_time"] == "2027-03-31T08:00:00Z"
    touching = "start=2027-03-17T09:59:00Z&end=2027-03-24T09:00:00Z"
    assert names(call.get(f"{address}/occurrences?{touching}")) == [NAMES[1]]


def test_dates_past_the_index_are_found(call: Program) -> None:
    address = booked(call, rrule="FREQ=YEARLY", room_id=None)
    window = "start=2049-12-31T00:00:00Z&end=2051-01-01T00:00:00Z"
    found = call.get(f"{address}/occurrences?{window}")
    assert names(found) == ["2050-03-10T10:00:00"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2027-03-01T00:00:00Z&end=2028-04-01T00:00:00Z", "end"),
        ("start=2027-03-01T00:00:00Z&end=2027-03-01T00:00:00Z", "end"),
        ("start=2199-12-31T00:00:00Z&cursor=AAAA", "cursor"),
        ("limit=101", "limit"),
    ],
)
def test_a_window_that_cannot_be(call: Program, query: str, field: str) -> None:
    answer = call("GET", f"{booked(call)}/occurrences?{query}")
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


def test_who_is_asked_to_one_date_of_a_private_series_sees_no_other(
    call: Program, program: ProgramOf
) -> None:
    address = booked(call, visibility="private", attendees=[])
    body = {"attendees": ["ben@example.com"]}
    call("PATCH", f"{address}?scope=this&recurrence_id={NAMES[2]}", body)
    assert names(ben(program).get(f"{address}/occurrences?{SPRING}")) == [NAMES[2]]
    assert ben(program)("GET", f"{address}/history").status == 403
    assert program(factories.cy())("GET", f"{address}/occurrences").status == 404


def test_health_tells_of_each_date_and_mending_decides(call: Program, program: ProgramOf) -> None:
    """Ben is busy on the second date, by himself; the third is skipped; the clocks change."""
    factories.works(factories.UserFactory(email="ny@example.com", timezone="America/New_York"))
    address = booked(call, attendees=["ben@example.com", "ny@example.com"])
    skip = [{"recurrence_id": NAMES[2], "choice": "skip"}]
    skipped = call.post(f"{address}/mend", {"decisions": skip}, status=200)
    assert (skipped["version"], skipped["room_booked"]) == (2, True)
    secret = {
        "title": "Secret",
        "start_time": "2027-03-17T09:30:00Z",
        "end_time": "2027-03-17T10:00:00Z",
        "visibility": "private",
        "on_conflict": "allow",
    }
    ben(program).post("/meetings", secret)

    found = call.get(f"{address}/health")

    assert (found["colliding"], found["skipped"], found["version"]) == (1, 1, 2)
    by_name = {date["recurrence_id"]: date for date in found["dates"]}
    assert [by_name[name]["status"] for name in NAMES] == [
        *("scheduled", "scheduled", "skipped", "scheduled")
    ]
    (conflict,) = by_name[NAMES[1]]["conflicts"]
    assert (conflict["kind"], conflict["email"]) == ("person-busy", "ben@example.com")
    assert "Secret" not in str(found)
    # Between the second and the fourth date Berlin changes its clocks, New York did before.
    shifts = {s["email"]: (s["before"], s["after"]) for s in by_name[NAMES[3]]["shifts"]}
    assert shifts == {"ny@example.com": ("05:00", "04:00")}
    listed = call.get(f"{address}/health?only_attention=true")["dates"]
    assert [date["recurrence_id"] for date in listed] == NAMES[1:]

    decisions = [
        {
            "conflict": conflict["id"],
            "choice": "other_time",
            "start_time": "2027-03-17T13:00:00Z",
            "end_time": "2027-03-17T14:00:00Z",
        },
        {"recurrence_id": NAMES[2], "choice": "try_again"},
        {"recurrence_id": NAMES[3], "choice": "other_room", "room_ids": ["other"]},
    ]
    plan = call.post(f"{address}/mend", {"decisions": decisions, "dry_run": True}, status=200)
    assert plan["possible"] is True
    assert {conflict["severity"] for conflict in plan["conflicts"]} == {"notes"}  # New York sleeps
    assert call.get(address)["version"] == 2
    mended = call("POST", f"{address}/mend", {"decisions": decisions}, if_match='"2"')
    assert (mended.status, mended.headers["ETag"]) == (200, '"3"')
    dates = call.get(f"{address}/occurrences?{SPRING}")["occurrences"]
    assert [(d["start_time"][5:16], d["status"], d["room_ids"]) for d in dates] == [
        ("03-10T09:00", "scheduled", ["room-101"]),
        ("03-17T13:00", "scheduled", ["room-101"]),
        ("03-24T09:00", "scheduled", ["room-101"]),
        ("03-31T08:00", "scheduled", ["other"]),
    ]
    assert call("POST", f"{address}/mend", {"decisions": decisions}, if_match='"2"').status == 412


def test_a_mend_that_collides_writes_nothing(call: Program, program: ProgramOf) -> None:
    address = booked(call)
    taken = {
        "title": "Taken",
        "start_time": "2027-03-10T09:00:00Z",
        "end_time": "2027-03-10T10:00:00Z",
        "room_id": "other",
        "on_conflict": "allow",
    }
    ben(program).post("/meetings", taken)
    other = {"recurrence_id": NAMES[0], "choice": "other_room", "room_ids": ["other"]}
    skip = {"recurrence_id": NAMES[1], "choice": "skip"}

    refused = call("POST", f"{address}/mend", {"decisions": [other, skip]})

    assert (refused.status, refused.json["conflicts"][0]["kind"]) == (409, "room-taken")
    assert Meeting.objects.get(uid=address[10:]).version == 1
    unknown = {"recurrence_id": "2027-03-11T10:00:00", "choice": "skip"}
    answer = call("POST", f"{address}/mend", {"decisions": [skip, unknown]})
    field = "decisions.1.recurrence_id"
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert call.post(f"{address}/mend", {}, status=200)["version"] == 1


def test_a_single_meeting_has_health_but_is_not_mended(call: Program) -> None:
    single = {name: value for name, value in SERIES.items() if name != "rrule"}
    address = f"/meetings/{call.post('/meetings', single)['meeting_id']}"
    (date,) = call.get(f"{address}/health")["dates"]
    assert date["recurrence_id"] == NAMES[0]
    skip = {"decisions": [{"recurrence_id": NAMES[0], "choice": "skip"}]}
    assert call("POST", f"{address}/mend", skip).status == 409
    assert names(call.get(f"{address}/occurrences?{SPRING}")) == NAMES[:1]


def test_health_and_mending_are_the_organizers(call: Program, program: ProgramOf) -> None:
    public, private = booked(call), booked(call, visibility="private", room_id=None, **FREE)
    for address, stranger in ((public, 403), (private, 404)):
        for person, status in ((ben(program), 403), (program(cy()), stranger)):
            assert person("GET", f"{address}/health").status == status
            assert person("POST", f"{address}/mend", {"decisions": []}).status == status


FREE = {"transparency": "free"}


def cy() -> User:
    return User.objects.filter(email="cy@example.com").first() or factories.cy()


def test_history_says_what_was_done(call: Program, program: ProgramOf) -> None:
    address = booked(call)
    call("PATCH", address, {"title": "Renamed"})
    call("DELETE", f"{address}?scope=this&recurrence_id={NAMES[0]}&reason=Snow")

    first = call.get(f"{address}/history?limit=2")
    rest = ben(program).get(f"{address}/history?limit=2&cursor={first['next']}")

    assert [(s["kind"], s["who"], s["reason"]) for s in first["history"]] == [
        ("cancelled", "Ana Berger", "Snow"),
        ("updated", "Ana Berger", ""),
    ]
    assert first["history"][1]["fields"] == [
        {"label": "Title", "was": "Weekly", "became": "Renamed"}
    ]
    assert [s["kind"] for s in rest["history"]] == ["created"]
    assert rest["next"] is None
    assert program(cy())("GET", f"{address}/history").status == 403
