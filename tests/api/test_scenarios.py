"""One door: what a page does, an operation and a command of the shell do alike, and leave alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from itertools import zip_longest
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import TimeOff, User
from meetings import scheduler
from meetings.models import Booking, Change, CounterProposal, Invitation, Meeting, Occurrence
from tests import factories
from tests.api.conftest import Program, ProgramOf
from tests.factories import NOW, book, invitation_of, timed

WEEKLY = "FREQ=WEEKLY;COUNT=4"
SECOND = "2027-03-17T10:00:00"
MONDAY_MORNING = "2027-03-01 08:30"
TIME = {"start_time": "2027-03-10T13:00:00+01:00", "end_time": "2027-03-10T14:00:00+01:00"}
TYPED = {
    "title": "Design review",
    "date": "2027-03-10",
    "start": "13:00",
    "end": "14:00",
    "zone": "Europe/Berlin",
    "visibility": "public",
    "priority": "2",
    "required": "ben@example.com",
    "rooms": ["blue"],
}


@dataclass
class World:
    """Ana and Ben, and what was there before."""

    ana: User
    ben: User
    meeting: Meeting | None = None
    programs: dict[str, Program] = field(default_factory=dict)

    def browser(self, person: User) -> Client:
        """A browser in which somebody is signed in."""
        client = Client()
        client.force_login(person)
        return client

    @property
    def m(self) -> Meeting:
        """The meeting that there is."""
        assert self.meeting is not None
        return self.meeting

    @property
    def invitation(self) -> Invitation:
        """Ben's."""
        return invitation_of(self.m, self.ben)

    @property
    def proposal(self) -> CounterProposal:
        """The one there is."""
        return CounterProposal.objects.get()

    def call(self, name: str, method: str, path: str, body: object = None) -> None:
        """An operation that has to be done."""
        answer = self.programs[name](method, path, body)
        assert answer.status < 300, answer

    def post(self, person: User, path: str, **values: Any) -> None:
        """A page's form that has to be taken."""
        answer = self.browser(person).post(path, values)
        assert answer.status_code == 302, answer.context and answer.context.get("problem")


Act = Callable[[World], object]


@dataclass(frozen=True)
class Scenario:
    """What there is before, and the ways to do the same; `shell` where it has a command."""

    before: Callable[[World], Meeting | None]
    page: Act
    rest: Act
    shell: Act | None = None


def shell(*words: str) -> None:
    call_command(*words, stdout=StringIO())


def nothing(world: World) -> None:
    return None


def single(world: World) -> Meeting:
    return book(world.ana, "2027-03-10 10:00", 60, world.ben, rooms=[blue()])


def weekly(world: World) -> Meeting:
    return book(world.ana, "2027-03-10 10:00", 60, world.ben, rrule=WEEKLY)


def ongoing(world: World) -> Meeting:
    early = NOW - timedelta(days=3)
    return book(world.ana, MONDAY_MORNING, 180, world.ben, rooms=[blue()], now=early)


def skipped(world: World) -> Meeting:
    meeting = weekly(world)
    scheduler.mend(meeting, {SECOND: scheduler.Skip()}, by=world.ana, now=NOW, version=1)
    return meeting


def proposed(world: World) -> Meeting:
    meeting = single(world)
    scheduler.propose(
        invitation_of(meeting, world.ben), [timed("2027-03-10 13:00")], by=world.ben, now=NOW
    )
    return meeting


def sent(world: World) -> Meeting:
    meeting = single(world)
    Change.objects.update(announced_at=NOW)  # no message waits any more
    return meeting


def undoable(world: World) -> Meeting:
    meeting = single(world)
    scheduler.cancel(meeting, by=world.ana, now=NOW, undo=timedelta(minutes=5))
    return meeting


def blue() -> Any:
    return factories.Room.objects.get(code="blue")


def opened(world: World, query: str = "") -> dict[str, Any]:
    """What the form for the meeting sends back when nothing is typed."""
    address = f"/meetings/{world.m.uid}/edit/{query}"
    return dict(world.browser(world.ana).get(address).context["values"])


def edited(world: World, query: str = "", **typed: Any) -> None:
    # An unticked box and an empty field are not sent.
    values = {k: v for k, v in (opened(world, query) | typed).items() if v not in (None, False)}
    world.post(world.ana, f"/meetings/{world.m.uid}/edit/{query}", **values)


