"""Time off: busy wherever people's time is asked for, and its note nobody else's to read."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from meetings import scheduler
from meetings.health import health
from meetings.readable import readable
from meetings.slots import alternatives, series_alternatives
from meetings.waiting import asked, awaiting
from tests.factories import BERLIN, NOW, ana, away, ben, book, cy, days, draft, works

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = works(ana())
    client.force_login(organizer)
    return organizer


def headlines(viewer: User, *people: User) -> list[tuple[str, str]]:
    """What a viewer reads against a draft of Wednesday 10 March, 10:00–11:00."""
    plan = scheduler.plan_schedule(draft("2027-03-10 10:00", 60, *people), by=viewer, now=NOW)
    return [(f.headline, f.detail) for f in readable(plan.problems, viewer, BERLIN)]


@pytest.mark.parametrize(
    ("off", "when"),
    [
        ({"first": "2027-03-10"}, "Wed 10 March"),
        ({"first": "2027-03-08", "last": "2027-03-12"}, "Mon 8 – Fri 12 March"),
        ({"first": "2027-03-10", "start": "09:30", "end": "12:00"}, "Wed 10 March, 9:30–12:00"),
        (
            {"first": "2027-03-09", "last": "2027-03-10", "start": "12:00"},
            "Tue 9 March, 12:00 – Wed 10 March",
        ),
        (
            {"first": "2027-03-09", "last": "2027-03-10", "end": "12:00"},
            "Tue 9 March – Wed 10 March, 12:00",
        ),
    ],
)
def test_others_read_when_and_no_more(off: dict[str, str], when: str, organizer: User) -> None:
    away(ben(), **off, note="Surgery", message="Ask Cy.")
    assert headlines(organizer, User.objects.get(email="ben@example.com")) == [
        (f"Ben Okafor is out of office {when}.", "")
    ]


def test_the_person_reads_you(organizer: User) -> None:
    away(organizer, "2027-03-10")
    assert headlines(organizer) == [("You are out of office Wed 10 March.", "")]


def test_the_panel_tells_and_draws_it(client: Client, organizer: User) -> None:
    other = works(ben())
    away(other, "2027-03-10", end="13:00", note="Surgery")
    book(cy(), "2027-03-10 15:00", 60, other)
    values = {"date": "2027-03-10", "start": "10:00", "end": "11:00", "zone": "Europe/Berlin"}
    response = client.post("/meetings/new/live/", values | {"required": other.email})
    found = response.context["panel"]
    (row,) = [row for row in found.strips.rows if row.name == "Ben Okafor"]
    assert [(span.start, span.end, span.mark) for span in row.spans] == [
        ("13:00", "17:00", "lit"),
        ("07:00", "13:00", "busy busy-away busy-clash"),
        ("15:00", "16:00", "busy"),
    ]
    assert row.words == "Ben Okafor is out of office 0:00–13:00. Ben Okafor is busy 15:00–16:00"
    assert found.summary == "1 person collides"
    assert "Surgery" not in response.content.decode()


def test_other_times_keep_clear_of_it(organizer: User) -> None:
    other = works(ben())
    away(other, "2027-03-09", "2027-03-10", end="14:00")
    single = scheduler.plan_schedule(draft("2027-03-10 10:00", 60, other), by=organizer, now=NOW)
    nearest = alternatives(single.proposal, [], now=NOW)
    assert f"{nearest[0].when.start:%a %H:%M}" == "Wed 14:00"
    weekly = scheduler.plan_schedule(
        draft("2027-03-10 10:00", 60, other, rrule=WEEKLY), by=organizer, now=NOW
    )
    best = series_alternatives(weekly.proposal, WEEKLY, [], now=NOW)
    assert (f"{best[0].when.start:%a %H:%M}", best[0].colliding) == ("Wed 14:00", 0)
    assert list(weekly.colliding) == ["2027-03-10T10:00:00"]


def test_the_health_of_a_series_names_the_dates_in_it(organizer: User) -> None:
    other = ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, other, rrule=WEEKLY)
    away(other, "2027-03-17", "2027-03-24")
    found = health(meeting, now=NOW)
    assert [date.collides for date in found.dates] == [False, True, True, False]


def test_what_waits_for_an_answer_says_so(client: Client, organizer: User) -> None:
    invited = ben()
    book(organizer, "2027-03-10 10:00", 60, invited)
    book(organizer, "", 0, invited, when=days("2027-03-09"))
    book(organizer, "2027-03-11 10:00", 60, invited)
    away(invited, "2027-03-09", "2027-03-10")
    found = asked(list(awaiting(invited, NOW)), invited, NOW)
    assert [[o.occurrence for o in item.overlaps] for item in found] == [[None], [None], []]
    client.force_login(invited)
    assert client.get("/invitations/").content.decode().count("you are out of office") >= 2
