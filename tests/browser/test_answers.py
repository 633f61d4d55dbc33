"""Answering in a real browser: by the link in a mail, in the list, on the meeting's page."""

import re
import time

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from meetings import scheduler
from meetings.models import Invitation, Meeting
from notifications.announcing import announce
from notifications.delivery import send_due
from tests.browser.conftest import DARK, LOOKS, PHONE, Look, Visit, assert_accessible
from tests.factories import RoomFactory, ana, ben, book, invitation_of

pytestmark = pytest.mark.browser

MARTA = "marta@silva.example"
LONG = "somebody.with.a.very.long.address@a-department.of-a-company.example.org"


@pytest.fixture
def organizer(transactional_db: None) -> User:
    return ana()


@pytest.fixture
def invited(transactional_db: None) -> User:
    return ben()


@pytest.fixture
def meeting(organizer: User, invited: User) -> Meeting:
    """A full one, far ahead of whatever day it is."""
    return book(
        organizer,
        "2098-03-12 14:00",
        60,
        invited,
        MARTA,
        LONG,
        now=timezone.now(),
        title="Partner call Lisbon",
        description="Bring one thing you would remove: https://example.com/a/very/long/address",
        join_link="https://meet.example.com/lisbon/with/a/rather/long/path/behind/it",
        rooms=(RoomFactory.create(name="Blue Room", floor="3rd floor"),),
    )


def guest_page(meeting: Meeting, query: str = "") -> str:
    return reverse("meetings:rsvp", args=[invitation_of(meeting, MARTA).token]) + query


def status_of(meeting: Meeting, person: User | str) -> str:
    return invitation_of(meeting, person).status


# The guest's page ----------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_a_guest_answers_in_the_browsers_zone(visit: Visit, meeting: Meeting, look: Look) -> None:
    page = visit(guest_page(meeting), look=look, timezone_id="Europe/Lisbon")

    expect(page.get_by_text("13:00–14:00", exact=True)).to_be_visible()
    expect(page.get_by_text("WET; 14:00–15:00 in Berlin")).to_be_visible()
    assert_accessible(page)

    page.get_by_label("A note to Ana, if you like").fill("Ten minutes late.")
    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_text("You accepted.")).to_be_visible()
    expect(page.get_by_text("13:00–14:00", exact=True)).to_be_visible()
    assert status_of(meeting, MARTA) == Invitation.Status.ACCEPTED
    assert_accessible(page)

    page.get_by_role("button", name="Decline").click()

    expect(page.get_by_text("You declined.")).to_be_visible()
    given = invitation_of(meeting, MARTA)
    assert (given.status, given.note) == (Invitation.Status.DECLINED, "Ten minutes late.")


def test_another_zone_is_chosen_and_the_note_being_written_stays(
    visit: Visit, meeting: Meeting
) -> None:
    page = visit(guest_page(meeting), look=PHONE, timezone_id="Asia/Calcutta")

    expect(page.get_by_text("18:30–19:30", exact=True)).to_be_visible()
    page.get_by_label("A note to Ana, if you like").fill("Half written")
    page.get_by_text("Kolkata time").click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    assert_accessible(page)
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("22:00–23:00", exact=True)).to_be_visible()
    expect(page.get_by_label("A note to Ana, if you like")).to_have_value("Half written")
    expect(page.get_by_text("Tokyo time")).to_be_focused()


def test_it_works_without_javascript(visit: Visit, meeting: Meeting) -> None:
    page = visit(guest_page(meeting), java_script_enabled=False, timezone_id="Europe/Lisbon")

    expect(page.get_by_text("14:00–15:00", exact=True)).to_be_visible()
    page.get_by_text("Berlin time").click()
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("13:00–14:00", exact=True)).to_be_visible()
    page.get_by_role("button", name="Maybe").click()

    expect(page.get_by_text("You answered “maybe”.")).to_be_visible()
    expect(page.get_by_text("13:00–14:00", exact=True)).to_be_visible()
    assert status_of(meeting, MARTA) == Invitation.Status.TENTATIVE


