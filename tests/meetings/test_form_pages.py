"""Making a meeting with the form: who may, what is kept, what is said."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from meetings.models import Meeting
from meetings.wallclock import AllDay
from rooms.models import Room
from tests.factories import NOW, RoomFactory, UserFactory, ana, ben, book, cy, timed

pytestmark = pytest.mark.django_db

NEW = "/meetings/new/"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = ana()
    client.force_login(organizer)
    return organizer


def typed(**fields: Any) -> dict[str, Any]:
    """A whole form on Wednesday 10 March 2027, 10:00–11:00 in Berlin."""
    values = {
        "title": "Design review",
        "date": "2027-03-10",
        "start": "10:00",
        "end": "11:00",
        "zone": "Europe/Berlin",
        "visibility": "public",
        "priority": "2",
        "reminders": ["15"],
    }
    return values | fields


def said(response: HttpResponse) -> list[str]:
    """The messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def test_nobody_signed_in_is_asked_to_sign_in(client: Client) -> None:
    for path in (NEW, "/meetings/new/live/", "/people/"):
        response = client.post(path, {"who": "ben"})
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_other_methods_are_refused(client: Client, organizer: User) -> None:
    assert client.put(NEW).status_code == 405
    assert client.get("/meetings/new/live/").status_code == 405
    assert client.get("/people/?who=ben").status_code == 405


def test_an_empty_form_begins_with_the_next_half_hour(client: Client, organizer: User) -> None:
    values = client.get(NEW).context["values"]
    assert (values["date"], values["start"], values["end"]) == ("2027-03-01", "9:30", "10:30")
    assert (values["zone"], values["reminders"]) == ("Europe/Berlin", ["15"])
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("date=2027-03-10&time=14:30", ("2027-03-10", "14:30", "15:30", "")),
        ("date=2027-03-10", ("2027-03-10", "9:00", "10:00", "")),
        ("date=2027-03-01", ("2027-03-01", "9:30", "10:30", "")),
        ("date=2027-03-10&time=23:30", ("2027-03-10", "23:30", "0:30", "2027-03-11")),
        ("date=2027-03-10&time=23:00", ("2027-03-10", "23:00", "0:00", "")),
        ("date=2027-03-10&time=noon", ("2027-03-10", "9:00", "10:00", "")),
        ("date=someday&time=10:00", ("2027-03-01", "9:30", "10:30", "")),
        ("date=0001-01-01&time=00:00", ("2027-03-01", "9:30", "10:30", "")),
        ("date=9999-12-31&time=23:30", ("2027-03-01", "9:30", "10:30", "")),
    ],
)
def test_a_link_of_the_calendar_fills_in_the_time(
    client: Client, organizer: User, query: str, expected: tuple[str, str, str, str]
) -> None:
    values = client.get(f"{NEW}?{query}").context["values"]
    assert tuple(values[name] for name in ("date", "start", "end", "until")) == expected


def test_a_link_of_a_room_ticks_it(client: Client, organizer: User) -> None:
    RoomFactory.create(code="blue", name="Blue Room")
    RoomFactory.create(code="old", active=False)
    rooms = client.get(f"{NEW}?room=blue").context["panel"].rooms.choices
    assert [(choice.room.code, choice.chosen) for choice in rooms] == [("blue", True)]
    assert client.get(f"{NEW}?room=old").context["values"]["rooms"] == []


