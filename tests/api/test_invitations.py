"""Invitations over the API: read, answered for all dates or one, sent again."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.models import Change, Invitation
from tests.api.conftest import ProgramOf
from tests.factories import NOW, RoomFactory, ana, away, ben, book, cy, invitation_of


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_what_waits_comes_soonest_first_with_what_it_collides_with(program: ProgramOf) -> None:
    organizer, invited = ana(), ben()
    room = RoomFactory(code="room-101", hours="always")
    later = book(organizer, "2027-03-12 10:00", 60, invited, title="Later")
    soon = book(organizer, "2027-03-10 10:00", 60, invited, title="Soon", rooms=(room,))
    book(organizer, "2027-03-01 08:00", 60, invited, title="Over")
    own = book(invited, "2027-03-10 10:30", 60, title="Own")
    away(invited, "2027-03-12")
    call = program(invited)

    first = call.get("/invitations?waiting=true&limit=1&timezone=Europe/Berlin")
    second = call.get(f"/invitations?waiting=true&limit=1&cursor={first['next']}")

    (found,) = first["invitations"]
    assert found["title"] == "Soon"
    assert found["meeting_id"] == str(soon.uid)
    assert found["start_time"] == "2027-03-10T10:00:00+01:00"
    assert found["room_ids"] == ["room-101"]
    assert (found["status"], found["may_answer"]) == ("needs-action", True)
    (overlap,) = found["overlaps"]
    assert (overlap["title"], overlap["meeting_id"]) == ("Own", str(own.uid))
    (found,) = second["invitations"]
    assert found["meeting_id"] == str(later.uid)
    assert [o["title"] for o in found["overlaps"]] == [None]
    assert second["next"] is None


def test_all_invitations_come_latest_first_in_pages(program: ProgramOf) -> None:
    organizer, invited = ana(), ben()
    for title in ("First", "Second", "Third"):
        book(organizer, "2027-03-01 07:00", 60, invited, title=title)
    book(invited, title="Own")
    book(organizer, title="Without")
    call = program(invited)
    call.get("/invitations")
    with CaptureQueriesContext(connection) as one:
        first = call.get("/invitations?limit=1")
    with CaptureQueriesContext(connection) as two:
        rest = call.get(f"/invitations?limit=2&cursor={first['next']}")

    found = [*first["invitations"], *rest["invitations"]]
    assert [i["title"] for i in found] == ["Third", "Second", "First"]
    assert [i["meeting_status"] for i in found] == ["completed"] * 3
    assert (rest["next"], len(one) + 1) == (None, len(two))  # a cursor takes one to read
    wrong = call("GET", f"/invitations?waiting=true&cursor={first['next']}")
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "cursor")


def test_answering(program: ProgramOf) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    address = f"/invitations/{invitation_of(meeting, invited).uid}"
    call = program(invited)

    found = call.post(f"{address}/tentative", {"note": "Perhaps."}, status=200)
    assert (found["status"], found["note"]) == ("tentative", "Perhaps.")
    for _again in range(2):
        found = call.post(f"{address}/decline", status=200)
        assert (found["status"], found["note"]) == ("declined", "Perhaps.")
    found = call.post(f"{address}/accept", {"note": ""}, status=200)
    assert (found["status"], found["note"]) == ("accepted", "")
    assert Change.objects.filter(kind=Change.Kind.ANSWERED).count() == 3
    assert call.get(address) == found
    assert call("POST", f"{address}/accept", {"note": "x" * 1001}).status == 422


def test_others_see_nothing_and_the_organizer_cannot_answer(program: ProgramOf) -> None:
    organizer, invited, stranger = ana(), ben(), cy()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, stranger, "guest@example.com")
    address = f"/invitations/{invitation_of(meeting, invited).uid}"

    assert program(stranger)("GET", address).status == 404
    assert program(stranger)("POST", f"{address}/accept").status == 404
    assert program(stranger)("POST", f"{address}/resend").status == 404
    assert program(stranger)("GET", "/invitations/1").status == 404
    call = program(organizer)
    read = call.get(address)
    assert (read["email"], read["overlaps"]) == (invited.email, None)
    guest = invitation_of(meeting, "guest@example.com")
    assert call.get(f"/invitations/{guest.uid}")["email"] == "guest@example.com"
    assert call("POST", f"{address}/accept").status == 403
    assert invitation_of(meeting, invited).status == "needs-action"


def test_one_date_of_a_series(program: ProgramOf) -> None:
    organizer, invited = ana(), ben()
    meeting = book(
        organizer, "2027-03-10 10:00", 60, invited, rrule="FREQ=WEEKLY;COUNT=4", title="Weekly"
    )
    address = f"/invitations/{invitation_of(meeting, invited).uid}"
    call = program(invited)

    date = {"recurrence_id": "2027-03-17T10:00:00"}
    found = call.post(f"{address}/decline", date | {"note": "Away"}, status=200)

    assert (found["recurrence_id"], found["status"]) == (date["recurrence_id"], "declined")
    assert found["start_time"] == "2027-03-17T09:00:00Z"
    whole = call.get(address)
    assert (whole["status"], whole["next_date"]) == ("needs-action", "2027-03-10T10:00:00")
    (waits,) = call.get("/invitations?waiting=true")["invitations"]
    assert (waits["recurrence_id"], waits["next_date"]) == (None, "2027-03-10T10:00:00")
    call.post(f"/invitations/{found['invitation_id']}/accept", status=200)
    rows = Invitation.objects.filter(meeting=meeting, user=invited).order_by("pk")
    assert [row.status for row in rows] == ["needs-action", "accepted"]
    missing = call("POST", f"{address}/accept", {"recurrence_id": "2027-03-18T10:00:00"})
    assert missing.status == 404


def test_answers_come_too_late_and_too_often(
    program: ProgramOf, clock: time_machine.Traveller
) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-01 10:00", 60, invited)
    address = f"/invitations/{invitation_of(meeting, invited).uid}"
    call = program(invited)
    for number in range(30):
        call.post(f"{address}/accept", {"note": str(number)}, status=200)
    assert call("POST", f"{address}/decline").status == 429
    clock.shift(2 * 3600 + 60)
    late = call("POST", f"{address}/decline")
    assert late.status == 409
    assert "over" in late.json["detail"]


def test_an_invitation_is_sent_again_once(
    program: ProgramOf, clock: time_machine.Traveller
) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    address = f"/invitations/{invitation_of(meeting, invited).uid}/resend"
    call = program(organizer)

    assert call("POST", address).status == 409  # the first has not left yet
    Change.objects.update(announced_at=NOW)
    call.post(address, status=200, idempotency_key="one")
    call.post(address, status=200, idempotency_key="one")
    assert call("POST", address).status == 409  # just now
    clock.shift(120)
    call.post(address, status=200, idempotency_key="one")

    assert Change.objects.filter(kind=Change.Kind.RESENT).count() == 1
    assert program(invited)("POST", address).status == 403
