"""A meeting's own page, by who looks at it, and sending an invitation again."""

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
from notifications.models import Delivery
from tests.factories import (
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    draft,
    invitation_of,
    rae,
    works,
)

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
ONLY_PARTICIPANTS = (
    "Bring one thing",
    "meet.example.com",
    "second entrance",
    "Ben Okafor",
    MARTA,
    "Ten minutes late",
    "What was sent",
    "What happened so far",
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def organizer() -> User:
    return ana()


@pytest.fixture
def invited() -> User:
    return ben()


@pytest.fixture
def meeting(organizer: User, invited: User) -> Meeting:
    """With something to leak."""
    made = book(
        organizer,
        "2027-03-10 14:00",
        60,
        invited,
        MARTA,
        title="Partner call",
        join_link="https://meet.example.com/lisbon",
        description="Bring one thing.",
        location="second entrance",
        rooms=(RoomFactory.create(name="Blue Room"),),
    )
    own = invitation_of(made, invited)
    scheduler.respond(own, "tentative", by=invited, now=NOW, note="Ten minutes late.")
    return made


def as_(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def words(response: HttpResponse) -> str:
    """The main part of the page without tags, in one line."""
    main = response.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def see(person: User, meeting: Meeting) -> HttpResponse:
    return as_(person).get(meeting.get_absolute_url())


def send_again(person: User, invitation: Invitation) -> HttpResponse:
    return as_(person).post(reverse("meetings:send_again", args=[invitation.uid]))


def said(response: HttpResponse) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def everything_left() -> None:
    """As if a worker had sent all there is."""
    Change.objects.update(announced_at=NOW)
    Delivery.objects.update(status=Delivery.Status.SENT, sent_at=NOW)


# Who sees what -------------------------------------------------------------------------------


def test_the_organizer_sees_everything(organizer: User, meeting: Meeting) -> None:
    page = see(organizer, meeting)
    shown = words(page)

    assert [part for part in ONLY_PARTICIPANTS if part not in shown] == []
    for part in ("Partner call", "Wed 10 March, 14:00–15:00", "CET", "Blue Room", "Ana Berger"):
        assert part in shown
    assert "1 yes, 1 maybe, 0 no, 1 waiting" in shown
    for name in ("edit", "cancel"):
        assert reverse(f"meetings:{name}", args=[meeting.uid]) in page.content.decode()


def test_a_participant_sees_all_but_how_messages_went(invited: User, meeting: Meeting) -> None:
    page = see(invited, meeting)
    shown = words(page)

    assert [p for p in ONLY_PARTICIPANTS if p not in shown] == ["What was sent"]
    assert reverse("meetings:answer", args=[invitation_of(meeting, invited).uid]) in (
        page.content.decode()
    )
    for name in ("edit", "cancel"):
        assert reverse(f"meetings:{name}", args=[meeting.uid]) not in page.content.decode()
    assert "Send again" not in shown


@pytest.mark.parametrize("stranger", [cy, rae], ids=["stranger", "administrator"])
def test_a_colleague_sees_title_time_room_and_organizer(meeting: Meeting, stranger: object) -> None:
    page = see(stranger(), meeting)  # type: ignore[operator]
    shown = words(page)

    for part in ("Partner call", "Wed 10 March, 14:00–15:00", "Blue Room", "Ana Berger"):
        assert part in shown
    assert [part for part in ONLY_PARTICIPANTS if part in page.content.decode()] == []


@pytest.mark.parametrize("stranger", [cy, rae], ids=["stranger", "administrator"])
def test_a_private_meeting_of_others_is_as_unknown_as_none(
    organizer: User, invited: User, stranger: object
) -> None:
    secret = book(organizer, "2027-03-10 14:00", 60, invited, title="Secret", visibility="private")
    person = stranger()  # type: ignore[operator]

    found = see(person, secret)
    unknown = as_(person).get(reverse("meetings:meeting", args=[uuid.uuid4()]))

    assert found.status_code == unknown.status_code == 404
    assert "Secret" not in found.content.decode()
    assert "Secret" in see(invited, secret).content.decode()


def test_who_was_removed_is_a_colleague_again(
    organizer: User, invited: User, meeting: Meeting
) -> None:
    without = draft(
        "2027-03-10 14:00", 60, MARTA, title="Partner call", description="Bring one thing."
    )
    scheduler.edit(meeting, without, by=organizer, now=NOW, version=meeting.version, policy="allow")

    page = see(invited, meeting)

    assert "Partner call" in words(page)
    assert "Bring one thing" not in page.content.decode()


def test_nobody_signed_in_unknown_uid_and_wrong_method(meeting: Meeting) -> None:
    address = meeting.get_absolute_url()

    assert "/accounts/login/" in Client().get(address).headers["Location"]
    assert as_(cy()).post(address).status_code == 405
    assert as_(rae()).get("/meetings/not-a-uid/").status_code == 404


def test_the_times_of_people_elsewhere_are_shown(organizer: User) -> None:
    yuki = works(cy(timezone=ZoneInfo("Asia/Singapore")))
    meeting = book(organizer, "2027-03-10 14:00", 60, yuki)

    shown = words(see(organizer, meeting))
    hers = words(see(yuki, meeting))

    assert "21:00 UTC+8 for Cy , outside working hours" in shown
    assert "Wed 10 March, 21:00–22:00 UTC+8" in hers
    assert "Ana Berger : accepted organizer 14:00 CET" in hers


def test_what_was_changed_is_told_field_by_field(
    organizer: User, invited: User, meeting: Meeting
) -> None:
    moved = draft("2027-03-11 16:00", 30, invited, MARTA, title="Partner call", location="Lobby")
    scheduler.edit(meeting, moved, by=organizer, now=NOW, version=meeting.version, policy="allow")

    shown = words(see(invited, meeting))

    assert "When: Wed 10 March, 14:00–15:00 CET → Thu 11 March, 16:00–16:30 CET" in shown
    assert "Location: second entrance → Lobby" in shown
    assert "Room: Blue Room → none" in shown
    assert "Ben Okafor answered: tentative Mon 1 March, 9:00" in shown
    assert "Ana Berger created Mon 1 March, 9:00" in shown


def test_a_changed_note_is_told_as_such(invited: User, meeting: Meeting) -> None:
    own = invitation_of(meeting, invited)
    scheduler.respond(own, "tentative", by=invited, now=NOW, note="On time after all.")

    shown = words(see(invited, meeting))

    assert "Ben Okafor changed the note" in shown
    assert "“On time after all.”" in shown


@pytest.mark.parametrize("people", [1, 3])
def test_a_page_costs_the_same_however_many_come(
    organizer: User, people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    guests = [works(ben()), cy(), "guest@example.net"][:people]
    meeting = book(organizer, "2027-03-10 14:00", 60, *guests)
    browser = as_(organizer)

    with django_assert_num_queries(17):
        browser.get(meeting.get_absolute_url())


@pytest.mark.parametrize(
    ("moment", "offered", "withheld"),
    [
        pytest.param("2027-03-10 13:00", {"edit", "cancel"}, {"end"}, id="before"),
        pytest.param("2027-03-10 14:30", {"edit", "end"}, {"cancel"}, id="under way"),
        pytest.param("2027-03-10 15:00", set(), {"edit", "cancel", "end"}, id="over"),
    ],
)
def test_only_what_can_be_done_is_offered(
    organizer: User,
    meeting: Meeting,
    clock: time_machine.Traveller,
    moment: str,
    offered: set[str],
    withheld: set[str],
) -> None:
    clock.move_to(at(moment))
    page = see(organizer, meeting).content.decode()

    there = {
        name
        for name in offered | withheld
        if f'"{reverse(f"meetings:{name}", args=[meeting.uid])}"' in page
    }
    assert there == offered


def test_a_cancelled_meeting_says_so(organizer: User, invited: User, meeting: Meeting) -> None:
    scheduler.cancel(meeting, by=organizer, now=NOW, reason="Nobody has time.")

    shown = words(see(invited, meeting))

    assert "This meeting was cancelled." in shown
    assert "Nobody has time." in shown
    assert "Accept" not in shown
    assert "Add to my calendar" not in shown


def test_a_file_for_ones_calendar_is_for_participants(
    organizer: User, invited: User, meeting: Meeting
) -> None:
    address = reverse("meetings:meeting_calendar", args=[meeting.uid])

    file = as_(invited).get(address)

    assert b"SUMMARY:Partner call" in file.content
    assert as_(organizer).get(address).status_code == 200
    assert as_(cy()).get(address).status_code == 404
    assert "/accounts/login/" in Client().get(address).headers["Location"]


# Send again ----------------------------------------------------------------------------------


def test_the_organizer_sends_an_invitation_again(organizer: User, meeting: Meeting) -> None:
    everything_left()
    marta = invitation_of(meeting, MARTA)

    response = send_again(organizer, marta)

    assert response.headers["Location"] == f"{meeting.get_absolute_url()}#ledger"
    assert said(response) == f"The invitation goes to {MARTA} again."
    change = Change.objects.get(kind=Change.Kind.RESENT)
    assert (change.invitation, change.by) == (marta, organizer)


def test_not_while_something_for_that_person_waits(organizer: User, meeting: Meeting) -> None:
    marta = invitation_of(meeting, MARTA)

    response = send_again(organizer, marta)

    assert "has not left yet" in said(response)
    assert not Change.objects.filter(kind=Change.Kind.RESENT).exists()
    assert "Send again" not in words(see(organizer, meeting))


def test_not_twice_within_a_minute(
    organizer: User, meeting: Meeting, clock: time_machine.Traveller
) -> None:
    everything_left()
    marta = invitation_of(meeting, MARTA)
    send_again(organizer, marta)
    everything_left()

    too_soon = send_again(organizer, marta)
    clock.shift(timedelta(minutes=1))
    later = send_again(organizer, marta)

    assert "Wait a minute" in said(too_soon)
    assert "again" in said(later)
    assert Change.objects.filter(kind=Change.Kind.RESENT).count() == 2


def test_not_once_it_is_over(
    organizer: User, meeting: Meeting, clock: time_machine.Traveller
) -> None:
    everything_left()
    clock.move_to(at("2027-03-10 15:00"))

    response = send_again(organizer, invitation_of(meeting, MARTA))

    assert "The meeting is over" in said(response)
    assert "Send again" not in words(see(organizer, meeting))


def test_nobody_else_sends_again(organizer: User, invited: User, meeting: Meeting) -> None:
    everything_left()
    marta = invitation_of(meeting, MARTA)
    address = reverse("meetings:send_again", args=[marta.uid])

    assert [send_again(person, marta).status_code for person in (invited, cy(), rae())] == [404] * 3
    assert as_(organizer).get(address).status_code == 405
    assert "/accounts/login/" in Client().post(address).headers["Location"]
    unknown = reverse("meetings:send_again", args=[uuid.uuid4()])
    assert as_(organizer).post(unknown).status_code == 404
    assert not Change.objects.filter(kind=Change.Kind.RESENT).exists()


def test_not_to_the_organizer_nor_to_who_was_removed(organizer: User, meeting: Meeting) -> None:
    everything_left()
    Invitation.objects.filter(email=MARTA).update(removed_at=NOW)

    refused = [
        said(send_again(organizer, invitation_of(meeting, person))) for person in (organizer, MARTA)
    ]

    assert refused == [
        "The organizer gets no invitation.",
        "That person is not invited any more.",
    ]


def test_the_answers_row_shows_what_the_person_said(
    organizer: User, invited: User, meeting: Meeting
) -> None:
    everything_left()
    answer(meeting, invited, "accepted")

    assert "answered 9:00: accepted" in words(see(organizer, meeting))
