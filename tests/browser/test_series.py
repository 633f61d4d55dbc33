"""Mending a series in a browser, in each look, with a script and without."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from meetings import scheduler
from meetings.models import Booking, Meeting, Occurrence
from tests.browser.conftest import LOOKS, Look, Visit, assert_accessible
from tests.factories import (
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    answer,
    ben,
    book,
    cy,
    draft,
    works,
)

pytestmark = pytest.mark.browser


def series() -> tuple[User, Meeting, list[str]]:
    """A year of Tuesdays with all that can be the matter, and its recurrence-ids."""
    organizer, invited = works(ana()), works(ben())
    yuki = works(UserFactory.create(name="Yuki Tanaka", timezone=ZoneInfo("Asia/Tokyo")), (9, 18))
    absent = UserFactory.create(name="Marta Silva")
    now = timezone.now()
    first = now.date() + timedelta(days=8 - now.weekday())  # next week's Tuesday
    names = [f"{first + timedelta(weeks=n)}T10:00:00" for n in range(40)]
    site = SiteFactory.create(name="Berlin")
    blue = RoomFactory.create(
        name="Blue Room", code="blue", site=site, horizon_days=150, floor="3", capacity=8
    )
    for name, seats in (("Green Room", 10), ("Library", 12), ("Hall", 60)):
        RoomFactory.create(name=name, code=name.split()[0].lower(), site=site, capacity=seats)
    book(cy(), names[2], 60, rooms=(blue,), title="Press briefing", now=now)
    wanted = draft(
        names[0],
        60,
        invited,
        yuki,
        absent,
        "guest@elsewhere.example",
        title="Weekly planning",
        rooms=(blue,),
        rrule="FREQ=WEEKLY;COUNT=40",
    )
    decided = {names[2]: scheduler.Skip()}
    meeting = scheduler.schedule(wanted, by=organizer, now=now, decisions=decided).meeting
    book(invited, names[1], 90, yuki, title="Salaries", visibility="private", now=now)
    book(invited, names[5], 30, title="Dentist", now=now)
    missed = Occurrence.objects.get(meeting=meeting, recurrence_id=names[3])
    Booking.objects.filter(occurrence=missed).update(released_at=now)
    Occurrence.objects.filter(pk=missed.pk).update(missed_rooms=[blue.pk])
    book(UserFactory.create(name="Noa Levi"), names[3], 60, rooms=(blue,), title="Jury", now=now)
    answer(meeting, absent, "declined", now=now)
    return organizer, meeting, names


def date_row(page: Page, name: str) -> Locator:
    """The row of a date."""
    return page.locator("#date-" + "".join(filter(str.isalnum, name)))


@pytest.mark.parametrize("look", LOOKS)
def test_it_reads_well_in_every_look(visit: Visit, look: Look) -> None:
    organizer, meeting, names = series()
    page = visit(f"/meetings/{meeting.uid}/series/", by=organizer, look=look)
    expect(page.locator("#summary")).to_contain_text("39 dates to")
    expect(date_row(page, names[1])).to_contain_text("Ben Okafor is busy")
    assert_accessible(page)
    page.get_by_role("link", name="All dates").click()
    expect(date_row(page, names[0])).to_contain_text("In order")
    assert_accessible(page)


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_several_dates_mended_in_one_save(visit: Visit, *, script: bool) -> None:
    organizer, meeting, names = series()
    page = visit(f"/meetings/{meeting.uid}/series/", by=organizer, java_script_enabled=script)
    busy, skipped, missed = (date_row(page, name) for name in names[1:4])
    busy.get_by_role("combobox").select_option(label="Skip this date")
    skipped.get_by_role("button", name="Find other times").click()
    chosen = skipped.get_by_role("combobox")
    expect(chosen).to_be_focused()
    expect(skipped.get_by_role("button")).to_have_count(0)
    expect(busy.get_by_role("combobox")).to_have_value("skip")  # what was chosen stays
    times = skipped.locator("optgroup[label='Another time'] option")
    expect(times).to_have_count(3)
    chosen.select_option(index=chosen.locator("option").count() - 1)
    missed.get_by_role("combobox").select_option(value="room:green")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".toast")).to_contain_text("3 dates of Weekly planning are changed.")
    expect(page.locator("#summary")).to_contain_text("1 collides, 1 skipped")
    dates = {o.recurrence_id: o for o in Occurrence.objects.filter(meeting=meeting)}
    assert dates[names[1]].status == "skipped"
    assert dates[names[2]].status == "scheduled"
    assert dates[names[2]].is_moved
    held = Booking.objects.unreleased().get(occurrence=dates[names[3]], kind="meeting")
    assert held.room.code == "green"


def test_what_collides_as_chosen_can_be_saved_anyway(visit: Visit) -> None:
    organizer, meeting, names = series()
    someone = meeting.invitations.get(user__name="Ben Okafor").user
    book(someone, names[2], 60, now=timezone.now(), title="Board")
    Booking.objects.filter(
        during__startswith=Occurrence.objects.get(meeting=meeting, recurrence_id=names[2]).start
    ).update(released_at=timezone.now())
    page = visit(f"/meetings/{meeting.uid}/series/", by=organizer)
    again = date_row(page, names[2])
    again.get_by_role("combobox").select_option(label="Hold it after all")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet: somebody is busy")
    expect(again).to_contain_text("As chosen: Ben Okafor is busy")
    expect(again.get_by_role("combobox")).to_have_value("again")
    assert_accessible(page)
    page.get_by_role("button", name="Save anyway").click()
    expect(page.locator(".toast")).to_contain_text("1 date of Weekly planning is changed.")
    expect(page.locator("#summary")).to_contain_text("40 dates to")


def test_more_of_a_long_series_keeps_what_was_chosen(visit: Visit) -> None:
    organizer = ana()
    start = f"{timezone.now().date() + timedelta(days=1)} 10:00"
    meeting = book(organizer, start, 30, rrule="FREQ=DAILY;COUNT=130", now=timezone.now())
    page = visit(f"/meetings/{meeting.uid}/series/", by=organizer)
    rows = page.locator("#dates tr")
    expect(rows).to_have_count(60)
    rows.first.get_by_role("combobox").select_option("skip")
    for left, count in ((70, 120), (10, 130)):
        page.get_by_role("link", name=f"of {left}" if left > 60 else "Show").click()
        expect(rows).to_have_count(count)
    expect(page.locator("#more a")).to_have_count(0)
    expect(rows.first.get_by_role("combobox")).to_have_value("skip")
    rows.last.get_by_role("combobox").select_option("skip")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#summary")).to_contain_text("128 dates to")
