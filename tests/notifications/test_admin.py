"""The log of messages in the administration, and trying one again."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Delivery
from tests.factories import NOW, ana, ben, book, cy, rae

pytestmark = pytest.mark.django_db

LIST = "admin:notifications_delivery_changelist"
MARTA = "marta@silva.example"

Round = Callable[[datetime], list[EmailMessage]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(rae())
    return client


@pytest.fixture
def sent(work: Round) -> Delivery:
    """Marta's invitation, which has left; Ben's too."""
    book(ana(), "2027-03-10 14:00", 60, ben(), MARTA, title="Merger", visibility="private")
    work(NOW)
    return Delivery.objects.get(address=MARTA)


def set_(row: Delivery, **values: object) -> Delivery:
    Delivery.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def try_again(browser: Client) -> str:
    rows = [str(pk) for pk in Delivery.objects.values_list("pk", flat=True)]
    response = browser.post(
        reverse(LIST), {"action": "try_again", "_selected_action": rows}, follow=True
    )
    return " ".join(map(str, get_messages(response.wsgi_request))) or response.content.decode()


def test_what_failed_leaves_after_all(admin: Client, sent: Delivery, work: Round) -> None:
    set_(sent, status="failed", error="550 no such user", attempts=8, sent_at=None)

    said = try_again(admin)
    mails = work(NOW)

    assert said == "1 message leaves in a moment."
    (mail,) = mails
    assert MARTA in mail["To"]
    sent.refresh_from_db()
    assert (sent.status, sent.error, sent.attempts) == ("sent", "", 1)


def test_what_waits_for_its_next_try_is_due_at_once(admin: Client, sent: Delivery) -> None:
    soon = NOW + timedelta(hours=2)
    set_(sent, status="waiting", error="451 later", attempts=5, next_attempt_at=soon)

    try_again(admin)

    sent.refresh_from_db()
    assert (sent.status, sent.next_attempt_at, sent.attempts) == ("waiting", NOW, 5)


def test_what_has_left_is_in_hand_or_may_not_leave_yet_is_left_alone(
    admin: Client, sent: Delivery
) -> None:
    lease = NOW + timedelta(seconds=75)
    other = Delivery.objects.get(address="ben@example.com")
    set_(other, status="waiting", claimed_at=NOW, next_attempt_at=lease)
    before = [(row.pk, row.status, row.next_attempt_at) for row in Delivery.objects.order_by("pk")]

    said = try_again(admin)

    assert "0 messages" in said
    after = [(row.pk, row.status, row.next_attempt_at) for row in Delivery.objects.order_by("pk")]
    assert after == before


def test_who_may_only_look_cannot_try_again(sent: Delivery) -> None:
    set_(sent, status="failed", error="550 no such user")
    looker: User = cy(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    browser = Client()
    browser.force_login(looker)

    page = browser.get(reverse(LIST))
    try_again(browser)

    assert MARTA in page.content.decode()
    assert "Try again now" not in page.content.decode()
    sent.refresh_from_db()
    assert sent.status == "failed"


def test_it_is_searched_by_address_and_failure_and_names_nothing_private(
    admin: Client, sent: Delivery
) -> None:
    set_(sent, status="failed", error="550 no such user")

    for words in (MARTA, "no such user", str(sent.meeting.uid)):
        found = admin.get(reverse(LIST), {"q": words})
        assert sent in found.context["cl"].result_list
        assert "Merger" not in found.content.decode()
    columns = found.context["cl"].list_display
    assert columns.index("error") < columns.index("meeting_seen")  # seen without scrolling
    row = admin.get(reverse("admin:notifications_delivery_change", args=[sent.pk]))
    assert "550 no such user" in row.content.decode()
    assert "Merger" not in row.content.decode()


def test_nothing_is_added_changed_or_deleted_here(admin: Client, sent: Delivery) -> None:
    for name, args in (("add", []), ("change", [sent.pk]), ("delete", [sent.pk])):
        address = reverse(f"admin:notifications_delivery_{name}", args=args)
        assert admin.post(address, {"post": "yes"}).status_code == 403
    assert Delivery.objects.filter(pk=sent.pk).exists()


def test_the_queue_cannot_be_edited(admin: Client) -> None:
    assert "/admin/django_q/" not in admin.get("/admin/").content.decode()
    assert admin.get("/admin/django_q/schedule/add/").status_code == 404
