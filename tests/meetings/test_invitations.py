"""What waits for my answer, and answering it while signed in."""

import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Invitation, Meeting
from meetings.waiting import asked, awaiting
from tests.factories import NOW, RoomFactory, ana, answer, at, ben, book, cy, days, invitation_of

pytestmark = pytest.mark.django_db

PAGE = "/invitations/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def organizer() -> User:
    return ana()


@pytest.fixture
def invited(client: Client) -> User:
    """Ben, who is signed in."""
    person = ben()
    client.force_login(person)
    return person


def words(response: HttpResponse) -> str:
    """The main part of the page without tags, in one line."""
    main = response.content.decode().partition("<main")[2] or response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def titles(response: HttpResponse) -> list[str]:
    """The meetings that wait, in order."""
    return re.findall(r'<h2><a href="/meetings/[^"]+">([^<]+)</a>', response.content.decode())


def give(client: Client, invitation: Invitation, **posted: str) -> HttpResponse:
    return client.post(reverse("meetings:answer", args=[invitation.uid]), posted)


def give_by_htmx(client: Client, invitation: Invitation, **posted: str) -> HttpResponse:
    return client.post(
        reverse("meetings:answer", args=[invitation.uid]), posted, HTTP_HX_REQUEST="true"
    )


# What waits ----------------------------------------------------------------------------------


def test_the_soonest_comes_first_and_what_does_not_wait_is_left_out(
    client: Client, organizer: User, invited: User
) -> None:
    book(organizer, "2027-03-12 10:00", 60, invited, title="Later")
    book(organizer, "2027-03-11 10:00", 60, invited, title="Sooner")
    book(organizer, "2027-03-01 08:30", 60, invited, title="Under way")
    book(organizer, "2027-03-01 08:00", 60, invited, title="Just over", now=at("2027-02-01 09:00"))
    done = book(organizer, "2027-03-13 10:00", 60, invited, title="Answered")
    answer(done, invited, "tentative")
    off = book(organizer, "2027-03-14 10:00", 60, invited, title="Cancelled")
    scheduler.cancel(off, by=organizer, now=NOW)
    out = book(organizer, "2027-03-15 10:00", 60, invited, title="Removed")
    plain = scheduler.draft_of(Meeting.objects.get(pk=out.pk))
    without = type(plain)(plain.title, plain.when, plain.zone)
    scheduler.edit(out, without, by=organizer, now=NOW, version=out.version, policy="allow")
    book(organizer, "2027-03-16 10:00", 60, cy(), title="Of others")

    assert titles(client.get(PAGE)) == ["Under way", "Sooner", "Later"]


def test_an_all_day_meeting_waits_until_the_readers_day_is_over(
    client: Client, organizer: User, clock: time_machine.Traveller
) -> None:
    far = cy(timezone=ZoneInfo("America/Los_Angeles"))
    near = ben()
    book(organizer, "2027-03-02 00:00", 60, far, near, when=days("2027-03-02"), title="Quarter")
    clock.move_to(at("2027-03-03 01:00"))  # still 2 March in Los Angeles

    waiting = {person: list(awaiting(person, at("2027-03-03 01:00"))) for person in (far, near)}

    assert len(waiting[far]) == 1
    assert waiting[near] == []


def test_conflicts_stand_beside_each_with_their_times(
    client: Client, organizer: User, invited: User
) -> None:
    talk = book(organizer, "2027-03-10 11:00", 60, invited, title="Candidate talk")
    answer(talk, invited, "accepted")
    maybe = book(organizer, "2027-03-10 11:30", 60, invited, title="Coffee")
    answer(maybe, invited, "tentative")
    no = book(organizer, "2027-03-10 11:00", 60, invited, title="Declined one")
    answer(no, invited, "declined")
    book(organizer, "2027-03-10 12:00", 60, cy(), title="Of others")
    book(organizer, "2027-03-10 10:15", 45, invited, title="Before")
    book(organizer, "2027-03-10 11:15", 45, invited, title="Floor plan walk")

    (before, walk) = asked(list(awaiting(invited, NOW)), invited, NOW)
    shown = words(client.get(PAGE))

    assert before.overlaps == ()  # it ends as the talk begins
    assert [o.occurrence.shown_title for o in walk.overlaps] == ["Candidate talk", "Coffee"]
    assert "overlaps Candidate talk 11:00–12:00" in shown
    assert "overlaps Coffee 11:30–12:30 (maybe)" in shown
    assert "Declined one" not in shown
    assert "Of others" not in shown