def test_the_keyboard_alone_answers_what_the_mail_proposed(visit: Visit, meeting: Meeting) -> None:
    page = visit(guest_page(meeting, "?answer=declined"))

    expect(page.get_by_role("button", name="Decline")).to_be_focused()
    assert status_of(meeting, MARTA) == Invitation.Status.NEEDS_ACTION
    page.keyboard.press("Enter")

    expect(page.get_by_text("You declined.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_a_cancelled_meeting_and_a_closed_link_read_well(
    visit: Visit, meeting: Meeting, look: Look
) -> None:
    address = guest_page(meeting)
    scheduler.cancel(meeting, by=meeting.organizer, now=timezone.now())

    page = visit(address, look=look)
    expect(page.get_by_text("This meeting was cancelled.")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    assert_accessible(page)

    page.goto(f"/rsvp/{'A' * 43}/")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    assert_accessible(page)


# The list and the meeting's page -------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_an_invitation_is_answered_in_the_list(
    visit: Visit, meeting: Meeting, organizer: User, invited: User, look: Look
) -> None:
    book(organizer, "2098-03-12 14:30", 60, invited, now=timezone.now(), title="Talk")

    page = visit(reverse("meetings:invitations"), by=invited, look=look)
    row = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Partner call Lisbon")
    )
    expect(row.get_by_text("overlaps Talk 14:30–15:30")).to_be_visible()
    assert_accessible(page)

    row.get_by_text("Add a note").click()
    row.get_by_role("textbox").fill("Ten minutes late.")
    row.get_by_role("button", name="Accept").click()

    expect(row.get_by_text("You accepted. Ana Berger is told.")).to_be_visible()
    expect(page.locator("#how-many")).to_have_text("one waits for your answer")
    expect(page.get_by_role("navigation", name="Main").get_by_text("1 waiting")).to_be_attached()
    expect(page.locator("main button[aria-pressed=true]")).to_have_text(["Accept"])
    expect(page).to_have_url(reverse("meetings:invitations"))
    given = invitation_of(meeting, invited)
    assert (given.status, given.note) == (Invitation.Status.ACCEPTED, "Ten minutes late.")
    assert_accessible(page)


def test_the_list_works_without_javascript(visit: Visit, meeting: Meeting, invited: User) -> None:
    page = visit(reverse("meetings:invitations"), by=invited, java_script_enabled=False)

    page.get_by_role("button", name="Decline").click()

    expect(page.get_by_text("You have answered everything.")).to_be_visible()
    assert status_of(meeting, invited) == Invitation.Status.DECLINED


@pytest.mark.parametrize("look", LOOKS)
def test_an_answer_on_the_meetings_page_is_among_the_people_at_once(
    visit: Visit, meeting: Meeting, invited: User, look: Look
) -> None:
    page = visit(meeting.get_absolute_url(), by=invited, look=look)
    people = page.get_by_role("region", name="People")
    expect(people.get_by_text("1 yes, 0 maybe, 0 no, 3 waiting")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("button", name="Maybe").click()

    expect(people.get_by_text("1 yes, 1 maybe, 0 no, 2 waiting")).to_be_visible()
    expect(page.get_by_role("button", name="Maybe")).to_be_focused()
    page.get_by_text("What happened so far").click()
    assert_accessible(page)


@pytest.mark.parametrize("look", [DARK, PHONE], ids=str)
def test_the_ledger_follows_what_is_sent_and_sends_again(
    visit: Visit, meeting: Meeting, organizer: User, look: Look
) -> None:
    page = visit(meeting.get_absolute_url(), by=organizer, look=look)
    ledger = page.get_by_role("region", name="What was sent")
    expect(ledger.get_by_text("is about to leave")).to_have_count(3)
    expect(ledger.get_by_role("button")).to_have_count(0)

    work()

    expect(ledger.get_by_text(re.compile("invitation by e-mail sent"))).to_have_count(3)
    assert_accessible(page)
    ledger.get_by_role("button", name=f"Send again to {MARTA}").click()

    expect(page.get_by_text(f"The invitation goes to {MARTA} again.")).to_be_visible()
    expect(ledger.get_by_text("is about to leave")).to_have_count(1)
    work()
    expect(ledger.get_by_text(re.compile("invitation by e-mail sent"))).to_have_count(4)


def work() -> None:
    """What a worker does in a round."""
    announce(timezone.now())
    while send_due(timezone.now(), until=time.monotonic() + 30):
        pass
