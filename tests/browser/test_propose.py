"""Proposing another time in a real browser: from the guest's phone to the mail about the move."""

import re
import time

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from meetings import scheduler
from meetings.models import Meeting
from notifications.announcing import announce
from notifications.delivery import send_due
from tests.browser.conftest import PHONE, Look, Visit, assert_accessible
from tests.factories import RoomFactory, ana, ben, book, cy, invitation_of, timed

pytestmark = pytest.mark.browser

MARTA = "marta@silva.example"


@pytest.fixture
def organizer(transactional_db: None) -> User:
    return ana()


@pytest.fixture
def meeting(organizer: User) -> Meeting:
    """In 2098, in a room that somebody else has at one other time."""
    blue, now = RoomFactory.create(name="Blue Room"), timezone.now()
    RoomFactory.create(name="Green Room", site=blue.site)
    book(cy(), "2098-03-14 09:00", 60, rooms=(blue,), now=now)
    return book(
        organizer,
        "2098-03-12 14:00",
        60,
        ben(),
        MARTA,
        title="Partner call Lisbon",
        rooms=(blue,),
        now=now,
    )


def send() -> list[str]:
    """Whom all that is due now is mailed to."""
    before, now = len(mail.outbox), timezone.now()
    announce(now)
    send_due(now, until=time.monotonic() + 30)
    return [message.to[0] for message in mail.outbox[before:]]


def test_a_guest_proposes_and_the_organizer_accepts(
    visit: Visit, meeting: Meeting, organizer: User
) -> None:
    send()
    token = invitation_of(meeting, MARTA).token
    phone = visit(reverse("meetings:rsvp", args=[token]), look=PHONE, timezone_id="Europe/Lisbon")
    expect(phone.get_by_text("13:00–14:00", exact=True)).to_be_visible()
    phone.get_by_role("link", name="Propose another time").click()
    expect(phone.get_by_label("Your times are in")).to_have_value("Europe/Lisbon")
    assert_accessible(phone)
    phone.get_by_role("button", name="Propose", exact=True).click()
    expect(phone.get_by_text("Give at least one time.")).to_be_visible()
    assert_accessible(phone)
    first = phone.get_by_role("group", name="Time 1")
    first.get_by_label("Day").fill("2098-03-13")
    first.get_by_label("From").fill("15:00")
    phone.get_by_text("More times").click()
    phone.get_by_role("group", name="Time 2").get_by_label("Day").fill("2098-03-14")
    phone.get_by_role("group", name="Time 2").get_by_label("From").fill("8")
    phone.get_by_label("A note to").fill("I am on a train.")
    phone.get_by_role("button", name="Propose", exact=True).click()
    expect(phone.get_by_text("You proposed:")).to_be_visible()
    expect(phone.get_by_text("Thu 13 March 2098, 15:00–16:00")).to_be_visible()
    assert_accessible(phone)
    assert send() == [organizer.email]

    desk = visit(meeting.get_absolute_url(), by=organizer, look=Look("dark"))
    expect(desk.get_by_role("heading", name="marta@silva.example proposes")).to_be_visible()
    expect(desk.get_by_text("Blue Room is taken")).to_be_visible()
    expect(desk.get_by_text("proposed another time", exact=True)).to_be_visible()
    # That day of everybody asked, at either time: Ben has a calendar here, the guest has none.
    expect(desk.get_by_role("img", name="Ben Okafor is free all day")).to_have_count(2)
    expect(desk.get_by_role("img", name="Blue Room is taken 9:00–10:00")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("button", name="Accept Thu 13 March 2098, 16:00–17:00").click()
    expect(desk.get_by_text("Partner call Lisbon is moved to Thu 13 March 2098")).to_be_visible()
    assert Meeting.objects.get(pk=meeting.pk).when == timed("2098-03-13 16:00")
    meeting.changes.update(not_before=timezone.now())
    assert sorted(send()) == ["ben@example.com", MARTA]


def test_it_all_works_without_scripts(visit: Visit, meeting: Meeting, organizer: User) -> None:
    token = invitation_of(meeting, MARTA).token
    phone = visit(
        reverse("meetings:rsvp_propose", args=[token]), look=PHONE, java_script_enabled=False
    )
    phone.locator("#id_t0-date").fill("2098-03-14")
    phone.locator("#id_t0-start").fill("9:00")
    phone.get_by_role("button", name="Propose", exact=True).click()
    expect(phone.get_by_text("You proposed:")).to_be_visible()

    desk = visit(meeting.get_absolute_url(), by=organizer, look=PHONE, java_script_enabled=False)
    desk.get_by_role("button", name="in Green Room").click()
    expect(desk.get_by_text("is moved to")).to_be_visible()
    assert [room.name for room in Meeting.objects.get(pk=meeting.pk).rooms.all()] == ["Green Room"]


def test_what_collides_is_accessible_to_say(
    visit: Visit, meeting: Meeting, organizer: User
) -> None:
    book(organizer, "2098-03-13 14:00", 60, now=timezone.now())
    marta = invitation_of(meeting, MARTA)
    scheduler.propose(marta, [timed("2098-03-13 14:00")], by=None, now=timezone.now())
    desk = visit(meeting.get_absolute_url(), by=organizer, look=PHONE)
    assert_accessible(desk)
    desk.locator("#proposals").get_by_role("button", name="Accept").click()
    expect(desk.get_by_role("link", name="Back to the proposals")).to_be_visible()
    expect(desk.get_by_text("You are busy").first).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Back to the proposals").click()
    expect(desk).to_have_url(re.compile(meeting.get_absolute_url()))
    desk.get_by_text("Decline", exact=True).last.click()
    desk.get_by_label("Why, if you like").fill("I cannot then.")
    desk.get_by_role("button", name="Decline these times").click()
    expect(desk.get_by_text("Declined. marta@silva.example is told")).to_be_visible()
