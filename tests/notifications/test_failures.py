"""What reaches nobody goes another way, or the organizer hears of it, once."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from meetings import scheduler
from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.models import Contact, Delivery, Preference
from notifications.reminders import remind
from scheduler_site import environment
from tests.factories import NOW, ana, at, ben, book, cy
from tests.notifications.conftest import text_of
from tests.notifications.servers import Mailbox, Texts, mail_servers, text_service

pytestmark = pytest.mark.django_db

SOON, MINUTE = NOW + timedelta(seconds=1), timedelta(minutes=1)
MARTA = "marta@silva.example"
PHONE = "+4915112345678"
NO_USER = "550 5.1.1 No such user"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that takes what it is not told to refuse."""
    with mail_servers() as serve:
        mailbox, port = serve()
        for name, value in environment.mail(f"smtp://127.0.0.1:{port}").items():
            setattr(settings, name, value)
        yield mailbox


@pytest.fixture
def texts(settings: Any) -> Iterator[Texts]:
    """A service for SMS that refuses everything."""
    with text_service() as texts:
        settings.CHANNEL_URLS = {"sms": texts.url}
        texts.say = 400
        yield texts


def work(now: datetime) -> None:
    """All that a worker does at `now`."""
    while any([announce(now), send_due(now, until=time.monotonic() + 30), remind(now)]):
        pass


def arrived(mailbox: Mailbox) -> list[tuple[str, str]]:
    """Who got what: (address, first word of the subject); it is forgotten then."""
    found = [
        (str(mail["To"].addresses[0].addr_spec), str(mail["Subject"])) for mail in mails(mailbox)
    ]
    mailbox.taken.clear()
    return [(address, subject.split(":")[0]) for address, subject in found]


def mails(mailbox: Mailbox) -> list[EmailMessage]:
    """What the server took, parsed."""
    found = []
    for envelope in mailbox.taken:
        mail = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(mail, EmailMessage)
        found.append(mail)
    return found


def test_organizer_hears_once_of_all_that_failed_at_once(mailbox: Mailbox) -> None:
    mailbox.say |= {"ben@example.com": NO_USER, MARTA: "553 5.1.3 No such domain"}
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), cy(), MARTA)
    work(SOON)
    assert arrived(mailbox) == [("cy@example.com", "Invitation")]
    work(SOON + MINUTE)
    (mail,) = mails(mailbox)
    assert arrived(mailbox) == [("ana@example.com", "Not delivered")]
    text = text_of(mail)
    for part in (
        "Messages about your meeting",
        f"Ben Okafor <ben@example.com>\n  invitation: {NO_USER}",
        f"{MARTA}\n  invitation: 553 5.1.3 No such domain",
        meeting.get_absolute_url(),
    ):
        assert part in text
    work(SOON + 2 * MINUTE)
    assert arrived(mailbox) == []
    scheduler.cancel(meeting, by=meeting.organizer, now=SOON + 3 * MINUTE)
    work(SOON + 3 * MINUTE)
    assert arrived(mailbox) == [("cy@example.com", "Cancelled")]  # the others were not invited


def test_what_fails_later_is_told_by_a_notice_of_its_own(mailbox: Mailbox) -> None:
    mailbox.say["ben@example.com"] = NO_USER
    mailbox.say[MARTA] = "450 4.2.1 Come again"
    book(ana(), "2027-03-10 10:00", 60, ben(), MARTA)
    work(SOON)
    work(SOON + MINUTE)
    mailbox.say[MARTA] = "553 5.1.3 No such domain"
    work(SOON + 3 * MINUTE)
    assert "Ben" in text_of(mails(mailbox)[0])
    assert arrived(mailbox) == [("ana@example.com", "Not delivered")]
    work(SOON + 4 * MINUTE)
    (mail,) = mails(mailbox)
    assert MARTA in text_of(mail)
    assert "ben@example.com" not in text_of(mail)


