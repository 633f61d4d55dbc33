"""Signing in, settings and errors, as people see them."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.conftest import DARK, DESKTOP, LOOKS, PHONE, Look, Visit, assert_accessible

pytestmark = pytest.mark.browser


def demo_ana() -> User:
    """Ana as the demo has her."""
    ana = factories.ana(password="demo")
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


@pytest.mark.parametrize("look", LOOKS)
def test_signed_out_pages(visit: Visit, look: Look) -> None:
    demo_ana()
    page = visit("/accounts/login/", look=look)
    for path in ("login/", "signup/", "password/reset/", "password/reset/done/"):
        page.goto(f"/accounts/{path}")
        assert_accessible(page)
    page.goto("/there/is/nothing/")
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS)
def test_settings(visit: Visit, look: Look) -> None:
    ana = factories.works(factories.ana(timezone_confirmed=False))
    page = visit("/settings/profile/", by=ana, look=look, timezone_id="America/New_York")
    assert_accessible(page)
    for path in ("/settings/hours/", "/accounts/email/", "/accounts/password/change/"):
        page.goto(path)
        expect(page.get_by_text("Your browser says America/New_York")).to_be_visible()
        assert_accessible(page)
    page.goto("/settings/hours/")
    page.get_by_label("Monday").fill("9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is not a range of hours")).to_be_visible()
    assert_accessible(page)
    page.goto("/settings/tokens/")
    page.get_by_label("Name").fill("Team calendar on the wall")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Copy it now")).to_have_value(re.compile(r"^sch_[\w-]{43}$"))
    expect(page.get_by_label("Copy it now")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("button", name="Revoke Team calendar on the wall").click()
    page.get_by_text("1 that no longer works").click()
    expect(page.get_by_role("listitem").filter(has_text="Team calendar")).to_be_visible()
    assert_accessible(page)
    page.goto("/settings/feeds/")
    page.get_by_role("button", name="Make my address").click()
    address = page.get_by_label("Address", exact=True)
    expect(address).to_have_value(re.compile(r"/feeds/[\w-]{43}/calendar.ics$"))
    page.get_by_text("Reaches 60 days back and 400 ahead").click()
    expect(page.get_by_label("days ahead")).to_have_value("400")
    assert_accessible(page)
    page.get_by_role("button", name="settings and sign-out").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("look", LOOKS)
def test_time_off(visit: Visit, look: Look) -> None:
    ana = factories.works(factories.ana())
    factories.away(ana, "2026-01-05", "2026-01-09")
    factories.away(ana, "2097-03-10", start="13:00", note="Climbing", declines=True)
    page = visit("/settings/time-off/", by=ana, look=look)
    page.get_by_text("1 that is over").click()
    page.get_by_label("First day").fill("2097-03-12")
    page.get_by_label("Last day").fill("2097-03-11")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The last day is before the first.")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Last day").fill("2097-03-13")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your time off is saved.")).to_be_visible()
    page.get_by_role("link", name="12 – Wed 13 March 2097").click()
    expect(page.get_by_role("link", name="Back")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("is removed.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Climbing")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("look", [DESKTOP, DARK], ids=str)
def test_administration(visit: Visit, look: Look) -> None:
    rae = factories.works(factories.rae())
    page = visit("/admin/", by=rae, look=look)
    assert_accessible(page)
    page.get_by_role("link", name="People", exact=True).first.click()
    expect(page).to_have_url("/admin/accounts/")
    page.goto(f"/admin/accounts/user/{rae.pk}/change/")
    page.get_by_label("Monday:").fill("10-12")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def sign_up(page: Page) -> None:
    """As Ida, up to the code that is mailed."""
    page.get_by_label("Your name").fill("Ida Noor")
    page.get_by_label("E-mail address").fill("ida@example.com")
    page.get_by_label("Password", exact=True).fill("violet-harbour-71")
    page.get_by_label("The password again").fill("violet-harbour-71")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_label("Code")).to_be_visible()
    found = re.match(r"\S+", mail.outbox[-1].subject)
    assert found
    page.get_by_label("Code").fill(found.group())
    page.get_by_role("button", name="Confirm").click()


def test_the_browsers_zone_is_proposed_and_confirmed(visit: Visit) -> None:
    page = visit("/accounts/signup/", timezone_id="Asia/Kathmandu")
    sign_up(page)
    question = page.locator("#ask-zone")
    # Chromium itself says Asia/Katmandu, as the place was once written.
    expect(question.get_by_text("Times are shown for Asia/Kathmandu.", exact=True)).to_be_visible()
    expect(question.get_by_text("Your browser says")).to_be_hidden()
    ida = User.objects.get()
    assert ida.zone.key == "Asia/Kathmandu"
    question.get_by_role("button", name="Stay with Kathmandu").click()
    expect(question).to_have_count(0)
    assert User.objects.get().timezone_confirmed


def test_another_zone_of_the_browser_is_offered(visit: Visit) -> None:
    ana = factories.ana(timezone_confirmed=False)
    page = visit("/settings/hours/", by=ana, timezone_id="America/New_York")
    question = page.locator("#ask-zone")
    expect(question.get_by_text("Your browser says America/New_York")).to_be_visible()
    question.get_by_role("button", name="Use America/New_York").click()
    expect(question).to_have_count(0)
    expect(page).to_have_url("/settings/hours/")
    ana.refresh_from_db()
    assert (ana.zone.key, ana.timezone_confirmed) == ("America/New_York", True)


def test_without_scripts_the_zone_is_confirmed_and_chosen_as_well(visit: Visit) -> None:
    ana = factories.ana(timezone_confirmed=False)
    page = visit("/settings/hours/", by=ana, java_script_enabled=False)
    question = page.locator("#ask-zone")
    expect(question.get_by_text(re.compile("^Times are shown for Europe/Berlin"))).to_be_visible()
    expect(question.get_by_text("Your browser says")).to_be_hidden()
    question.get_by_role("link", name="Choose another").click()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_text("Dark", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ana.refresh_from_db()
    assert (ana.zone.key, ana.theme, ana.timezone_confirmed) == ("Asia/Tokyo", "dark", True)


def test_the_demo_is_entered_and_left_by_one_click_each(visit: Visit) -> None:
    demo_ana()
    page = visit("/accounts/login/?next=/settings/hours/", look=PHONE)
    page.get_by_role("button", name="Ana Berger").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    expect(page).to_have_url("/settings/hours/")
    page.get_by_role("button", name="Ana Berger, settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/settings/hours/")
    assert "/accounts/login/" in page.url


def test_the_menu_opens_and_closes_by_keyboard(visit: Visit) -> None:
    page = visit("/settings/profile/", by=factories.ana())
    menu = page.locator("#me")
    page.get_by_role("button", name="settings and sign-out").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Settings")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_the_first_tab_skips_to_the_page(visit: Visit) -> None:
    page = visit("/settings/profile/", by=factories.ana())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
