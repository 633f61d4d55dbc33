"""Series over the API: said by a rule or a frequency, decided date by date, booked once."""

from typing import Any

import pytest

from meetings.models import IdempotencyKey, Meeting
from rooms.models import Room
from tests import factories
from tests.api.conftest import ProgramOf

WEEKLY = {
    "title": "Weekly",
    "start_time": "2027-03-08T09:00:00+01:00",
    "end_time": "2027-03-08T10:00:00+01:00",
    "timezone": "Europe/Berlin",
    "frequency": "weekly",
    "count": 4,
    "room_id": "room-101",
}
# The clocks change on 28 March 2027.
MONDAYS = [f"2027-03-{day}T09:00:00" for day in ("08", "15", "22", "29")]
STARTS = [
    *("2027-03-08T08:00:00Z", "2027-03-15T08:00:00Z", "2027-03-22T08:00:00Z"),
    "2027-03-29T07:00:00Z",
]


def room(code: str = "room-101") -> Room:
    return factories.RoomFactory(code=code, hours=Room.Hours.ALWAYS)


def test_a_series_is_booked_and_a_retry_answers_the_same(program: ProgramOf) -> None:
    room()
    call = program(factories.ana())

    made = call.post("/meetings/recurring", WEEKLY, idempotency_key="one")
    again = call.post("/meetings/recurring", WEEKLY, idempotency_key="one")

    assert made["rrule"] == "FREQ=WEEKLY;COUNT=4"
    assert [one["recurrence_id"] for one in made["occurrences"]] == MONDAYS
    assert [one["start_time"] for one in made["occurrences"]] == STARTS
    assert (made["occurrences_total"], made["skipped"]) == (4, [])
    assert made["room_booked"] is True
    assert made["series_id"]
    assert again == made
    row = IdempotencyKey.objects.get()
    row.answer = {"meeting": made["meeting_id"]}  # as if the first try had died before it answered
    row.save()
    late = call.post("/meetings/recurring", WEEKLY, idempotency_key="one")
    assert (late["meeting_id"], late["occurrences"]) == (made["meeting_id"], made["occurrences"])
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({"frequency": "daily", "interval": 2, "until": "2027-03-12"}, ["08", "10", "12"]),
        ({"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3"}, ["08", "10", "15"]),
        ({"rrule": "FREQ=DAILY;COUNT=3", "exdates": ["2027-03-09T09:00:00"]}, ["08", "10"]),
        ({"rdates": ["2027-03-11T14:00", "2027-03-20"]}, ["08", "11", "20"]),
    ],
)
def test_ways_to_say_it(program: ProgramOf, said: dict[str, Any], days: list[str]) -> None:
    body = {k: v for k, v in WEEKLY.items() if k not in ("frequency", "count", "room_id")}

    made = program(factories.ana()).post("/meetings/recurring", body | said)

    assert [one["recurrence_id"][8:10] for one in made["occurrences"]] == days
    assert made["occurrences_total"] == len(days)


def test_an_endless_one_has_no_total(program: ProgramOf) -> None:
    body = WEEKLY | {"room_id": None, "count": None, "frequency": "yearly"}
    made = program(factories.ana()).post("/meetings/recurring", body)
    assert made["occurrences_total"] is None
    assert len(made["occurrences"]) == 100
    assert made["occurrences"][2]["start_time"] == "2029-03-08T08:00:00Z"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"frequency": None, "count": None}, "rrule"),
        ({"frequency": None}, "frequency"),
        ({"interval": 0}, "interval"),
        ({"interval": 10**1500, "count": None}, "frequency"),
        ({"count": 10**20}, "count"),
        ({"until": "2027-04-01"}, "count"),
        ({"until": "2027-03-01", "count": None}, "until"),
        ({"rrule": "FREQ=DAILY"}, "rrule"),
        ({"rrule": "FREQ=SECONDLY", "frequency": None, "count": None}, "rrule"),
        ({"exdates": MONDAYS}, "rrule"),
        ({"exdates": ["soon"]}, "exdates.0"),
        ({"rdates": ["2027-03-08T09:00:00Z"]}, "rdates.0"),
        ({"rdates": ["2199-12-31T23:30:00"]}, "rdates.0"),
        ({"rdates": ["9999-12-31"]}, "rdates.0"),
    ],
)
def test_what_cannot_be_names_its_field(
    program: ProgramOf, said: dict[str, Any], field: str
) -> None:
    room()
    body = {k: v for k, v in (WEEKLY | said).items() if v is not None}
    answer = program(factories.ana())("POST", "/meetings/recurring", body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert not Meeting.objects.exists()


def test_dates_that_collide_are_decided_one_by_one(program: ProgramOf) -> None:
    room()
    room("other")
    ana, ben = factories.ana(), factories.ben()
    taken = {
        "title": "Taken",
        "start_time": STARTS[1],
        "end_time": "2027-03-15T09:00:00Z",
        "room_id": "room-101",
    }
    program(ben).post("/meetings", taken)
    later = {"start_time": STARTS[2], "end_time": "2027-03-22T09:00:00Z"}
    program(ben).post("/meetings", taken | later)
    call = program(ana)

    refused = call("POST", "/meetings/recurring", WEEKLY | {"on_conflict": "ask"})
    assert refused.status == 409
    first, second = sorted(refused.json["conflicts"], key=lambda c: c["recurrence_id"])
    assert (first["recurrence_id"], second["recurrence_id"]) == (MONDAYS[1], MONDAYS[2])
    decisions = [
        {"conflict": first["id"], "choice": "skip"},
        {"recurrence_id": MONDAYS[2], "choice": "other_room", "room_ids": ["other"]},
    ]
    body = WEEKLY | {"on_conflict": "ask", "decisions": decisions}
    plan = call.post("/meetings/recurring", body | {"dry_run": True}, status=200)
    assert plan["possible"] is True
    assert [date["status"] for date in plan["dates"]] == [
        *("scheduled", "skipped", "scheduled", "scheduled")
    ]
    assert Meeting.objects.count() == 2

    made = call.post("/meetings/recurring", body)

    assert made["skipped"] == [MONDAYS[1]]
    assert [(one["recurrence_id"], one["room_ids"]) for one in made["occurrences"]] == [
        (MONDAYS[0], ["room-101"]),
        (MONDAYS[2], ["other"]),
        (MONDAYS[3], ["room-101"]),
    ]
    assert made["occurrences_total"] == 3
