"""The meeting form in a browser: with a script and without, in each look."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from meetings.models import Meeting
from rooms.models import Room
from tests.browser.conftest import DESKTOP, LOOKS, PHONE, Look, Visit, assert_accessible, settled
from tests.factories import RoomFactory, SiteFactory, UserFactory, ana, ben, book, cy, works

pytestmark = pytest.mark.browser

DAY = "2094-03-10"
NEW = f"/meetings/new/?date={DAY}&time=10:00"


def rooms() -> tuple[Room, Room]:
    """A room that is taken at ten, and one that is free."""
    site = SiteFactory.create()
    blue = RoomFactory.create(name="Blue Room", code="blue", site=site)
    green = RoomFactory.create(name="Green Room", code="green", site=site, capacity=10)
    book(cy(), f"{DAY} 10:00", 60, rooms=(blue,), title="Press briefing")
    return blue, green


def invite(page: Page, typed: str, name: str) -> None:
    """Choose a colleague from the list, by keyboard, and see what comes of it."""
    who = page.get_by_role("combobox", name="People")
    who.fill(typed)
    expect(page.get_by_role("option", name=name)).to_have_attribute("aria-selected", "true")
    who.press("Enter")
    expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    settled(page)


def write(field: Locator, text: str) -> None:
    """Fill a field, leave it, and see what comes of it."""
    field.fill(text)
    field.blur()
    settled(field.page)


def test_a_word_without_end_keeps_a_phone_narrow(visit: Visit) -> None:
    organizer, invited = ana(), works(ben())
    start = f"{timezone.localdate() + timedelta(days=7)} 10:00"
    guest = f"{'o' * 60}@{'o' * 50}.example"
    meeting = book(
        organizer,
        start,
        60,
        invited,
        guest,
        title="W" * 300,
        location="L" * 300,
        now=timezone.now(),
    )
    page = visit(f"/meetings/{meeting.uid}/edit/", by=organizer, look=PHONE)
    expect(page.get_by_role("button", name=f"Remove {guest}")).to_be_attached()
    cancelling = visit(f"/meetings/{meeting.uid}/cancel/", by=organizer, look=PHONE)
    waiting = visit("/invitations/", by=invited, look=PHONE)
    for shown in (page, cancelling, waiting):
        width = "Math.max(document.body.scrollWidth, document.querySelector('main').scrollWidth)"
        assert shown.evaluate(width) <= PHONE.width, shown.url


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_hours_above_the_strips_stand_apart(visit: Visit, width: int) -> None:
    page = visit(NEW, by=works(ana()))
    page.set_viewport_size({"width": width, "height": 900})
    spans: list[tuple[float, float]] = page.locator(".ruler").evaluate(
        """ruler => [...ruler.children]
          .filter(hour => getComputedStyle(hour).visibility === "visible")
          .map(hour => {
            const text = document.createRange();
            text.selectNodeContents(hour);
            const { left, right } = text.getBoundingClientRect();
            return [left, right];
          })"""
    )
    assert len(spans) >= 7
    assert all(right + 2 <= left for (_, right), (left, _) in pairwise(spans))


def test_a_conflict_an_alternative_and_the_booking(visit: Visit) -> None:
    organizer, other = works(ana()), works(ben())
    rooms()
    page = visit(NEW, by=organizer)
    page.get_by_role("textbox", name="Title").fill("Design review")
    invite(page, "be", "Ben Okafor")
    page.get_by_role("checkbox", name="Blue Room").check()
    expect(
        page.locator("#live").get_by_text("Blue Room is taken Wed 10 March 2094")
    ).to_be_visible()
    expect(page.locator("#live").get_by_text("1 room collides")).to_be_visible()

    page.get_by_role("button", name="Create and invite 1").click()
    expect(page.get_by_role("alert")).to_contain_text("A room is not to be had at that time.")
    assert Meeting.objects.count() == 1
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Design review")
    expect(page.get_by_role("button", name="Remove Ben Okafor")).to_be_visible()
    settled(page)

    page.get_by_role("button", name=re.compile("Wed 10 March 2094, 11:00–12:00")).click()
    expect(page.get_by_label("From")).to_have_value("11:00")
    expect(page.locator("#live").get_by_text("Nothing collides")).to_be_visible()
    expect(page.get_by_role("button", name="Create and invite 1")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calendar/week/2094-03-10/?meeting=*")
    meeting = Meeting.objects.get(organizer=organizer)
    assert meeting.when.during().start.isoformat() == "2094-03-10T10:00:00+00:00"
    assert [room.name for room in meeting.rooms.all()] == ["Blue Room"]
    assert meeting.invitations.filter(user=other).exists()
    expect(page.get_by_text("Design review is booked. 1 invitation is on its way.")).to_be_visible()


def test_one_press_books_although_a_field_was_just_written(visit: Visit) -> None:
    page = visit(NEW, by=works(ana()))
    page.get_by_role("textbox", name="Title").fill("Design review")
    # Longer than the answer takes to what is asked when the field is left.
    page.get_by_role("button", name="Create").click(delay=1000)
    expect(page.get_by_text("Design review is booked.")).to_be_visible()


def test_a_busy_colleague_is_booked_anyway(visit: Visit) -> None:
    organizer, other = works(ana()), works(ben())
    book(cy(), f"{DAY} 10:00", 60, other, title="Secret", visibility="private")
    page = visit(NEW, by=organizer)
    page.get_by_role("textbox", name="Title").fill("Design review")
    invite(page, "ben@ex", "Ben Okafor")
    expect(
        page.locator("#live").get_by_text("Ben Okafor is busy Wed 10 March 2094")
    ).to_be_visible()
    expect(page.get_by_text("Secret")).to_have_count(0)
    page.get_by_role("button", name="Save anyway and invite 1").click()
    page.wait_for_url("**/calendar/week/**")
    assert Meeting.objects.filter(organizer=organizer).count() == 1


def test_another_room_at_the_same_time(visit: Visit) -> None:
    organizer = works(ana())
    rooms()
    page = visit(f"{NEW}&room=blue", by=organizer)
    page.get_by_role("button", name=re.compile("^Green Room")).click()
    expect(page.get_by_role("checkbox", name="Green Room")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Blue Room")).not_to_be_checked()
    expect(page.get_by_label("From")).to_have_value("10:00")


def test_people_by_keyboard_and_by_paste(visit: Visit) -> None:
    ben()
    UserFactory.create(name="Bea Lund", email="bea@example.com")
    page = visit(NEW, by=ana())
    who = page.get_by_role("combobox", name="People")
    who.fill("Lena <lena@elsewhere.example>, omar@elsewhere.example")
    expect(page.locator(".chip")).to_have_text(
        ["Lena optional×", "omar@elsewhere.example optional×"]
    )
    page.get_by_role("button", name="Lena", exact=True).click()
    expect(page.locator("#optional")).to_have_value("Lena <lena@elsewhere.example>")
    expect(page.locator("#required")).to_have_value("omar@elsewhere.example")
    expect(page.get_by_role("button", name="Lena optional")).to_be_focused()
    who.focus()
    page.keyboard.press("Backspace")
    expect(page.locator(".chip")).to_have_count(1)
    who.fill("be")
    expect(page.get_by_role("option", name="Bea Lund")).to_have_attribute("aria-selected", "true")
    who.press("ArrowDown")
    expect(page.get_by_role("option", name="Ben Okafor")).to_have_attribute("aria-selected", "true")
    who.press("Enter")
    expect(page.get_by_role("button", name="Remove Ben Okafor")).to_be_visible()
    expect(who).to_have_value("")
    who.press_sequentially("nobody")
    expect(page.get_by_text("No colleague is called “nobody”.")).to_be_visible()
    who.press("Escape")
    expect(page.get_by_role("listbox", name="Colleagues")).to_be_hidden()
    who.fill("guest@elsewhere.example")
    who.press("Tab")
    expect(page.get_by_role("button", name="Remove guest@elsewhere.example")).to_be_visible()
    assert page.url.endswith(NEW)


def test_times_move_together(visit: Visit) -> None:
    page = visit(NEW, by=ana())
    start, end, until = (
        page.get_by_label("From"),
        page.get_by_label("To"),
        page.get_by_label("last day", exact=True),
    )
    start.fill("1430")
    start.press("Tab")
    expect(start).to_have_value("14:30")
    expect(end).to_have_value("15:30")
    page.get_by_role("button", name="1½").click()
    expect(end).to_have_value("16:00")
    expect(page.get_by_role("button", name="1½")).to_have_attribute("aria-pressed", "true")
    expect(until).to_be_hidden()
    start.fill("23:00")
    start.press("Tab")
    expect(end).to_have_value("0:30")
    expect(until).to_have_value("2094-03-11")
    page.get_by_role("checkbox", name="All day").check()
    expect(start).to_be_hidden()
    expect(until).to_be_visible()
    page.get_by_role("checkbox", name="All day").uncheck()
    end.fill("1")
    end.press("Tab")
    expect(until).to_be_visible()
    expect(page.locator("#live").get_by_text("The end must be after the start.")).to_be_visible()


def test_a_room_is_found_by_name(visit: Visit) -> None:
    rooms()
    RoomFactory.create(name="Red Room")
    page = visit(NEW, by=works(ana()))
    page.get_by_role("checkbox", name="Blue Room").check()
    settled(page)
    expect(page.locator("#rooms label")).to_have_count(3)
    page.get_by_role("searchbox", name="Find a room").press_sequentially("green")
    expect(page.locator("#rooms label")).to_have_count(2)  # the chosen one stays
    page.get_by_role("searchbox", name="Find a room").press_sequentially("land")
    expect(page.locator("#rooms label")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Find a room")).to_be_focused()
    assert page.url.endswith(NEW)


def test_without_a_script_a_meeting_is_booked(visit: Visit) -> None:
    organizer, other = works(ana()), works(ben())
    rooms()
    page = visit(f"{NEW}&room=blue", by=organizer, java_script_enabled=False)
    page.get_by_role("textbox", name="Title").fill("Design review")
    page.get_by_role("textbox", name="People").fill("Ben Okafor")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#live")).to_contain_text("Ben Okafor")
    expect(
        page.locator("#live").get_by_text("Blue Room is taken Wed 10 March 2094")
    ).to_be_visible()
    page.get_by_role("button", name=re.compile("^Green Room")).click()
    expect(page.get_by_role("checkbox", name="Green Room")).to_be_checked()
    page.get_by_role("button", name="Create and invite 1").click()
    page.wait_for_url("**/calendar/week/2094-03-10/?meeting=*")
    meeting = Meeting.objects.get(organizer=organizer)
    assert [room.name for room in meeting.rooms.all()] == ["Green Room"]
    assert meeting.invitations.filter(user=other).exists()


def test_two_tabs_edit_one_meeting(visit: Visit) -> None:
    organizer = works(ana())
    meeting = book(organizer, f"{DAY} 10:00")
    first = visit(f"/meetings/{meeting.uid}/edit/", by=organizer)
    second = visit(f"/meetings/{meeting.uid}/edit/", by=organizer)
    write(first.get_by_label("Location"), "Ground floor")
    first.get_by_role("button", name="Save").click()
    first.wait_for_url("**/calendar/week/**")
    write(second.get_by_role("textbox", name="Title"), "Renamed")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("row", name="Location")).to_contain_text("Ground floor")
    assert_accessible(second)
    second.get_by_role("button", name="Save").click()
    second.wait_for_url("**/calendar/week/**")
    meeting.refresh_from_db()
    assert (meeting.title, meeting.location) == ("Renamed", "Ground floor")


@pytest.mark.parametrize("look", LOOKS)
def test_the_form_in_each_look(visit: Visit, look: Look) -> None:
    organizer, _other = works(ana()), works(ben())
    rooms()
    page = visit(NEW, by=organizer, look=look)
    assert_accessible(page)
    page.get_by_role("combobox", name="People").fill("be")
    expect(page.get_by_role("option", name="Ben Okafor")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("combobox", name="People").press("Enter")
    expect(page.get_by_role("button", name="Remove Ben Okafor")).to_be_visible()
    settled(page)
    page.get_by_role("checkbox", name="Blue Room").check()
    expect(page.locator("#live").get_by_text("1 room collides")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Create and invite 1").click()
    expect(page.get_by_text("Give the meeting a title.")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=str)
def test_cancelling(visit: Visit, look: Look) -> None:
    organizer = ana()
    meeting = book(organizer, f"{DAY} 10:00", 60, ben())
    page = visit(f"/meetings/{meeting.uid}/cancel/", by=organizer, look=look)
    assert_accessible(page)
    page.get_by_label("Reason").fill("Nobody is in.")
    page.get_by_role("button", name="Cancel the meeting").click()
    expect(page.get_by_text("Design review is cancelled. 1 person will be told")).to_be_visible()


def test_what_is_under_way_is_ended(visit: Visit) -> None:
    organizer = ana()
    begun: User = organizer
    start = timezone.localtime(timezone.now() - timedelta(minutes=30), begun.zone)
    meeting = book(organizer, f"{start:%Y-%m-%d %H:%M}", 120)
    page = visit(f"/meetings/{meeting.uid}/cancel/", by=organizer)
    expect(page.get_by_role("alert")).to_contain_text("The meeting is under way.")
    assert_accessible(page)
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Design review is ended.")).to_be_visible()
