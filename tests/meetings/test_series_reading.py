"""Reading and answering one date of a series, on each page that shows it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote

import icalendar
import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.models import Invitation, Meeting, Occurrence
from meetings.scheduler import Scope
from tests.factories import NOW, RoomFactory, ana, at, ben, cy, draft, invitation_of
from tests.meetings.repeating import change, counts, only_on, series

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
FIRST, ONLY, MOVED, OFF, SKIPPED = (
    f"2027-{day}T10:00:00" for day in ("03-10", "03-17", "03-24", "03-31", "04-07")
)
FAR = "2031-06-04T10:00:00"
ABSENT = "2027-03-11T10:00:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting() -> Meeting:
    """Ana's endless Wednesdays with Ben and Marta; Cy is asked to the second alone."""
    made = series(ana(), "2027-03-10 10:00", 60, ben(), MARTA, description="Bring the list.")
    only_on(made, ONLY[:10], cy())
    change(made, MOVED[:10], start="2027-03-25 14:30", title="Budget", location="Roof")
    change(made, OFF[:10], status=Occurrence.Status.CANCELLED)
    change(made, SKIPPED[:10], status=Occurrence.Status.SKIPPED)
    return made


def person(name: str) -> User:
    return User.objects.get(name__startswith=name)


def as_(name: str) -> Client:
    browser = Client()
    browser.force_login(person(name))
    return browser


def words(response: HttpResponse, tag: str = "main") -> str:
    """That part of the page without tags, in one line."""
    part = response.content.decode().partition(f"<{tag}")[2].partition(f"</{tag}>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<{part}")).split())


def week(meeting: Meeting, day: str, date: str = "") -> str:
    panel = f"?meeting={meeting.uid}&date={date}" if date else ""
    return f"/calendar/week/{day}/{panel}"


def page(meeting: Meeting, date: str = "") -> str:
    return meeting.get_absolute_url() + (f"?date={date}" if date else "")


def guest_page(meeting: Meeting, **query: str) -> str:
    address = reverse(
        "meetings:rsvp", args=[meeting.invitations.get(email=MARTA, recurrence_id="").token]
    )
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def pressed(response: HttpResponse) -> list[str]:
    return re.findall(r'value="([\w-]+)"[^>]* aria-pressed="true"', response.content.decode())


def options(response: HttpResponse) -> list[tuple[str, bool]]:
    """What an answer can be for, and whether that is chosen."""
    found = re.findall(r'<option value="[^"]*"( selected)?>([^<]+)<', response.content.decode())
    return [(word, bool(chosen)) for chosen, word in found if "date" in word]


# The calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [FIRST, ONLY, MOVED, FAR])
def test_a_block_is_marked_and_leads_to_its_date(meeting: Meeting, day: str) -> None:
    html = as_("Ben").get(week(meeting, day[:10])).content.decode()
    (block,) = re.findall(r'<a class="block.*?</a>', html, re.DOTALL)
    assert f"meeting={meeting.uid}&amp;date={day}".replace(":", "%3A") in block
    assert "repeats" in block


@pytest.mark.parametrize("day", [OFF, SKIPPED])
def test_what_does_not_take_place_is_not_on_the_calendar(meeting: Meeting, day: str) -> None:
    assert 'class="block' not in as_("Ben").get(week(meeting, day[:10])).content.decode()