def test_creating_books_and_leads_to_the_week(client: Client, organizer: User) -> None:
    room, invited = RoomFactory.create(code="blue"), ben()
    response = client.post(
        NEW,
        typed(
            required=f"Ben Okafor <{invited.email}>, guest@elsewhere.example",
            optional="Cy Young",
            who=cy().name,
            rooms=["blue"],
            reminders=["15", "1440"],
            location="Ground floor",
            join_link="https://meet.example/1",
            description="Bring a pen.\r\nAnd paper.",
            visibility="private",
            priority="3",
        ),
    )
    meeting = Meeting.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/calendar/week/2027-03-10/?meeting={meeting.uid}"
    assert said(response) == ["Design review is booked. 3 invitations are on their way."]
    assert meeting.organizer == organizer
    assert meeting.when == timed("2027-03-10 10:00")
    assert list(meeting.rooms.all()) == [room]
    assert meeting.reminders == [15, 1440]
    assert meeting.description == "Bring a pen.\nAnd paper."
    assert (meeting.visibility, meeting.priority) == ("private", 3)
    people = {i.address: i.role for i in meeting.invitations.all()}
    assert people == {
        organizer.email: "required",
        "ben@example.com": "required",
        "guest@elsewhere.example": "required",
        "cy@example.com": "required",  # named twice; one of them says required
    }


def test_nobody_invited_is_said_too(client: Client, organizer: User) -> None:
    response = client.post(NEW, typed(required=organizer.email))
    assert said(response) == ["Design review is booked."]


def test_times_are_in_the_chosen_zone(client: Client, organizer: User) -> None:
    client.post(NEW, typed(zone="Asia/Tokyo", start="9", end="930"))
    assert Meeting.objects.get().occurrence.start.isoformat() == "2027-03-10T00:00:00+00:00"


def test_all_day_with_a_last_day(client: Client, organizer: User) -> None:
    client.post(NEW, typed(all_day="on", start="", end="", until="2027-03-12"))
    meeting = Meeting.objects.get()
    assert meeting.when == AllDay(timed("2027-03-10 10:00").start.date(), 3)
    assert meeting.transparency == "free"


def test_a_double_click_makes_one_meeting(client: Client, organizer: User) -> None:
    first = client.post(NEW, typed(key="once"))
    second = client.post(NEW, typed(key="once"))
    assert Meeting.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_form_sent_before_with_other_values_is_another_meeting_only_if_sent_again(
    client: Client, organizer: User
) -> None:
    client.post(NEW, typed(key="once"))
    again = client.post(NEW, typed(key="once", title="Another", start="12:00", end="13:00"))
    assert again.status_code == 409
    assert "already sent" in again.context["problem"]
    assert Meeting.objects.count() == 1
    client.post(NEW, {k: v for k, v in again.context["values"].items() if v})
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"title": " "}, "title", "Give the meeting a title."),
        ({"title": "x" * 301}, "title", "That is too long: at most 300 characters."),
        ({"date": ""}, "date", "Choose a date."),
        ({"date": "soon"}, "date", "Enter a valid date."),
        ({"date": "1066-10-14"}, "date", "Meetings lie between the years 1900 and 2199."),
        ({"start": ""}, "start", "Give a start, for example 9:30."),
        ({"start": "noon"}, "start", "“noon” is not a time. Write it like 9:30."),
        ({"end": ""}, "end", "Give an end, for example 10:30."),
        ({"end": "9"}, "end", "The end must be after the start."),
        ({"until": "2027-03-09"}, "end", "The end must be after the start."),
        ({"all_day": "on", "until": "2027-03-09"}, "until", "The last day is before the first."),
        ({"zone": "Mars/Base"}, "zone", "Choose a time zone from the list."),
        ({"required": "ben@"}, "required", "“ben@” is not an e-mail address."),
        ({"required": "Zoe"}, "required", "No colleague is called “Zoe”."),
        ({"optional": "Zoe"}, "optional", "No colleague is called “Zoe”."),
        ({"required": "Pat Lee"}, "required", "Several colleagues are called Pat Lee: pat1@"),
        ({"required": "Zoe, " * 501}, "required", "At most 500 people can be invited."),
        ({"rooms": ["gone"]}, "rooms", "There is no room “gone” any more. Choose another."),
        ({"rooms": [f"r{n}" for n in range(21)]}, "rooms", "Choose at most 20 rooms."),
        ({"join_link": "javascript:alert(1)"}, "join_link", "A join link begins with https://"),
        ({"reminders": ["7"]}, "reminders", "Select a valid choice."),
        ({"visibility": "secret"}, "visibility", "Select a valid choice."),
        ({"priority": "9"}, "priority", "Select a valid choice."),
        ({"location": "a\x00b"}, "location", "Null characters are not allowed."),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    client: Client, organizer: User, fields: dict[str, Any], field: str, sentence: str
) -> None:
    UserFactory.create(name="Pat Lee", email="pat1@example.com")
    UserFactory.create(name="Pat Lee", email="pat2@example.com")
    sent = typed(**{"location": "Ground floor", **fields})
    response = client.post(NEW, sent)
    assert response.status_code == 422
    assert list(response.context["errors"]) == [field]
    assert response.context["errors"][field][0].startswith(sentence)
    assert sentence in response.content.decode().replace("&amp;", "&")
    shown = {name: response.context["values"][name] for name in sent if name != "all_day"}
    assert shown == {name: value for name, value in sent.items() if name != "all_day"}
    assert not Meeting.objects.exists()


