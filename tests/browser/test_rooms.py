"""Finding a room, its week, and looking after rooms, as people see them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings.models import Meeting
from rooms.models import Closure, OpeningHours, Room
from tests import factories
from tests.browser.conftest import LOOKS, PHONE, Look, Visit, assert_accessible

pytestmark = pytest.mark.browser


def tomorrow_at(hour: int) -> str:
    """For `book`: an hour of tomorrow in Berlin."""
    day = timezone.now().astimezone(factories.BERLIN).date() + timedelta(days=1)
    return f"{day} {hour:02}:00"


def company() -> tuple[User, Room]:
    """Ana, who holds the Blue Room tomorrow, in a house of four rooms."""
    ana = factories.ana()
    screen, camera = (factories.AmenityFactory.create(name=name) for name in ("screen", "camera"))
    berlin = factories.SiteFactory.create(name="Berlin")
    for weekday in range(7):
        OpeningHours.objects.create(site=berlin, weekday=weekday, start=480, end=1200)
    blue = factories.RoomFactory.create(
        name="Blue Room", code="blue-room", site=berlin, floor="3rd floor", buffer_after=15
    )
    blue.amenities.set([screen, camera])
    workshop = factories.RoomFactory.create(name="Workshop", site=berlin, floor="4th floor")
    factories.RoomFactory.create(name="Old Library", site=berlin, active=False)
    nook = factories.RoomFactory.create(name="Nook", site__name="York", capacity=4)
    nook.amenities.set([screen])
    now = timezone.now()
    shut = (now - timedelta(days=1), now + timedelta(days=20))
    Closure.objects.create(room=workshop, reason="New floor", during=shut)
    book(ana, 10, "Design review", blue)
    book(factories.ben(), 12, "Salaries", blue, visibility="private")
    return ana, blue


def book(organizer: User, hour: int, title: str, room: Room, **fields: object) -> Meeting:
    """Books the room tomorrow."""
    now = datetime.now(UTC)
    return factories.book(
        organizer, tomorrow_at(hour), title=title, rooms=(room,), now=now, **fields
    )


def expect_rooms(page: Page, *names: str) -> None:
    """Wait until the list shows these rooms, in this order."""
    expect(page.locator(".room-name")).to_have_text(list(names))


@pytest.mark.parametrize("look", LOOKS)
class TestLooks:
    def test_list(self, visit: Visit, look: Look) -> None:
        ana, _blue = company()
        page = visit("/rooms/", by=ana, look=look)
        expect(page.get_by_role("link", name="Blue Room", exact=True)).to_be_visible()
        assert_accessible(page)

    def test_list_without_rooms(self, visit: Visit, look: Look) -> None:
        page = visit("/rooms/", by=factories.rae(), look=look)
        expect(page.get_by_text("There are no rooms yet.")).to_be_visible()
        assert_accessible(page)

    def test_list_at_a_time(self, visit: Visit, look: Look) -> None:
        ana, _blue = company()
        date = tomorrow_at(0).split()[0]
        page = visit(f"/rooms/?date={date}&start=10:30&end=11:30&seats=5", by=ana, look=look)
        expect(page.get_by_text("you are 5")).to_be_visible()
        expect(page.get_by_text("By Design review, Ana Berger.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= look.width
        assert_accessible(page)

    def test_room(self, visit: Visit, look: Look) -> None:
        ana, blue = company()
        date = tomorrow_at(0).split()[0]
        page = visit(f"{blue.get_absolute_url()}?date={date}", by=ana, look=look)
        expect(page.get_by_role("link", name="Design review")).to_be_visible()
        expect(page.get_by_text("Busy")).to_be_visible()
        assert_accessible(page)


def test_filters_as_one_types_and_chooses(visit: Visit) -> None:
    ana, _blue = company()
    page = visit("/rooms/", by=ana)
    page.get_by_role("radio", name="Berlin").check()
    expect(page.locator(".room-name")).to_have_count(3)
    page.get_by_role("checkbox", name="Camera").check()
    expect(page.locator(".room-name")).to_have_text(["Blue Room"])
    expect(page).to_have_url("/rooms/?site=Berlin&amenities=camera")
    expect(page.get_by_role("status").first).to_have_text("1 room")
    page.get_by_role("checkbox", name="Camera").uncheck()
    expect(page.locator(".room-name")).to_have_count(3)
    page.get_by_label("Name").fill("work")
    expect(page.locator(".room-name")).to_have_text(["Workshop"])
    page.go_back()
    expect(page.locator(".room-name")).to_have_count(3)
    expect(page.get_by_role("checkbox", name="Camera")).not_to_be_checked()
    page.go_back()
    expect(page.locator(".room-name")).to_have_text(["Blue Room"])
    expect(page.get_by_role("radio", name="Berlin")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Camera")).to_be_checked()


def test_filters_without_javascript(visit: Visit) -> None:
    ana, _blue = company()
    page = visit("/rooms/", by=ana, java_script_enabled=False)
    page.get_by_label("at least").fill("5")
    page.get_by_role("button", name="Show rooms").click()
    expect_rooms(page, "Old Library", "Blue Room", "Workshop")
    page.get_by_label("Day").fill(tomorrow_at(0).split()[0])
    page.get_by_label("From").fill("14:00")
    page.get_by_role("button", name="Show rooms").click()
    expect_rooms(page, "Blue Room", "Nook", "Workshop", "Old Library")
    page.get_by_role("link", name="Book Blue Room").click()
    expect(page.get_by_role("checkbox", name="Blue Room")).to_be_checked()


def test_finds_a_room_that_is_free_and_books_it(visit: Visit) -> None:
    ana, _blue = company()
    page = visit("/rooms/", by=ana)
    date = tomorrow_at(0).split()[0]
    page.get_by_label("Day").fill(date)
    page.get_by_label("From").fill("10:30")
    page.get_by_label("To").fill("11:30")
    expect(page.get_by_text("1 of 4 rooms fit and are free")).to_be_visible()
    expect_rooms(page, "Nook", "Blue Room", "Workshop", "Old Library")
    expect(page).to_have_url(f"/rooms/?date={date}&start=10%3A30&end=11%3A30")
    page.get_by_label("To").fill("10:00")
    expect(page.get_by_role("alert")).to_have_text("It ends before it begins. Choose a later time.")
    page.get_by_label("To").fill("11:30")
    page.get_by_role("link", name="free from 13:15 Blue Room").click()
    expect(page.get_by_role("checkbox", name="Blue Room")).to_be_checked()
    for name, value in {"date": date, "start": "13:15", "end": "14:15"}.items():
        expect(page.locator(f"#{name}")).to_have_value(value)


def test_leads_from_a_room_to_booking_it(visit: Visit) -> None:
    ana, _blue = company()
    page = visit("/rooms/", by=ana)
    page.get_by_role("link", name="Blue Room", exact=True).click()
    expect(page).to_have_url("/rooms/blue-room/")
    expect(page.get_by_role("heading", name="Blue Room")).to_be_visible()
    page.get_by_role("link", name="Book this room").click()
    expect(page).to_have_url("/meetings/new/?room=blue-room")
    expect(page.get_by_role("checkbox", name="Blue Room")).to_be_checked()


def test_leafs_through_the_weeks_in_place(visit: Visit) -> None:
    ana, blue = company()
    page = visit(blue.get_absolute_url(), by=ana)
    heading = page.locator("#week")
    weeks = [heading.inner_text()]
    for _ in range(2):
        page.get_by_role("link", name="Next week").click()
        expect(heading).not_to_have_text(weeks[-1])
        weeks.append(heading.inner_text())
    expect(page.locator(".cal-day .block")).to_have_count(0)
    for week in (weeks[1], weeks[0]):
        page.go_back()
        expect(heading).to_have_text(week)


def test_shows_a_day_at_a_time_on_a_phone(visit: Visit) -> None:
    ana, blue = company()
    page = visit(blue.get_absolute_url(), by=ana, look=PHONE)
    expect(page.locator(".cal-day:visible")).to_have_count(1)
    page.get_by_role("navigation", name="Days of this week").get_by_role("link").last.click()
    expect(page.locator(".cal-day:visible")).to_have_count(1)
    expect(page.locator(".week-strip [aria-current]")).to_contain_text("Sun")


class TestAdministration:
    """Under our policy: the `visit` fixture fails on anything that breaks it."""

    @pytest.mark.parametrize("path", ["", "rooms/room/", "rooms/room/add/", "rooms/closure/add/",
                                      "rooms/site/add/", "rooms/amenity/"])  # fmt: skip
    def test_works_under_the_policy(self, visit: Visit, path: str) -> None:
        company()
        page = visit(f"/admin/{path}", by=factories.rae())
        expect(page.get_by_role("heading", level=1).first).to_be_visible()

    def test_shuts_a_room_that_is_looked_up_by_name(self, visit: Visit) -> None:
        company()
        page = visit("/admin/rooms/closure/add/", by=factories.rae())
        day = tomorrow_at(0).split()[0]
        page.locator(".field-room .select2-selection").click()
        page.get_by_role("searchbox").last.fill("blue")
        page.get_by_role("option", name="Blue Room").click()
        page.get_by_label("Reason").fill("Paint")
        page.get_by_label("From").fill(day)
        page.get_by_label("Until").fill(day)
        page.get_by_role("button", name="Save and continue editing").click()
        expect(page.get_by_text("2 meetings booked in this time keep their rooms")).to_be_visible()
        expect(page.get_by_role("cell", name="Design review")).to_be_visible()
        expect(page.get_by_role("cell", name="Busy")).to_be_visible()
        page.wait_for_load_state()
        assert "Salaries" not in page.content()