def test_what_takes_no_time_overlaps_nothing(organizer: User, invited: User) -> None:
    answer(book(organizer, "2027-03-10 11:00", 60, invited), invited, "accepted")
    book(organizer, "2027-03-10 11:00", 60, invited, title="Free", transparency="free")

    (free,) = asked(list(awaiting(invited, NOW)), invited, NOW)

    assert free.overlaps == ()


def test_an_all_day_meeting_overlaps_all_of_the_readers_day(
    organizer: User, client: Client
) -> None:
    tokyo = cy(timezone=ZoneInfo("Asia/Tokyo"))
    book(organizer, "2027-03-10 00:00", 60, tokyo, when=days("2027-03-10"), transparency="busy")
    early = book(organizer, "2027-03-09 16:30", 60, tokyo, title="0:30 on the 10th in Tokyo")

    found = asked(list(awaiting(tokyo, NOW)), tokyo, NOW)

    assert {item.invitation.meeting: len(item.overlaps) for item in found}[early] == 1


def test_more_than_three_conflicts_are_counted(
    client: Client, organizer: User, invited: User
) -> None:
    for n in range(5):
        answer(
            book(organizer, "2027-03-10 11:00", 60, invited, title=f"Busy {n}"), invited, "accepted"
        )
    book(organizer, "2027-03-10 11:00", 60, invited, title="New")

    shown = words(client.get(PAGE))

    assert shown.count("overlaps Busy") == 3
    assert "and 2 more" in shown


def test_somebody_with_many_waiting_leafs_through_them(
    client: Client, organizer: User, invited: User
) -> None:
    for n in range(23):
        book(organizer, f"2027-03-{n + 2:02} 10:00", 30, invited, title=f"Meeting {n}")

    first, second = client.get(PAGE), client.get(PAGE, {"page": 2})

    assert titles(first) == [f"Meeting {n}" for n in range(20)]
    assert titles(second) == [f"Meeting {n}" for n in range(20, 23)]
    assert "23 wait for your answer" in first.content.decode()
    assert titles(client.get(PAGE, {"page": "99"})) == titles(second)
    assert titles(client.get(PAGE, {"page": "x"})) == titles(first)


def test_who_has_answered_everything_is_told_so(client: Client, invited: User) -> None:
    shown = words(client.get(PAGE))

    assert "You have answered everything. Back to the week" in shown


