"""Finding a time: what is asked, what is shown, and what is carried into the form."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from meetings.models import Meeting
from meetings.views.find import Tab
from meetings.views.findoutlook import Outlook
from tests.factories import (
    NOW,
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    answer,
    ben,
    book,
    cy,
    works,
)

pytestmark = pytest.mark.django_db

FIND = "/find-a-time/"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(client: Client) -> User:
    reader = works(ana())
    client.force_login(reader)
    return reader


def look(client: Client, **query: Any) -> Outlook:
    """What is found for Wednesday 10 March 2027, unless said otherwise."""
    asked = {"from": "2027-03-10", "to": "2027-03-10"} | query
    response = client.get(FIND, asked)
    assert response.status_code == 200
    found: Outlook = response.context["outlook"]
    return found


def tabs(client: Client, **query: Any) -> list[Tab]:
    found: list[Tab] = client.get(FIND, query).context["tabs"]
    return found


def problems(client: Client, **query: Any) -> list[str]:
    response = client.get(FIND, {"from": "2027-03-10", "to": "2027-03-10"} | query)
    assert response.context["outlook"] is None
    found: list[str] = response.context["form"].problems
    for problem in found:
        assert problem in response.text or "“" in problem
    return found


def headlines(found: Outlook) -> list[str]:
    return [suggestion.headline for suggestion in found.suggestions]


def said(found: Outlook, number: int = 1) -> list[str]:
    chosen = found.suggestions[number - 1]
    lines = [", ".join(reason.words for reason in line) for line in chosen.lines]
    return [*lines, chosen.clocks] if chosen.clocks else lines


def spans(found: Outlook, name: str) -> list[tuple[str, str, str]]:
    (drawn,) = [drawn for drawn in found.drawn if drawn.day == found.shown]
    (row,) = [row for group in drawn.groups for row in group.rows if row.name == name]
    return [(span.start, span.end, span.mark) for span in row.spans]


def test_nobody_signed_in_is_asked_to_sign_in(client: Client) -> None:
    assert client.get(FIND)["Location"].startswith("/accounts/login/")


def test_it_begins_with_a_sentence(client: Client, reader: User) -> None:
    response = client.get(FIND)
    assert response.context["outlook"] is None
    assert "Add somebody to begin" in response.text
    assert (
        response.context["values"] | {"from": "2027-03-01", "to": "2027-03-07"}
        == (response.context["values"])
    )


def test_times_with_their_reasons_and_a_room(client: Client, reader: User) -> None:
    other, site = works(ben()), SiteFactory.create(name="Berlin")
    RoomFactory.create(name="Hall", capacity=40, site=site)
    nook = RoomFactory.create(name="Nook", code="nook", capacity=3, site=site, floor="2")
    RoomFactory.create(name="Cell", capacity=1, site=site)
    book(cy(), "2027-03-10 09:00", 420, other, rooms=(nook,), title="Secret")
    found = look(client, **{"with": other.email})
    assert headlines(found)[0] == "Wed 10, 16:00–17:00"
    assert said(found) == [
        "Both can come, inside everybody’s working hours",
        "Nook, 3 seats, Berlin",
    ]
    assert headlines(found)[1] == "Wed 10, 7:00–8:00"  # rather than at midnight
    assert said(found, 2)[0] == "Both can come, outside the working hours of Ana and Ben"


def test_strips_have_hours_busy_time_and_no_titles(client: Client, reader: User) -> None:
    other = works(ben(), (8, 12), (13, 16))
    stranger = cy()
    book(stranger, "2027-03-10 10:30", 60, other, title="Hush", visibility="private")
    answer(book(stranger, "2027-03-10 14:00", 30, other, title="Open"), other, "tentative")
    response = client.get(FIND, {"with": other.email, "from": "2027-03-10", "to": "2027-03-10"})
    found = response.context["outlook"]
    assert spans(found, "Ben Okafor") == [
        ("08:00", "12:00", "lit"),
        ("13:00", "16:00", "lit"),
        ("10:30", "11:30", "busy"),
        ("14:00", "14:30", "busy busy-maybe"),
    ]
    busy = "Ben Okafor is busy 10:30–11:30, perhaps 14:00–14:30; works 8:00–12:00, 13:00–16:00"
    assert busy in response.text
    assert "Hush" not in response.text
    assert "Open" not in response.text
    assert "Cy Young" not in response.text


def test_each_zone_has_its_own_hours(client: Client, reader: User) -> None:
    far = works(UserFactory.create(name="Omar Haddad", timezone=NEW_YORK), (9, 18))
    half = UserFactory.create(name="Asha Rao", timezone=ZoneInfo("Asia/Kolkata"))
    found = look(client, **{"with": [far.email], "optional": half.email})
    (drawn,) = found.drawn
    assert drawn.hours == range(7, 24)  # until 18:00 in New York
    berlin, new_york, kolkata = drawn.groups
    assert (berlin.name, berlin.note, berlin.hours[:3]) == ("Berlin", "CET", ("7", "8", "9"))
    assert (new_york.name, new_york.note) == ("New York", "EST, −6 h")
    assert new_york.hours[:3] == ("1", "2", "3")
    assert (kolkata.note, kolkata.hours[0]) == ("IST, +4:30 h", "11:30")
    assert said(found) == [
        "Both can come, inside everybody’s working hours",
        "with Asha (optional), 19:30 for Asha",
        "9:00 in New York",
    ]


def test_a_compromise_is_called_one_and_says_who_is_busy(client: Client, reader: User) -> None:
    other = works(ben())
    book(reader, "2027-03-10 00:00", 720, title="Mine")
    book(cy(), "2027-03-10 12:00", 720, other, title="Theirs")
    response = client.get(FIND, {"with": other.email, "from": "2027-03-10", "to": "2027-03-10"})
    found = response.context["outlook"]
    assert found.compromise
    assert "There is no time at which all required people are free." in response.text
    assert said(found)[0].startswith("1 of 2: not ")


def test_guests_have_an_unknown_calendar(client: Client, reader: User) -> None:
    response = client.get(FIND, {"with": "guest@else.example", "from": "2027-03-10"})
    assert "1 guest has no calendar here, so nobody knows when they are free." in response.text
    groups = response.context["outlook"].drawn[0].groups
    assert [(g.name, [row.name for row in g.rows]) for g in groups] == [
        ("Berlin", ["Ana Berger"]),
        ("Calendar unknown", ["guest@else.example"]),
    ]


def test_near_what_was_asked_comes_first(client: Client, reader: User) -> None:
    found = look(client, **{"with": works(ben()).email, "near": "2027-03-10T14:15"})
    assert headlines(found)[0] == "Wed 10, 14:15–15:15"
    assert said(found)[-1] == "as asked"
    assert said(found, 2)[-1] in ("1\xa0hour later than asked", "1\xa0hour earlier than asked")


def test_rooms_as_they_are_wanted(client: Client, reader: User) -> None:
    other, screen = works(ben()), AmenityFactory.create(name="screen")
    plain = RoomFactory.create(name="Plain", capacity=4)
    seeing = RoomFactory.create(name="Seeing", capacity=9)
    seeing.amenities.add(screen)
    asked = {"with": other.email}
    assert look(client, **asked).suggestions[0].slot.room == plain
    assert look(client, **asked, seats="5").suggestions[0].slot.room == seeing
    assert look(client, **asked, amenities="screen").suggestions[0].slot.room == seeing
    assert look(client, **asked, site=plain.site.name).suggestions[0].slot.room == plain
    without = look(client, **asked, room="none")
    assert without.suggestions[0].slot.room is None
    assert said(without) == ["Both can come, inside everybody’s working hours"]
    none = look(client, **asked, seats="30")
    assert none.no_room
    assert none.suggestions


def test_days_off_and_the_days_of_suggestions(client: Client, reader: User) -> None:
    other = works(ben())
    book(cy(), "2027-03-05 00:00", 1440, other)
    asked = {"with": other.email, "from": "2027-03-05", "to": "2027-03-08"}
    found = look(client, **asked)
    assert [(tab.day.day, tab.off, tab.count) for tab in tabs(client, **asked)] == [
        (5, False, 0),
        (6, True, 0),
        (7, True, 0),
        (8, False, 5),
    ]
    assert [drawn.day.day for drawn in found.drawn] == [8]
    chosen = look(client, **asked, day="2027-03-06")
    assert [drawn.day.day for drawn in chosen.drawn] == [6, 8]
    assert chosen.shown.day == 6


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"with": "Nobody Here"}, "No colleague is called “Nobody Here”. Write the full name"),
        ({"with": "ben@"}, "“ben@” is not an e-mail address."),
        ({"from": "2027-03-12", "to": "2027-03-10"}, "The last day is before the first"),
        ({"from": "2027-01-01", "to": "2027-01-02"}, "These days are over."),
        ({"from": "2027-03-10", "to": "2027-04-10"}, "At most 31 days can be looked at together."),
        ({"from": "soon"}, "Choose the first day."),
        ({"to": "9999-12-31"}, "Choose days before the year 2200."),
        ({"length": "721"}, "A length lies between 5 minutes and 12 hours."),
        ({"length": "long"}, "Give the length in minutes, for example 60."),
        ({"seats": "-1"}, "Seats: "),
        ({"site": "Atlantis"}, "Site: "),
        ({"with": "a\0b"}, "No colleague is called"),
        (
            {"with": [f"p{n}@else.example" for n in range(100)]},
            "At most 100 people can be looked at together; you are 101.",
        ),
    ],
)
def test_what_cannot_be_is_said(
    client: Client, reader: User, query: dict[str, Any], sentence: str
) -> None:
    found = problems(client, **({"with": ben().email} | query))
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_as_many_queries_for_many_as_for_two(client: Client, reader: User) -> None:
    people = [works(UserFactory.create()) for _ in range(12)]
    rooms = [RoomFactory.create(capacity=30) for _ in range(3)]

    def queries(count: int, day: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            look(client, **{"with": [p.email for p in people[:count]], "to": day})
        return len(captured)

    few = queries(1, "2027-03-10")
    book(cy(), "2027-03-10 10:00", 60, *people, rooms=(rooms[0],))
    rooms += [RoomFactory.create(capacity=30) for _ in range(4)]
    assert queries(12, "2027-03-30") == few


def test_a_fragment_for_the_script_and_its_address(client: Client, reader: User) -> None:
    other = works(ben())
    asked = {"required": f"Ben Okafor <{other.email}>", "who": "", "length": "30", "seats": ""}
    headers = {"HX-Request": "true", "HX-Target": "finder"}
    response = client.get(FIND, asked, headers=headers)
    assert "<html" not in response.text
    assert response["HX-Push-Url"] == (
        "/find-a-time/?with=ben@example.com&length=30&from=2027-03-01&to=2027-03-07"
    )
    back = {**headers, "HX-History-Restore-Request": "true"}
    page = client.get(response["HX-Push-Url"], headers=back)
    assert "<html" in page.text
    assert page.context["values"]["required"] == "Ben Okafor <ben@example.com>"
    assert headlines(page.context["outlook"]) == headlines(response.context["outlook"])


def test_one_click_leads_into_the_form(client: Client, reader: User) -> None:
    other, third = works(ben()), works(cy())
    RoomFactory.create(code="blue")
    found = look(client, **{"with": other.email, "optional": third.email, "length": "90"})
    response = client.get(found.suggestions[0].address)
    values = response.context["values"]
    assert values["required"] == "Ben Okafor <ben@example.com>"
    assert values["optional"] == "Cy Young <cy@example.com>"
    assert (values["date"], values["start"], values["end"]) == ("2027-03-10", "9:00", "10:30")
    assert values["rooms"] == ["blue"]
    assert response.context["panel"].summary == ""


def typed(**fields: Any) -> dict[str, Any]:
    values = {"title": "Design review", "description": "Bring *pens*", "zone": "America/New_York"}
    return {**values, "date": "2027-03-10", "start": "10:00", "end": "10:30", **fields}


def test_a_form_waits_as_it_was_typed(client: Client, reader: User) -> None:
    works(ben())
    RoomFactory.create(code="blue")
    waits = client.post(FIND, typed(required="Ben Okafor", key="k1", rooms=["gone"]))
    query = parse_qs(urlsplit(waits["Location"]).query)
    assert query["near"] == ["2027-03-10T16:00"]
    assert (query["length"], query["from"]) == (["30"], ["2027-03-10"])
    response = client.get(waits["Location"])
    found = response.context["outlook"]
    assert headlines(found)[0] == "Wed 10, 16:00–16:30"
    assert "for Design review" in response.text

    values = client.get(found.suggestions[0].address).context["values"]
    assert (values["start"], values["end"], values["zone"]) == (
        "10:00",
        "10:30",
        "America/New_York",
    )
    assert (values["title"], values["description"], values["key"]) == (
        "Design review",
        "Bring *pens*",
        "k1",
    )
    assert values["rooms"] == ["blue"]

    unchanged = client.get(response.context["back"]).context["values"]
    assert (unchanged["required"], unchanged["rooms"]) == ("Ben Okafor", ["gone"])


def test_a_form_that_waits_no_more_still_gets_the_time(client: Client, reader: User) -> None:
    works(ben())
    waits = client.post(FIND, typed(required="Ben Okafor"))
    found = client.get(waits["Location"]).context["outlook"]
    session = client.session
    del session["waiting_forms"]
    session.save()
    response = client.get(found.suggestions[0].address)
    assert response.status_code == 200
    assert response.context["values"]["required"] == "Ben Okafor <ben@example.com>"


def test_only_the_latest_forms_wait(client: Client, reader: User) -> None:
    for n in range(7):
        client.post(FIND, typed(title=f"Form {n}"))
    kept = client.session["waiting_forms"].values()
    assert [values["title"] for values, _address, _uid in kept] == [
        f"Form {n}" for n in range(2, 7)
    ]


def test_an_edited_meeting_does_not_stand_in_its_own_way(client: Client, reader: User) -> None:
    other = works(ben())
    meeting = book(reader, "2027-03-10 10:00", 60, other)
    edit = client.get(f"/meetings/{meeting.uid}/edit/").context
    posted = typed(
        required=other.email, zone="Europe/Berlin", end="11:00", began=edit["values"]["began"]
    )
    waits = client.post(edit["errand"].find_address, posted)
    found = client.get(waits["Location"]).context["outlook"]
    assert headlines(found)[0] == "Wed 10, 10:00–11:00"
    address = found.suggestions[1].address
    assert address.startswith(f"/meetings/{meeting.uid}/edit/?")
    values = client.get(address).context["values"]
    assert (values["title"], values["start"]) == (
        "Design review",
        found.suggestions[1].headline[8:].partition("–")[0],
    )


def test_a_stranger_cannot_let_an_edit_wait(client: Client, reader: User) -> None:
    meeting = book(ben(), "2027-03-10 10:00", 60, visibility="private")
    assert client.post(f"{FIND}?meeting={meeting.uid}", typed()).status_code == 404
    assert client.post(f"{FIND}?meeting=x", typed()).status_code == 302


def test_one_date_of_a_series_keeps_its_place(client: Client, reader: User) -> None:
    meeting = book(reader, "2027-03-10 10:00", 60, rrule="FREQ=WEEKLY;COUNT=3")
    address = f"/meetings/{meeting.uid}/edit/?date=2027-03-17T10:00:00&scope=this"
    errand = client.get(address).context["errand"]
    works(ben())
    waits = client.post(errand.find_address, typed(required="Ben Okafor", date="2027-03-17"))
    found = client.get(waits["Location"]).context["outlook"]
    response = client.get(found.suggestions[1].address)
    assert response.context["errand"].reach.recurrence_id == errand.reach.recurrence_id != ""
    assert response.context["values"]["date"] == found.suggestions[1].day.isoformat()


def test_a_form_that_says_where_wants_no_room(client: Client, reader: User) -> None:
    RoomFactory.create()
    asked = typed(required=works(ben()).email, join_link="https://meet.example/x")
    assert "room=none" in client.post(FIND, asked)["Location"]
    offers = client.post(f"{FIND}offers/", asked).context["offers"]
    assert parse_qs(offers[0].use).get("rooms") is None


def test_the_best_times_inside_the_form(client: Client, reader: User) -> None:
    other = works(ben())
    RoomFactory.create(name="Blue Room", code="blue", site=SiteFactory.create(name="Berlin"))
    book(cy(), "2027-03-10 16:00", 30, other, title="Secret")
    asked = typed(required="Ben Okafor", who="half a na")  # 16:00–16:30 in Berlin
    response = client.post(f"{FIND}offers/", asked)
    first, second = response.context["offers"][:2]
    assert {first.headline, second.headline} == {"Wed 10, 15:30–16:00", "Wed 10, 16:30–17:00"}
    assert "Secret" not in response.text
    assert first.why.startswith(
        "Both can come, inside everybody’s working hours. Blue Room, 8 seats, Berlin. "
    )
    values = client.post("/meetings/new/", asked | {"use": first.use}).context["values"]
    start = {"Wed 10, 15:30–16:00": "9:30", "Wed 10, 16:30–17:00": "10:30"}[first.headline]
    assert (values["start"], values["zone"], values["rooms"]) == (
        start,
        "America/New_York",
        ["blue"],
    )


def test_offers_for_a_form_without_a_time_or_of_a_stranger(client: Client, reader: User) -> None:
    asked = typed(date="", start="x", required="Nobody Here", zone="Mars/Base")
    response = client.post(f"{FIND}offers/", asked)
    assert response.context["offers"][0].headline == "Mon 1, 9:00–10:00"
    meeting = book(ben(), "2027-03-10 10:00", 60)
    assert client.post(f"{FIND}offers/?meeting={meeting.uid}", asked).status_code == 403


def weekly(**fields: Any) -> dict[str, Any]:
    """A form for a weekly series of four dates from Wednesday 10 March 2027 on."""
    rule = {"repeat": "weekly", "every": "1", "on": ["WE"], "ends": "after", "times": "4"}
    return typed(zone="Europe/Berlin", start="10:00", end="11:00", **rule, **fields)


def test_all_dates_of_a_series_are_weighed(client: Client, reader: User) -> None:
    other, stranger = works(ben()), cy()
    book(stranger, "2027-03-17 10:00", 60, other, title="Secret")
    book(stranger, "2027-03-31 07:00", 780, other, title="Secret")
    RoomFactory.create(name="Nook", code="nook", capacity=3, site=SiteFactory.create(name="Berlin"))
    form = weekly(required=other.email)
    waits = client.post(FIND, form)["Location"]
    response = client.get(f"{waits}&to=2027-03-10")
    found = response.context["outlook"]
    assert headlines(found)[:2] == ["Wed 10, 9:00–10:00", "Wed 10, 11:00–12:00"]
    assert said(found) == [
        "1 of 4 dates collides: Wed 31 March, inside everybody’s working hours",
        "Nook, 3 seats, Berlin",
        "1\xa0hour earlier than asked",
    ]
    assert "all 4 dates of the series are weighed." in response.text
    assert "At every time some date collides." in response.text
    assert "Secret" not in response.text
    offers = client.post(f"{FIND}offers/", form).context["offers"]
    assert offers[0].why.startswith("None of 4 dates collides")  # on the day before
    panels = [client.get(suggested.address).context["panel"] for suggested in found.suggestions]
    panels += [
        client.post("/meetings/new/", form | {"use": offer.use}).context["panel"]
        for offer in offers
    ]
    assert [len(panel.plan.colliding) for panel in panels] == [1] * 5 + [0] * 5


def test_a_series_by_a_rule_stays_on_its_day(client: Client, reader: User) -> None:
    form = weekly(required=works(ben()).email) | {"repeat": "monthly", "by": "day"}
    waits = client.post(FIND, form)["Location"]
    assert {s.day.day for s in client.get(waits).context["outlook"].suggestions} == {10}
    beside = client.get(f"{waits}&from=2027-03-12&to=2027-03-19")
    assert "the series begins on Wed 10 March: look at the days around it." in beside.text


def test_an_edited_series_moves_from_its_first_date(client: Client, reader: User) -> None:
    works(ben())
    meeting = book(reader, "2027-02-17 10:00", 60, rrule="FREQ=WEEKLY;COUNT=6")
    book(reader, "2027-03-10 10:00", 60)
    errand = client.get(f"/meetings/{meeting.uid}/edit/").context["errand"]
    posted = errand.values | {"required": "Ben Okafor", "version": meeting.version}
    waits = client.post(errand.find_address, {k: v for k, v in posted.items() if v})["Location"]
    found = client.get(waits).context["outlook"]
    assert headlines(found)[0] == "Wed 3, 9:00–10:00"
    values = client.get(found.suggestions[0].address).context["values"]
    assert (values["date"], values["start"]) == ("2027-02-17", "9:00")


def test_other_dates_of_its_own_series_are_in_the_way_of_one(client: Client, reader: User) -> None:
    meeting = book(reader, "2027-03-10 10:00", 60, rrule="FREQ=DAILY;COUNT=3")
    works(ben())
    address = f"/meetings/{meeting.uid}/edit/?date=2027-03-10T10:00:00&scope=this"
    context = client.get(address).context
    began = {name: value for name, value in context["values"].items() if value}
    form = began | {"required": "Ben Okafor", "date": "2027-03-11"}
    waits = client.post(context["errand"].find_address, form)["Location"]
    assert headlines(client.get(waits).context["outlook"])[0] == "Thu 11, 9:00–10:00"


def test_hundreds_of_people_are_looked_at_in_the_form(client: Client, reader: User) -> None:
    people = [works(UserFactory.create()) for _ in range(120)]
    book(cy(), "2027-03-10 10:00", 60, people[-1])
    form = typed(required=", ".join(p.email for p in people), zone="Europe/Berlin")
    outlook = client.post(f"{FIND}offers/", form).context["outlook"]
    assert headlines(outlook)[0] == "Wed 10, 9:30–10:00"
    assert outlook.drawn[0].left_out == 121 - 40
    waits = client.post(FIND, form)["Location"]
    assert len(waits) < 1000
    assert "At most 100 people can be looked at together; you are 121." in client.get(waits).text


def test_an_all_day_meeting_gets_an_hour(client: Client, reader: User) -> None:
    form = typed(required=works(ben()).email, all_day="on", start="", end="")
    response = client.post(f"{FIND}offers/", form)
    assert "The meeting is all day." in response.text
    used = form | {"use": response.context["offers"][0].use}
    values = client.post("/meetings/new/", used).context["values"]
    assert (values["all_day"], values["start"] != "") == (False, True)


def test_for_whose_meeting_it_is_not_for_who_edits_it(client: Client, reader: User) -> None:
    organizer, other = works(ben()), works(cy())
    meeting = book(organizer, "2027-03-10 13:00", 60, other)
    Meeting.objects.update(created_by=reader)
    book(reader, "2027-03-10 10:00", 60)
    book(organizer, "2027-03-10 09:00", 60)
    context = client.get(f"/meetings/{meeting.uid}/edit/").context
    form = {name: value for name, value in context["values"].items() if value}
    form |= {"start": "9:00", "end": "10:00"}
    offers = client.post(context["errand"].offers_address, form).context["offers"]
    assert offers[0].headline == "Wed 10, 10:00–11:00"
    waits = client.post(context["errand"].find_address, form)["Location"]
    found = client.get(waits).context["outlook"]
    assert headlines(found)[0] == "Wed 10, 10:00–11:00"
    assert {row.name for row in found.drawn[0].groups[0].rows} == {"Ben Okafor", "Cy Young"}
