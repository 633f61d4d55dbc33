"""The frame of every page: what it links, what rides along, what strict policy demands."""

import re
from pathlib import Path

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxMiddleware

from accounts.models import User
from scheduler_site.hypermedia import Hypermedia
from tests import factories

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
PAGE = "/settings/profile/"
INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|javascript:""")


@pytest.fixture
def ana(db: None) -> User:
    return factories.ana()


@pytest.fixture
def shown(client: Client, ana: User) -> str:
    """One of Ana's pages."""
    client.force_login(ana)
    return client.get(PAGE).content.decode()


def test_the_frame_leads_to_every_place(shown: str) -> None:
    for name in (
        "meetings:calendar",
        "meetings:invitations",
        "meetings:find",
        "rooms:list",
        "meetings:new",
    ):
        assert f'href="{reverse(name)}"' in shown
    assert ">AB</button>" in shown
    assert 'action="/accounts/logout/"' in shown


@pytest.mark.parametrize(
    ("person", "demo", "links"),
    [
        (factories.ana, True, ["/settings/profile/", "/dev/mail/"]),
        (factories.ana, False, ["/settings/profile/"]),
        (factories.rae, False, ["/settings/profile/", "/admin/"]),
    ],
)
@pytest.mark.django_db
def test_the_menu_has_what_the_person_may_open(
    client: Client, settings: object, person: object, demo: bool, links: list[str]
) -> None:
    settings.DEMO = demo  # type: ignore[attr-defined]
    client.force_login(person())  # type: ignore[operator]
    menu = client.get(PAGE).content.decode().partition('id="me"')[2].partition("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', menu) == links


def test_the_frame_marks_the_place_one_is_at(client: Client, ana: User) -> None:
    client.force_login(ana)
    places = client.get(reverse("rooms:list")).content.decode().partition("</nav>")[0]
    assert re.findall(r'href="(\S+)" aria-current="page"', places) == [reverse("rooms:list")]


def test_what_waits_is_listed_and_escaped(client: Client, ana: User) -> None:
    ben = factories.ben()
    factories.book(ben, "2027-03-10 10:30", 60, title="Candidate talk")
    meeting = factories.book(ana, "2027-03-10 10:00", 60, ben, title="<b>Plan</b>")
    client.force_login(ben)
    rail = client.get(PAGE).content.decode().partition('class="rail"')[2].partition("<main")[0]
    assert '<span class="count">1<span' in rail
    assert "<strong>&lt;b&gt;Plan&lt;/b&gt;</strong>" in rail
    assert "10:00–11:00, Ana Berger" in rail
    assert "overlaps Candidate talk" in rail
    assert f'href="/calendar/week/2027-03-10/?meeting={meeting.uid}"' in rail

    client.force_login(ana)
    assert "Waiting for you" not in client.get(PAGE).content.decode()


def test_pages_forbid_everything_inline(shown: str, client: Client) -> None:
    policy = client.get(PAGE)["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert INLINE.search(shown) is None


def test_no_template_holds_inline_code() -> None:
    """Mails are the exception: their readers know no stylesheets."""
    pages = [path for path in TEMPLATES.rglob("*.html") if "mail" not in str(path)]
    assert len(pages) > 30
    found = {
        str(path): INLINE.findall(re.sub(r"{[{%#].*?[}%#]}", "", path.read_text()))
        for path in pages
    }
    assert {path: hits for path, hits in found.items() if hits} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_appearance_is_on_the_page(client: Client, ana: User, theme: str) -> None:
    User.objects.update(theme=theme)
    client.force_login(ana)
    assert f'<html lang="en" data-theme="{theme}">' in client.get(PAGE).content.decode()


# What rides along with fragments ---------------------------------------------


def answer_to(view: object, *, htmx: bool = True) -> HttpResponse:
    """What `view` answers through our middleware."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/rooms/?a=1&b=2"}
    request = RequestFactory().get("/part/", headers=headers if htmx else {})
    request.user = AnonymousUser()
    chain = HtmxMiddleware(Hypermedia(view))  # type: ignore[arg-type]
    return SessionMiddleware(MessageMiddleware(chain))(request)  # type: ignore[return-value]


def moved(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Moved to <15:00>.")
    return HttpResponse("<li>row</li>")


@pytest.mark.django_db
def test_a_message_rides_along_with_a_fragment() -> None:
    response = answer_to(moved)
    fragment, _, toasts = response.content.decode().partition("</li>")
    assert fragment == "<li>row"
    assert '<div id="toasts" hx-swap-oob="beforeend">' in toasts
    assert '<p class="toast success">Moved to &lt;15:00&gt;.</p>' in toasts
    assert "HX-Request" in response["Vary"]


@pytest.mark.django_db
def test_a_whole_page_or_a_fragment_without_message_stays_as_it_is() -> None:
    assert answer_to(moved, htmx=False).content == b"<li>row</li>"
    assert answer_to(lambda request: HttpResponse("<p>x</p>")).content == b"<p>x</p>"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse("{}", content_type="application/json"),
        HttpResponse(headers={"HX-Redirect": "/"}),
        HttpResponse(status=204),
    ],
)
def test_what_is_no_fragment_carries_nothing(answer: HttpResponse) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        messages.success(request, "Later.")
        return answer

    before = answer.content
    assert answer_to(view).content == before


@pytest.mark.django_db
def test_who_was_signed_out_meanwhile_signs_in_and_comes_back() -> None:
    response = answer_to(lambda request: redirect("/accounts/login/?next=/part/"))
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/accounts/login/?next=/rooms/%3Fa%3D1%26b%3D2"
    elsewhere = answer_to(lambda request: redirect("/rooms/"))
    assert elsewhere["Location"] == "/rooms/"


# Errors -----------------------------------------------------------------------


@pytest.mark.django_db
def test_an_address_that_leads_nowhere(client: Client) -> None:
    response = client.get("/there/is/nothing/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


@pytest.mark.django_db
def test_a_form_that_was_open_too_long(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    response = client.post(PAGE, {"name": "X"})
    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_error_pages_need_nothing_to_be_shown(status: int) -> None:
    """Django shows 500 without a request: no context, no database."""
    page = render_to_string(f"{status}.html")
    assert "<h1>" in page
    assert INLINE.search(page) is None


# Tags ---------------------------------------------------------------------------


def test_icons_are_inline_and_silent() -> None:
    drawing = Template('{% load icons %}{% icon "calendar" %}').render(Context())
    assert drawing.startswith("<svg")
    assert 'width="16" height="16"' in drawing
    assert 'class="icon"' in drawing
    assert 'aria-hidden="true"' in drawing
    assert "stroke-width" in drawing


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Berger", "AB"),
        ("Ana Maria von Berger", "AB"),
        ("Cher", "C"),
        ("ben.okafor@example.com", "B"),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    source = Template("{% load people %}{{ name|initials }}")
    assert source.render(Context({"name": name})) == letters


def test_a_field_says_what_belongs_to_it(client: Client, ana: User) -> None:
    client.force_login(ana)
    week = {f"day{day}": "" for day in range(7)}
    page = client.post("/settings/hours/", week | {"day0": "9"}).content.decode()
    (control,) = re.findall(r'<input[^>]*name="day0"[^>]*>', page)
    assert 'aria-invalid="true"' in control
    assert 'aria-describedby="id_day0_error"' in control
    assert 'id="id_day0_error"' in page
    assert '<label for="id_day0">Monday</label>' in page
