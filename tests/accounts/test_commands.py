"""People's accounts from the command line."""

import io
import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.hours import USUAL_WEEK, week_of
from accounts.models import ApiToken, User
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def answer(*words: str) -> Any:
    """What it tells programs."""
    return json.loads(run(*words, "--json"))


def test_people_are_listed_and_found() -> None:
    factories.rae()
    factories.ana()
    factories.ben(is_active=False)

    assert [person["name"] for person in answer("users")] == [
        "Ana Berger",
        "Ben Okafor",
        "Rae Stone",
    ]
    assert [person["email"] for person in answer("users", "--closed")] == ["ben@example.com"]
    assert run("users", "berg") == (
        "Ana Berger <ana@example.com>: Europe/Berlin, never signed in\n1 person.\n"
    )
    assert "Rae Stone <rae@example.com>: Europe/Berlin, administrator" in run("users")


def test_a_new_person_signs_in_with_the_password_given(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long good password\n"))

    said = answer("create_user", "Ida@Example.com", "--zone", "Asia/Calcutta", "--password-stdin")

    ida = User.objects.get_queryset().get()
    assert (said["email"], said["name"], said["timezone"]) == (
        "ida@example.com",
        "Ida",
        "Asia/Kolkata",
    )
    assert ida.check_password("a long good password")
    assert not ida.is_staff
    assert week_of(ida) == USUAL_WEEK


def test_an_administrator_without_a_password_chooses_one_by_mail() -> None:
    said = run("create_user", "rae@example.com", "--name", "Rae Stone", "--admin")

    rae = User.objects.get_queryset().get()
    assert said == (
        "Rae Stone <rae@example.com> can sign in as an administrator,"
        " with a password to choose by mail.\n"
    )
    assert rae.is_superuser
    assert not rae.has_usable_password()
    assert not rae.timezone_confirmed


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (["ana@example.com"], "", "already exists"),
        (["nobody"], "", "valid email"),
        (["ida@example.com", "--zone", "Mars"], "", "write one like Europe/Berlin"),
        (["ida@example.com", "--password-stdin"], "", "first line is to be the password"),
        (["ida@example.com", "--password-stdin"], "12345\n", "too short"),
    ],
)
def test_what_cannot_be_makes_nobody(
    monkeypatch: pytest.MonkeyPatch, words: list[str], typed: str, sentence: str
) -> None:
    factories.ana()
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    with pytest.raises(CommandError, match=sentence):
        run("create_user", *words)

    assert User.objects.get_queryset().count() == 1


def test_sessions_and_tokens_end_with_the_account(client: Client) -> None:
    """And stay ended when it is open again; those of others go on."""
    ana, ben = factories.ana(), factories.ben()
    others = Client()
    client.force_login(ana)
    others.force_login(ben)
    for person in (ana, ben):
        ApiToken.issue(person, name="script", scopes=["read"], expires_at=None, now=NOW)

    assert "is closed" in run("deactivate_user", "Ana@example.com")
    assert "closed already" in run("deactivate_user", "ana@example.com")
    assert answer("users", "--closed")[0]["email"] == "ana@example.com"
    assert "can sign in again" in run("activate_user", "ana@example.com")

    assert Session.objects.count() == 1
    assert [token.user for token in ApiToken.objects.working(NOW)] == [ben]
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert others.get(reverse("accounts:profile")).status_code == 200


def test_the_administration_ends_them_too(client: Client) -> None:
    ana = factories.ana()
    client.force_login(factories.rae())
    ApiToken.issue(ana, name="script", scopes=["read"], expires_at=None, now=NOW)
    people = reverse("admin:accounts_user_changelist")

    client.post(people, {"action": "close_accounts", "_selected_action": [ana.pk]})

    assert not ApiToken.objects.working(NOW).exists()
    assert answer("users", "--closed")[0]["email"] == "ana@example.com"


def test_an_unknown_address_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="Nobody here has the address") as caught:
        run("deactivate_user", "ghost@example.com")

    assert caught.value.returncode == 2


def test_nobody_is_left_without_an_administrator_unawares() -> None:
    factories.rae()
    told = io.StringIO()

    call_command("deactivate_user", "rae@example.com", stdout=io.StringIO(), stderr=told)

    assert "No administrator has an open account any more" in told.getvalue()
