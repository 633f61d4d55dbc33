"""Role by operation by object: nobody sees or does more than is theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import TimeOff, User
from meetings.models import CounterProposal, Meeting
from meetings.scheduler import propose
from scheduler_site.rest.api import api
from tests import factories
from tests.api.conftest import Program, ProgramOf
from tests.factories import NOW, invitation_of, timed

SECRET = "Zephyr"  # in all that only participants may read
DAY = "start=2097-03-13T00:00:00Z&end=2097-03-14T00:00:00Z"
TIMES = {"start_time": "2097-03-13T12:00:00Z", "end_time": "2097-03-13T13:00:00Z"}
NEW = {"title": "Mine", **TIMES, "dry_run": True}


@dataclass
class World:
    """One meeting of Ana's with Ben, a proposal of his, time off of hers."""

    meeting: Meeting
    invitation: str
    proposal: str
    time_off: str
    ana: User


Call = tuple[str, str, object]
YES, NO, HIDDEN = "yes", 403, 404

# By role: who organizes, who is invited, a colleague, an administrator as any colleague.
ANYBODY = {"ana": YES, "ben": YES, "cy": YES, "rae": YES}
ORGANIZERS = {
    "public": {"ana": YES, "ben": NO, "cy": NO, "rae": NO},
    "private": {"ana": YES, "ben": NO, "cy": HIDDEN, "rae": HIDDEN},
}
VIEWERS = {
    "public": ANYBODY,
    "private": {"ana": YES, "ben": YES, "cy": HIDDEN, "rae": HIDDEN},
}
PARTICIPANTS = {
    "public": {"ana": YES, "ben": YES, "cy": NO, "rae": NO},
    "private": VIEWERS["private"],
}
BOTH = {"ana": YES, "ben": YES, "cy": HIDDEN, "rae": HIDDEN}
INVITEES = {"ana": NO, "ben": YES, "cy": HIDDEN, "rae": HIDDEN}
INVITERS = {"ana": YES, "ben": NO, "cy": HIDDEN, "rae": HIDDEN}
OWN = {"ana": YES, "ben": HIDDEN, "cy": HIDDEN, "rae": HIDDEN}


def of(method: str, path: str, body: object = None) -> Callable[[World], Call]:
    """A call whose address names things of the world."""
    return lambda world: (
        method,
        path.format(
            m=world.meeting.uid,
            i=world.invitation,
            p=world.proposal,
            t=world.time_off,
            u=world.ana.uid,
        ),
        body,
    )


MATRIX: dict[str, tuple[dict[str, Any], Callable[[World], Call]]] = {
    "create_meeting": (ANYBODY, of("POST", "/meetings", NEW)),
    "create_recurring_meeting": (
        ANYBODY,
        of("POST", "/meetings/recurring", {**NEW, "rrule": "FREQ=DAILY;COUNT=2"}),
    ),
    "list_meetings": (ANYBODY, of("GET", "/meetings")),
    "get_meeting": (VIEWERS, of("GET", "/meetings/{m}")),
    "list_occurrences": (VIEWERS, of("GET", "/meetings/{m}/occurrences?" + DAY)),
    "replace_meeting": (ORGANIZERS, of("PUT", "/meetings/{m}", NEW)),
    "update_meeting": (ORGANIZERS, of("PATCH", "/meetings/{m}", {"title": "Mine"})),
    "end_meeting": (ORGANIZERS, of("POST", "/meetings/{m}/end")),
    "undo_change": (ORGANIZERS, of("POST", "/meetings/{m}/undo")),
    "mend_series": (ORGANIZERS, of("POST", "/meetings/{m}/mend", {"decisions": []})),
    "cancel_meeting": (ORGANIZERS, of("DELETE", "/meetings/{m}")),
    "list_history": (PARTICIPANTS, of("GET", "/meetings/{m}/history")),
    "get_series_health": (ORGANIZERS, of("GET", "/meetings/{m}/health")),
    "list_proposals": (VIEWERS, of("GET", "/meetings/{m}/proposals")),
    "book_room": (
        ORGANIZERS,
        lambda w: ("POST", "/rooms/blue/book", {"meeting_id": str(w.meeting.uid)}),
    ),
    "get_calendar": (ANYBODY, of("GET", "/users/{u}/calendar?" + DAY)),
    "get_availability": (ANYBODY, of("GET", "/users/{u}/availability?" + DAY)),
    "find_busy_times": (
        ANYBODY,
        of(
            "POST",
            "/users/{u}/busy-times",
            {"start": "2097-03-13T00:00:00Z", "end": "2097-03-14T00:00:00Z"},
        ),
    ),
    "find_times": (
        ANYBODY,
        of(
            "POST",
            "/slots",
            {"minutes": 30, "start": "2097-03-13T00:00:00Z", "end": "2097-03-14T00:00:00Z"},
        ),
    ),
    "find_a_room": (ANYBODY, of("POST", "/rooms/find", TIMES)),
    "list_rooms": (ANYBODY, of("GET", "/rooms")),
    "get_room": (ANYBODY, of("GET", "/rooms/blue")),
    "get_room_availability": (ANYBODY, of("GET", "/rooms/blue/availability?" + DAY)),
    "list_invitations": (ANYBODY, of("GET", "/invitations")),
    "get_invitation": (BOTH, of("GET", "/invitations/{i}")),
    "accept_invitation": (INVITEES, of("POST", "/invitations/{i}/accept", {})),
    "decline_invitation": (INVITEES, of("POST", "/invitations/{i}/decline", {})),
    "answer_tentatively": (INVITEES, of("POST", "/invitations/{i}/tentative", {})),
    "propose_times": (
        INVITEES,
        of("POST", "/invitations/{i}/proposals", {"times": [TIMES]}),
    ),
    "resend_invitation": (INVITERS, of("POST", "/invitations/{i}/resend")),
    "get_proposal": (BOTH, of("GET", "/proposals/{p}")),
    "accept_proposed_time": (INVITERS, of("POST", "/proposals/{p}/accept", {})),
    "decline_proposed_times": (INVITERS, of("POST", "/proposals/{p}/decline", {})),
    "withdraw_proposal": (INVITEES, of("DELETE", "/proposals/{p}")),
    "get_profile": (ANYBODY, of("GET", "/me")),
    "change_profile": (ANYBODY, of("PATCH", "/me", {})),
    "list_time_off": (ANYBODY, of("GET", "/me/time-off")),
    "create_time_off": (ANYBODY, of("POST", "/me/time-off", {"first_day": "2097-05-01"})),
    "change_time_off": (OWN, of("PUT", "/me/time-off/{t}", {"first_day": "2097-06-01"})),
    "remove_time_off": (OWN, of("DELETE", "/me/time-off/{t}")),
}


