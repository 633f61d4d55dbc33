"""What no browser of ours would send: answered with a page or a refusal, never with an error."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, RoomFactory, ana, ben, book

pytestmark = pytest.mark.django_db

WHOLE = {
    "title": "Design review",
    "date": "2027-03-10",
    "start": "10:00",
    "end": "11:00",
    "zone": "Europe/Berlin",
}
ODD = [
    {"date": "9999-12-31", "start": "23:00", "end": "0:00"},
    {"date": "9999-12-31", "all_day": "on"},
    {"date": "0001-01-01", "zone": "Asia/Tokyo"},
    {"date": "2027-03-10", "until": "9999-12-31", "zone": "America/New_York"},
    {"date": "2199-12-31", "start": "23:00", "end": "1:00", "until": "2200-01-01"},
    {"all_day": "on", "until": "9999-12-31"},
    {"rooms": ["a\x00b"], "room_q": "a\x00b"},
    {"required": "a\x00b", "who": "\x00"},
    {"required": '<<>>,;"""<', "optional": "@,@@,<@>"},
    {"required": '"' * 5000},
    {"zone": "../etc/passwd"},
    {"zone": "europe/berlin"},
    {"began": "[" * 100_000},
    {"began": "5", "version": "9" * 30},
    {"reminders": ["-1", "x", "1" * 30]},
    {"priority": "1" * 30},
    {"start": "9" * 5000},
    {"key": "k" * 500},
    {"title": "‮\u0000"},
    {"use": "date=9999-12-31&start=23:00&end=0:00&rooms=%00"},
]


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("fields", ODD, ids=lambda fields: str(fields)[:40])
@pytest.mark.parametrize("page", ["new/", "new/live/", "{uid}/edit/", "{uid}/edit/live/"])
def test_odd_values_are_no_error(client: Client, page: str, fields: dict[str, Any]) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-12 10:00", 60, ben(), rooms=(RoomFactory.create(),))
    client.force_login(organizer)
    response = client.post(f"/meetings/{page.format(uid=meeting.uid)}", WHOLE | fields)
    assert response.status_code in (200, 302, 409, 422)


@pytest.mark.parametrize(
    "path", ["/meetings/new/?room=%00&date=%00&time=%00", "/meetings/new/?date="]
)
def test_odd_links_open_an_empty_form(client: Client, path: str) -> None:
    client.force_login(ana())
    assert client.get(path).context["values"]["start"] == "9:30"


@pytest.mark.parametrize("who", ["\x00", "a\x00b", "%_\\", "x" * 10_000, "q " * 5000, "<b>"])
def test_odd_names_find_nobody(client: Client, who: str) -> None:
    client.force_login(ana())
    ben()
    response = client.post("/people/", {"who": who, "required": "\x00"})
    assert response.status_code == 200
    assert "data-mailbox" not in response.content.decode()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.dictionaries(st.sampled_from([*WHOLE, "required", "until", "rooms"]), st.text()))
def test_any_text_is_no_error(client: Client, values: dict[str, str]) -> None:
    if not client.session.get("_auth_user_id"):
        client.force_login(ana())
    sent = WHOLE | values | {"title": "", "began": json.dumps(values)}
    assert client.post("/meetings/new/", sent).status_code == 422
    assert client.post("/meetings/new/live/", sent).status_code == 200
