"""The pages under /settings/."""

from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from accounts.hours import week_of
from accounts.models import User
from tests import factories

PROFILE = {"name": "Ana Berger", "timezone": "Europe/Berlin", "theme": ""}
WEEK = {f"day{day}": "" for day in range(7)}


@pytest.mark.parametrize("name", ["profile", "hours", "zone"])
def test_strangers_are_sent_to_sign_in(client: Client, name: str) -> None:
    page = reverse(f"accounts:{name}")
    response = client.post(page, PROFILE)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={page}"


def test_settings_lead_to_the_profile(as_ana: Client) -> None:
    assert as_ana.get("/settings/")["Location"] == "/settings/profile/"


def test_profile_is_saved_and_the_zone_confirmed(as_ana: Client, ana: User) -> None:
    User.objects.update(timezone_confirmed=False)
    response = as_ana.post(
        reverse("accounts:profile"),
        {"name": "Ana B.", "timezone": "Asia/Kathmandu", "theme": "dark"},
        follow=True,
    )
    ana.refresh_from_db()
    assert (ana.name, ana.zone, ana.theme) == ("Ana B.", ZoneInfo("Asia/Kathmandu"), "dark")
    assert ana.timezone_confirmed
    assert 'data-theme="dark"' in response.content.decode()
    assert "Saved." in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 121, "at most 120 characters"),
        ("timezone", "Europe/Nowhere", "is not one of the available choices"),
        ("timezone", "", "This field is required."),
        ("theme", "sepia", "is not one of the available choices"),
    ],
)
def test_wrong_profile_is_explained_and_not_saved(
    as_ana: Client, ana: User, field: str, value: str, words: str
) -> None:
    response = as_ana.post(reverse("accounts:profile"), PROFILE | {field: value})
    assert words in response.content.decode()
    assert "data-theme" not in response.content.decode()
    unchanged = User.objects.get(pk=ana.pk)
    assert (unchanged.name, unchanged.zone.key, unchanged.theme) == tuple(PROFILE.values())


def test_a_profile_cannot_be_made_an_administrators(as_ana: Client, ana: User) -> None:
    as_ana.post(reverse("accounts:profile"), PROFILE | {"is_staff": "on", "email": "x@example.com"})
    ana.refresh_from_db()
    assert not ana.is_staff
    assert ana.email == "ana@example.com"


def test_a_zone_by_an_old_name_stays_selectable(as_ana: Client, ana: User) -> None:
    User.objects.update(timezone="US/Eastern")
    page = as_ana.get(reverse("accounts:profile")).content.decode()
    assert '<option value="US/Eastern" selected>' in page


def test_hours_are_shown_and_saved(as_ana: Client, ana: User) -> None:
    factories.works(ana)
    page = as_ana.get(reverse("accounts:hours")).content.decode()
    assert page.count('value="9:00–17:00"') == 5
    as_ana.post(reverse("accounts:hours"), WEEK | {"day2": "9-12, 13-17:30"})
    assert week_of(ana) == {2: [(540, 720), (780, 1050)]}


def test_one_wrong_day_saves_none_and_keeps_what_was_typed(as_ana: Client, ana: User) -> None:
    factories.works(ana)
    before = week_of(ana)
    response = as_ana.post(
        reverse("accounts:hours"), WEEK | {"day0": "9-13, 12-15", "day1": "10-11"}
    )
    page = response.content.decode()
    assert "9:00–13:00 and 12:00–15:00 overlap. Write them as one." in page
    assert 'value="9-13, 12-15"' in page
    assert 'value="10-11"' in page
    assert week_of(ana) == before


def test_somebody_elses_hours_stay(as_ana: Client) -> None:
    ben = factories.works(factories.ben())
    as_ana.post(reverse("accounts:hours"), WEEK)
    assert len(week_of(ben)) == 5


def test_the_browsers_zone_is_asked_for_once(as_ana: Client, ana: User) -> None:
    User.objects.update(timezone_confirmed=False)
    assert 'id="ask-zone"' in as_ana.get(reverse("accounts:hours")).content.decode()
    response = as_ana.post(
        reverse("accounts:zone"),
        {"timezone": "America/New_York", "next": "/settings/hours/"},
        follow=True,
    )
    assert response.redirect_chain == [("/settings/hours/", 302)]
    assert 'id="ask-zone"' not in response.content.decode()
    ana.refresh_from_db()
    assert (ana.zone.key, ana.timezone_confirmed) == ("America/New_York", True)


def test_an_unknown_zone_changes_nothing(as_ana: Client, ana: User) -> None:
    response = as_ana.post(reverse("accounts:zone"), {"timezone": "../../etc/passwd"}, follow=True)
    assert "is not a time zone we know" in response.content.decode()
    ana.refresh_from_db()
    assert ana.zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_taken_by_its_name_of_today(
    as_ana: Client, ana: User, said: str, taken: str
) -> None:
    as_ana.post(reverse("accounts:zone"), {"timezone": said})
    ana.refresh_from_db()
    assert ana.zone.key == taken


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_answer_leads_to_our_pages_only(as_ana: Client, elsewhere: str) -> None:
    response = as_ana.post(
        reverse("accounts:zone"), {"timezone": "Europe/Paris", "next": elsewhere}
    )
    assert response["Location"] == "/"


@pytest.mark.parametrize(("name", "status"), [("zone", 405), ("profile", 200), ("hours", 200)])
def test_a_get_changes_nothing(as_ana: Client, name: str, status: int) -> None:
    before = User.objects.values().get()
    response = as_ana.get(reverse(f"accounts:{name}"), {"timezone": "Europe/Paris"} | PROFILE)
    assert response.status_code == status
    assert User.objects.values().get() == before
