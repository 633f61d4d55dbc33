"""Changing meetings over the API: which fields, which dates, which version, and taking it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import User
from meetings.models import Booking, Change, Meeting
from rooms.models import Room
from tests import factories
from tests.api.conftest import Program, ProgramOf

SINGLE = {
    "title": "Review",
    "start_time": "2027-03-10T09:00:00Z",
    "end_time": "2027-03-10T10:00:00Z",
    "timezone": "Europe/Berlin",
    "attendees": [{"email": "guest@example.com", "name": "Gus"}, "ben@example.com"],
    "room_id": "room-101",
    "description": "The plans",
    "reminders": [15],
    "priority": "high",
}
SERIES = SINGLE | {"rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=6"}
NAMES = [
    *("2027-03-10T10:00:00", "2027-03-17T10:00:00", "2027-03-24T10:00:00"),
    *("2027-03-31T10:00:00", "2027-04-07T10:00:00", "2027-04-14T10:00:00"),
]
LATE = {"start_time": "2027-03-17T12:00:00Z", "end_time": "2027-03-17T13:00:00Z"}
ROOM = {"code": "room-101", "hours": Room.Hours.ALWAYS}


@pytest.fixture
def call(program: ProgramOf) -> Program:
    factories.RoomFactory(**ROOM)
    factories.ben()
    return program(factories.ana())


def booked(call: Program, body: dict[str, Any]) -> str:
    address = "/meetings/recurring" if "rrule" in body else "/meetings"
    return f"/meetings/{call.post(address, body)['meeting_id']}"


def ok(call: Program, method: str, address: str, body: object = None, **headers: str) -> Any:
    answer = call(method, address, body, **headers)
    assert answer.status == 200, answer
    return answer.json


def without(found: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


def starts(meeting_id: str) -> list[str]:
    rows = Meeting.objects.get(uid=meeting_id).occurrences.live().order_by("during")
    return [f"{row.start.astimezone(factories.BERLIN):%d.%m. %H:%M}" for row in rows]


def test_patch_changes_what_is_sent_and_nothing_else(call: Program) -> None:
    address = booked(call, SINGLE)
    before = call.get(address)

    changed = ok(call, "PATCH", address, {"title": "Renamed", "reminders": []})

    told = ("conflicts", "displaced", "invitations_sent", "room_booked")
    assert (changed["title"], changed["reminders"], changed["version"]) == ("Renamed", [], 2)
    names = ("title", "reminders", "version", "updated_at")
    assert without(changed, *names, *told) == without(before, *names)
    people = {a["email"]: a["name"] for a in changed["attendees"]}
    assert people["guest@example.com"] == "Gus"


def test_put_empties_what_is_not_sent_but_keeps_rule_zone_and_visibility(call: Program) -> None:
    address = booked(call, SERIES | {"visibility": "private"})
    times = {name: SINGLE[name] for name in ("start_time", "end_time")}

    changed = ok(call, "PUT", address, {"title": "Bare", **times})

    assert (changed["description"], changed["room_ids"], changed["reminders"]) == ("", [], [])
    assert [a["email"] for a in changed["attendees"]] == []
    assert (changed["priority"], changed["visibility"]) == ("normal", "private")
    assert (changed["rrule"], changed["timezone"]) == (SERIES["rrule"], "Europe/Berlin")
    one = ok(call, "PUT", f"{address}?scope=this&recurrence_id={NAMES[1]}", {"title": "B", **LATE})
    assert (one["start_time"], one["visibility"]) == (LATE["start_time"], "private")
    single = ok(call, "PUT", address, {"title": "Bare", **times, "rrule": "", "orphans": "drop"})
    assert (single["rrule"], len(starts(single["meeting_id"]))) == ("", 1)
    assert call("PUT", address, {"title": "Bare"}).json["errors"][0]["field"] == "start_time"


def test_what_changes_nothing_makes_no_version(call: Program) -> None:
    address = booked(call, SERIES)
    body = {name: value for name, value in SERIES.items() if name != "attendees"}
    again = call("PATCH", address, body | {"attendees": ["BEN@example.com", "guest@example.com"]})
    assert (again.status, again.json["version"], again.headers["ETag"]) == (200, 1, '"1"')
    assert ok(call, "PATCH", address, {})["version"] == 1
    assert ok(call, "PUT", address, SERIES)["version"] == 1
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"end_time": "2027-03-10T11:00:00Z"}, ("2027-03-10T09:00:00Z", "2027-03-10T11:00:00Z")),
        ({"start_time": "2027-03-10T08:30:00Z"}, ("2027-03-10T08:30:00Z", "2027-03-10T10:00:00Z")),
        ({"timezone": "Asia/Tokyo"}, ("2027-03-10T09:00:00Z", "2027-03-10T10:00:00Z")),
        ({"all_day": True, "start_date": "2027-03-11"}, ("2027-03-11", "2027-03-12")),
    ],
)
def test_a_part_of_the_time(call: Program, sent: dict[str, Any], shown: tuple[str, str]) -> None:
    address = booked(call, without(SINGLE, "room_id"))
    found = ok(call, "PATCH", address, sent)
    kind = "date" if found["all_day"] else "time"
    assert (found[f"start_{kind}"], found[f"end_{kind}"]) == shown
    assert found["timezone"] == sent.get("timezone", "Europe/Berlin")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"start_time": "2027-03-10T10:00:00Z"}, "end_time"),
        ({"start_date": "2027-03-11"}, "start_date"),
        ({"all_day": True}, "start_date"),
        ({"title": " "}, "title"),
        ({"title": None}, "title"),
        ({"room_ids": ["nowhere"]}, "room_ids"),
        ({"undo_seconds": 601}, "undo_seconds"),
        ({"reason": "x", "surprise": 1}, "surprise"),
        ({"count": 3}, "frequency"),
        (
            {"start_time": "2199-12-31T23:59:00Z", "end_time": "2199-12-31T23:59:59.5Z"},
            "start_time",
        ),
        ({"recurrence_id": "\x00"}, "recurrence_id"),
    ],
)
def test_what_cannot_be_names_its_field(call: Program, sent: dict[str, Any], field: str) -> None:
    address = booked(call, SINGLE)
    answer = call("PATCH", address, sent)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert call.get(address)["version"] == 1


def test_no_date_leaves_the_calendar(call: Program) -> None:
    """Two hundred years long, the later ones would; so would one of the last day, moved on."""
    address = booked(call, SERIES | {"rdates": ["2199-12-31T10:00:00"]})
    long = {"start_time": "1900-01-02T00:00:00Z", "end_time": "2199-12-30T00:00:00Z"}
    late = {"start_time": "2027-03-10T09:00:00Z", "end_time": "2027-03-11T09:00:00Z"}
    for body in (long, late):
        answer = call("PATCH", address, body | {"on_conflict": "allow"})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "start_time"), body


def test_each_scope_changes_its_dates(call: Program) -> None:
    address = booked(call, SERIES)

    one = ok(call, "PATCH", f"{address}?scope=this&recurrence_id={NAMES[1]}", {"title": "Once"})
    assert (one["title"], one["recurrence_id"]) == ("Once", NAMES[1])
    assert call.get(address)["title"] == "Review"
    body = {"start_time": "2027-03-31T14:00:00+02:00", "end_time": "2027-03-31T15:00:00+02:00"}
    rest = call("PATCH", address, body | {"scope": "following", "recurrence_id": NAMES[3]})
    assert rest.status == 200, rest
    later = rest.json
    assert f"/meetings/{later['meeting_id']}" != address
    assert later["series_id"] == call.get(address)["series_id"]
    assert starts(later["meeting_id"]) == ["31.03. 14:00", "07.04. 14:00", "14.04. 14:00"]
    assert starts(address[10:]) == ["10.03. 10:00", "17.03. 10:00", "24.03. 10:00"]
    moved = {"start_time": "2027-03-11T09:00:00Z", "end_time": "2027-03-11T10:00:00Z"}
    whole = ok(
        call, "PATCH", address, moved | {"orphans": "drop"}
    )  # the rule moves along with its first date
    assert whole["rrule"] == "FREQ=WEEKLY;BYDAY=TH;COUNT=3"
    assert starts(address[10:]) == ["11.03. 10:00", "18.03. 10:00", "25.03. 10:00"]


def test_half_a_scope_is_asked_about(call: Program) -> None:
    address = booked(call, SERIES)
    said: list[tuple[str, dict[str, Any], int]] = [
        ("?scope=this", {}, 422),
        (f"?recurrence_id={NAMES[1]}", {}, 422),
        (f"?scope=this&recurrence_id={NAMES[1]}", {"scope": "all"}, 422),
        ("?scope=this&recurrence_id=2027-03-11T10:00:00", {}, 404),
        ("?scope=some", {}, 422),
    ]
    for query, body, status in said:
        assert call("PATCH", address + query, body | {"title": "X"}).status == status, query
    assert call("DELETE", f"{address}?recurrence_id={NAMES[1]}").status == 422
    assert call.get(address)["version"] == 1


def test_the_rule_is_changed_and_orphans_are_decided(call: Program) -> None:
    address = booked(call, SERIES)
    ok(call, "PATCH", f"{address}?scope=this&recurrence_id={NAMES[4]}", {"location": "Garden"})

    refused = call("PATCH", address, {"count": 3})
    assert (refused.status, refused.json["dates"]) == (409, [NAMES[4]])
    assert refused.json["choices"] == {"orphans": ["keep", "drop"]}
    plan = ok(call, "PATCH", address, {"count": 3, "dry_run": True})
    assert (plan["orphans"], plan["possible"]) == ([NAMES[4]], False)
    changed = ok(call, "PATCH", address, {"count": 3, "orphans": "keep"})

    assert changed["rrule"] == "FREQ=WEEKLY;BYDAY=WE;COUNT=3"
    alone = Meeting.objects.exclude(uid=changed["meeting_id"]).get()
    assert (alone.location, starts(str(alone.uid))) == ("Garden", ["07.04. 10:00"])


def test_a_stale_version_says_what_was_changed(call: Program) -> None:
    address = booked(call, SINGLE)
    ok(call, "PATCH", address, {"title": "Theirs"}, if_match='"1"')

    stale = call("PATCH", address, {"location": "Mine"}, if_match='W/"1"')

    assert (stale.status, stale.json["version"]) == (412, 2)
    assert stale.json["differences"] == [
        {"field": "title", "label": "Title", "was": "Review", "theirs": "Theirs"}
    ]
    assert call("DELETE", address, if_match='"1"').status == 412
    assert call("PUT", address, SINGLE, if_match="latest").status == 412
    assert ok(call, "PATCH", address, {"location": "Mine"}, if_match='"1", "2"')["version"] == 3
    assert ok(call, "PATCH", address, {"location": ""}, if_match="*")["version"] == 4


def test_an_edit_that_collides_is_shown_and_can_be_allowed(
    call: Program, program: ProgramOf
) -> None:
    address = booked(call, SINGLE)
    ben = User.objects.get(email="ben@example.com")
    program(ben).post(
        "/meetings",
        {
            "title": "Mine",
            "start_time": "2027-03-11T09:00:00Z",
            "end_time": "2027-03-11T10:00:00Z",
            "visibility": "private",
        },
    )
    move = {"start_time": "2027-03-11T09:30:00Z", "end_time": "2027-03-11T10:30:00Z"}

    refused = call("PATCH", address, move)
    assert refused.status == 409
    (conflict,) = refused.json["conflicts"]
    assert (conflict["kind"], conflict["email"]) == ("person-busy", "ben@example.com")
    assert "Mine" not in str(refused.json)
    assert refused.json["alternatives"]
    assert ok(call, "PATCH", address, move | {"dry_run": True})["possible"] is False
    assert call.get(address)["version"] == 1
    kept = {"on_conflict": "ask", "decisions": [{"conflict": conflict["id"], "choice": "keep"}]}
    assert ok(call, "PATCH", address, move | kept)["start_time"] == move["start_time"]


def test_an_edit_takes_a_room_with_the_permission_and_a_reason(
    call: Program, program: ProgramOf
) -> None:
    ana, ben = (User.objects.get(email=f"{name}@example.com") for name in ("ana", "ben"))
    theirs = {name: SINGLE[name] for name in ("title", "start_time", "end_time", "room_id")}
    program(ben).post("/meetings", theirs)
    free = {"room_id": None, "attendees": []}
    address = booked(call, SINGLE | free)
    take = {"room_id": "room-101", "on_conflict": "override", "reason": "The board meets"}

    assert call("PATCH", address, take).status == 403
    ana.user_permissions.add(Permission.objects.get(codename="override_bookings"))
    assert call("PATCH", address, take | {"reason": ""}).json["errors"][0]["field"] == "reason"
    plan = ok(call, "PATCH", address, take | {"dry_run": True})
    taken = ok(call, "PATCH", address, take)

    assert (plan["possible"], taken["displaced"]) == (True, plan["displaced"])
    assert "Review" in taken["displaced"][0]
    assert (taken["room_ids"], taken["room_booked"]) == (["room-101"], True)


def test_delete_calls_off_once_and_undo_takes_it_back(call: Program) -> None:
    address = booked(call, SINGLE)
    plan = ok(call, "DELETE", f"{address}?dry_run=true")
    assert (plan["rooms_released"], plan["told"]) == (["room-101"], 2)
    assert call.get(address)["status"] == "scheduled"
    query = urlencode({"reason": "Snow", "undo_seconds": 600})

    gone = call("DELETE", f"{address}?{query}")

    assert (gone.status, gone.json["status"], gone.headers["ETag"]) == (200, "cancelled", '"2"')
    change = Change.objects.get(kind=Change.Kind.CANCELLED)
    assert (change.reason, change.not_before - change.created_at) == ("Snow", timedelta(minutes=10))
    again = call("DELETE", address)
    assert (again.status, "cancelled" in again.json["detail"]) == (409, True)
    assert not Booking.objects.unreleased().filter(kind="meeting").exists()
    back = ok(call, "POST", f"{address}/undo", if_match='"2"')
    assert (back["status"], back["version"]) == ("scheduled", 3)
    assert Booking.objects.unreleased().filter(kind="meeting").count() == 1
    assert call("POST", f"{address}/undo", if_match='"2"').status == 412
    assert call("POST", f"{address}/undo").status == 409


def test_some_dates_are_called_off(call: Program) -> None:
    address = booked(call, SERIES)
    one = ok(call, "DELETE", f"{address}?scope=this&recurrence_id={NAMES[0]}")
    assert (one["status"], one["recurrence_id"]) == ("cancelled", NAMES[0])
    rest = ok(call, "DELETE", f"{address}?scope=following&recurrence_id={NAMES[3]}")
    assert rest["status"] == "scheduled"
    assert starts(address[10:]) == ["17.03. 10:00", "24.03. 10:00"]


def test_a_split_is_undone_from_either_part(call: Program) -> None:
    address = booked(call, SERIES)
    body = {"title": "New", "undo_seconds": 600}
    later = ok(call, "PATCH", f"{address}?scope=following&recurrence_id={NAMES[2]}", body)
    back = ok(call, "POST", f"/meetings/{later['meeting_id']}/undo")
    assert f"/meetings/{back['meeting_id']}" == address
    assert len(starts(back["meeting_id"])) == 6
    assert call("GET", f"/meetings/{later['meeting_id']}").status == 404


def test_what_is_under_way_is_ended(call: Program) -> None:
    now = timezone.now().replace(microsecond=0)
    start = now - timedelta(minutes=30)
    times = {"start_time": start.isoformat(), "end_time": (now + timedelta(hours=2)).isoformat()}
    address = booked(call, SINGLE | times | {"rrule": "FREQ=YEARLY;COUNT=2"})

    assert call("DELETE", address + "?scope=this&recurrence_id=" + name_of(start)).status == 409
    ended = ok(call, "POST", f"{address}/end")

    assert ended["recurrence_id"] == name_of(start)
    end = datetime.fromisoformat(ended["end_time"])
    assert end - timezone.now() <= timedelta(minutes=1)
    other = booked(call, SINGLE)
    assert call("POST", f"{other}/end").status == 409
    assert call("POST", f"{other}/end?recurrence_id=2027").status == 404


def name_of(start: datetime) -> str:
    return start.astimezone(factories.BERLIN).replace(tzinfo=None).isoformat()


def test_only_the_organizers_side_changes(call: Program, program: ProgramOf) -> None:
    """Ben is invited, Cy a stranger; of a private meeting Cy may not even know."""
    public, private = booked(call, SINGLE), booked(call, SINGLE | {"visibility": "private"} | FREE)
    ben, cy = program(User.objects.get(email="ben@example.com")), program(factories.cy())
    for address in (public, private):
        for method, path, body in (
            ("PATCH", address, {"title": "X"}),
            ("PUT", address, SINGLE),
            ("DELETE", address, None),
            ("POST", f"{address}/end", None),
            ("POST", f"{address}/undo", None),
        ):
            assert ben(method, path, body).status == 403, (method, path)
            stranger = 404 if address == private else 403
            assert cy(method, path, body, if_match='"99"').status == stranger, (method, path)
    assert Change.objects.count() == 2


FREE = {"transparency": "free", "room_id": None}
