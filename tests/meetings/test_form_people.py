"""Finding colleagues while typing."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.factories import UserFactory, ana, ben, cy

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = ana()
    client.force_login(organizer)
    return organizer


def found(client: Client, who: str, **chosen: str) -> list[str]:
    """The mailboxes offered."""
    page = client.post("/people/", {"who": who, **chosen}).content.decode()
    return [
        text.replace("&lt;", "<").replace("&gt;", ">")
        for text in re.findall(r'data-mailbox="([^"]*)"', page)
    ]


@pytest.mark.parametrize("who", ["ben", "BEN", "oka", "ben@ex", "Ben Oka", "okafor ben", "  ben "])
def test_by_name_or_address(client: Client, organizer: User, who: str) -> None:
    ben()
    assert found(client, who) == ["Ben Okafor <ben@example.com>"]


def test_nothing_typed_lists_nobody(client: Client, organizer: User) -> None:
    ben()
    assert client.post("/people/", {"who": "  "}).content.decode().strip() == ""
    assert found(client, "%") == []


def test_at_most_eight_those_that_begin_so_first(client: Client, organizer: User) -> None:
    for n in range(9):
        UserFactory.create(name=f"Zoe Lee {n}", email=f"zoe{n}@example.com")
    UserFactory.create(name="Lee Adams", email="lee@example.com")
    names = found(client, "lee")
    assert len(names) == 8
    assert names[0] == "Lee Adams <lee@example.com>"


def test_who_is_chosen_oneself_and_who_left_are_not_offered(
    client: Client, organizer: User
) -> None:
    ben()
    cy(is_active=False)
    chosen = {"required": "Ben Okafor <ben@example.com>"}
    assert found(client, "example", **chosen) == []
    assert found(client, "ben", **chosen) == []
    assert found(client, "ana") == []
    assert found(client, "cy") == []


def test_an_address_of_nobody_here_can_be_invited(client: Client, organizer: User) -> None:
    ben()
    assert found(client, "Guest@elsewhere.example") == ["guest@elsewhere.example"]
    assert found(client, "guest@elsewhere.example", optional="guest@elsewhere.example") == []
    assert found(client, "ben@example.com") == ["Ben Okafor <ben@example.com>"]


def test_nobody_found_is_said(client: Client, organizer: User) -> None:
    page = client.post("/people/", {"who": "<Zoe>"}).content.decode()
    assert "No colleague is called “&lt;Zoe&gt;”." in page


def test_one_query_finds_them(
    client: Client, organizer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        UserFactory.create(name=f"Zoe {n}")
    with django_assert_num_queries(3):  # the session, the reader, the colleagues
        found(client, "zoe")
