"""The calendar in a real browser: leafing, the panel, answering, the keyboard, each look."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings.models import Meeting
from tests import factories
from tests.browser.conftest import DESKTOP, LOOKS, PHONE, Look, Visit, assert_accessible
from tests.factories import BERLIN, answer, at, book

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(transactional_db: None) -> User:
    return factories.works(factories.ana())


@pytest.fixture
def ben(transactional_db: None) -> User:
    return factories.works(factories.ben())


def today() -> date:
    """Today where Ana and Ben are."""
    return timezone.localdate(timezone=BERLIN)


@pytest.fixture
def review(ana: User, ben: User) -> Iterator[Meeting]:
    """Ben is asked to a review in the Blue Room, next week on Wednesday, among other things."""
    room = factories.RoomFactory.create(name="Blue Room")
    day = today() + timedelta(days=7)
    day += timedelta(days=2 - day.weekday())
    before = timezone.now()
    texts = {"description": "What there is", "join_link": "https://meet.example.com/review"}
    review = book(
        ana, f"{day} 10:00", 60, ben, "guest@example.com", rooms=(room,), now=before, **texts
    )
    for n, status in enumerate(["accepted", "tentative", "declined"]):
        other = book(ana, f"{day} {12 + n}:00", 45, ben, title=f"Meeting {n}", now=before)
        answer(other, ben, status, now=before)
    book(ben, f"{day} 10:30", 90, title="Own work", now=before)
    book(ben, when=factories.days(str(day), 2), title="Away", now=before)
    book(ben, f"{day} 23:00", 120, title="Night shift", now=before)
    return review


def week_of(meeting: Meeting) -> str:
    return f"/calendar/week/{meeting.local_date}/"


def block(page: Page, title: str) -> object:
    return page.locator(".cal-day .block", has_text=title).first


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_accessible(visit: Visit, review: Meeting, ben: User, look: Look) -> None:
    page = visit(week_of(review), by=ben, look=look)
    expect(page.get_by_role("link", name="Design review").first).to_be_visible()
    assert_accessible(page)
    page.goto(f"{week_of(review)}?meeting={review.uid}")
    expect(page.get_by_role("heading", name="Design review")).to_be_visible()
    assert_accessible(page)
    page.goto(week_of(review).replace("week", "day"))
    assert_accessible(page)
    page.goto("/")
    expect(page.get_by_text("Nothing this week.")).to_be_visible()
    assert_accessible(page)


def test_leafing_keeps_the_page_and_back_works(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit("/", by=ben)
    page.evaluate("window.samePage = true")
    first = page.get_by_role("heading", level=1).inner_text()
    later = page.get_by_role("link", name="Next week")
    later.click()
    expect(page).to_have_url(re.compile(week_after(0)))
    expect(block(page, "Design review")).to_be_visible()
    expect(later).to_be_focused()
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading.startswith(page.title().partition(" · ")[0])
    assert heading != first
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(first, use_inner_text=True)
    expect(block(page, "Design review")).not_to_be_attached()
    assert page.evaluate("window.samePage")


def week_after(weeks: int) -> str:
    day = today() + timedelta(days=7 * (weeks + 1))
    return f"/calendar/week/{day}/$"


def test_answering_in_the_panel_changes_block_people_and_count(
    visit: Visit, review: Meeting, ben: User
) -> None:
    page = visit(week_of(review), by=ben)
    count = page.locator(".places .count")
    expect(count).to_have_text("1 waiting")
    expect(block(page, "Design review")).to_have_class(re.compile("block-ask"))
    block(page, "Design review").click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="Design review")).to_be_focused()
    expect(panel).to_contain_text("Blue Room")
    expect(page).to_have_url(re.compile(rf"\?meeting={review.uid}$"))
    panel.get_by_role("button", name="Maybe").click()
    expect(block(page, "Design review")).to_have_class(re.compile("block-maybe"))
    expect(panel).to_contain_text("1 yes, 1 maybe, 0 no, 1 waiting")
    expect(count).not_to_be_attached()
    expect(panel.get_by_role("button", name="Maybe")).to_be_focused()
    assert review.invitations.get(user=ben).status == "tentative"


def test_the_keyboard_alone_is_enough(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit(week_of(review), by=ben)
    block(page, "Own work").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Own work")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Own work")).not_to_be_attached()
    expect(block(page, "Own work")).to_be_focused()

    def leads(key: str, address: str) -> None:
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(address))
        page.wait_for_load_state()  # the script that hears the next key is there

    tomorrow = review.local_date + timedelta(days=1)
    leads("d", f"/calendar/day/{review.local_date}/")
    leads("j", f"/calendar/day/{tomorrow}/")
    leads("w", f"/calendar/week/{tomorrow}/")
    leads("k", f"/calendar/week/{tomorrow - timedelta(weeks=1)}/")
    leads("t", r":\d+/$")
    page.keyboard.press("Control+d")
    leads("c", "/meetings/new/")


def test_beside_the_panel_no_date_is_cut(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit(f"/calendar/week/2027-03-24/?meeting={review.uid}", by=ben)
    page.set_viewport_size({"width": 1280, "height": 900})
    spare: list[float] = page.locator(".cal-heads h2").evaluate_all(
        """heads => heads.map(head =>
          head.getBoundingClientRect().right
          - head.querySelector("a").getBoundingClientRect().right)"""
    )
    assert len(spare) == 7
    assert min(spare) >= 0


def test_an_empty_hour_begins_a_meeting_there(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit(week_of(review), by=ben)
    monday = page.locator(".cal-day").first
    box = monday.bounding_box()
    assert box is not None
    hours = page.locator(".cal-hours li > span").count()
    monday.click(position={"x": 20, "y": (9.75 - 0) * box["height"] / hours})
    date = review.local_date - timedelta(days=2)
    expect(page).to_have_url(re.compile(rf"/meetings/new/\?date={date}&time=09%3A30$"))


def test_works_without_scripts(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit(week_of(review), by=ben, java_script_enabled=False)
    block(page, "Design review").click()
    page.get_by_role("button", name="Accept").click()
    expect(block(page, "Design review")).not_to_have_class(re.compile("block-ask"))
    expect(page.get_by_role("heading", name="Design review")).to_be_visible()
    page.get_by_role("link", name="Close").click()
    expect(page).to_have_url(week_of(review))
    page.get_by_role("link", name="Previous week").click()
    expect(page).not_to_have_url(week_of(review))
    page.get_by_role("link", name="Today").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_a_phone_shows_one_day_at_a_time(visit: Visit, review: Meeting, ben: User) -> None:
    page = visit(week_of(review), by=ben, look=PHONE)
    expect(page.locator(".cal-day:visible")).to_have_count(1)
    expect(block(page, "Design review")).to_be_visible()
    page.get_by_role("navigation", name="Days of this week").get_by_role("link").nth(3).tap()
    expect(page).to_have_url(re.compile(str(review.local_date + timedelta(days=1))))
    expect(block(page, "Design review")).to_be_hidden()
    expect(page.locator(".cal-all .block", has_text="Away")).to_be_visible()


def test_the_hand_moves_in_the_readers_zone(visit: Visit, ben: User) -> None:
    noon = at(f"{today()} 12:00")
    with time_machine.travel(noon):
        page = visit("/", by=ben, timezone_id="America/New_York")
        hand = page.locator(".now-tag")
        expect(hand).to_have_text("12:00")
        page.clock.set_fixed_time(noon + timedelta(minutes=95))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(hand).to_have_text("13:35")
        page.clock.set_fixed_time(noon + timedelta(hours=10))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(hand).to_be_hidden()


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=str)
def test_blocks_stand_beside_each_other(
    visit: Visit, review: Meeting, ben: User, look: Look
) -> None:
    page = visit(week_of(review), by=ben, look=look)
    first = block(page, "Design review").bounding_box()
    second = block(page, "Own work").bounding_box()
    assert first is not None
    assert second is not None
    assert first["x"] + first["width"] <= second["x"] + 1
    assert first["y"] < second["y"] < first["y"] + first["height"]
