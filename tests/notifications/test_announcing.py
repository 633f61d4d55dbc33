"""From changes to deliveries."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Meeting
from notifications import announcing
from notifications.announcing import announce
from notifications.models import Delivery
from tests.factories import NOW, ana, answer, ben, book, cy, invitation_of

SOON = NOW + timedelta(seconds=1)


@pytest.mark.django_db
def test_each_invited_person_gets_a_row() -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, "marta@silva.example")
    assert announce(SOON) == 1
    change = Change.objects.get()
    assert change.announced_at == SOON
    rows = Delivery.objects.order_by("pk").values_list(
        "change", "meeting", "recipient", "address", "kind", "lane", "not_before", "next_attempt_at"
    )
    same = (Delivery.Kind.INVITATION, Delivery.Lane.PROMPT, NOW, SOON)
    assert list(rows) == [
        (change.pk, meeting.pk, invited.pk, "ben@example.com", *same),
        (change.pk, meeting.pk, None, "marta@silva.example", *same),
    ]
    assert announce(SOON) == 0


@pytest.mark.django_db
def test_answer_is_a_row_for_the_organizer_about_who_answered() -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    announce(SOON)
    answer(meeting, invited, "accepted", now=SOON)
    announce(SOON)
    row = Delivery.objects.get(kind="answer")
    assert (row.address, row.recipient) == (organizer.email, organizer)
    assert row.invitation == invitation_of(meeting, invited)


@pytest.mark.django_db
def test_only_the_same_persons_older_message_is_folded() -> None:
    organizer, invited, other = ana(), ben(), cy()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, other)
    announce(SOON)
    scheduler.resend(invitation_of(meeting, invited), by=organizer, now=SOON)
    for person in (invited, other):
        answer(meeting, person, "accepted", now=SOON)
    answer(meeting, other, "declined", now=SOON)
    announce(SOON)
    rows = Delivery.objects.order_by("pk").values_list("kind", "invitation__user__email", "status")
    assert sorted(rows) == [
        ("answer", "ben@example.com", "waiting"),
        ("answer", "cy@example.com", "dropped"),
        ("answer", "cy@example.com", "waiting"),
        ("invitation", "ben@example.com", "dropped"),
        ("invitation", "ben@example.com", "waiting"),
        ("invitation", "cy@example.com", "waiting"),
    ]


@pytest.mark.django_db
def test_one_that_cannot_be_announced_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    organizer, invited = ana(), ben()
    bad = book(organizer, "2027-03-10 10:00", 60, invited)
    good = book(organizer, "2027-03-11 10:00", 60, invited)
    real = announcing.recipients

    def recipients(change: Change) -> object:
        if change.meeting_id == bad.pk:
            raise LookupError("who?")
        return real(change)

    monkeypatch.setattr(announcing, "recipients", recipients)
    assert announce(SOON) == 1
    assert list(Delivery.objects.values_list("meeting", flat=True)) == [good.pk]
    assert f"The changes of meeting {bad.pk} could not be announced" in caplog.text
    monkeypatch.undo()
    assert announce(SOON) == 1  # nothing of it was lost


def in_another_connection(work: object) -> list[object]:
    """Run `work()` in a thread with a database connection of its own."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())  # type: ignore[operator]
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_waits_for_nobody_who_has_the_meeting() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, ben())
    with transaction.atomic():
        Meeting.objects.locked([meeting.pk])
        assert in_another_connection(lambda: announce(SOON)) == [0]
    assert announce(SOON) == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_each_row_once() -> None:
    organizer: User = ana()
    for day in range(10, 20):
        book(organizer, f"2027-03-{day} 10:00", 60, "marta@silva.example", "jo@silva.example")
    start = threading.Barrier(3)
    done: list[object] = []

    def worker() -> None:
        try:
            start.wait(timeout=30)
            done.append(announce(SOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(done) == 3
    announce(SOON)
    assert Delivery.objects.count() == 20
    assert Change.objects.filter(announced_at__isnull=True).count() == 0