def test_all_mistakes_are_said_at_once(client: Client, organizer: User) -> None:
    response = client.post(NEW, typed(title="", start="", required="Zoe", join_link="x"))
    assert set(response.context["errors"]) == {"title", "start", "required", "join_link"}


def test_what_is_typed_is_never_markup(client: Client, organizer: User) -> None:
    response = client.post(NEW, typed(title="<script>x", description="</textarea><b>", end="9"))
    page = response.content.decode()
    assert "<script>x" not in page
    assert "</textarea><b>" not in page


def test_a_description_keeps_its_first_empty_line_out_of_the_way(
    client: Client, organizer: User
) -> None:
    page = client.post(NEW, typed(description="\nsecond line", end="9")).content.decode()
    assert ">\n\nsecond line</textarea>" in page


def test_a_taken_room_refuses_with_rooms_and_times(client: Client, organizer: User) -> None:
    blue = RoomFactory.create(name="Blue Room", code="blue")
    RoomFactory.create(name="Green Room", code="green", site=blue.site)
    RoomFactory.create(name="Far Room", code="far")
    book(cy(), rooms=(blue,), title="Board")
    response = client.post(NEW, typed(rooms=["blue"]))
    panel = response.context["panel"]
    assert response.status_code == 409
    assert "A room is not to be had at that time." in response.content.decode()
    assert "Blue Room is taken Wed 10 March, 10:00–11:00." in response.content.decode()
    assert "By Board, Cy Young." in response.content.decode()
    assert [offer.headline for offer in panel.swaps] == ["Green Room"]
    assert len(panel.times) == 3
    assert Meeting.objects.count() == 1


def test_a_private_meeting_in_the_way_stays_private(client: Client, organizer: User) -> None:
    blue, other = RoomFactory.create(name="Blue Room", code="blue"), ben()
    book(cy(), "2027-03-10 10:00", 60, other, rooms=(blue,), title="Layoffs", visibility="private")
    page = client.post(NEW, typed(rooms=["blue"], required=other.email)).content.decode()
    assert "By a private meeting." in page
    assert "Ben Okafor is busy Wed 10 March, 10:00–11:00." in page
    assert "Layoffs" not in page


def offers(response: HttpResponse) -> list[str]:
    """What the offers' buttons send."""
    panel = response.context["panel"]  # type: ignore[attr-defined]
    return [offer.use for offer in (*panel.swaps, *panel.times)]


