"""Meetings over the API: booked, read, refused."""

from meetings.models import Meeting
from rooms.models import Room
from tests import factories
from tests.api.conftest import ProgramOf

PLANNING = {
    "title": "Q4 Planning",
    "start_time": "2027-12-01T14:00:00Z",
    "end_time": "2027-12-01T15:30:00Z",
    "attendees": ["user1@email.com", "user2@email.com"],
    "room_id": "room-101",
    "description": "Quarterly planning session",
    "reminders": [15, 60],
}


def room_101() -> Room:
    return factories.RoomFactory(code="room-101", hours=Room.Hours.ALWAYS)


def test_the_known_example_books(program: ProgramOf) -> None:
    room_101()
    call = program(factories.ana())

    made = call.post("/meetings", PLANNING)

    assert made["title"] == "Q4 Planning"
    assert made["status"] == "scheduled"
    assert made["invitations_sent"] == 2
    assert made["conflicts"] == []
    assert made["room_booked"] is True
    assert made["created_at"].endswith("Z")
    read = call.get(f"/meetings/{made['meeting_id']}")
    assert read["start_time"] == "2027-12-01T14:00:00Z"
    assert read["room_ids"] == ["room-101"]
    assert [(a["email"], a["status"]) for a in read["attendees"]] == [
        ("user1@email.com", "needs-action"),
        ("user2@email.com", "needs-action"),
    ]


def test_a_taken_room_is_refused_with_times_that_can_be_had(program: ProgramOf) -> None:
    room_101()
    program(factories.ana()).post("/meetings", PLANNING)
    call = program(factories.ben())

    refused = call("POST", "/meetings", PLANNING)

    assert refused.status == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    (conflict,) = refused.json["conflicts"]
    assert (conflict["kind"], conflict["severity"]) == ("room-taken", "refuses")
    other = refused.json["alternatives"][0]
    again = PLANNING | {"start_time": other["start_time"], "end_time": other["end_time"]}
    call.post("/meetings", again | {"room_id": other["room_ids"][0]})


def test_a_retry_gets_the_first_answer(program: ProgramOf) -> None:
    room_101()
    call = program(factories.ana())
    allowed = PLANNING | {"attendees": []}

    first = call.post("/meetings", allowed, idempotency_key="one")
    again = call.post("/meetings", allowed, idempotency_key="one")
    other = call("POST", "/meetings", allowed | {"title": "Else"}, idempotency_key="one")

    assert again == first
    assert other.status == 409
    assert Meeting.objects.count() == 1
