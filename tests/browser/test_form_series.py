"""A series in the form, in a browser: built with controls, its colliding dates decided about."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Meeting
from rooms.models import Room
from tests.browser.conftest import LOOKS, Look, Visit, assert_accessible, settled
from tests.browser.test_form import write
from tests.factories import RoomFactory, SiteFactory, ana, book, cy, works

pytestmark = pytest.mark.browser

TODAY = timezone.now().date()
FIRST = TODAY + timedelta(days=9 - TODAY.weekday())  # next week's Wednesday
NEW = f"/meetings/new/?date={FIRST}&time=10:00&room=blue"
SECOND = f"{FIRST + timedelta(days=7)}T10:00:00"


def taken_room() -> Room:
    """The Blue Room, taken on the second Wednesday; the Green Room beside it is free."""
    site = SiteFactory.create()
    blue = RoomFactory.create(name="Blue Room", code="blue", site=site)
    RoomFactory.create(name="Green Room", code="green", site=site, capacity=10)
    book(cy(), SECOND, 60, rooms=(blue,), title="Press briefing", now=timezone.now())
    return blue


@pytest.mark.parametrize("look", LOOKS)
def test_a_series_is_built_and_its_date_decided(visit: Visit, look: Look) -> None:
    organizer = works(ana())
    taken_room()
    page = visit(NEW, by=organizer, look=look)
    said = page.locator("#repeat-said")
    expect(page.get_by_label("Mon", exact=True)).to_be_hidden()
    write(page.get_by_label("Title"), "Planning")
    page.get_by_label("Repeat", exact=True).select_option("weekly")
    expect(page.get_by_label("Wed", exact=True)).to_be_checked()
    expect(said).to_contain_text("Every Wednesday at 10:00")
    expect(page.locator("#unit-weekly")).to_have_text("week")

    settled(page)
    page.get_by_label("ends", exact=True).select_option("after")
    settled(page)
    page.get_by_label("Number of times").fill("0")
    expect(said.locator(".problem")).to_be_visible()
    page.get_by_label("Number of times").fill("6")
    expect(said).to_contain_text("6 times")
    page.get_by_label("Number of times").blur()
    settled(page)
    expect(page.locator(".series")).to_contain_text("1 of 6 dates collides")
    assert_accessible(page)
    wide = "Math.max(document.body.scrollWidth, document.querySelector('main').scrollWidth)"
    assert page.evaluate(wide) <= look.width

    choice = page.locator(f'[name="decide-{SECOND}"]')
    choice.select_option(label="Take Green Room")
    expect(page.locator(".series")).to_contain_text("6 dates, none collides")
    expect(choice.locator(":checked")).to_have_text("Take Green Room")

    page.get_by_label("Repeat", exact=True).select_option("monthly")
    expect(page.locator("#by-nth")).to_contain_text("Wednesday")
    page.locator("#date").fill(f"{FIRST + timedelta(days=1)}")
    page.locator("#date").blur()
    expect(page.locator("#by-nth")).to_contain_text("Thursday")
    page.get_by_label("Repeat", exact=True).select_option("weekly")
    expect(page.get_by_label("Thu", exact=True)).to_be_checked()
    expect(page.get_by_label("Wed", exact=True)).not_to_be_checked()

    page.get_by_label("Repeat", exact=True).select_option("rule")
    page.get_by_label("Rule", exact=True).press_sequentially("FREQ=DAILY;COUNT=2")  # not left
    expect(said).to_contain_text("Every day at 10:00, 2 times")


def test_what_was_typed_goes_along_to_other_dates_and_is_undone(
    visit: Visit, settings: Any
) -> None:
    settings.UNDO_SECONDS = 60
    organizer, now = works(ana()), timezone.now()
    meeting = book(organizer, f"{FIRST} 10:00", rrule="FREQ=WEEKLY;COUNT=4", now=now)
    page = visit(f"/meetings/{meeting.uid}/edit/?date={SECOND}", by=organizer)
    write(page.get_by_label("Title"), "Retro")
    write(page.locator("#start"), "15:00")
    page.get_by_role("link", name="This and following").click()
    expect(page.get_by_role("link", name="This and following")).to_be_focused()
    expect(page.locator("#foot")).to_contain_text("Moves 3 dates")
    page.get_by_role("link", name="All dates").click()
    expect(page.locator("#foot")).to_contain_text("Moves 4 dates")
    expect(page.get_by_label("Title")).to_have_value("Retro")
    expect(page.locator("#date")).to_have_value(f"{FIRST}")
    settled(page)
    page.get_by_role("button", name="Save").click()
    toast = page.locator(".toast", has_text="Retro is changed.")
    expect(toast.locator("[data-left]")).to_have_text(re.compile(r"^\d+$"))
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Undone: Design review is as it was")
    assert {row.start.astimezone(meeting.zone).hour for row in meeting.occurrences.all()} == {10}


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
