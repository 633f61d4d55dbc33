"""The product's main job from the first page to the last mail, on what `./run` serves.

Nothing stands in: the web server, the worker, the database and the demo are those that a new
user gets.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import settled
from tests.browser.test_form import write

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60_000  # milliseconds until a mail must have arrived
UNDO_SECONDS = 3


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that `./run` started in a state folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    state = tmp_path_factory.mktemp("walk")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "BASE_URL", "EMAIL_URL")
    }
    environment |= {
        "PORT": str(port),
        "SCHEDULER_DATA_DIR": str(state),
        "UNDO_SECONDS": str(UNDO_SECONDS),
    }
    process = subprocess.Popen(
        [str(ROOT / "run")], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said: list[str] = []
    # What it says later must be read as well, or it stops at a full pipe.
    reader = threading.Thread(target=said.extend, args=(process.stdout,), daemon=True)
    try:
        for line in process.stdout:
            said.append(line)
            if f"http://127.0.0.1:{port}" in line:
                break
        else:
            pytest.fail("".join(said))
        reader.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=180)
        if reader.is_alive():
            reader.join()
        process.stdout.close()
        _remove_database_of_root("".join(said))


def _remove_database_of_root(said: str) -> None:
    """Started as root, the database lies in a folder of its own, which the start names."""
    if found := re.search(r"its files are in (/\S*scheduler-\S+?)\.?$", said, re.MULTILINE):
        shutil.rmtree(found[1])


def sign_in(browser: Browser, served: str, who: str) -> Page:
    """A page on which this person of the demo has signed in."""
    page = browser.new_context(base_url=served, timezone_id="Europe/Berlin").new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="New meeting")).to_be_visible()
    return page


def fill(page: Page, title: str, day: date, *people: str) -> None:
    """Fill in the form for 10:00–11:00 in Room 101."""
    page.goto("/meetings/new/")
    page.get_by_label("Title").fill(title)
    for name in people:
        page.get_by_role("combobox", name="People").fill(name)
        page.get_by_role("option", name=re.compile(name, re.IGNORECASE)).first.click()
        expect(page.locator(".chip", has_text=re.compile(name, re.IGNORECASE))).to_be_visible()
    page.locator("#date").fill(day.isoformat())
    page.get_by_label("From").fill("10:00")
    page.get_by_label("From").press("Tab")
    expect(page.get_by_label("To", exact=True)).to_have_value("11:00")
    page.get_by_label("Find a room by name or site").fill("101")
    expect(page.locator("#rooms label").filter(has_not_text="101")).to_have_count(0)
    settled(page)
    page.get_by_role("checkbox", name=re.compile("Room 101")).check()
    settled(page)


def block(page: Page, title: str):
    """The meeting's block on the grid."""
    return page.locator("#calendar").get_by_role("link", name=re.compile(title))


def inbox_of(page: Page, who: str, subject: str):
    """The mail to somebody in the demo's inbox, which refreshes itself."""
    page.goto(f"/dev/mail/?to={who}%40example.com")
    mail = page.get_by_role("link", name=re.compile(subject)).first
    expect(mail).to_be_visible(timeout=PATIENCE)
    return mail


def test_the_main_job(browser: Browser, served: str) -> None:
    day = date.today() + timedelta(days=14)  # noqa: DTZ011 - any day that the demo leaves free
    day += timedelta(days=(2 - day.weekday()) % 7)
    week = f"/calendar/week/{day}/"

    # Cy has the room; then Ana wants it, with Ben.
    cy = sign_in(browser, served, "cy")
    fill(cy, "Walk blocker", day)
    cy.get_by_role("button", name="Create").click()
    expect(block(cy, "Walk blocker")).to_be_visible()

    ana = sign_in(browser, served, "ana")
    fill(ana, "Walk review", day, "ben")
    live = ana.locator("#live")
    expect(live).to_contain_text("Room 101 is taken")
    expect(live).to_contain_text("Walk blocker")
    live.get_by_role("heading", name="Better times").locator("xpath=ancestor::section").get_by_role(
        "button"
    ).first.click()
    expect(live).not_to_contain_text("is taken")
    settled(ana)
    ana.get_by_role("button", name="Create and invite 1").click()
    expect(block(ana, "Walk review")).to_be_visible()
    panel = ana.get_by_role("complementary", name="Walk review")
    expect(panel).to_contain_text("Room 101")

    # The worker sends; the link in the mail accepts, without signing in.
    inbox_of(ana, "ben", "Invitation: Walk review").click()
    mail = ana.frame_locator("iframe.mail-shown")
    link = mail.get_by_role("link", name="Accept").get_attribute("href")
    guest = browser.new_context().new_page()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="Walk review")).to_be_visible()
    expect(guest.locator("body")).to_contain_text("You answer as ben@example.com")
    guest.get_by_role("button", name=re.compile("Accept")).click()
    expect(guest.get_by_role("status").first).to_contain_text("You accepted")

    # Both calendars show it, and Ana is told.
    ben = sign_in(browser, served, "ben")
    ben.goto(week)
    expect(block(ben, "Walk review")).to_be_visible()
    ana.goto(week)
    block(ana, "Walk review").click()
    expect(panel.get_by_role("listitem").filter(has_text="Ben")).to_contain_text("accepted")
    inbox_of(ana, "ana", "Walk review")

    # Cancelled: told after the undo window, and the room is free again.
    ana.goto(week)
    block(ana, "Walk review").click()
    taken = panel.locator("time").first.get_attribute("datetime")
    panel.get_by_role("link", name="Cancel meeting").click()
    ana.get_by_role("button", name="Cancel the meeting").click()
    expect(ana.get_by_text("Walk review is cancelled.")).to_be_visible()
    expect(block(ana, "Walk review")).to_have_count(0)
    inbox_of(ana, "ben", "Cancelled: Walk review")
    ben.goto(week)
    expect(block(ben, "Walk review")).to_have_count(0)

    assert taken is not None
    fill(cy, "Walk again", date.fromisoformat(taken[:10]))
    write(cy.get_by_label("From"), taken[11:16])
    cy.get_by_role("button", name="Create").click()
    expect(block(cy, "Walk again")).to_be_visible()
