"""Proposals of other times over the API: made, weighed, accepted, declined, taken back."""

from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, CounterProposal, Meeting
from meetings.scheduler import draft_of
from tests.api.conftest import ProgramOf
from tests.factories import (
    NOW,
    RoomFactory,
    SiteFactory,
    ana,
    ben,
    book,
    cy,
    days,
    invitation_of,
    timed,
)

THURSDAY = {"start_time": "2027-03-11T14:00:00Z", "end_time": "2027-03-11T15:00:00Z"}
FRIDAY = {"start_time": "2027-03-12T14:00:00Z", "end_time": "2027-03-12T15:00:00Z"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def address(meeting: Meeting, person: User) -> str:
    return f"/invitations/{invitation_of(meeting, person).uid}/proposals"


def move(meeting: Meeting, when: object) -> None:
    """Its organizer moves it."""
    meeting = Meeting.objects.with_people().get(pk=meeting.pk)
    draft = draft_of(meeting)
    fresh = type(draft)(**{n: getattr(draft, n) for n in draft.__slots__} | {"when": when})
    by = meeting.organizer
    assert by is not None
    scheduler.edit(meeting, fresh, by=by, now=NOW, version=meeting.version, policy="allow")


def test_proposing_again_replaces_and_the_same_changes_nothing(program: ProgramOf) -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, invited := ben())
    call, path = program(invited), address(meeting, invited)

    first = call.post(path, {"times": [THURSDAY, FRIDAY], "note": "In Lisbon."})
    again = call.post(path, {"times": [THURSDAY, FRIDAY], "note": "In Lisbon."})
    other = call.post(path, {"times": [FRIDAY]})

    assert again == first
    assert [t["start_time"] for t in first["times"]] == [
        THURSDAY["start_time"],
        FRIDAY["start_time"],
    ]
    assert (first["status"], first["note"], first["times"][0]["suits"]) == (
        *("open", "In Lisbon."),
        None,
    )
    assert call.get(f"/proposals/{first['proposal_id']}")["status"] == "replaced"
    (mine,) = call.get(f"/meetings/{meeting.uid}/proposals")["proposals"]
    assert mine == other
    assert Change.objects.filter(kind=Change.Kind.PROPOSED).count() == 2


def test_what_cannot_be_proposed_is_named(program: ProgramOf) -> None:
    organizer, invited, stranger = ana(), ben(), cy()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    path, call = address(meeting, invited), program(invited)
    over = {"start_time": "2027-02-11T14:00:00Z", "end_time": "2027-02-11T15:00:00Z"}

    wrong = call("POST", path, {"times": [THURSDAY, over]})
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "times.1")
    wrong = call("POST", path, {"times": [{"start_time": THURSDAY["start_time"]}]})
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "times.0.end_time")
    assert call("POST", path, {"times": []}).status == 422
    assert call("POST", path, {"times": [THURSDAY] * 6}).json["errors"][0]["field"] == "times"
    assert program(stranger)("POST", path, {"times": [THURSDAY]}).status == 404
    assert program(organizer)("POST", path, {"times": [THURSDAY]}).status == 403
    assert not CounterProposal.objects.exists()


def test_the_organizer_sees_how_times_suit_and_accepts_one(program: ProgramOf) -> None:
    organizer, invited, third = ana(), ben(), cy()
    site = SiteFactory()
    room = RoomFactory(code="room-101", site=site, hours="always")
    RoomFactory(code="room-102", site=site, hours="always")
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, third, rooms=(room,))
    book(third, "2027-03-11 15:00", 60, rooms=(room,))
    mine = program(invited)
    made = mine.post(address(meeting, invited), {"times": [THURSDAY, FRIDAY]})
    call, path = program(organizer), f"/proposals/{made['proposal_id']}/accept"

    (found,) = call.get(f"/meetings/{meeting.uid}/proposals")["proposals"]
    thursday, friday = (time["suits"] for time in found["times"])
    assert thursday["can_come"] == [organizer.email, invited.email]
    assert {c["kind"] for c in thursday["conflicts"]} == {"room-taken", "person-busy"}
    assert (thursday["room_ids"], thursday["rooms_lost"]) == ([], ["room-101"])
    assert thursday["rooms_instead"] == ["room-102"]
    assert (friday["conflicts"], friday["room_ids"]) == ([], ["room-101"])

    assert mine("POST", path, {"number": 0}).status == 403
    assert call("POST", path).json["errors"][0]["field"] == "number"
    assert call("POST", path, {"number": 2}).status == 422
    refused = call("POST", path, {"number": 0})
    assert (refused.status, refused.json["conflicts"][0]["kind"]) == (409, "room-taken")
    plan = call.post(path, {"number": 1, "dry_run": True}, status=200)
    assert (plan["possible"], plan["dry_run"]) == (True, True)
    taken = {"number": 0, "room_ids": ["room-102"], "on_conflict": "allow"}
    moved = call.post(path, taken, status=200)

    assert moved["start_time"] == THURSDAY["start_time"]
    assert (moved["room_ids"], moved["version"]) == (["room-102"], meeting.version + 1)
    answers = {person["email"]: person["status"] for person in moved["attendees"]}
    assert (answers[invited.email], answers[third.email]) == ("accepted", "needs-action")
    again = call.post(path, taken, status=200)
    assert (again["version"], again["start_time"]) == (moved["version"], moved["start_time"])
    assert call("POST", path, {"number": 1}).status == 409
    assert mine.get(f"/proposals/{made['proposal_id']}")["status"] == "accepted"


