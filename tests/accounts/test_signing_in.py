"""Sign-up, sign-in, passwords by mail, and how often one may try."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.hours import USUAL_WEEK, week_of
from accounts.models import User
from tests import factories
from tests.accounts.conftest import PASSWORD

NEW = {
    "name": "Ida Noor",
    "email": "Ida@Example.com",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "timezone": "Asia/Tokyo",
}


@pytest.fixture
def production(settings: Settings) -> Settings:
    """An installation that is no demo."""
    settings.DEMO = False
    settings.SIGN_UP_DOMAINS = []
    return settings


def sign_in(client: Client, email: str, password: str) -> bool:
    """Tries to; whether it worked."""
    client.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in client.session


def code_in(text: str) -> str:
    """The code that stands alone on a line of a mail."""
    found = re.search(r"^([A-Z0-9]+(?:-[A-Z0-9]+)*)$", text, re.MULTILINE)
    assert found, text
    return found.group(1)


def test_sign_up_asks_for_the_code_that_was_mailed(client: Client) -> None:
    response = client.post(reverse("account_signup"), NEW, follow=True)
    assert "_auth_user_id" not in client.session
    assert "Confirm your address" in response.content.decode()
    (message,) = mail.outbox
    assert message.to == ["ida@example.com"]
    code = code_in(message.body)
    assert message.subject == f"{code} is your code"

    wrong = client.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
    assert "This is not the code." in wrong.content.decode()
    assert "_auth_user_id" not in client.session

    client.post(reverse("account_email_verification_sent"), {"code": code})
    ida = User.objects.get()
    assert client.session["_auth_user_id"] == str(ida.pk)
    assert (ida.name, ida.email, ida.zone.key) == ("Ida Noor", "ida@example.com", "Asia/Tokyo")
    assert not ida.timezone_confirmed
    assert not ida.is_staff
    assert week_of(ida) == USUAL_WEEK


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This field is required."),
        ("email", "ida", "Enter a valid email address."),
        ("password1", "1234", "This password is too short."),
        ("password2", "another-harbour-72", "You must type the same password each time."),
    ],
)
def test_wrong_sign_up_is_explained(client: Client, field: str, value: str, words: str) -> None:
    response = client.post(reverse("account_signup"), NEW | {field: value})
    assert words in response.content.decode()
    assert not User.objects.exists()


def test_a_nonsense_zone_does_not_stop_sign_up(client: Client) -> None:
    client.post(reverse("account_signup"), NEW | {"timezone": "Mars/Olympus"})
    assert User.objects.get().zone.key == "UTC"


def test_an_address_that_is_taken_is_told_by_mail_only(client: Client, ana: User) -> None:
    response = client.post(reverse("account_signup"), NEW | {"email": ana.email}, follow=True)
    assert "Confirm your address" in response.content.decode()
    assert User.objects.get() == ana
    assert mail.outbox[0].subject == "You have an account already"


def test_sign_up_is_closed_in_production(client: Client, production: Settings) -> None:
    page = client.get(reverse("account_signup")).content.decode()
    assert "Accounts are made by your administrator" in page
    client.post(reverse("account_signup"), NEW)
    assert not User.objects.exists()
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


def test_production_lets_listed_domains_in(client: Client, production: Settings) -> None:
    production.SIGN_UP_DOMAINS = ["halden.example"]
    for stranger in ("ida@example.com", "ida@nothalden.example", "ida@halden.example.com"):
        response = client.post(reverse("account_signup"), NEW | {"email": stranger})
        assert "Sign up with your address at halden.example" in response.content.decode()
    client.post(reverse("account_signup"), NEW | {"email": "Ida@Halden.example"})
    assert User.objects.get().email == "ida@halden.example"


def test_signing_in_and_out(client: Client, ana: User) -> None:
    assert not sign_in(client, ana.email, "wrong")
    assert not sign_in(client, "nobody@example.com", PASSWORD)
    assert sign_in(client, "ANA@example.com", PASSWORD)
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_sign_in_leads_to_where_one_was_going(client: Client, ana: User) -> None:
    typed = {"login": ana.email, "password": PASSWORD, "next": "/settings/hours/"}
    assert client.post(reverse("account_login"), typed)["Location"] == "/settings/hours/"


def test_a_closed_account_stays_out(client: Client, ana: User) -> None:
    User.objects.update(is_active=False)
    assert not sign_in(client, ana.email, PASSWORD)


def test_an_unconfirmed_address_is_confirmed_first(client: Client) -> None:
    ben = factories.ben(password=PASSWORD)
    assert not sign_in(client, ben.email, PASSWORD)
    code = code_in(mail.outbox[0].body)
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.session["_auth_user_id"] == str(ben.pk)


def test_a_forgotten_password_is_replaced_by_a_link_that_is_good_once(
    client: Client, ana: User
) -> None:
    client.post(reverse("account_reset_password"), {"email": ana.email})
    (message,) = mail.outbox
    assert message.subject == "Choose a new password"
    link = re.search(r"http://testserver(\S+)", message.body)
    assert link
    form = client.get(link.group(1), follow=True)
    new = "quiet-orchard-18"
    action = form.redirect_chain[-1][0]
    client.post(action, {"password1": new, "password2": new})
    assert sign_in(Client(), ana.email, new)
    assert not sign_in(Client(), ana.email, PASSWORD)
    again = Client().get(link.group(1), follow=True)
    assert "This link is no longer good" in again.content.decode()


def test_a_reset_does_not_tell_who_has_an_account(client: Client, ana: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": ana.email}, follow=True)
    stranger = {"email": "nobody@example.com"}
    unknown = client.post(reverse("account_reset_password"), stranger, follow=True)
    assert known.content == unknown.content
    assert mail.outbox[1].subject == "There is no account for this address"


def test_guessing_a_password_ends_with_when_to_try_again(client: Client, ana: User) -> None:
    typed = {"login": ana.email, "password": "wrong"}
    for _attempt in range(5):
        client.post(reverse("account_login"), typed)
    response = client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    assert "Try again in 5 minutes" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_too_many_requests_get_a_page_of_their_own(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "2/m/ip"}
    answers = [
        client.post(reverse("account_reset_password"), {"email": f"n{n}@example.com"})
        for n in range(3)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Wait a minute" in answers[-1].content.decode()
    assert len(mail.outbox) == 2


def test_the_administration_asks_for_our_sign_in(client: Client, ana: User) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2F"
    client.force_login(ana)
    assert client.get("/admin/", follow=True).status_code == 403


def test_changing_the_password(as_ana: Client, ana: User) -> None:
    new = "quiet-orchard-18"
    page = reverse("account_change_password")
    typed = {"oldpassword": "wrong", "password1": new, "password2": new}
    as_ana.post(page, typed)
    assert not User.objects.get().check_password(new)
    as_ana.post(page, typed | {"oldpassword": PASSWORD})
    assert User.objects.get().check_password(new)
    assert as_ana.get(page).status_code == 200


def test_a_new_address_counts_once_it_is_confirmed(as_ana: Client, ana: User) -> None:
    response = as_ana.post(
        reverse("account_email"), {"email": "ana@halden.example", "action_add": ""}, follow=True
    )
    assert User.objects.get().email == "ana@example.com"
    assert response.redirect_chain[-1][0] == reverse("account_email_verification_sent")
    code = code_in(mail.outbox[-1].body)
    as_ana.post(reverse("account_email_verification_sent"), {"code": code})
    assert User.objects.get().email == "ana@halden.example"
    assert [row.email for row in EmailAddress.objects.all()] == ["ana@halden.example"]


def test_the_demo_offers_its_people_while_their_password_is_known(client: Client) -> None:
    for person in (factories.ana, factories.rae):
        user = person(password="demo")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    factories.ben(password=PASSWORD)
    page = client.get(reverse("account_login")).content.decode()
    assert re.findall(r'name="login" value="(\S+)"', page) == ["ana@example.com", "rae@example.com"]
    assert sign_in(client, "ana@example.com", "demo")


def test_production_offers_nobody(client: Client, production: Settings) -> None:
    factories.ana(password="demo")
    assert "ana@example.com" not in client.get(reverse("account_login")).content.decode()


def test_a_new_code_can_be_asked_for(client: Client) -> None:
    client.post(reverse("account_signup"), NEW)
    old = code_in(mail.outbox[0].body)
    cache.clear()  # ten seconds later
    client.post(reverse("account_email_verification_sent"), {"action": "resend"})
    new = code_in(mail.outbox[1].body)
    assert new != old
    client.post(reverse("account_email_verification_sent"), {"code": old})
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_email_verification_sent"), {"code": new})
    assert "_auth_user_id" in client.session


def test_a_code_cannot_be_guessed(client: Client) -> None:
    client.post(reverse("account_signup"), NEW)
    code = code_in(mail.outbox[0].body)
    for _attempt in range(3):
        client.post(reverse("account_email_verification_sent"), {"code": "AAAAAA"})
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert "_auth_user_id" not in client.session


def test_the_demo_shows_the_code_to_who_cannot_open_its_inbox(
    client: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "notifications.demo_mail.DemoMailBackend"
    page = client.post(reverse("account_signup"), NEW, follow=True).content.decode()
    code = client.session["account_email_verification_code"]["code"]
    assert f"{code} is your code" in page
    settings.DEMO = False
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert code not in page
