"""A retried POST is done once, whatever became of the first try."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from meetings.models import Booking, IdempotencyKey, Meeting
from rooms.models import Room
from tests import factories
from tests.api.conftest import Answer, Program, ProgramOf

BODY = {
    "title": "Q4 Planning",
    "start_time": "2027-12-01T14:00:00Z",
    "end_time": "2027-12-01T15:30:00Z",
    "attendees": ["ben@example.com"],
    "room_id": "room-101",
}


@pytest.fixture
def call(program: ProgramOf) -> Program:
    factories.RoomFactory(code="room-101", hours=Room.Hours.ALWAYS)
    return program(factories.ana())


def counted() -> tuple[int, int, int]:
    return Meeting.objects.count(), Booking.objects.count(), IdempotencyKey.objects.count()


def test_at_the_same_moment(call: Program) -> None:
    start = Barrier(6)

    def tried(_n: int) -> Answer:
        start.wait(30)
        try:
            return call("POST", "/meetings", BODY, idempotency_key="same")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(tried, range(6)))

    assert [answer.status for answer in answers] == [201] * 6
    assert len({answer.json["meeting_id"] for answer in answers}) == 1
    assert counted() == (1, 1, 1)


@pytest.mark.parametrize(
    "died_in",
    [
        pytest.param("meetings.scheduler.schedule._write", id="before anything was written"),
        pytest.param("meetings.scheduler.schedule.record", id="half-way"),
        pytest.param("meetings.api.booking.booked_out", id="before it could answer"),
    ],
)
def test_after_the_first_try_died(call: Program, died_in: str) -> None:
    def dies(*args: Any, **options: Any) -> None:
        raise MemoryError

    with patch(died_in, dies):
        died = call("POST", "/meetings", BODY, idempotency_key="again")
    retried = call("POST", "/meetings", BODY, idempotency_key="again")
    once_more = call("POST", "/meetings", BODY, idempotency_key="again")

    assert (died.status, retried.status, once_more.status) == (500, 201, 201)
    assert retried.json["meeting_id"] == once_more.json["meeting_id"]
    assert (retried.json["invitations_sent"], retried.json["room_booked"]) == (1, True)
    assert counted() == (1, 1, 1)


def test_the_key_of_another_person_is_another(call: Program, program: ProgramOf) -> None:
    free = BODY | {"room_id": None, "attendees": []}
    for asking in (call, program(factories.cy())):
        asking.post("/meetings", free, idempotency_key="same")

    assert Meeting.objects.count() == 2
