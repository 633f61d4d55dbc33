"""People in the administration."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.hours import USUAL_WEEK, week_of
from accounts.models import User
from tests import factories

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")


def page_of(user: User) -> str:
    """Somebody's page."""
    return reverse("admin:accounts_user_change", args=[user.pk])


def typed(user: User, **changes: str) -> dict[str, str]:
    """What the form of somebody sends."""
    week = {f"day{day}": "" for day in range(7)}
    fields = {"name": user.name, "email": user.email, "timezone": user.zone.key, "is_active": "on"}
    return fields | week | changes


@pytest.fixture
def as_rae(client: Client) -> Client:
    """The administrator's browser."""
    client.force_login(factories.rae())
    return client


def names_on(page: Client, query: dict[str, str]) -> list[str]:
    """Who is listed."""
    response = page.get(LIST, query)
    return [user.name for user in response.context["cl"].result_list]


def test_people_are_found_and_filtered(as_rae: Client) -> None:
    factories.ana()
    factories.ben(is_active=False)
    assert names_on(as_rae, {"q": "berger"}) == ["Ana Berger"]
    assert names_on(as_rae, {"q": "ben@"}) == ["Ben Okafor"]
    assert names_on(as_rae, {"is_active__exact": "0"}) == ["Ben Okafor"]
    assert names_on(as_rae, {"is_staff__exact": "1"}) == ["Rae Stone"]


def test_a_new_person_without_a_password_has_the_usual_week(as_rae: Client) -> None:
    response = as_rae.post(
        ADD,
        {
            "email": "Ida@Example.com",
            "name": "Ida Noor",
            "timezone": "Asia/Tokyo",
            "usable_password": "false",
        },
    )
    ida = User.objects.get(name="Ida Noor")
    assert response["Location"] == page_of(ida)
    assert ida.email == "ida@example.com"
    assert not ida.has_usable_password()
    assert week_of(ida) == USUAL_WEEK


def test_an_address_is_taken_however_it_is_written(as_rae: Client) -> None:
    factories.ana()
    fields = {"name": "Ana Two", "timezone": "UTC", "usable_password": "false"}
    response = as_rae.post(ADD, {"email": "ANA@example.com"} | fields)
    assert "Person with this E-mail address already exists." in response.content.decode()
    assert not User.objects.filter(name="Ana Two").exists()


def test_the_week_is_edited_with_the_person(as_rae: Client) -> None:
    ana = factories.works(factories.ana())
    assert as_rae.get(page_of(ana)).content.decode().count('value="9:00–17:00"') == 5
    as_rae.post(page_of(ana), typed(ana, day3="9-12, 13-17:30"))
    assert week_of(ana) == {3: [(540, 720), (780, 1050)]}
    wrong = as_rae.post(page_of(ana), typed(ana, day3="12-9", name="Nobody"))
    assert "ends before it begins" in wrong.content.decode()
    ana.refresh_from_db()
    assert ana.name == "Ana Berger"


def test_a_replaced_address_no_longer_signs_in(as_rae: Client) -> None:
    ana = factories.ana()
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    as_rae.post(page_of(ana), typed(ana, email="ana@halden.example"))
    ana.refresh_from_db()
    assert ana.email == "ana@halden.example"
    assert not EmailAddress.objects.filter(user=ana).exists()


def test_accounts_are_closed_and_opened_but_not_ones_own(as_rae: Client) -> None:
    ana = factories.ana()
    everybody = [str(pk) for pk in User.objects.values_list("pk", flat=True)]
    as_rae.post(LIST, {"action": "close_accounts", "_selected_action": everybody})
    assert [user.name for user in User.objects.active()] == ["Rae Stone"]
    as_rae.post(LIST, {"action": "open_accounts", "_selected_action": [str(ana.pk)]})
    assert set(User.objects.active()) == set(User.objects.all())


@pytest.mark.parametrize("who", [factories.ana, None])
def test_only_administrators_enter(client: Client, who: object) -> None:
    if callable(who):
        client.force_login(who())
    response = client.get(LIST, follow=True)
    assert "Select person" not in response.content.decode()


def test_time_off_is_looked_after(as_rae: Client) -> None:
    ben = factories.ben()
    off = factories.away(ben, "2027-03-10", note="Surgery")
    lists = reverse("admin:accounts_timeoff_changelist")
    assert "Ben Okafor" in as_rae.get(lists, {"q": "okafor"}).content.decode()
    page = reverse("admin:accounts_timeoff_change", args=[off.pk])
    values = {"user": ben.pk, "first": "2027-03-10", "last": "2027-03-09"}
    assert "The last day is before the first." in as_rae.post(page, values).content.decode()
    assert as_rae.post(page, values | {"last": "2027-03-12"}).status_code == 302
    off.refresh_from_db()
    assert (off.last.isoformat(), off.note) == ("2027-03-12", "")
