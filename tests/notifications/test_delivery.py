"""The outbox: what is claimed, in which order, and what becomes of what could not be sent."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from meetings import scheduler
from meetings.models import Invitation
from notifications import delivery
from notifications.announcing import announce
from notifications.channels import Deferred, Lost, Refused, Undelivered, Unreachable
from notifications.delivery import LEASE, TRIES, claim, send_due
from notifications.models import Delivery
from tests.factories import NOW, ana, answer, ben, book, cy, invitation_of
from tests.notifications.conftest import Round

SOON = NOW + timedelta(seconds=1)


def until() -> float:
    return time.monotonic() + 60


@pytest.fixture
def troubled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Undelivered], list[str]]:
    """`troubled(error)`: the channel fails like this, until given nothing; lists who was tried."""

    def trouble(error: Undelivered | None) -> list[str]:
        tried: list[str] = []

        class Post:
            def __enter__(self) -> "Post":
                return self

            def __exit__(self, *args: object) -> None:
                pass

            def send(self, telling: Any) -> None:
                tried.append(telling.delivery.address)
                if error is not None:
                    raise error

        monkeypatch.setitem(delivery.CHANNELS, "email", Post)
        return tried

    return trouble


@pytest.mark.django_db
def test_invitation_is_sent_once_and_noted(work: Round) -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, ben())
    assert len(work(SOON)) == 1
    row = Delivery.objects.get(about=None)
    assert (row.status, row.sent_at, row.attempts, row.claimed_at) == ("sent", SOON, 1, None)
    assert Invitation.objects.get(pk=row.invitation_id).sent_at == SOON
    assert invitation_of(meeting, meeting.organizer).sent_at is None
    assert work(SOON) == []


@pytest.mark.django_db
def test_what_somebody_has_in_hand_is_not_claimed(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    (row,) = claim(SOON)
    assert claim(SOON) == []
    assert claim(SOON + LEASE - timedelta(seconds=1)) == []
    (again,) = claim(SOON + LEASE)
    assert (again.pk, again.attempts, again.in_doubt) == (row.pk, 2, True)


@pytest.mark.django_db
def test_killed_worker_is_made_good_with_the_same_message_id(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    (row,) = claim(SOON)
    (sent,) = work(SOON + LEASE)
    assert sent["Message-ID"].startswith(f"<{row.uid}@")
    assert work(SOON + 2 * LEASE) == []


@pytest.mark.django_db
def test_answers_and_invitations_leave_before_changes(work: Round) -> None:
    organizer, invited, other = ana(), ben(), cy()
    changed = book(organizer, "2027-03-10 10:00", 60, invited, other)
    work(SOON)
    scheduler.cancel(changed, by=organizer, now=SOON)
    announce(SOON)
    later = SOON + timedelta(seconds=1)
    asked = book(organizer, "2027-03-11 10:00", 60, invited, now=later)
    work(later)
    answer(asked, invited, "accepted", now=later)
    subjects = [m.subject.split()[0] for m in mail.outbox]
    assert subjects == ["Invitation:", "Invitation:", "Invitation:", "Cancelled:", "Cancelled:"]


@pytest.mark.django_db
def test_messages_to_one_person_about_one_meeting_keep_their_order(work: Round) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    announce(SOON)
    (first,) = claim(SOON)
    scheduler.resend(invitation_of(meeting, invited), by=organizer, now=SOON)
    announce(SOON)
    assert claim(SOON) == []  # the second one's lane is the first's: it has to wait
    assert claim(SOON + timedelta(seconds=20)) == []
    assert [row.pk for row in claim(SOON + LEASE)] == [first.pk]


@pytest.mark.django_db
def test_refusal_for_good_fails_at_once(troubled: Any) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    tried = troubled(Refused("550 No such user here"))
    assert send_due(SOON, until=until())
    row = Delivery.objects.get(about=None)
    assert (row.status, row.error, row.attempts) == ("failed", "550 No such user here", 1)
    assert not Delivery.objects.due(SOON + timedelta(days=1)).filter(about=None).exists()
    assert tried == ["ben@example.com"]
    notice = Delivery.objects.get(about=row)
    assert (notice.kind, notice.address) == ("failure", "ana@example.com")


@pytest.mark.django_db
def test_refusal_for_now_is_tried_again_ever_later_and_fails_at_last(troubled: Any) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    tried = troubled(Deferred("451 Try later"))
    now, waits = SOON, []
    while Delivery.objects.waiting().filter(about=None).exists():
        assert send_due(now, until=until())
        row = Delivery.objects.get(about=None)
        assert row.error == "451 Try later"
        waits.append(row.next_attempt_at - now)
        now = row.next_attempt_at
    assert row.status == "failed"
    assert len(tried) == TRIES
    steady = waits[:-1]
    assert all(longer > shorter for shorter, longer in pairwise(steady))
    assert timedelta(seconds=8) <= steady[0] <= timedelta(seconds=12)


@pytest.mark.django_db
def test_no_mail_server_is_not_the_messages_fault(troubled: Any, work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), cy())
    announce(SOON)
    real = dict(delivery.CHANNELS)
    tried = troubled(Unreachable("The mail server does not answer"))
    now = SOON
    for _minute in range(3 * TRIES):
        assert not send_due(now, until=until())  # nothing else would leave either
        now += timedelta(minutes=1)
    rows = list(Delivery.objects.all())
    assert {(r.status, r.attempts, r.error) for r in rows} == {
        ("waiting", 0, "The mail server does not answer")
    }
    assert len(tried) == 3 * TRIES
    delivery.CHANNELS.update(real)
    assert len(work(now)) == 2
    assert {r.error for r in Delivery.objects.all()} == {""}


@pytest.mark.django_db
def test_nothing_waits_for_a_mail_server_for_ever(troubled: Any) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    troubled(Unreachable("The mail server does not answer"))
    send_due(SOON + timedelta(days=3), until=until())
    assert Delivery.objects.get(about=None).status == "failed"


@pytest.mark.django_db
def test_connection_that_broke_leaves_a_doubt(troubled: Any) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), cy())
    announce(SOON)
    troubled(Lost("Connection reset"))
    send_due(SOON, until=until())
    first, second = Delivery.objects.order_by("pk")
    assert (first.in_doubt, first.attempts) == (True, 1)
    assert first.next_attempt_at > SOON
    assert (second.in_doubt, second.attempts, second.claimed_at) == (False, 0, None)
    assert second.next_attempt_at == SOON


@pytest.mark.django_db
def test_fault_of_ours_in_one_message_does_not_keep_the_others(
    work: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = EmailBackend.send_messages

    def send(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["ben@example.com"]:
            raise LookupError("no such letter")
        return int(real(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    book(ana(), "2027-03-10 10:00", 60, ben(), cy())
    assert [m["To"] for m in work(SOON)] == ["Cy Young <cy@example.com>"]
    row = Delivery.objects.get(address="ben@example.com")
    assert (row.status, row.error) == ("waiting", "LookupError: no such letter")


@pytest.mark.django_db
def test_message_that_kills_its_worker_each_time_fails(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    announce(SOON)
    now = SOON
    for _try in range(TRIES):
        assert claim(now)
        now += LEASE
    assert work(now) == []
    row = Delivery.objects.get(about=None)
    assert (row.status, row.error) == ("failed", "It was begun 8 times and never finished.")


@pytest.mark.django_db
def test_stops_in_time_and_leaves_the_rest_for_others(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(), cy())
    announce(SOON)
    assert send_due(SOON, until=time.monotonic() - 1)
    assert mail.outbox == []
    assert set(Delivery.objects.values_list("attempts", "claimed_at")) == {(0, None)}
    assert len(work(SOON)) == 2


@pytest.mark.django_db
def test_number_of_queries_does_not_grow_with_the_crowd(
    django_assert_max_num_queries: Any,
) -> None:
    organizer = ana()
    book(organizer, "2027-03-10 10:00", 60, *(f"guest{n}@elsewhere.example" for n in range(20)))
    with django_assert_max_num_queries(20):
        announce(SOON)
    with django_assert_max_num_queries(20 + 20 * 4):
        send_due(SOON, until=until())
    assert len(mail.outbox) == 20


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once() -> None:
    organizer = ana()
    for n in range(4):
        guests = [f"guest{n}{m}@elsewhere.example" for m in range(15)]
        book(organizer, f"2027-03-1{n} 10:00", 60, *guests)
    start = threading.Barrier(3)
    faults: list[BaseException] = []

    def worker() -> None:
        try:
            start.wait(timeout=30)
            going = True
            while going:
                going = bool(announce(SOON)) | send_due(SOON, until=until())
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(timeout=120)
    assert faults == []
    recipients = [m.to[0] for m in mail.outbox]
    assert len(recipients) == len(set(recipients)) == 60
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}
