"""One date of a series in a browser: opened, answered, closed, in each look."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from meetings import scheduler
from meetings.models import Invitation, Meeting
from tests.browser.conftest import LOOKS, Look, Visit, assert_accessible
from tests.factories import ana, ben, book, invitation_of

pytestmark = pytest.mark.browser

MARTA = "marta@silva.example"


@pytest.fixture
def invited(transactional_db: None) -> User:
    return ben()


@pytest.fixture
def meeting(invited: User) -> Meeting:
    """Every day from next Monday on, with Ben and Marta; the Wednesday of that week is skipped."""
    now = timezone.now()
    first = now.date() + timedelta(days=7 - now.weekday())
    made = book(
        ana(), f"{first} 10:00", 60, invited, MARTA, title="Stand-up", rrule="FREQ=DAILY", now=now
    )
    skipped = f"{first + timedelta(days=2)}T10:00:00"
    made.refresh_from_db()
    plan = scheduler.plan_mend(made, {skipped: scheduler.Skip()}, by=made.organizer, now=now)
    scheduler.mend(
        made,
        {skipped: scheduler.Skip()},
        by=made.organizer,
        now=now,
        version=made.version,
        seen=plan.fingerprint,
    )
    return made


def day(meeting: Meeting, n: int) -> str:
    """The n-th day of the series, `2027-03-10`."""
    return str(meeting.local_date + timedelta(days=n))


def week(meeting: Meeting) -> str:
    return reverse("meetings:calendar_at", args=["week", meeting.local_date])


def expect_answer(page: Page, word: str) -> None:
    """Wait until this is the answer that the panel shows as given."""
    expect(page.locator("#panel button[aria-pressed=true]")).to_have_text([word])


def test_the_keyboard_opens_answers_and_closes_one_date(
    visit: Visit, meeting: Meeting, invited: User
) -> None:
    page = visit(week(meeting), by=invited)
    blocks = page.locator("#calendar .block")
    expect(blocks).to_have_count(6)
    second = page.locator(f'#calendar .block[data-date^="{day(meeting, 1)}"]')
    second.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#panel-title")).to_be_focused()
    expect(page.locator("#calendar [aria-current=true]")).to_have_attribute(
        "data-date", f"{day(meeting, 1)}T10:00:00"
    )
    page.get_by_label("Answer for").select_option("this date only")
    page.get_by_role("button", name="Decline").press("Enter")

    expect(page.get_by_text("You declined this date. Ana Berger is told.")).to_be_visible()
    expect(page.get_by_role("button", name="Decline")).to_be_focused()
    expect(page.locator("#calendar .block-no")).to_have_count(1)
    expect(second).to_have_class("block block-no")
    expect(page.get_by_text("1 yes, 0 maybe, 1 no, 1 waiting")).to_be_visible()
    page.get_by_label("Answer for").select_option("all other dates")
    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_text("You accepted the other dates.")).to_be_visible()
    expect(page.locator("#calendar .block-ask")).to_have_count(0)
    expect_answer(page, "Decline")
    page.keyboard.press("Escape")

    expect(page.locator("#panel")).to_be_hidden()
    expect(second).to_be_focused()
    third = page.locator(f'#calendar .block[data-date^="{day(meeting, 3)}"]')
    third.press("Enter")
    expect(page.get_by_label("Answer for")).to_have_value(f"{day(meeting, 3)}T10:00:00")
    expect_answer(page, "Accept")


def test_it_works_without_javascript(visit: Visit, meeting: Meeting, invited: User) -> None:
    page = visit(week(meeting), by=invited, java_script_enabled=False)
    page.locator(f'#calendar .block[data-date^="{day(meeting, 3)}"]').click()
    page.get_by_label("Answer for").select_option("this date only")
    page.get_by_role("button", name="Maybe").click()

    expect_answer(page, "Maybe")
    expect(page.locator("#calendar .block-maybe")).to_have_count(1)
    statuses = meeting.invitations.filter(user=invited).values_list("recurrence_id", "status")
    assert dict(statuses) == {
        "": Invitation.Status.NEEDS_ACTION,
        f"{day(meeting, 3)}T10:00:00": Invitation.Status.TENTATIVE,
    }


@pytest.mark.parametrize("look", LOOKS)
def test_each_page_of_a_date_reads_well(
    visit: Visit, meeting: Meeting, invited: User, look: Look
) -> None:
    date = f"date={day(meeting, 3)}T10:00:00"
    page = visit(f"{week(meeting)}?meeting={meeting.uid}&{date}", by=invited, look=look)
    expect(page.get_by_text("Every day at 10:00")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{meeting.get_absolute_url()}?{date}")
    expect(page.get_by_role("heading", name="Next dates")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{meeting.get_absolute_url()}?date={day(meeting, 2)}T10:00:00")
    expect(page.get_by_text("This date is skipped.")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{meeting.get_absolute_url()}?date=none")
    expect(page.get_by_role("heading", name="This meeting has no such date")).to_be_visible()
    assert_accessible(page)
    page.goto(reverse("meetings:invitations"))
    expect(page.get_by_label("Answer for")).to_have_value("")
    assert_accessible(page)
    page.goto(reverse("meetings:rsvp", args=[invitation_of(meeting, MARTA).token]) + f"?{date}")
    expect(page.get_by_label("Answer for")).to_have_value(f"{day(meeting, 3)}T10:00:00")
    page.get_by_text("Answer another date").click()
    assert_accessible(page)
    page.get_by_role("listitem").nth(1).get_by_role("link").click()
    expect(page.get_by_label("Answer for")).to_have_value(f"{day(meeting, 1)}T10:00:00")
