"""What every test may use: the browser, and Hypothesis without a clock."""

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connections
from hypothesis import settings
from playwright.sync_api import Playwright

from tests import logged

# A busy machine is no failure. The same examples each time; `./run test --all` tries new ones.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile("suite")

# Playwright's loop runs in the thread of the test, which Django takes for an async one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# The live server sends head and body in two writes. The second would wait for the client's
# acknowledgement of the first, 40 ms with each request.
WSGIRequestHandler.disable_nagle_algorithm = True

# By now Django is set up; what is written before the first test counts too.
WRITTEN: set[str] = set()
logged.note_values(WRITTEN)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a Chromium, browser tests are skipped, or fail where one is required."""
    if item.get_closest_marker("browser") and CHROMIUM is None:
        reason = "needs Chromium (on Debian: apt install chromium)"
        if os.environ.get("SCHEDULER_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def logs_hold_no_data() -> Iterator[None]:
    """In the end, nothing that was logged holds an address, title or token of the tests."""
    ours = django_settings.LOG_FILE
    database = django_settings.DATA_DIR / "postgres.log"
    before = database.stat().st_size if database.exists() else 0
    ours.parent.mkdir(parents=True, exist_ok=True)
    ours.write_text("")
    yield
    lines = ours.read_text(errors="replace").splitlines()
    lines += [
        json.dumps({"database": line}) for line in logged.added_to(database, before).splitlines()
    ]
    assert logged.leaks(lines, WRITTEN) == []


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """Playwright, and with it the connections that were opened while it ran.

    While its loop runs, Django takes the tests' thread for an async one and gives it connections
    of its own. Left open, they would keep the tests' database from being dropped.
    """
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, also in a container and as root."""
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
        ],
    }
