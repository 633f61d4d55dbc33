"""Changing a meeting with the form: who may, what is told before saving, two at once."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Meeting
from meetings.wallclock import Timed
from tests.factories import BERLIN, NOW, RoomFactory, ana, at, ben, book, cy, rae, timed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = ana()
    client.force_login(organizer)
    return organizer


def address(meeting: Meeting) -> str:
    return f"/meetings/{meeting.uid}/edit/"


def opened(client: Client, meeting: Meeting) -> dict[str, Any]:
    """What a browser would send of the form as it was opened."""
    values = client.get(address(meeting)).context["values"]
    return {name: value for name, value in values.items() if value not in ("", False)}


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", ["edit", "edit/live", "cancel", "end"])
@pytest.mark.parametrize(
    ("who", "visibility", "status"),
    [
        ("ben", "public", 403),
        ("ben", "private", 403),
        ("cy", "public", 403),
        ("cy", "private", 404),
        ("rae", "public", 403),
        ("rae", "private", 404),
    ],
)
def test_only_the_organizer_may(
    client: Client, page: str, who: str, visibility: str, status: int
) -> None:
    others = {"ben": ben(), "cy": cy(), "rae": rae()}
    meeting = book(ana(), "2027-03-10 10:00", 60, others["ben"], visibility=visibility)
    client.force_login(others[who])
    assert client.post(f"/meetings/{meeting.uid}/{page}/", {"title": "Mine"}).status_code == status
    meeting.refresh_from_db()
    assert meeting.title == "Design review"
    assert not meeting.occurrence.is_cancelled


@pytest.mark.parametrize("page", ["edit", "edit/live", "cancel", "end"])
def test_an_unknown_meeting_is_not_found(client: Client, organizer: User, page: str) -> None:
    assert client.post(f"/meetings/{uuid.uuid4()}/{page}/").status_code == 404


def test_who_made_it_for_another_may_edit(client: Client) -> None:
    assistant = cy()
    meeting = book(ana())
    Meeting.objects.update(created_by=assistant)
    client.force_login(assistant)
    assert (
        client.post(address(meeting), opened(client, meeting) | {"title": "New"}).status_code == 302
    )
    meeting.refresh_from_db()
    assert (meeting.title, meeting.organizer) == ("New", User.objects.get(email="ana@example.com"))


def test_the_form_shows_the_meeting_as_it_is(client: Client, organizer: User) -> None:
    meeting = book(
        organizer,
        "2027-03-10 10:00",
        90,
        ben(),
        "guest@elsewhere.example",
        rooms=(RoomFactory.create(code="blue"),),
        reminders=(15, 1440),
        location="Ground floor",
        join_link="https://meet.example/1",
        description="Bring a pen.",
        visibility="private",
        priority=3,
    )
    values = client.get(address(meeting)).context["values"]
    expected = {
        "title": "Design review",
        "required": "Ben Okafor <ben@example.com>, guest@elsewhere.example",
        "optional": "",
        "date": "2027-03-10",
        "start": "10:00",
        "end": "11:30",
        "until": "",
        "all_day": False,
        "zone": "Europe/Berlin",
        "rooms": ["blue"],
        "reminders": ["15", "1440"],
        "location": "Ground floor",
        "join_link": "https://meet.example/1",
        "description": "Bring a pen.",
        "visibility": "private",
        "priority": "3",
        "version": "1",
    }
    assert {name: values[name] for name in expected} == expected


def test_saving_what_is_there_changes_nothing(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben(), reminders=(15,))
    page = client.get(address(meeting)).content.decode()
    assert "Nothing is changed yet" in page
    response = client.post(address(meeting), opened(client, meeting))
    assert said(response) == ["Design review stays as it was."]
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    "when",
    [
        Timed(timed("2027-03-28 02:30").start, BERLIN, timedelta(minutes=30)),
        Timed(timed("2027-10-31 01:30").start, BERLIN, timedelta(hours=2)),
        Timed(timed("2027-03-10 10:00").start.replace(second=20), BERLIN, timedelta(seconds=90)),
    ],
    ids=["in a gap", "into the hour that comes twice", "to the second"],
)
def test_another_field_leaves_an_odd_time_as_it_is(
    client: Client, organizer: User, when: Timed
) -> None:
    meeting = book(organizer, when=when)
    client.post(address(meeting), opened(client, meeting) | {"title": "Renamed"})
    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.when) == ("Renamed", when)


def test_the_plan_is_said_before_saving(client: Client, organizer: User) -> None:
    blue = RoomFactory.create(code="blue", name="Blue Room")
    RoomFactory.create(code="green", name="Green Room", site=blue.site)
    cy()
    meeting = book(
        organizer, "2027-03-10 10:00", 60, ben(), "guest@elsewhere.example", rooms=(blue,)
    )
    sent = opened(client, meeting) | {
        "required": "Ben Okafor <ben@example.com>, cy@example.com",
        "rooms": ["green"],
    }
    panel = client.post(f"/meetings/{meeting.uid}/edit/live/", sent).context["panel"]
    assert panel.plan_words == (
        "Invites Cy Young, tells Ben Okafor what changed,"
        " takes back the invitation of guest@elsewhere.example,"
        " holds Green Room, frees Blue Room"
    )
    assert panel.button == "Save and tell 3"


def test_saving_tells_in_ten_seconds(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben())
    response = client.post(address(meeting), opened(client, meeting) | {"start": "12", "end": "13"})
    assert response["Location"] == f"/calendar/week/2027-03-10/?meeting={meeting.uid}"
    assert said(response) == ["Design review is changed. 1 person will be told in 10 seconds."]
    assert Meeting.objects.get().when == timed("2027-03-10 12:00")
    assert Change.objects.last().not_before == NOW + timedelta(seconds=10)


def test_moving_onto_another_meeting_warns(client: Client, organizer: User) -> None:
    other = ben()
    book(cy(), "2027-03-10 12:00", 60, other)
    meeting = book(organizer, "2027-03-10 10:00", 60, other)
    sent = opened(client, meeting) | {"start": "12", "end": "13"}
    warned = client.post(address(meeting), sent)
    assert warned.status_code == 409
    assert "Save anyway and tell 1" in warned.content.decode()
    seen = warned.context["panel"].plan.fingerprint
    assert client.post(address(meeting), sent | {"seen": seen}).status_code == 302


def test_its_own_time_and_room_do_not_collide(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben(), rooms=(RoomFactory.create(),))
    sent = opened(client, meeting) | {"start": "10:30", "end": "11:30"}
    assert client.post(address(meeting), sent).status_code == 302


def test_the_second_of_two_sees_what_the_first_changed(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben(), reminders=(15,))
    second = opened(client, meeting) | {"title": "Second title", "description": "Second words"}
    first = opened(client, meeting) | {"title": "First title", "start": "12", "end": "13"}
    client.post(address(meeting), first)

    stale = client.post(address(meeting), second)
    assert stale.status_code == 409
    rows = {field.label: field for field in stale.context["changed"]}
    assert set(rows) == {"Title", "When"}
    assert (rows["Title"].was, rows["Title"].theirs) == ("Design review", "First title")
    assert rows["Title"].kept
    assert rows["When"].was == "Wed 10 March, 10:00–11:00 CET"
    assert rows["When"].theirs == "Wed 10 March, 12:00–13:00 CET"
    assert not rows["When"].kept
    values = stale.context["values"]
    assert (values["title"], values["description"]) == ("Second title", "Second words")
    assert (values["start"], values["version"]) == ("12:00", "2")
    assert Meeting.objects.get().title == "First title"

    on_top = {name: value for name, value in values.items() if value not in ("", False)}
    assert client.post(address(meeting), on_top).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.description) == ("Second title", "Second words")
    assert meeting.when == timed("2027-03-10 12:00")


def test_a_third_change_in_between_is_seen_again(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    sent = opened(client, meeting) | {"title": "Second"}
    for n in range(2):
        fresh = Meeting.objects.get()
        client.post(address(fresh), opened(client, fresh) | {"location": f"Floor {n}"})
        stale = client.post(address(meeting), sent)
        assert stale.status_code == 409
        values = stale.context["values"]
        sent = {name: value for name, value in values.items() if value not in ("", False)}
        assert (sent["title"], sent["location"]) == ("Second", f"Floor {n}")
    assert client.post(address(meeting), sent).status_code == 302


def test_without_knowing_what_it_began_with_all_that_is_typed_counts(
    client: Client, organizer: User
) -> None:
    meeting = book(organizer)
    second = opened(client, meeting) | {"began": "{"}
    client.post(address(meeting), opened(client, meeting) | {"title": "First title"})
    stale = client.post(address(meeting), second)
    assert stale.context["values"]["title"] == "Design review"
    assert stale.context["problem"].startswith("This meeting was changed meanwhile.")


@pytest.mark.parametrize("version", ["", "0", "x", "99"])
def test_a_made_up_version_is_refused(client: Client, organizer: User, version: str) -> None:
    meeting = book(organizer)
    sent = opened(client, meeting) | {"title": "New", "version": version}
    assert client.post(address(meeting), sent).status_code in (409, 422)
    assert Meeting.objects.get().title == "Design review"


def test_what_is_over_stays_as_it_was(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    with time_machine.travel(at("2027-03-10 11:00"), tick=False):
        client.force_login(organizer)
        response = client.get(address(meeting))
        assert response["Location"] == f"/meetings/{meeting.uid}/"
        assert said(response) == [
            "The meeting is over and stays as it was. Make a new one instead."
        ]


def test_what_ends_while_it_is_edited_is_refused_with_all_kept(
    client: Client, organizer: User
) -> None:
    meeting = book(organizer)
    sent = opened(client, meeting) | {"title": "Too late"}
    scheduler.cancel(meeting, by=organizer, now=NOW)
    response = client.post(address(meeting), sent | {"version": meeting.version})
    assert response.status_code == 409
    assert response.context["values"]["title"] == "Too late"
    assert Meeting.objects.get().title == "Design review"


def test_an_all_day_date_becomes_busy_once_it_concerns_others(
    client: Client, organizer: User
) -> None:
    ben()
    client.post(
        "/meetings/new/",
        {"title": "Offsite", "date": "2027-03-10", "all_day": "on", "zone": "Europe/Berlin"},
    )
    meeting = Meeting.objects.get()
    assert meeting.transparency == "free"
    client.post(address(meeting), opened(client, meeting) | {"required": "ben@example.com"})
    assert Meeting.objects.get().transparency == "busy"