@pytest.mark.parametrize("path", [week, page], ids=["panel", "page"])
@pytest.mark.parametrize(
    ("date", "said"),
    [
        (FIRST, ["Stand-up", "Wed 10 March, 10:00–11:00", "Every Wednesday at 10:00"]),
        (MOVED, ["Budget", "Thu 25 March, 14:30–15:30", "Roof", "Moved from Wed 24 March, 10:00"]),
        (FAR, ["Stand-up", "Wed 4 June 2031, 10:00–11:00"]),
        (OFF, ["Wed 31 March, 10:00–11:00", "This date was cancelled."]),
        (SKIPPED, ["Wed 7 April, 10:00–11:00", "This date is skipped."]),
    ],
    ids=["first", "moved", "past the index", "cancelled", "skipped"],
)
def test_it_is_about_exactly_that_date(
    meeting: Meeting, path: Any, date: str, said: list[str]
) -> None:
    if path is week:
        shown = words(as_("Ben").get(week(meeting, date[:10], date)), "aside")
    else:
        shown = words(as_("Ben").get(page(meeting, date)))
    assert [part for part in said if part not in shown] == []
    assert ("Accept" in shown) is (date not in (OFF, SKIPPED))


@pytest.mark.parametrize("date", [ABSENT, "2027-03-10", "nonsense", "9999-12-31T10:00:00"])
def test_a_date_that_does_not_exist_is_said_to(meeting: Meeting, date: str) -> None:
    for address in (page(meeting, date), week(meeting, "2027-03-10", date)):
        response = as_("Ben").get(address)
        assert response.status_code == 404
        assert "This meeting has no such date" in words(response)


def test_the_page_leads_to_the_next_dates_with_my_answer_to_each(meeting: Meeting) -> None:
    own = invitation_of(meeting, person("Ben"))
    scheduler.respond(
        own, "declined", by=person("Ben"), now=NOW, recurrence_id="2027-04-14T10:00:00"
    )
    shown = words(as_("Ben").get(page(meeting))).partition("Next dates")[2]
    assert "Wed 17 March, 10:00–11:00 CET not answered Thu 25 March, 14:30" in shown
    assert "Budget declined Wed 14 April, 10:00–11:00 CEST not answered Wed 21 April" in shown


# Who sees what -------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [False, True])
def test_who_is_asked_to_one_date_is_a_stranger_on_the_others(
    meeting: Meeting, private: bool
) -> None:
    if private:
        Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    browser = as_("Cy")
    own = words(browser.get(page(meeting)))  # leads to the one date, not the next
    assert "Wed 17 March, 10:00–11:00" in own
    assert "Bring the list." in own
    assert "You are asked to this one alone." in own
    assert "What happened so far" not in own
    other = browser.get(page(meeting, FIRST))
    assert other.status_code == (404 if private else 200)
    assert "Bring the list." not in words(other)
    assert "Ben Okafor" not in words(other)
    file = browser.get(reverse("meetings:meeting_calendar", args=[meeting.uid])).content
    events = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert [str(event["DTSTART"].dt)[:10] for event in events] == [ONLY[:10]]


def test_a_rooms_week_leads_to_the_date_and_says_busy_on_the_others() -> None:
    room = RoomFactory.create()
    made = series(ana(), "2027-03-10 10:00", 60, rooms=(room,), visibility="private")
    only_on(made, ONLY[:10], cy())
    address = room.get_absolute_url()
    own = as_("Cy").get(f"{address}?date={ONLY[:10]}").content.decode()
    assert f"{page(made)}?date={quote(ONLY)}" in own
    other = words(as_("Cy").get(f"{address}?date={FIRST[:10]}"))
    assert "Busy" in other
    assert "Stand-up" not in other


def test_the_page_of_its_dates_is_the_organizers(meeting: Meeting) -> None:
    health = reverse("meetings:series", args=[meeting.uid])
    assert health in as_("Ana").get(page(meeting, MOVED)).content.decode()
    assert health not in as_("Ben").get(page(meeting, MOVED)).content.decode()


# Answering -----------------------------------------------------------------------------------


def give(meeting: Meeting, status: str, **posted: str) -> HttpResponse:
    """Ben answers from the buttons of a date, and gets them anew."""
    address = reverse("meetings:answer", args=[invitation_of_all(meeting).uid])
    return as_("Ben").post(address, {"status": status, **posted}, HTTP_HX_REQUEST="true")


def invitation_of_all(meeting: Meeting) -> Invitation:
    return meeting.invitations.get(user=person("Ben"), recurrence_id="")


