"""The API's operations in a browser: read, and tried with a session and with a token."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import ApiToken
from scheduler_site.rest.api import api
from tests import factories
from tests.browser.conftest import Look, Visit

pytestmark = pytest.mark.browser

DOCS = "/api/v1/docs"


def operations() -> int:
    """How many there are."""
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return sum(len(methods) for methods in paths.values())


def opened(page: Page, name: str) -> Locator:
    """The operation of that id, unfolded and ready to be tried."""
    operation = page.locator(f"[id$='-{name}']")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    expect(operation.get_by_role("button", name="Execute")).to_be_visible()
    return operation


def tried(operation: Locator) -> tuple[str, str]:
    """The status and the body that the server answered with."""
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_have_text(re.compile(r"^\s*\d{3}"))
    body = answer.locator(".microlight").first
    expect(body).to_contain_text("{")
    return answer.locator(".response-col_status").inner_text()[:3], body.inner_text()


def assert_readable(page: Page) -> None:
    """Its colours stand apart, and nothing makes it scroll sideways; its markup is not ours."""
    only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    found = Axe().run(page, options=only).response["violations"]
    assert [[node["target"] for node in rule["nodes"]] for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_operation_is_tried_with_the_session(visit: Visit) -> None:
    ana = factories.ana()
    page = visit(DOCS, by=ana)

    expect(page.locator(".opblock")).to_have_count(operations())
    expect(page).to_have_title("REST API · Scheduler")
    expect(page.locator("header")).to_contain_text("as ana@example.com")
    status, body = tried(opened(page, "change_profile"))

    assert status == "200"
    assert json.loads(body)["working_hours"]["friday"] == "9:00–14:00"
    assert ana.working_hours.filter(weekday=4).exists()
    assert_readable(page)


@pytest.mark.parametrize("look", [Look("dark", 360, 740)], ids=str)
def test_without_a_session_it_takes_a_token(visit: Visit, look: Look) -> None:
    ana = factories.ana()
    _, secret = ApiToken.issue(
        ana, name="test", scopes=["read"], expires_at=None, now=timezone.now()
    )
    page = visit("/", look=look)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(DOCS)

    expect(page.locator(".opblock")).to_have_count(operations())
    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".modal-ux")
    bearer = dialog.locator(".auth-container").filter(has_text="Bearer")
    bearer.get_by_role("textbox").fill(secret)
    bearer.get_by_text("Authorize", exact=True).click()
    expect(bearer.get_by_text("Logout", exact=True)).to_be_visible()
    dialog.locator(".close-modal").click()
    expect(dialog).to_have_count(0)
    status, body = tried(opened(page, "get_profile"))

    assert status == "200"
    assert json.loads(body)["email"] == "ana@example.com"
    assert [url for url in asked if not url.startswith((page.url.split("/api")[0], "data:"))] == []
    assert_readable(page)
