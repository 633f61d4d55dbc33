"""Choosing how to be told, by keyboard, with all channels set up."""

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from notifications.models import Contact, Preference
from tests.browser.conftest import PHONE, Visit, assert_accessible
from tests.factories import NOW, ben
from tests.notifications import test_channels
from tests.notifications.test_channels import Endpoint

pytestmark = pytest.mark.browser

endpoint = test_channels.endpoint


def test_a_number_is_added_and_what_goes_there_is_chosen(
    visit: Visit, endpoint: Endpoint, settings: Settings
) -> None:
    person = ben()
    names = ("sms", "push", "chat")
    settings.CHANNEL_URLS = {name: endpoint.url(name) for name in names}
    Contact.objects.create(user=person, channel="push", address="scheduler-x", confirmed_at=NOW)
    page = visit("/settings/notifications/", by=person)
    cancelled = page.get_by_role("checkbox", name="A meeting is cancelled SMS")
    expect(cancelled).to_be_disabled()
    page.get_by_role("link", name="add a number first").press("Enter")
    page.keyboard.press("Tab")
    number = page.get_by_label("Phone number")
    expect(number).to_be_focused()

    page.keyboard.type("079 123 45 67")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Write the number with its country code")).to_be_visible()
    expect(number).to_have_value("079 123 45 67")
    assert_accessible(page)
    number.fill("+41 79 123 45 67")
    number.press("Enter")
    code = page.get_by_label("Code")
    expect(code).to_be_visible()
    assert_accessible(page)
    code.fill(endpoint.asked[-1][1]["message"].split()[0])
    code.press("Enter")
    expect(page.get_by_text("From now on messages go to +41791234567")).to_be_visible()
    expect(cancelled).to_be_checked()

    invited = page.get_by_role("row", name="I am invited")
    untold = invited.get_by_text("Nothing will tell you.")
    for channel in ("E-mail", "Push"):
        expect(untold).to_be_hidden()
        invited.get_by_role("checkbox", name=channel).press("Space")
    expect(untold).to_be_visible()
    page.get_by_label("From").fill("22:00")
    page.get_by_text("always at these times:").click()
    expect(page.get_by_text("you are not reminded at all")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    cancelled.press("Enter")
    expect(page.get_by_text("Write when they end")).to_be_visible()
    expect(untold).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Until").fill("07:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    expect(untold).to_be_visible()
    kept = Preference.objects.order_by("channel").values_list("event", "channel", "wanted")
    assert list(kept) == [("invitation", "email", False), ("invitation", "push", False)]