def test_declining_and_taking_back(program: ProgramOf) -> None:
    organizer, invited, stranger = ana(), ben(), cy()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    mine, call = program(invited), program(organizer)
    made = mine.post(address(meeting, invited), {"times": [THURSDAY]})
    path = f"/proposals/{made['proposal_id']}"

    for method, where in (("GET", path), ("POST", f"{path}/decline"), ("DELETE", path)):
        assert program(stranger)(method, where).status == 404
    assert program(stranger).get(f"/meetings/{meeting.uid}/proposals")["proposals"] == []
    assert mine("POST", f"{path}/decline").status == 403
    assert call("POST", f"{path}/decline", {"note": "x" * 1001}).json["errors"][0] == {
        "field": "note",
        "detail": "That is too long: at most 1000 characters.",
    }
    for _again in range(2):
        declined = call.post(f"{path}/decline", {"note": "No room."}, status=200)
        assert (declined["status"], declined["reason"]) == ("declined", "No room.")
    assert call("POST", f"{path}/decline", {"note": "Never."}).status == 409

    made = mine.post(address(meeting, invited), {"times": [FRIDAY]})
    path = f"/proposals/{made['proposal_id']}"
    assert call("DELETE", path).status == 403
    assert [mine("DELETE", path).json["status"] for _ in range(2)] == ["withdrawn"] * 2
    assert call.get(f"/meetings/{meeting.uid}/proposals")["proposals"] == []


def test_a_date_of_a_series(program: ProgramOf) -> None:
    meeting = book(
        organizer := ana(), "2027-03-10 10:00", 60, invited := ben(), rrule="FREQ=WEEKLY;COUNT=4"
    )
    mine, call, path = program(invited), program(organizer), address(meeting, invited)
    date = "2027-03-17T10:00:00"

    nearest = mine.post(path, {"times": [THURSDAY]})
    made = mine.post(path, {"times": [FRIDAY], "recurrence_id": date})
    missing = mine("POST", path, {"times": [FRIDAY], "recurrence_id": "2027-03-18T10:00:00"})

    assert nearest["recurrence_id"] == "2027-03-10T10:00:00"
    assert missing.status == 404
    listed = f"/meetings/{meeting.uid}/proposals"
    first = call.get(f"{listed}?limit=1")
    rest = call.get(f"{listed}?limit=1&cursor={first['next']}")
    found = [*first["proposals"], *rest["proposals"]]
    assert [p["proposal_id"] for p in found] == [nearest["proposal_id"], made["proposal_id"]]
    assert call.get(f"{listed}?recurrence_id={date}")["proposals"] == rest["proposals"]
    moved = call.post(f"/proposals/{made['proposal_id']}/accept", status=200)
    assert (moved["recurrence_id"], moved["start_time"]) == (date, FRIDAY["start_time"])


def test_a_move_makes_proposals_void(program: ProgramOf) -> None:
    meeting = book(organizer := ana(), "2027-03-10 10:00", 60, invited := ben())
    mine = program(invited)
    made = mine.post(address(meeting, invited), {"times": [THURSDAY]})
    path = f"/proposals/{made['proposal_id']}"

    move(meeting, timed("2027-03-10 12:00"))
    assert mine.get(path)["status"] == "void"
    move(meeting, days("2027-03-15"))
    void = mine.get(path)
    assert (void["status"], void["times"][0]["start_time"]) == ("void", THURSDAY["start_time"])
    assert program(organizer)("POST", f"{path}/accept").status == 409
