"""The page where people make addresses of calendars, the room's button, the administration."""

from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Feed
from tests import factories
from tests.factories import NOW, RoomFactory

pytestmark = pytest.mark.django_db
PAGE = "/settings/feeds/"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    return factories.ana()


@pytest.fixture
def as_ana(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def press(client: Client, name: str, *args: object, **data: object) -> HttpResponse:
    return client.post(reverse(f"notifications:{name}", args=args), data, follow=True)


def shown(response: HttpResponse) -> str:
    return response.content.decode()


def reads(feed: Feed) -> int:
    return Client().get(feed.get_absolute_url()).status_code


def test_an_address_is_made_renewed_and_revoked(as_ana: Client, ana: User) -> None:
    assert "Make my address" in shown(as_ana.get(PAGE))
    page = shown(press(as_ana, "subscribe"))
    press(as_ana, "subscribe")
    feed = Feed.objects.get()  # one, however often the button is pressed
    assert feed.get_absolute_url() in page
    assert f'href="webcal://127.0.0.1:8103{feed.get_absolute_url()}"' in page or "webcal://" in page

    press(
        as_ana, "feed_days", feed.uid, **{f"{feed.uid}-past_days": 7, f"{feed.uid}-future_days": 30}
    )
    page = shown(press(as_ana, "renew_feed", feed.uid))
    fresh = Feed.objects.working().get()
    assert (fresh.past_days, fresh.future_days) == (7, 30)
    assert fresh.get_absolute_url() in page
    assert feed.token not in page
    assert (reads(feed), reads(fresh)) == (404, 200)
    assert "Last read" in shown(as_ana.get(PAGE))

    assert "Make my address" in shown(press(as_ana, "revoke_feed", fresh.uid))
    assert reads(fresh) == 404


def test_days_that_are_not_offered_are_refused(as_ana: Client) -> None:
    press(as_ana, "subscribe")
    feed = Feed.objects.get()
    wrong = {f"{feed.uid}-past_days": 7, f"{feed.uid}-future_days": 40000}
    assert "40000 is not one of the available choices" in shown(
        press(as_ana, "feed_days", feed.uid, **wrong)
    )
    feed.refresh_from_db()
    assert (feed.past_days, feed.future_days) == (60, 400)


def test_a_room_is_subscribed_to_from_its_page(as_ana: Client) -> None:
    room = RoomFactory.create(name="Blue")
    action = reverse("notifications:subscribe_room", args=[room.code])
    assert f'action="{action}"' in shown(as_ana.get(room.get_absolute_url()))

    page = shown(press(as_ana, "subscribe_room", room.code))

    assert Feed.objects.get(room=room).get_absolute_url() in page
    assert "Make my address" in page
    assert press(as_ana, "subscribe_room", "nowhere").status_code == 404


def test_nobody_touches_the_feeds_of_others(as_ana: Client) -> None:
    feed = Feed.objects.create(user=factories.ben(), created_at=NOW)
    for name in ("feed_days", "renew_feed", "revoke_feed"):
        assert press(as_ana, name, feed.uid).status_code == 404
        signed_out = Client().post(reverse(f"notifications:{name}", args=[feed.uid]))
        assert signed_out["Location"].startswith(reverse("account_login"))
    assert feed.token not in shown(as_ana.get(PAGE))
    assert reads(feed) == 200


def test_administrators_revoke_without_seeing_addresses(ana: User) -> None:
    rae, feed = Client(), Feed.objects.create(user=ana, created_at=NOW)
    rae.force_login(factories.rae())
    listed = reverse("admin:notifications_feed_changelist")
    for page in (listed, reverse("admin:notifications_feed_change", args=[feed.pk])):
        assert "Ana Berger" in shown(rae.get(page))
        assert feed.token not in shown(rae.get(page))

    chosen = {"action": "revoke", "_selected_action": [feed.pk]}
    assert "1 address is revoked." in shown(rae.post(listed, chosen, follow=True))

    assert reads(feed) == 404
