"""Each conflict policy on the form: what it offers, and what comes of it."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings.models import Installation, Meeting
from tests.browser.conftest import PHONE, Visit, assert_accessible, settled
from tests.browser.test_form import DAY, NEW, rooms, write
from tests.factories import ana, ben, book, cy
from tests.meetings.test_override import allowed

pytestmark = pytest.mark.browser

CREATE, ANYWAY = "Create and invite 1", "Save anyway and invite 1"


@pytest.fixture
def organizer(transactional_db: None) -> User:
    """Ana, who invites Ben at a time at which he is busy."""
    book(cy(), f"{DAY} 10:00", 60, ben())
    return ana()


def filled_in(visit: Visit, by: User, policy: str) -> Page:
    """The form for that meeting, where the installation has this default."""
    Installation(on_conflict=policy).save()
    page = visit(f"{NEW}&required=ben@example.com", by=by)
    write(page.get_by_role("textbox", name="Title"), "Design review")
    expect(page.get_by_text("Ben Okafor is busy").first).to_be_visible()
    return page


def booked(page: Page, organizer: User) -> Meeting:
    """The meeting, after the page has said so."""
    expect(page.get_by_text("Design review is booked.")).to_be_visible()
    return Meeting.objects.get(organizer=organizer)


@pytest.mark.parametrize("policy", ["ask", "override"])
def test_ask_takes_a_second_word(visit: Visit, organizer: User, policy: str) -> None:
    page = filled_in(visit, organizer, policy)
    expect(page.get_by_label("If it collides")).to_have_value("ask")
    page.get_by_role("button", name=ANYWAY).click()
    assert booked(page, organizer).invitations.count() == 2


def test_allow_books_at_once(visit: Visit, organizer: User) -> None:
    page = filled_in(visit, organizer, "allow")
    page.get_by_role("button", name=CREATE).click()
    assert booked(page, organizer).invitations.count() == 2


def test_reject_books_nothing_until_something_else_is_chosen(visit: Visit, organizer: User) -> None:
    page = filled_in(visit, organizer, "reject")
    page.get_by_role("button", name=CREATE).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is booked while something collides.")
    assert_accessible(page)
    assert not Meeting.objects.filter(organizer=organizer).exists()
    page.get_by_label("If it collides").select_option("ask me before it is saved")
    settled(page)
    page.get_by_role("button", name=ANYWAY).click()
    booked(page, organizer)


def test_propose_names_times_that_can_be_had(visit: Visit, organizer: User) -> None:
    page = filled_in(visit, organizer, "propose")
    page.get_by_role("button", name=CREATE).click()
    expect(page.get_by_role("alert")).to_contain_text("Free instead: Wed 10 March 2094, 9:00–10:00")
    page.get_by_role("button", name="Wed 10 March 2094, 9:00–10:00").click()
    expect(page.get_by_text("Filled in: Wed 10 March 2094, 9:00–10:00.")).to_be_visible()
    expect(page.get_by_text("Nothing collides", exact=True)).to_be_visible()
    page.get_by_role("button", name=CREATE).click()
    assert booked(page, organizer).when.start.hour == 9


def test_override_offers_the_room_on_a_phone(visit: Visit) -> None:
    rooms()
    Installation(on_conflict="override").save()
    taker = allowed(ana())
    page = visit(f"{NEW}&room=blue", by=taker, look=PHONE)
    write(page.get_by_role("textbox", name="Title"), "Design review")
    page.get_by_text("High", exact=True).click()
    settled(page)
    write(page.get_by_role("textbox", name="Why?"), "The board meets here")
    assert_accessible(page)
    page.get_by_role("button", name="Take the room and create").click()
    held = booked(page, taker).rooms.all()
    assert [room.name for room in held] == ["Blue Room"]