SCENARIOS: dict[str, Scenario] = {
    "schedule": Scenario(
        nothing,
        page=lambda w: w.post(w.ana, "/meetings/new/", **TYPED),
        rest=lambda w: w.call(
            "ana",
            "POST",
            "/meetings",
            {"title": "Design review", **TIME, "attendees": ["ben@example.com"], "room_id": "blue"},
        ),
        shell=lambda w: shell(
            *("book", "Design review", "--as", "ana@example.com", "--start", "2027-03-10T13:00"),
            *("--minutes", "60", "--with", "ben@example.com", "--room", "blue"),
        ),
    ),
    "schedule a series": Scenario(
        nothing,
        page=lambda w: w.post(w.ana, "/meetings/new/", **TYPED, repeat="rule", rule=WEEKLY),
        rest=lambda w: w.call(
            "ana",
            "POST",
            "/meetings/recurring",
            {
                "title": "Design review",
                **TIME,
                "attendees": ["ben@example.com"],
                "room_id": "blue",
                "frequency": "weekly",
                "count": 4,
            },
        ),
        shell=lambda w: shell(
            *("book", "Design review", "--as", "ana@example.com", "--start", "2027-03-10T13:00"),
            *("--minutes", "60", "--with", "ben@example.com", "--room", "blue"),
            *("--rrule", WEEKLY),
        ),
    ),
    "edit": Scenario(
        single,
        page=lambda w: edited(w, start="13:00", end="14:00"),
        rest=lambda w: w.call("ana", "PATCH", f"/meetings/{w.m.uid}", TIME),
        shell=lambda w: shell(
            *("reschedule", str(w.m.uid), "--as", "ana@example.com"),
            *("--start", "2027-03-10T13:00"),
        ),
    ),
    "edit one date": Scenario(
        weekly,
        page=lambda w: edited(w, f"?date={SECOND}&scope=this", start="13:00", end="14:00"),
        rest=lambda w: w.call(
            "ana",
            "PATCH",
            f"/meetings/{w.m.uid}?scope=this&recurrence_id={SECOND}",
            {
                "start_time": "2027-03-17T13:00:00+01:00",
                "end_time": "2027-03-17T14:00:00+01:00",
            },
        ),
        shell=lambda w: shell(
            *("reschedule", str(w.m.uid), "--as", "ana@example.com", "--date", SECOND),
            *("--scope", "this", "--start", "2027-03-17T13:00"),
        ),
    ),
    "cancel": Scenario(
        single,
        page=lambda w: w.post(w.ana, f"/meetings/{w.m.uid}/cancel/", reason="Nobody is in."),
        rest=lambda w: w.call("ana", "DELETE", f"/meetings/{w.m.uid}?reason=Nobody is in."),
        shell=lambda w: shell(
            *("cancel", str(w.m.uid), "--as", "ana@example.com", "--reason", "Nobody is in.")
        ),
    ),
    "end_now": Scenario(
        ongoing,
        page=lambda w: w.post(w.ana, f"/meetings/{w.m.uid}/end/"),
        rest=lambda w: w.call("ana", "POST", f"/meetings/{w.m.uid}/end"),
    ),
    "mend": Scenario(
        skipped,
        page=lambda w: w.post(
            w.ana, f"/meetings/{w.m.uid}/series/", version="2", **{f"decide-{SECOND}": "again"}
        ),
        rest=lambda w: w.call(
            "ana",
            "POST",
            f"/meetings/{w.m.uid}/mend",
            {"decisions": [{"recurrence_id": SECOND, "choice": "try_again"}]},
        ),
    ),
    "undo": Scenario(
        undoable,
        page=lambda w: w.post(w.ana, f"/changes/{Change.objects.latest('pk').pk}/undo/"),
        rest=lambda w: w.call("ana", "POST", f"/meetings/{w.m.uid}/undo"),
    ),
    "respond": Scenario(
        single,
        page=lambda w: w.post(
            w.ben, reverse("meetings:answer", args=[w.invitation.uid]), status="accepted", note="Hi"
        ),
        rest=lambda w: w.call(
            "ben", "POST", f"/invitations/{w.invitation.uid}/accept", {"note": "Hi"}
        ),
        shell=lambda w: shell(
            *("respond", str(w.m.uid), "accepted", "--as", "ben@example.com", "--note", "Hi")
        ),
    ),
    "resend": Scenario(
        sent,
        page=lambda w: w.post(w.ana, reverse("meetings:send_again", args=[w.invitation.uid])),
        rest=lambda w: w.call("ana", "POST", f"/invitations/{w.invitation.uid}/resend"),
    ),
    "propose": Scenario(
        single,
        page=lambda w: w.post(
            w.ben,
            reverse("meetings:propose", args=[w.invitation.uid]),
            **{"t0-date": "2027-03-10", "t0-start": "13:00", "t0-end": "14:00", "note": "Later?"},
        ),
        rest=lambda w: w.call(
            "ben",
            "POST",
            f"/invitations/{w.invitation.uid}/proposals",
            {"times": [TIME], "note": "Later?"},
        ),
    ),
    "withdraw": Scenario(
        proposed,
        page=lambda w: w.post(
            w.ben, reverse("meetings:propose", args=[w.invitation.uid]), withdraw="1"
        ),
        rest=lambda w: w.call("ben", "DELETE", f"/proposals/{w.proposal.uid}"),
    ),
    "accept_proposal": Scenario(
        proposed,
        page=lambda w: w.post(
            w.ana, reverse("meetings:answer_proposal", args=[w.proposal.uid]), accept="0"
        ),
        rest=lambda w: w.call("ana", "POST", f"/proposals/{w.proposal.uid}/accept", {"number": 0}),
    ),
    "decline_proposal": Scenario(
        proposed,
        page=lambda w: w.post(
            w.ana, reverse("meetings:answer_proposal", args=[w.proposal.uid]), reason="Not then."
        ),
        rest=lambda w: w.call(
            "ana", "POST", f"/proposals/{w.proposal.uid}/decline", {"note": "Not then."}
        ),
    ),
    "decline_during": Scenario(
        single,
        page=lambda w: w.post(
            w.ben,
            "/settings/time-off/",
            first="2027-03-10",
            note="Away",
            message="I am away.",
            decline_existing="on",
        ),
        rest=lambda w: w.call(
            "ben",
            "POST",
            "/me/time-off",
            {
                "first_day": "2027-03-10",
                "note": "Away",
                "message": "I am away.",
                "decline_existing": True,
            },
        ),
    ),
}
# Commands that people do not give by themselves on a page, and where they are tested.
ELSEWHERE = {
    "take_in": "the shell's import_ics: tests/meetings/test_import_ics.py",
    "close_place": "an administrator's closure: tests/rooms/test_admin.py",
    "decline_for_absent": "the worker: tests/meetings/test_absent.py",
    "adopt_invitations": "who confirms an address: tests/meetings/test_newcomers.py",
    "release_expired_holds": "the worker: tests/notifications/test_tasks.py",
}