def test_what_an_answer_is_for_is_said_and_the_buttons_are_the_dates(meeting: Meeting) -> None:
    asked = as_("Ben").get(page(meeting, MOVED))
    assert options(asked) == [("all dates", False), ("this date only", False)]

    one = give(meeting, "declined", date=MOVED, about=MOVED)
    assert "You declined this date. Ana Berger is told." in words(one, "form")
    assert pressed(one) == ["declined"]
    assert options(one) == [("all other dates", False), ("this date only", True)]
    assert [row.status for row in counts(meeting, FIRST[:10])][1] == "needs-action"

    others = give(meeting, "accepted", date="", about=MOVED)
    assert "You accepted the other dates." in words(others, "form")
    assert pressed(others) == ["declined"]
    assert pressed(as_("Ben").get(page(meeting, FIRST))) == ["accepted"]
    assert options(as_("Ben").get(page(meeting, FIRST))) == [
        ("all dates", False),
        ("this date only", True),
    ]
    looks = as_("Ben").get(week(meeting, MOVED[:10])).content.decode()
    assert "block-no" in looks
    assert "block-no" not in as_("Ben").get(week(meeting, FIRST[:10])).content.decode()


@pytest.mark.parametrize("date", [ABSENT, "none", "2027-03-10\x00", SKIPPED])
def test_an_answer_for_no_date_is_refused_in_words(meeting: Meeting, date: str) -> None:
    response = give(meeting, "accepted", date=date, about=date)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not meeting.changes.exists()
    sent = {"status": "accepted", "date": date}
    assert Client().post(guest_page(meeting), sent).status_code == 422
    assert Client().get(guest_page(meeting, date=quote(date))).status_code == 200


def test_what_waits_is_the_next_date_without_an_answer_of_its_own(meeting: Meeting) -> None:
    give(meeting, "accepted", date=FIRST, about=FIRST)
    shown = words(as_("Ben").get("/invitations/"))
    assert shown.startswith("Stand-up Wed 17 March, 10:00–11:00")
    assert "Wed 10 March" not in shown
    assert pressed(as_("Ben").get("/invitations/")) == []

    give(meeting, "accepted", date="", about=ONLY)
    assert "You have answered everything." in words(as_("Ben").get("/invitations/"))
    assert "Wed 17 March" in words(as_("Cy").get("/invitations/"))


# The guest's page ----------------------------------------------------------------------------


def test_a_guest_answers_the_date_of_the_link_in_the_chosen_zone(meeting: Meeting) -> None:
    guest = Client()
    asked = guest.get(guest_page(meeting, date=MOVED, answer="declined", zone="Asia/Tokyo"))
    assert "Budget Thu 25 March 22:30–23:30" in words(asked)
    assert f'name="date" value="{MOVED}"' in asked.content.decode()  # kept by the zone's form
    assert options(asked) == [("all dates", False), ("this date only", True)]

    address = guest_page(meeting, date=MOVED)
    sent = {"status": "declined", "date": MOVED, "zone": "Asia/Tokyo"}
    shown = guest.post(address, sent, follow=True)
    assert "You declined this date." in words(shown)
    assert "Thu 25 March 22:30–23:30" in words(shown)
    assert pressed(guest.get(guest_page(meeting))) == []

    shown = guest.post(address, {"status": "accepted", "date": ""}, follow=True)
    assert "You declined this date." in words(shown)
    assert "You accepted the other dates." in words(shown)


def test_a_guests_link_to_a_date_that_is_gone_shows_the_next(meeting: Meeting) -> None:
    shown = words(Client().get(guest_page(meeting, date=ABSENT)))
    assert "The date you look for is not in this series any more." in shown
    assert "Wed 10 March 10:00–11:00" in shown


