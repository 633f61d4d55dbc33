"""Taking a room from others, on the form: with a script and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings import scheduler
from meetings.models import Meeting
from meetings.scheduler import Override
from tests.browser.conftest import DESKTOP, PHONE, Look, Visit, assert_accessible
from tests.browser.test_form import NEW, rooms, write
from tests.factories import RoomFactory, ana, book, cy, draft
from tests.meetings.test_override import allowed

pytestmark = pytest.mark.browser


def taken(page: Page, taker: User) -> None:
    """What came of it."""
    expect(page.get_by_text("1 meeting gave way; those on it are told.")).to_be_visible()
    meeting = Meeting.objects.get(organizer=taker)
    assert [room.name for room in meeting.rooms.all()] == ["Blue Room"]
    other = Meeting.objects.get(title="Press briefing")
    assert [room.name for room in other.rooms.all()] == ["Green Room"]


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=str)
def test_a_room_is_taken_with_a_reason(visit: Visit, look: Look) -> None:
    rooms()
    taker = allowed(ana())
    page = visit(NEW, by=taker, look=look)
    page.get_by_role("textbox", name="Title").fill("Board")
    page.get_by_label("Blue Room").press("Space")
    take = page.get_by_role("button", name="Take the room and create")
    expect(page.get_by_text("Blue Room is taken")).to_be_visible()
    expect(take).to_have_count(0)
    page.get_by_text("High", exact=True).click()
    expect(take).to_be_visible()
    group = page.get_by_role("group", name="Take the room")
    victim = "Press briefing (Cy Young), Wed 10 March 2094, 10:00–11:00, moves to Green Room"
    expect(group.get_by_text(victim)).to_be_visible()
    assert_accessible(page)
    take.click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    assert_accessible(page)
    write(page.get_by_role("textbox", name="Why?"), "The board meets here")
    take.click()
    taken(page, taker)


def test_without_a_script(visit: Visit) -> None:
    rooms()
    taker = allowed(ana())
    page = visit(NEW, by=taker, java_script_enabled=False)
    page.get_by_role("textbox", name="Title").fill("Board")
    page.get_by_label("Blue Room").press("Space")
    page.get_by_text("High", exact=True).click()
    page.get_by_role("button", name="Create").click()
    page.get_by_role("textbox", name="Why?").fill("The board meets here")
    page.get_by_role("button", name="Take the room and create").click()
    taken(page, taker)


def test_a_date_of_a_series_takes_its_room_back(visit: Visit) -> None:
    blue, taker, now = RoomFactory.create(name="Blue Room"), allowed(ana()), timezone.now()
    start = f"{timezone.localdate() + timedelta(days=7)} 10:00"
    low, normal, high = Meeting.Priority
    fields = {"rooms": (blue,), "rrule": "FREQ=WEEKLY;COUNT=3"}
    series = book(taker, start, 60, now=now, priority=normal, **fields)
    board = draft(start, 60, rooms=(blue,), priority=high, title="Board")
    scheduler.schedule(board, by=allowed(cy()), now=now, policy=Override("The board meets"))
    Meeting.objects.filter(title="Board").update(priority=low)
    page = visit(f"/meetings/{series.uid}/series/", by=taker, look=Look("dark", 360, 740))
    expect(page.get_by_text("Blue Room is taken")).to_be_visible()
    page.get_by_role("combobox").select_option(label="Try Blue Room again")
    page.get_by_role("button", name="Save", exact=True).click()
    take = page.get_by_role("button", name="Take the room and save")
    expect(take).to_be_visible()
    assert_accessible(page)
    page.get_by_role("textbox", name="Why?").fill("We were here first")
    take.click()
    expect(page.get_by_text("1 meeting gave way; those on it are told.")).to_be_visible()
    assert not Meeting.objects.get(title="Board").rooms.exists()
