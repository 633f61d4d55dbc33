"""The demo's inbox and its mails, as people see them."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import send_mail
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from meetings.models import Meeting
from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.models import DemoMail
from tests import factories
from tests.browser.conftest import LOOKS, Look, Visit, assert_accessible

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def kept(settings: Any, live_server: LiveServer) -> None:
    """Mails are kept, and lead to the server of the test."""
    settings.EMAIL_BACKEND = "notifications.demo_mail.DemoMailBackend"
    settings.BASE_URL = live_server.url


def invite() -> Meeting:
    """A meeting of Ana's next week, and the worker's round after it."""
    now = timezone.now()
    start = (now + timedelta(days=7)).strftime("%Y-%m-%d 10:00")
    meeting = factories.book(
        factories.ana(),
        start,
        60,
        factories.ben(timezone="Europe/Lisbon"),
        now=now,
        description="Terms for the second year, and who signs.",
        join_link="https://meet.example.com/lisbon",
        rooms=(factories.RoomFactory.create(name="Blue Room"),),
    )
    deliver()
    return meeting


def deliver() -> None:
    now = timezone.now()
    announce(now)
    send_due(now, until=time.monotonic() + 30)


@pytest.mark.parametrize("look", LOOKS)
def test_list(visit: Visit, look: Look) -> None:
    invite()
    page = visit("/dev/mail/", by=factories.cy(), look=look)
    expect(page.get_by_role("link", name=re.compile("Invitation: Design review"))).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS)
def test_mail(visit: Visit, look: Look) -> None:
    invite()
    page = visit(f"/dev/mail/{DemoMail.objects.get().uid}/", by=factories.cy(), look=look)
    letter = page.frame_locator("iframe")
    expect(letter.get_by_text("Ana Berger invites you", exact=True)).to_be_visible()
    expect(letter.get_by_role("link", name="Accept")).to_be_visible()
    for summary in page.locator("article summary").all():
        summary.click()
    expect(page.get_by_text("BEGIN:VCALENDAR")).to_be_visible()
    assert_accessible(page)
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.frames[1].evaluate(fits)


def test_link_of_a_mail_leads_to_the_answer(visit: Visit) -> None:
    meeting = invite()
    ben = meeting.invitations.get(user__email="ben@example.com")
    page = visit("/dev/mail/", by=ben.user)
    page.get_by_role("link", name=re.compile("Invitation: ")).click()
    page.frame_locator("iframe").get_by_role("link", name="Maybe").click()
    expect(page).to_have_url(re.compile(f"/rsvp/{ben.token}/\\?answer=tentative$"))
    ben.refresh_from_db()
    assert ben.status == "needs-action"  # opening the page answers nothing


def test_new_mail_comes_in_by_itself_and_the_filter_stays(visit: Visit) -> None:
    page = visit("/dev/mail/", by=factories.ana())
    expect(page.get_by_text("No mail yet.")).to_be_visible()
    send_mail("First", "", None, ["ben@example.com"])
    expect(page.get_by_text("First")).to_be_visible()
    page.get_by_label("To").fill("cy@")
    page.get_by_label("To").press("Enter")
    expect(page.get_by_text("No mail to “cy@”.")).to_be_visible()
    send_mail("Second", "", None, ["ben@example.com"])
    send_mail("Third", "", None, ["cy@example.com"])
    expect(page.get_by_text("Third")).to_be_visible()
    expect(page.get_by_text("Second")).to_have_count(0)


def test_works_without_javascript(visit: Visit) -> None:
    send_mail("First", "Hello", None, ["ben@example.com"])
    page: Page = visit("/dev/mail/", by=factories.ana(), java_script_enabled=False)
    page.get_by_text("First").click()
    expect(page.get_by_text("Hello")).to_be_visible()
