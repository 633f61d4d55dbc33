"""The page where people make and revoke tokens, and the administration's list."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from tests import factories
from tests.factories import NOW

PAGE = "/settings/tokens/"
LIST = reverse("admin:accounts_apitoken_changelist")
WANTED: dict[str, Any] = {"name": "Wall display", "scopes": ["read"], "days": "30"}


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def shown(response: HttpResponse) -> str:
    """The page, without its line breaks."""
    return " ".join(response.content.decode().split())


def secrets_on(response: HttpResponse) -> list[str]:
    """The secrets the page holds."""
    return re.findall(r"sch_[\w-]{43}", response.content.decode())


def issue(user: User, name: str = "script", **changes: Any) -> tuple[ApiToken, str]:
    """A token of `user` that reads, made now."""
    wanted: dict[str, Any] = {"scopes": ["read"], "expires_at": None, "now": NOW}
    return ApiToken.issue(user, name=name, **{**wanted, **changes})


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    for page in (PAGE, reverse("accounts:revoke_token", args=[factories.cy().uid])):
        assert client.post(page)["Location"].startswith(reverse("account_login"))


def test_the_secret_is_on_the_answer_and_on_no_other_page(as_ana: Client, ana: User) -> None:
    response = as_ana.post(PAGE, WANTED)

    [secret] = secrets_on(response)
    assert "no-store" in response["Cache-Control"]
    opened = ApiToken.objects.opened_by(secret, now=NOW)
    assert opened is not None
    assert (opened.user, opened.name, opened.scopes) == (ana, "Wall display", ["read"])
    assert opened.expires_at == NOW + timedelta(days=30)
    again = as_ana.get(PAGE)
    assert "Wall display" in shown(again)
    assert secret[:12] in shown(again)
    assert secrets_on(again) == []


def test_the_same_form_sent_twice_makes_one_token(as_ana: Client) -> None:
    as_ana.post(PAGE, WANTED)

    response = as_ana.post(PAGE, WANTED)

    assert "You have a token “Wall display” already." in shown(response)
    assert ApiToken.objects.count() == 1


def test_the_name_of_a_revoked_token_is_free(as_ana: Client, ana: User) -> None:
    issue(ana, "Wall display")
    issue(factories.ben(), "Wall display")
    ApiToken.objects.filter(user=ana).revoke(NOW)

    assert len(secrets_on(as_ana.post(PAGE, WANTED))) == 1


def test_a_token_may_last_until_it_is_revoked(as_ana: Client) -> None:
    as_ana.post(PAGE, {**WANTED, "days": "0"})

    assert ApiToken.objects.get().expires_at is None
    assert "does not expire" in shown(as_ana.get(PAGE))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"scopes": []}, "Choose what it may do."),
        ({"scopes": ["metrics"]}, "metrics is not one of the available choices"),
        ({"days": "4000000"}, "4000000 is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_explained(as_ana: Client, wrong: dict[str, Any], words: str) -> None:
    response = as_ana.post(PAGE, WANTED | wrong)

    assert words in shown(response)
    assert secrets_on(response) == []
    assert not ApiToken.objects.exists()


def test_administrators_are_offered_the_metrics(client: Client, as_ana: Client) -> None:
    assert "metrics" not in shown(as_ana.get(PAGE))
    client.force_login(factories.rae())

    client.post(PAGE, WANTED | {"scopes": ["metrics"]})

    assert ApiToken.objects.get().scopes == ["metrics"]


def test_each_says_when_it_was_used_and_how_it_ended(as_ana: Client, ana: User) -> None:
    used, _secret = issue(ana, "used")
    used.used(now=NOW - timedelta(days=1))
    issue(ana, "short", expires_at=NOW + timedelta(days=1))
    issue(ana, "over", now=NOW - timedelta(days=2), expires_at=NOW - timedelta(days=1))
    gone, _secret = issue(ana, "gone")
    ApiToken.objects.filter(pk=gone.pk).revoke(NOW)
    issue(factories.ben(), "Ben's")

    response = as_ana.get(PAGE)

    assert [token.name for token in response.context["working"]] == ["short", "used"]
    assert [token.name for token in response.context["over"]] == ["gone", "over"]
    page = shown(response)
    assert "Times are local to Europe/Berlin." in page
    yesterday, today, tomorrow = (
        f"{at.astimezone(factories.BERLIN):%a} {at.day} {at:%B}"
        for at in (NOW - timedelta(days=1), NOW, NOW + timedelta(days=1))
    )
    assert f"read · last used {yesterday}" in page
    assert f"read · never used · expires {tomorrow}" in page
    assert f"read · never used · expired {yesterday}" in page
    assert f"read · never used · revoked {today}" in page


def test_a_token_is_revoked_by_its_person_alone(as_ana: Client, ana: User) -> None:
    made, secret = issue(ana)
    others, others_secret = issue(factories.ben())
    button = reverse("accounts:revoke_token", args=[made.uid])

    assert as_ana.get(button).status_code == 405
    theirs = reverse("accounts:revoke_token", args=[others.uid])
    assert as_ana.post(theirs).status_code == 404
    assert ApiToken.objects.working(NOW).count() == 2

    response = as_ana.post(button, follow=True)

    assert "script is revoked." in shown(response)
    assert ApiToken.objects.opened_by(secret, now=NOW) is None
    assert ApiToken.objects.opened_by(others_secret, now=NOW) == others


def test_the_administration_lists_and_revokes(client: Client, ana: User) -> None:
    client.force_login(factories.rae())
    made, secret = issue(ana)
    one = reverse("admin:accounts_apitoken_change", args=[made.pk])
    delete = reverse("admin:accounts_apitoken_delete", args=[made.pk])

    for page in (client.get(LIST, {"q": "berger"}), client.get(one)):
        assert secret[:12] in shown(page)
        assert made.hashed not in shown(page)
    assert client.post(one, {"name": "mine"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    response = client.post(LIST, {"action": "revoke", "_selected_action": [made.pk]}, follow=True)

    assert "1 token is revoked." in shown(response)
    assert ApiToken.objects.opened_by(secret, now=NOW) is None


def test_who_may_only_look_revokes_nothing(client: Client, ana: User) -> None:
    made, _secret = issue(ana)
    cy = factories.cy(is_staff=True)
    cy.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    client.force_login(cy)

    client.post(LIST, {"action": "revoke", "_selected_action": [made.pk]})

    assert "script" in shown(client.get(LIST))
    assert ApiToken.objects.working(NOW).exists()