@pytest.mark.parametrize("waiting", [1, 3])
def test_a_page_costs_the_same_however_many_wait(
    client: Client,
    organizer: User,
    invited: User,
    waiting: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(waiting):
        room = RoomFactory.create()
        day = f"2027-03-{n + 10}"
        answer(book(organizer, f"{day} 10:00", 60, invited, title="Busy"), invited, "accepted")
        book(organizer, f"{day} 10:00", 60, invited, rooms=(room,), title="New")

    with django_assert_num_queries(16):
        response = client.get(PAGE)

    assert titles(response) == ["New"] * waiting


def test_nobody_else_sees_what_waits_for_me(client: Client, organizer: User, invited: User) -> None:
    book(organizer, "2027-03-10 10:00", 60, invited, title="Secret", visibility="private")
    stranger = Client()
    stranger.force_login(cy())

    assert titles(client.get(PAGE)) == ["Secret"]
    assert "Secret" not in stranger.get(PAGE).content.decode()
    assert Client().get(PAGE).status_code == 302
    assert client.post(PAGE).status_code == 405


# Answering -----------------------------------------------------------------------------------


@pytest.fixture
def mine(organizer: User, invited: User) -> Invitation:
    return invitation_of(book(organizer, "2027-03-10 10:00", 60, invited), invited)


def test_an_answer_with_a_note_is_given_and_recorded(
    client: Client, invited: User, mine: Invitation
) -> None:
    response = give(client, mine, status="tentative", note="If the train comes.", next=PAGE)

    assert response.headers["Location"] == PAGE
    mine.refresh_from_db()
    assert (mine.status, mine.note, mine.responded_at) == ("tentative", "If the train comes.", NOW)
    change = Change.objects.get(kind=Change.Kind.ANSWERED)
    assert (change.by, change.invitation) == (invited, mine)


def test_without_a_note_the_one_given_before_stays(client: Client, mine: Invitation) -> None:
    give(client, mine, status="tentative", note="If the train comes.")
    give(client, mine, status="accepted")

    mine.refresh_from_db()
    assert (mine.status, mine.note) == ("accepted", "If the train comes.")


def test_htmx_gets_the_buttons_anew_and_the_page_is_told(client: Client, mine: Invitation) -> None:
    response = give_by_htmx(client, mine, status="declined", next="/calendar/week/2027-03-10/")

    page = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'value="([\w-]+)" id="[^"]+" aria-pressed="true"', page) == ["declined"]
    assert "<html" not in page
    assert 'name="next" value="/calendar/week/2027-03-10/"' in page
    assert "Ana Berger is told." in page
    assert list(json.loads(response.headers["HX-Trigger"])) == [
        f"meeting-changed-{mine.meeting.uid}",
        "invitations-changed",
    ]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        pytest.param({"status": "perhaps"}, "Answer with accept, maybe or decline.", id="word"),
        pytest.param({"status": "accepted", "note": "x" * 1001}, "at most 1000", id="long note"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(
    client: Client, mine: Invitation, posted: dict[str, str], sentence: str, htmx: bool
) -> None:
    response = (give_by_htmx if htmx else give)(client, mine, **posted)

    said = response.content.decode() + " ".join(map(str, get_messages(response.wsgi_request)))
    assert sentence in said
    assert "HX-Trigger" not in response.headers
    mine.refresh_from_db()
    assert mine.status == Invitation.Status.NEEDS_ACTION
    if htmx:  # what was typed is kept
        assert posted.get("note", "") in response.content.decode()


@pytest.mark.parametrize("over", [True, False], ids=["over", "cancelled"])
def test_too_late_is_said_and_the_buttons_go(
    client: Client, mine: Invitation, clock: time_machine.Traveller, over: bool
) -> None:
    if over:
        clock.move_to(at("2027-03-10 11:00"))
    else:
        scheduler.cancel(mine.meeting, by=mine.meeting.organizer, now=NOW)

    response = give_by_htmx(client, mine, status="accepted")

    page = response.content.decode()
    assert ("The meeting is over" if over else "The meeting was cancelled") in page
    assert "<button" not in page
    mine.refresh_from_db()
    assert mine.status == Invitation.Status.NEEDS_ACTION


def test_the_last_moment_still_counts(
    client: Client, mine: Invitation, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2027-03-10 11:00") - timedelta(seconds=1))

    give(client, mine, status="accepted")

    mine.refresh_from_db()
    assert mine.status == "accepted"


def test_only_the_invited_person_answers(client: Client, organizer: User, mine: Invitation) -> None:
    also = cy()
    book(organizer, "2027-03-10 10:00", 60, also)
    for other in (organizer, also):
        browser = Client()
        browser.force_login(other)
        assert give(browser, mine, status="accepted").status_code == 404
        assert give_by_htmx(browser, mine, status="accepted").status_code == 404

    mine.refresh_from_db()
    assert mine.status == Invitation.Status.NEEDS_ACTION


def test_somebody_removed_cannot_answer_any_more(client: Client, mine: Invitation) -> None:
    Invitation.objects.filter(pk=mine.pk).update(removed_at=NOW)

    assert give(client, mine, status="accepted").status_code == 404


def test_unknown_wrong_method_and_nobody_signed_in(client: Client, mine: Invitation) -> None:
    address = reverse("meetings:answer", args=[mine.uid])

    assert client.get(address).status_code == 405
    assert client.post(reverse("meetings:answer", args=[uuid.uuid4()])).status_code == 404
    assert "/accounts/login/" in Client().post(address).headers["Location"]
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(mine.user)
    assert forged.post(address, {"status": "accepted"}).status_code == 403


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
def test_it_never_leads_to_another_site(client: Client, mine: Invitation, place: str) -> None:
    response = give(client, mine, status="accepted", next=place)

    assert response.headers["Location"] == mine.meeting.get_absolute_url()
