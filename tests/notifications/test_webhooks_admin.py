"""Webhooks in the administration: registered, tried out, and gone."""

import base64
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.announcing import announce
from notifications.models import Delivery, Webhook
from tests.factories import NOW, ana, ben, book, cy, rae
from tests.notifications.receiving import Receiver, hook, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    with receiving() as found:
        yield found


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(rae())
    return client


def page(name: str, *args: object) -> str:
    return reverse(f"admin:notifications_webhook_{name}", args=args)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def registered(admin: Client, viewer: User, url: str, **values: Any) -> Any:
    chosen = {"events": ["meeting.created", "meeting.cancelled"], "active": "on", **values}
    return admin.post(page("add"), {"name": "Ledger", "url": url, "viewer": viewer.pk, **chosen})


def test_one_is_registered_and_tried_out(admin: Client, receiver: Receiver) -> None:
    added = registered(admin, ana(), receiver.url)
    one = Webhook.objects.get()
    assert (one.url, one.events) == (receiver.url, ["meeting.created", "meeting.cancelled"])
    assert len(said(added)) == 1  # that it was saved; the address is in an allowed network
    shown = admin.get(page("change", one.pk)).content.decode()
    assert "whsec_" + base64.b64encode(one.secret.encode()).decode() in shown
    assert f"webhook__id__exact={one.pk}" in shown
    assert page("test", one.pk) in shown

    sent = admin.post(page("test", one.pk))
    assert (said(sent), sent.url) == (["The test has arrived."], page("change", one.pk))
    (received,) = receiver.received
    told = received.json
    assert (told["event"], told["meeting"], told["attempt"]) == ("ping", None, 1)
    assert received.headers["webhook-id"] == told["id"]
    receiver.statuses = [500]
    failed = said(admin.post(page("test", one.pk)))
    assert failed[-1] == "The test did not arrive. It answered 500."
    assert Delivery.objects.count() == 0

    renewed = admin.post(page("renew", one.pk))
    assert said(renewed)[-1] == "1 webhook has a new secret."
    assert Webhook.objects.get().secret != one.secret


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://ana:secret@hook.example/", "Leave the name and the password out"),
        ("ftp://hook.example/", "begins with https:// or http://"),
    ],
)
def test_what_cannot_be_posted_to_is_not_registered(admin: Client, url: str, words: str) -> None:
    assert words in registered(admin, ana(), url).content.decode()
    assert "required" in registered(admin, ben(), "https://a.example", events=[]).content.decode()
    assert not Webhook.objects.exists()


def test_an_address_inside_is_warned_of_at_once(admin: Client) -> None:
    answered = registered(admin, ana(is_active=False), "http://127.0.0.1:8000/in")
    away, inside, _saved = said(answered)
    assert "Ana Berger has no account any more" in away
    assert "WEBHOOK_NETWORKS" in inside


def test_who_may_only_look_sees_no_secret_and_sends_nothing(
    client: Client, receiver: Receiver
) -> None:
    one, looker = hook(ana(), receiver.url), cy(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_webhook"))
    client.force_login(looker)
    shown = client.get(page("change", one.pk)).content.decode()
    assert receiver.url in shown
    assert "whsec_" not in shown
    assert page("test", one.pk) not in shown
    for word in ("test", "renew"):
        assert client.post(page(word, one.pk)).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rae())
    assert strict.post(page("test", one.pk)).status_code == 403
    assert strict.get(page("test", one.pk)).status_code == 405
    assert receiver.received == []
    assert Webhook.objects.get().secret == one.secret


def test_what_was_sent_goes_with_it(admin: Client) -> None:
    one = hook(ana(), "https://hook.example/in")
    book(one.viewer, "2027-03-10 10:00", 60, ben())
    announce(NOW)
    assert "<li>Deliveries: 1</li>" in admin.get(page("delete", one.pk)).content.decode()
    admin.post(page("delete", one.pk), {"post": "yes"})
    assert not Webhook.objects.exists()
    assert [row.channel for row in Delivery.objects.all()] == ["email"]