def world_of(ana: User, ben: User, visibility: str) -> World:
    meeting = factories.book(
        ana, "2097-03-13 10:00", 60, ben, title=f"{SECRET} talk", visibility=visibility
    )
    invitation = invitation_of(meeting, ben)
    propose(invitation, [timed("2097-03-13 15:00")], by=ben, now=NOW, note=f"{SECRET} later")
    proposal = CounterProposal.objects.get(meeting=meeting)
    off, _made = TimeOff.objects.get_or_create(
        user=ana, first="2097-04-01", last="2097-04-02", note=SECRET
    )
    return World(meeting, str(invitation.uid), str(proposal.uid), str(off.uid), ana)


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_matrix(program: ProgramOf, visibility: str) -> None:
    people = {
        "cy": factories.cy(),
        "rae": factories.rae(),
        "ben": factories.ben(),
        "ana": factories.ana(),  # last, since what she may do changes what the others asked for
    }
    factories.RoomFactory(code="blue")
    programs = {name: program(person) for name, person in people.items()}
    reading, nobody = program(people["ana"], "read"), program(None)
    wrong, leaks = [], []
    for name, (rights, call) in MATRIX.items():
        world = world_of(people["ana"], people["ben"], visibility)
        asked = call(world)
        expected = rights.get(visibility, rights)
        writes = asked[0] != "GET"
        answers: list[tuple[str, Program, Any]] = [("nobody", nobody, 401)]
        answers += [("reading", reading, 403)] if writes else []
        answers += [(role, programs[role], expected[role]) for role in people]
        for role, asking, wanted in answers:
            answer = asking(*asked)
            allowed = answer.status < 300 or answer.status == 409
            if (allowed if wanted == YES else answer.status == wanted) is False:
                wrong.append((name, role, wanted, answer.status, answer.json))
            outside = role in ("cy", "rae", "nobody")
            if outside and visibility == "private" and SECRET in str(answer.json):
                leaks.append((name, role))
        Meeting.objects.all().delete()

    assert wrong == []
    assert leaks == []


def test_the_matrix_is_complete() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    operations = [
        operation["operationId"] for path in paths.values() for operation in path.values()
    ]

    assert sorted(MATRIX) == sorted(operations)


def test_a_session_writes_with_its_pages_token_only(program: ProgramOf) -> None:
    ana = factories.ana()
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    new = {**NEW, "dry_run": False}

    read = client.get("/api/v1/me")
    forged = client.post("/api/v1/meetings", new, content_type="application/json")
    page = client.get("/settings/profile/")
    sent = client.post(
        "/api/v1/meetings",
        new,
        content_type="application/json",
        headers={"X-CSRFToken": str(page.context["csrf_token"])},
    )

    assert read.json()["email"] == ana.email
    assert forged.status_code == 403
    assert (sent.status_code, Meeting.objects.count()) == (201, 1)