def test_a_date_that_is_off_leads_a_guest_to_the_next(meeting: Meeting) -> None:
    html = Client().get(guest_page(meeting, date=OFF)).content.decode()
    assert "This date was cancelled." in html
    assert re.search(r'<a href="\?">To the next date</a>', html)


def test_a_link_for_a_date_that_is_gone_is_closed(meeting: Meeting) -> None:
    only = meeting.invitations.get(user=person("Cy"))
    address = reverse("meetings:rsvp", args=[only.token])
    assert "Wed 17 March" in words(Client().get(address))
    Invitation.objects.filter(pk=only.pk).update(recurrence_id=ABSENT)
    for response in (Client().get(address), Client().post(address, {"status": "accepted"})):
        assert response.status_code == 404
        assert "This link does not work" in words(response)


def test_old_links_lead_to_where_a_split_series_goes_on(meeting: Meeting) -> None:
    wanted = replace(
        scheduler.draft_of(meeting, scope=Scope.FOLLOWING, recurrence_id="2027-04-21T10:00:00"),
        when=draft("2027-04-21 12:00").when,
        title="Later hour",
    )
    following: dict[str, Any] = {
        "scope": Scope.FOLLOWING,
        "recurrence_id": "2027-04-21T10:00:00",
        "by": person("Ana"),
        "now": NOW,
    }
    later = scheduler.edit(meeting, wanted, version=1, **following).meeting
    meeting.refresh_from_db()
    there = "2027-04-28T12%3A00%3A00"
    response = as_("Ben").get(page(meeting, "2027-04-28T10:00:00"))
    assert response.headers["Location"] == f"{later.get_absolute_url()}?date={there}"
    link = guest_page(meeting, date="2027-04-28T10:00:00", answer="declined")
    response = Client().get(link, follow=True)
    assert "Later hour Wed 28 April 12:00–13:00" in words(response)
    assert "One more press" in words(response)
    assert "Stand-up Wed 10 March" in words(Client().get(guest_page(meeting)))

    with time_machine.travel(at("2027-04-15 12:00")):  # nothing of the first part is to come
        response = Client().get(guest_page(meeting), follow=True)
        assert "Later hour Wed 21 April 12:00–13:00" in words(response)
        assert "Later hour" in words(as_("Ben").get(page(meeting), follow=True))


def test_after_the_rest_was_called_off_nothing_is_to_be_answered(meeting: Meeting) -> None:
    Meeting.objects.update(version=1)
    scheduler.cancel(meeting, by=person("Ana"), now=NOW, scope=Scope.FOLLOWING, recurrence_id=ONLY)
    assert "This date was cancelled." in words(Client().get(guest_page(meeting, date=ONLY)))
    with time_machine.travel(at("2027-03-12 12:00")):
        shown = words(Client().get(guest_page(meeting)))
        assert "This date was cancelled. There is nothing left to answer." in shown
        closed = Client().post(guest_page(meeting), {"status": "accepted", "date": ""})
        assert closed.status_code == 422
    assert invitation_of(meeting, MARTA).status == Invitation.Status.NEEDS_ACTION


# What it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "rule"), [(1, "FREQ=DAILY;COUNT=3"), (50, "FREQ=DAILY")])
def test_a_date_costs_the_same_however_many_dates_and_people_there_are(
    people: int, rule: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = series(ana(), "2027-03-10 10:00", 30, ben(), rule=rule)
    for n in range(people):
        only_on(made, "2027-03-11", f"guest{n}@example.com")
        Invitation.objects.create(meeting=made, email=f"all{n}@example.com", span=None)
    browser, date = as_("Ben"), "2027-03-11T10:00:00"
    link = reverse("meetings:rsvp", args=[invitation_of(made, "all0@example.com").token])

    with django_assert_num_queries(22):
        browser.get(week(made, "2027-03-11", date))
    with django_assert_num_queries(19):
        browser.get(page(made, date))
    with django_assert_num_queries(14):
        browser.get("/invitations/")
    with django_assert_num_queries(9):
        Client().get(link)
