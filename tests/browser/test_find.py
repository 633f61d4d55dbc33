"""Finding a time in a browser: by script and without, by keyboard, in each look."""

import re

import pytest
from playwright.sync_api import Route, expect

from meetings.models import Meeting
from rooms.models import Room
from tests.browser.conftest import LOOKS, PHONE, Look, Visit, assert_accessible, settled
from tests.browser.test_form import invite, write
from tests.factories import (
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    ben,
    book,
    cy,
    works,
)

pytestmark = pytest.mark.browser

DAY = "2094-03-10"
FIND = f"/find-a-time/?from={DAY}&to=2094-03-12"


def room() -> Room:
    return RoomFactory.create(name="Blue Room", code="blue", site=SiteFactory.create(name="Berlin"))


def test_two_people_a_room_and_the_first_suggestion(visit: Visit) -> None:
    organizer, other, third = works(ana()), works(ben()), works(cy())
    room()
    book(third, f"{DAY} 09:00", 120, other, title="Press briefing")
    page = visit(FIND, by=organizer)
    expect(page.get_by_text("Add somebody to begin")).to_be_visible()
    invite(page, "be", "Ben Okafor")
    invite(page, "cy", "Cy Young")
    first = page.locator(".offer").first
    expect(first).to_contain_text("Wed 10, 11:00–12:00")
    expect(first).to_contain_text("All 3 can come, inside everybody’s working hours")
    expect(page.get_by_text("Press briefing")).to_have_count(0)

    page.get_by_label("Length").select_option("30")
    expect(first).to_contain_text("Wed 10, 11:00–11:30")
    expect(page).to_have_url(re.compile("length=30"))
    page.go_back()
    expect(first).to_contain_text("Wed 10, 11:00–12:00")
    expect(page.get_by_label("Length")).to_have_value("60")
    expect(page.get_by_role("button", name="Remove Cy Young")).to_be_visible()
    settled(page)

    first.click()
    expect(page.get_by_label("From")).to_have_value("11:00")
    expect(page.get_by_role("checkbox", name="Blue Room")).to_be_checked()
    expect(page.locator("#live").get_by_text("Nothing collides")).to_be_visible()
    settled(page)
    write(page.get_by_role("textbox", name="Title"), "Design review")
    page.get_by_role("button", name="Create and invite 2").click()
    page.wait_for_url("**/calendar/week/2094-03-10/?meeting=*")
    meeting = Meeting.objects.get(organizer=organizer)
    assert meeting.when.during().start.isoformat() == "2094-03-10T10:00:00+00:00"
    assert [held.name for held in meeting.rooms.all()] == ["Blue Room"]


def test_a_suggestion_that_is_pointed_at_is_marked_on_its_day(visit: Visit) -> None:
    other = works(ben(), (16, 17))
    page = visit(f"{FIND}&with={other.email}", by=works(ana()))
    days, second = page.locator(".day-strips"), page.locator(".offer").nth(1)
    expect(days.filter(visible=True)).to_contain_text("Wed 10 March")
    second.hover()
    expect(second).to_contain_text("Thu 11, 16:00–17:00")
    expect(days.filter(visible=True)).to_contain_text("Thu 11 March")
    page.mouse.move(0, 0)
    expect(days.filter(visible=True)).to_contain_text("Wed 10 March")
    friday = page.get_by_role("link", name=re.compile(r"^Fri 12 \S+( times?)?$"))
    friday.press("Enter")
    expect(days.filter(visible=True)).to_contain_text("Fri 12 March")
    expect(friday).to_be_focused()
    page.locator(".offer").first.focus()
    page.keyboard.press("Tab")
    expect(second).to_be_focused()
    expect(days.filter(visible=True)).to_contain_text("Thu 11 March")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".offer").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    mark = days.filter(visible=True).locator(".asked")
    assert mark.evaluate("e => getComputedStyle(e).borderInlineStartStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_label("From")).to_have_value("16:00")


def test_a_form_comes_back_with_a_time(visit: Visit) -> None:
    organizer, other = works(ana()), works(ben())
    room()
    book(cy(), f"{DAY} 10:00", 60, other)
    page = visit(f"/meetings/new/?date={DAY}&time=10:00", by=organizer)
    page.get_by_role("textbox", name="Title").fill("Design review")
    page.get_by_role("textbox", name="About").fill("Bring pens")
    invite(page, "be", "Ben Okafor")
    page.get_by_role("button", name="Find a time").click()
    found = page.locator(".found")
    expect(page.get_by_role("heading", name="Best times")).to_be_focused()
    expect(found.get_by_role("img", name="Ben Okafor is busy 10:00–11:00")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(found.locator(".offer").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_have_count(0)
    expect(page.get_by_role("button", name="Find a time")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Best times")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(found.get_by_role("button", name=re.compile("^Wed 10, 11:00–12:00"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("From")).to_have_value("11:00")
    expect(page.get_by_role("checkbox", name="Blue Room")).to_be_checked()
    expect(page.locator("#live").get_by_text("Nothing collides")).to_be_visible()

    settled(page)
    page.get_by_role("button", name="Find a time").click()
    expect(page.get_by_role("heading", name="Best times")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("button", name="Show everybody’s days").click()
    expect(page.get_by_role("heading", name="Find a time for Design review")).to_be_visible()
    settled(page)
    page.locator(".offer", has_text="Wed 10, 9:00–10:00").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Design review")
    expect(page.get_by_role("textbox", name="About")).to_have_value("Bring pens")
    expect(page.get_by_label("From")).to_have_value("9:00")
    expect(page.get_by_role("button", name="Remove Ben Okafor")).to_be_visible()


def test_the_times_asked_for_outlast_what_was_asked_before(visit: Visit) -> None:
    page = visit(f"/meetings/new/?date={DAY}&time=10:00", by=works(ana()))
    settled(page)
    late: list[Route] = []
    page.route("**/live/", lambda route: late.append(route))
    page.get_by_label("To", exact=True).fill("11:30")
    page.get_by_label("To", exact=True).blur()
    expect(page.locator("#live.htmx-request")).to_have_count(1)
    page.get_by_role("button", name="Find a time").click()
    expect(page.get_by_role("heading", name="Best times")).to_be_focused()
    for answer in late:
        answer.continue_()
    settled(page)
    expect(page.locator(".found .offer").first).to_be_visible()


def test_without_a_script(visit: Visit) -> None:
    works(ben())
    page = visit(FIND, by=works(ana()), java_script_enabled=False)
    page.locator("#required").fill("Ben Okafor")
    page.get_by_role("button", name="Find times").click()
    expect(page.locator(".offer").first).to_contain_text("Wed 10, 9:00–10:00")
    page.locator("#to").fill("2094-01-01")
    page.get_by_role("button", name="Find times").click()
    expect(page.get_by_role("alert")).to_have_text("The last day is before the first: swap them.")


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_it(visit: Visit, look: Look) -> None:
    organizer, other = works(ana()), works(ben())
    far = works(UserFactory.create(name="Asha Rao", timezone="Asia/Kolkata"))
    room().amenities.add(AmenityFactory.create(name="screen"))
    book(organizer, f"{DAY} 13:00", 30, other, tentative=True)
    people = f"with={other.email}&with=guest@else.example&optional={far.email}"
    page = visit(f"{FIND}&{people}", by=organizer, look=look)
    expect(page.get_by_role("heading", name=re.compile("Best times"))).to_be_visible()
    assert_accessible(page)
    if look == PHONE:
        height = page.locator(".offer").first.bounding_box()
        assert height is not None
        assert height["height"] >= 44
