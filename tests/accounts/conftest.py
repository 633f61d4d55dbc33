"""Who is in these tests."""

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests import factories

PASSWORD = "violet-harbour-71"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> Iterator[None]:
    """Tries of one test do not count in another."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ana() -> User:
    """Signs in with PASSWORD; her address is confirmed."""
    ana = factories.ana(password=PASSWORD)
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


@pytest.fixture
def as_ana(client: Client, ana: User) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client