def test_a_notice_that_fails_makes_no_notice(mailbox: Mailbox) -> None:
    mailbox.say |= {"ben@example.com": NO_USER, "ana@example.com": NO_USER}
    book(ana(), "2027-03-10 10:00", 60, ben())
    for minutes in (0, 1, 2, 3):
        work(SOON + minutes * MINUTE)
    rows = Delivery.objects.order_by("pk").values_list("kind", "status")
    assert list(rows) == [("invitation", "failed"), ("failure", "failed")]


def test_what_was_tried_again_and_left_is_not_told(mailbox: Mailbox) -> None:
    mailbox.say["ben@example.com"] = NO_USER
    book(ana(), "2027-03-10 10:00", 60, ben())
    work(SOON)
    mailbox.say.clear()
    assert Delivery.objects.try_again(SOON) == 1
    work(SOON + MINUTE)
    work(SOON + 2 * MINUTE)
    assert arrived(mailbox) == [("ben@example.com", "Invitation")]
    assert Delivery.objects.get(kind="failure").status == "dropped"


def test_organizer_who_wants_to_hear_of_no_failure_is_left_in_peace(mailbox: Mailbox) -> None:
    mailbox.say["ben@example.com"] = NO_USER
    organizer = ana()
    Preference.objects.create(user=organizer, event="failure", channel="email", wanted=False)
    book(organizer, "2027-03-10 10:00", 60, ben())
    work(SOON)
    work(SOON + MINUTE)
    assert arrived(mailbox) == []


@pytest.mark.parametrize(
    "by_mail_too", [pytest.param(True, id="both"), pytest.param(False, id="SMS only")]
)
def test_sms_that_fails_for_good_goes_by_mail_once(
    mailbox: Mailbox, texts: Texts, by_mail_too: bool
) -> None:
    """Cancellations and reminders, whether mails were wanted too or not."""
    work(NOW - MINUTE)
    organizer, reader = ana(), ben()
    Contact.objects.create(user=reader, channel="sms", address=PHONE, confirmed_at=NOW)
    for event in ("cancellation", "reminder"):
        Preference.objects.create(user=reader, event=event, channel="email", wanted=by_mail_too)
    meeting = book(organizer, "2027-03-10 10:00", 60, reader)
    book(organizer, "2027-03-02 10:00", 60, reader, title="Retro", reminders=(60,))
    work(SOON)
    assert arrived(mailbox) == [("ben@example.com", "Invitation")] * 2
    scheduler.cancel(meeting, by=organizer, now=SOON)
    work(SOON)
    work(SOON + MINUTE)
    assert arrived(mailbox) == [("ben@example.com", "Cancelled")]
    work(at("2027-03-02 09:01"))
    work(at("2027-03-02 09:03"))
    assert sorted(arrived(mailbox)) == [
        (f"{who}@example.com", "Reminder") for who in ("ana", "ben")
    ]
    assert texts.taken == []
    assert Delivery.objects.failed().filter(channel="sms").count() == 2


def test_organizer_hears_of_what_neither_sms_nor_mail_could_tell(
    mailbox: Mailbox, texts: Texts
) -> None:
    organizer, reader = ana(), ben()
    Contact.objects.create(user=reader, channel="sms", address=PHONE, confirmed_at=NOW)
    Preference.objects.create(user=reader, event="cancellation", channel="email", wanted=False)
    meeting = book(organizer, "2027-03-10 10:00", 60, reader)
    work(SOON)
    arrived(mailbox)
    mailbox.say["ben@example.com"] = NO_USER
    scheduler.cancel(meeting, by=organizer, now=SOON)
    for minutes in (0, 1, 2):
        work(SOON + minutes * MINUTE)
    (mail,) = mails(mailbox)
    assert arrived(mailbox) == [("ana@example.com", "Not delivered")]
    assert text_of(mail).count(NO_USER) == 1
