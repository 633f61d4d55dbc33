"""The log of messages in the administration, and trying one again."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from notifications import heartbeat
from notifications.admin.deliveries import Newest
from notifications.models import Delivery, LateWarning
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


def who_may_look() -> User:
    looker: User = cy(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    return looker


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
    browser = Client()
    browser.force_login(who_may_look())

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


def test_topics_and_numbers_are_shown_by_their_beginning(admin: Client, sent: Delivery) -> None:
    page = reverse("admin:notifications_delivery_change", args=[sent.pk])
    for channel, address, shown in (
        ("push", "scheduler-R2hfX0tq9", "scheduler-R2hf…"),
        ("sms", "+4915112345678", "+49151…"),
    ):
        set_(sent, channel=channel, address=address, status="failed", error="refused")
        for asked in (reverse(LIST), page):
            text = admin.get(asked).content.decode()
            assert shown in text
            assert address not in text
        for words, count in ((address, 1), (shown[:-1], 1), (address[:-1], 0)):
            found = admin.get(reverse(LIST), {"q": words}).context["cl"].result_list
            assert len(found) == count
        out = io.StringIO()
        call_command("queue", stdout=out)
        assert shown in out.getvalue()
        assert address not in out.getvalue()


def test_titles_are_searched_unless_they_are_private(admin: Client, sent: Delivery) -> None:
    def found(**values: str) -> int:
        return len(admin.get(reverse(LIST), values).context["cl"].result_list)

    assert found(q="merger") == 0
    sent.meeting.visibility = "public"
    sent.meeting.save()
    assert found(q="merg") == 2
    assert found(q="merg ben") == found(q="merg BEN@") == 1
    assert found(q=str(sent.uid)) == 1
    assert found(q="%") == found(q="'") == found(q='"') == 0
    set_(sent, channel="sms")
    assert found(channel="sms") == found(channel="email") == 1


def test_a_million_rows_are_not_counted(
    admin: Client, sent: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Newest, "most", 1)
    with CaptureQueriesContext(connection) as asked:
        page = admin.get(reverse(LIST))
    counts = [q["sql"] for q in asked.captured_queries if "COUNT(*)" in q["sql"]]
    assert any("LIMIT 1" in sql for sql in counts)
    assert not any("LIMIT" not in sql and "delivery" in sql for sql in counts)
    assert "These are the newest." in page.content.decode()


def test_the_page_of_a_message_has_a_button(admin: Client, sent: Delivery, work: Round) -> None:
    page = reverse("admin:notifications_delivery_change", args=[sent.pk])
    again = reverse("admin:notifications_delivery_try_again", args=[sent.pk])
    assert again not in admin.get(page).content.decode()  # has left
    set_(sent, status="failed", error="550 no such user", attempts=8, sent_at=None)
    assert f'formaction="{again}"' in admin.get(page).content.decode()
    assert admin.get(again).status_code == 405
    looker = Client()
    looker.force_login(who_may_look())
    assert again not in looker.get(page).content.decode()
    assert looker.post(again).status_code == 403

    response = admin.post(again, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert "1 message leaves in a moment." in response.content.decode()
    assert [MARTA in m["To"] for m in work(NOW)] == [True]


def test_depth_and_age_of_the_queue_are_seen_by_who_may_see_deliveries(
    admin: Client, sent: Delivery
) -> None:
    ago = NOW - timedelta(minutes=5)
    set_(sent, status="waiting", kind="reminder", lane=3, not_before=ago, attempts=0)
    old = NOW - timedelta(days=2)
    Delivery.objects.exclude(pk=sent.pk).update(status="failed", next_attempt_at=old)
    LateWarning.objects.create(began_at=NOW - timedelta(days=3), over_at=old)
    LateWarning.objects.create(began_at=ago)
    heartbeat.beat("cluster 7 here", NOW - timedelta(hours=3))

    for page in ("/admin/", reverse(LIST)):
        words = " ".join(strip_tags(admin.get(page).content.decode()).split())
        assert "Reminders115 minutes" in words  # one waits and is due
        assert "0 messages have failed in the last day, one in all." in words
        assert "cluster 7 here: finished a task 3 hours ago. It stands still" in words
        assert "Reminders are 5 minutes late." in words
        assert "They were late for 24 hours" in words
    assert "reminders have been leaving late (5 minutes)" in words

    cys = Client()
    cys.force_login(cy(is_staff=True))
    page = cys.get("/admin/").content.decode()
    assert "What waits" not in page
    assert "leaving late" not in page


def test_nothing_is_added_changed_or_deleted_here(admin: Client, sent: Delivery) -> None:
    for name, args in (("add", []), ("change", [sent.pk]), ("delete", [sent.pk])):
        address = reverse(f"admin:notifications_delivery_{name}", args=args)
        assert admin.post(address, {"post": "yes"}).status_code == 403
    assert Delivery.objects.filter(pk=sent.pk).exists()


def test_the_queue_cannot_be_edited(admin: Client) -> None:
    assert "/admin/django_q/" not in admin.get("/admin/").content.decode()
    assert admin.get("/admin/django_q/schedule/add/").status_code == 404
