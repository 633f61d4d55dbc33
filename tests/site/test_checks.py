"""Production does not start without mail, an address, or with a password that everybody knows."""

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from pytest_django import Settings

from scheduler_site.checks import production_has_no_demo_password, production_is_reachable
from tests import factories


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A production that is set up as it should be."""
    settings.DEMO = False
    settings.EMAIL_URL = "smtp://mail.example.org"
    monkeypatch.setenv("BASE_URL", "https://meetings.example.org")
    return settings


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_a_production_that_is_set_up_may_start(production: Settings) -> None:
    assert production_is_reachable(None) == []


def test_production_needs_a_mail_server(production: Settings) -> None:
    production.EMAIL_URL = ""

    found = production_is_reachable(None)

    assert ids(found) == ["scheduler.E001"]
    assert "EMAIL_URL=" in found[0].msg


def test_production_needs_its_address(
    production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BASE_URL")

    found = production_is_reachable(None)

    assert ids(found) == ["scheduler.E002"]
    assert "BASE_URL=" in found[0].msg


def test_the_demo_needs_neither(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    production.DEMO = True
    production.EMAIL_URL = ""
    monkeypatch.delenv("BASE_URL")

    assert production_is_reachable(None) == []


@pytest.mark.django_db
class TestDemoPassword:
    def found(self) -> list[str | None]:
        return ids(production_has_no_demo_password(None, databases=["default"]))

    def test_is_found(self, production: Settings) -> None:
        factories.ana(password="demo")

        assert self.found() == ["scheduler.E003"]

    def test_is_expected_in_the_demo(self, settings: Settings) -> None:
        factories.ana(password="demo")

        assert self.found() == []

    @pytest.mark.parametrize("password", ["another, longer one", None])
    def test_other_passwords_are_fine(self, production: Settings, password: str | None) -> None:
        factories.ana(password=password)

        assert self.found() == []

    def test_somebody_who_cannot_sign_in_is_fine(self, production: Settings) -> None:
        factories.ana(password="demo")
        get_user_model().objects.update(is_active=False)

        assert self.found() == []