def test_each_offer_taken_at_once_books(client: Client, organizer: User) -> None:
    blue: Room = RoomFactory.create(name="Blue Room", code="blue")
    RoomFactory.create(name="Green Room", code="green", site=blue.site)
    other = ben()
    book(cy(), rooms=(blue,))
    refused = client.post(NEW, typed(rooms=["blue"], required=other.email))
    assert len(offers(refused)) == 4
    for use in offers(refused):
        Meeting.objects.filter(organizer=organizer).update(transparency="free")
        for meeting in Meeting.objects.filter(organizer=organizer):
            meeting.occurrence.bookings.all().delete()
        filled = client.post(NEW, typed(rooms=["blue"], required=other.email, use=use))
        assert filled.status_code == 200
        assert filled.context["errors"] == {}
        values = {k: v for k, v in filled.context["values"].items() if v and k != "use"}
        booked = client.post(NEW, values)
        assert (booked.status_code, use) == (302, use)


def test_taking_an_offer_saves_nothing_and_keeps_the_rest(client: Client, organizer: User) -> None:
    blue = RoomFactory.create(name="Blue Room", code="blue")
    book(cy(), rooms=(blue,))
    refused = client.post(NEW, typed(rooms=["blue"]))
    use = refused.context["panel"].times[0].use
    response = client.post(NEW, typed(title="", description="Kept", rooms=["blue"], use=use))
    values = response.context["values"]
    assert Meeting.objects.count() == 1
    assert (values["title"], values["description"]) == ("", "Kept")
    assert (values["date"], values["start"], values["end"]) == ("2027-03-10", "9:00", "10:00")
    assert "Filled in: Wed 10 March, 9:00–10:00, Blue Room." in response.content.decode()


@pytest.mark.parametrize("use", ["", "date=x&start=y", "%%%", "rooms=gone&date=2027-03-10"])
def test_a_made_up_offer_is_no_error(client: Client, organizer: User, use: str) -> None:
    assert client.post(NEW, typed(use=use)).status_code == 200
    assert not Meeting.objects.exists()


def test_a_busy_person_warns_and_can_be_booked_anyway(client: Client, organizer: User) -> None:
    other = ben()
    book(cy(), "2027-03-10 10:30", 60, other, title="Hiring sync")
    warned = client.post(NEW, typed(required=other.email))
    page = warned.content.decode()
    assert warned.status_code == 409
    assert "Ben Okafor is busy Wed 10 March, 10:30–11:30." in page
    assert "Save anyway and invite 1" in page
    assert Meeting.objects.count() == 1
    seen = warned.context["panel"].plan.fingerprint
    anyway = client.post(NEW, typed(required=other.email, seen=seen))
    assert anyway.status_code == 302
    assert Meeting.objects.count() == 2


def test_anyway_covers_only_what_was_seen(client: Client, organizer: User) -> None:
    other = ben()
    book(cy(), "2027-03-10 10:30", 60, other)
    seen = client.post(NEW, typed(required=other.email)).context["panel"].plan.fingerprint
    book(UserFactory.create(), "2027-03-10 10:00", 30, other)
    again = client.post(NEW, typed(required=other.email, seen=seen))
    assert again.status_code == 409
    assert "Ben Okafor is busy Wed 10 March, 10:00–10:30." in again.content.decode()
    assert again.context["panel"].plan.fingerprint != seen


def test_looking_saves_nothing_and_complains_of_nothing(client: Client, organizer: User) -> None:
    response = client.post(NEW, typed(title="", look="1"))
    assert response.status_code == 200
    assert response.context["errors"] == {}
    assert response.context["panel"].strips is not None
    assert not Meeting.objects.exists()


def test_without_a_script_all_is_there(client: Client, organizer: User) -> None:
    RoomFactory.create(code="blue", name="Blue Room")
    page = client.get(NEW).content.decode()
    for name in (
        "title",
        "required",
        "optional",
        "date",
        "start",
        "end",
        "until",
        "all_day",
        "zone",
    ):
        assert f'name="{name}"' in page
    assert '<noscript><button class="btn" type="submit" name="look"' in page
    assert '<input type="checkbox" name="rooms" value="blue"' in page
    assert "<script>" not in page
    assert "style=" not in page
