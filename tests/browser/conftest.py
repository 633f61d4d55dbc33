"""Pages in real Chromium: signed in as somebody, in each look, checked by axe."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User

# Until what a test waits for must be there, on a busy machine too.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    scheme: Literal["light", "dark"]
    width: int = 1440
    height: int = 900

    @property
    def is_phone(self) -> bool:
        """Whether a finger points."""
        return self.width < 600

    def __str__(self) -> str:
        return f"{self.scheme}-{self.width}"

    def context(self) -> dict[str, Any]:
        """What Playwright needs to know of it."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "color_scheme": self.scheme,
            "has_touch": self.is_phone,
            "is_mobile": self.is_phone,
            # Nothing is looked at halfway through a transition.
            "reduced_motion": "reduce",
            # The people's zone, whatever the machine's is.
            "timezone_id": "Europe/Berlin",
        }


DESKTOP = Look("light")
DARK = Look("dark")
PHONE = Look("light", 360, 740)
DARK_PHONE = Look("dark", 360, 740)
# Both schemes and both widths; with `./run test --all` each scheme at each width.
LOOKS = [
    pytest.param(DESKTOP, id=str(DESKTOP)),
    pytest.param(DARK, id=str(DARK), marks=pytest.mark.long),
    pytest.param(PHONE, id=str(PHONE), marks=pytest.mark.long),
    pytest.param(DARK_PHONE, id=str(DARK_PHONE)),
]


class Visit(Protocol):
    """`visit("/rooms/", by=ana, look=PHONE)`: the page, loaded. Without `by` nobody is signed in.

    More options go to the browser (`timezone_id`, `java_script_enabled`, …).
    """

    def __call__(
        self, path: str, *, by: User | None = None, look: Look = DESKTOP, **options: Any
    ) -> Page: ...


@pytest.fixture
def site(live_server: LiveServer, transactional_db: None) -> Iterator[str]:
    """The address of the pages. When its browsers are closed, all they asked is answered.

    Else a page that still refreshes itself would read while the database is emptied.
    """
    before = set(threading.enumerate())
    yield live_server.url
    for thread in set(threading.enumerate()) - before:
        if "process_request_thread" in thread.name:  # one for each connection
            thread.join(timeout=30)


@pytest.fixture
def visit(site: str, new_context: Callable[..., BrowserContext]) -> Iterator[Visit]:
    """See Visit. A page that breaks the policy or whose script fails fails the test."""
    troubles: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            troubles.append(message.text)

    def visit(path: str, *, by: User | None = None, look: Look = DESKTOP, **options: Any) -> Page:
        context = new_context(base_url=site, **look.context() | options)
        if by is not None:
            context.add_cookies([session_of(by, site)])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    yield visit
    assert troubles == []


def session_of(person: User, url: str) -> dict[str, str]:
    """The cookie with which a browser is signed in as `person`."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def settled(page: Page) -> None:
    """Wait until the page is whole, and all it has asked for stands on it.

    For a page that is left for another one, wait first for what only the other one shows.
    """
    page.wait_for_load_state()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def assert_accessible(page: Page) -> None:
    """axe finds no violation, and nothing makes the page scroll sideways; see `settled`."""
    settled(page)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