def left() -> dict[str, Any]:
    """All that commands write, without what names rows and without who else was there first."""
    meetings = list(Meeting.objects.order_by("created_at", "local_date", "pk"))
    return {
        "meetings": [_plain(m, "ical_uid", "series") for m in meetings],
        "rooms": [sorted(room.code for room in m.rooms.all()) for m in meetings],
        "dates": _all(Occurrence, "recurrence_id", "pk"),
        "people": _all(Invitation, "recurrence_id", "pk", without=("token",)),
        "bookings": _all(Booking, "during", "kind", "pk"),
        "changes": _all(Change, "pk", without=("added", "removed")),
        "proposals": _all(CounterProposal, "pk"),
        "time off": _all(TimeOff, "pk"),
    }


def _all(model: type[models.Model], *order: str, without: tuple[str, ...] = ()) -> list[Any]:
    rows = model._default_manager.order_by(*order)
    return [_plain(row, *without) for row in rows]


def _plain(row: models.Model, *without: str) -> dict[str, Any]:
    """The values of its columns, but for keys."""
    return {
        column.name: getattr(row, column.name)
        for column in row._meta.concrete_fields
        if not (column.primary_key or column.is_relation or column.name in ("uid", *without))
    }


def differing(found: dict[str, Any], page: dict[str, Any]) -> list[Any]:
    """Where a way leaves something else than the page does."""
    return [
        (table, name, row.get(name), other.get(name))
        if isinstance(row, dict)
        else (table, row, other)
        for table, rows in found.items()
        for row, other in zip_longest(rows, page[table], fillvalue={})
        if row != other
        for name in (row | other if isinstance(row, dict) else [0])
        if not isinstance(row, dict) or row.get(name) != other.get(name)
    ]


@pytest.fixture
def worlds(program: ProgramOf, settings: Settings) -> Iterator[Callable[[], World]]:
    """Begins anew, each time alike; nothing waits for an undo."""
    settings.UNDO_SECONDS = 0
    ana, ben = factories.works(factories.ana()), factories.works(factories.ben())
    factories.RoomFactory(code="blue", name="Blue Room")

    def begin() -> World:
        Meeting.objects.all().delete()
        TimeOff.objects.all().delete()
        return World(ana, ben, programs=programs)

    with time_machine.travel(NOW, tick=False):
        programs = {"ana": program(ana), "ben": program(ben)}
        yield begin


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_way_leaves_the_same(worlds: Callable[[], World], name: str) -> None:
    scenario = SCENARIOS[name]
    results = {}
    for way in ("page", "rest", "shell"):
        act = getattr(scenario, way)
        if act is None:
            continue
        world = worlds()
        world.meeting = scenario.before(world)
        before = left()
        act(world)
        results[way] = left()
        assert results[way] != before, f"{way} did nothing"

    for way, found in results.items():
        assert differing(found, results["page"]) == [], way


def test_every_command_has_its_scenario() -> None:
    commands = {
        name
        for name in scheduler.__all__
        if name.islower() and not name.startswith("plan_") and name not in NO_COMMANDS
    }

    assert commands == {name for name in SCENARIOS if " " not in name} | set(ELSEWHERE)


NO_COMMANDS = {"draft_of", "first_date", "instead", "taking_over"}  # they only answer
