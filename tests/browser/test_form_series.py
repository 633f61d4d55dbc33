"""A series in the form, in a browser: built with controls, its colliding dates decided about."""

import pytest
from playwright.sync_api import expect

from meetings.models import Meeting
from rooms.models import Room
from tests.browser.conftest import LOOKS, Look, Visit, assert_accessible
from tests.factories import RoomFactory, SiteFactory, ana, book, cy, works

pytestmark = pytest.mark.browser

NEW = "/meetings/new/?date=2027-03-10&time=10:00&room=blue"
SECOND = "2027-03-17T10:00:00"


def taken_room() -> Room:
    """The Blue Room, taken on the second Wednesday; the Green Room beside it is free."""
    site = SiteFactory.create()
    blue = RoomFactory.create(name="Blue Room", code="blue", site=site)
    RoomFactory.create(name="Green Room", code="green", site=site, capacity=10)
    book(cy(), "2027-03-17 10:00", 60, rooms=(blue,), title="Press briefing")
    return blue


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_series_is_built_and_its_date_decided(visit: Visit, look: Look) -> None:
    organizer = works(ana())
    taken_room()
    page = visit(NEW, by=organizer, look=look)
    said = page.locator("#repeat-said")
    expect(page.get_by_label("Mon", exact=True)).to_be_hidden()
    page.get_by_label("Title").fill("Planning")
    page.get_by_label("Repeat", exact=True).select_option("weekly")
    expect(page.get_by_label("Wed", exact=True)).to_be_checked()
    expect(said).to_contain_text("Every Wednesday at 10:00")

    page.get_by_label("ends", exact=True).select_option("after")
    page.get_by_label("Number of times").fill("0")
    page.get_by_label("Number of times").blur()
    expect(said.locator(".problem")).to_be_visible()
    page.get_by_label("Number of times").fill("6")
    page.get_by_label("Number of times").blur()
    expect(said).to_contain_text("6 times")
    expect(page.locator(".series")).to_contain_text("1 of 6 dates collides")
    assert_accessible(page)
    wide = "Math.max(document.body.scrollWidth, document.querySelector('main').scrollWidth)"
    assert page.evaluate(wide) <= look.width

    choice = page.locator(f'[name="decide-{SECOND}"]')
    choice.select_option(label="Take Green Room")
    expect(page.locator(".series")).to_contain_text("6 dates, none collides")
    expect(choice.locator(":checked")).to_have_text("Take Green Room")

    page.get_by_label("Repeat", exact=True).select_option("monthly")
    expect(page.get_by_label("on the second Wednesday")).to_be_visible()
    page.locator("#date").fill("2027-03-11")
    page.locator("#date").blur()
    expect(page.get_by_label("on the second Thursday")).to_be_visible()
    page.get_by_label("Repeat", exact=True).select_option("weekly")
    expect(page.get_by_label("Thu", exact=True)).to_be_checked()
    expect(page.get_by_label("Wed", exact=True)).not_to_be_checked()


def test_a_series_without_a_script(visit: Visit) -> None:
    organizer = works(ana())
    blue = taken_room()
    page = visit(NEW, by=organizer, java_script_enabled=False)
    page.get_by_label("Title").fill("Planning")
    page.get_by_label("Repeat", exact=True).select_option("rule")
    page.get_by_label("Rule", exact=True).fill("FREQ=WEEKLY;COUNT=3")
    page.get_by_role("button", name="Show the dates").click()
    expect(page.locator("#repeat-said")).to_contain_text("Every Wednesday at 10:00")
    page.locator(f'[name="decide-{SECOND}"]').select_option("skip")
    page.locator(".sheet-foot [type=submit]").first.click()
    page.wait_for_url("**/calendar/**")
    meeting = Meeting.objects.get(title="Planning")
    assert [row.status for row in meeting.occurrences.order_by("recurrence_id")] == [
        "scheduled",
        "skipped",
        "scheduled",
    ]
    assert list(meeting.rooms.all()) == [blue]
