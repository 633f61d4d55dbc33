"""The demo keeps its mails and shows them; production does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client

from accounts.models import User
from notifications.models import DemoMail
from tests.factories import NOW, ana, ben, book, cy
from tests.notifications.conftest import Round

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(seconds=1)
PAGES = ("", "html/", "source/", "invite.ics")


@pytest.fixture(autouse=True)
def kept(settings: Any) -> None:
    """Mails are kept in the database."""
    settings.EMAIL_BACKEND = "notifications.demo_mail.DemoMailBackend"


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def invite(work: Round) -> tuple[User, DemoMail]:
    organizer = ana()
    book(organizer, "2027-03-10 10:00", 60, ben())
    work(SOON)
    return organizer, DemoMail.objects.get()


def test_mail_is_kept_as_it_was_sent(work: Round) -> None:
    _organizer, mail = invite(work)
    assert mail.recipients == ["ben@example.com"]
    assert mail.subject == "Invitation: Design review, Wed 10 March, 10:00–11:00 CET"
    source = bytes(mail.source)
    assert b"\r\nTo: Ben Okafor <ben@example.com>\r\n" in source
    assert b"\n" not in source.replace(b"\r\n", b"")


def test_other_mails_are_kept_too() -> None:
    send_mail("Your code", "1234 ü", "calendar@example.com", ["ben@example.com"])
    mail = DemoMail.objects.get()
    assert (mail.subject, mail.sender) == ("Your code", "calendar@example.com")


def test_list_is_newest_first_and_found_by_recipient(signed_in: Any) -> None:
    for n, to in enumerate(["ben@example.com", "cy@example.com", "ben@example.com"]):
        send_mail(f"Mail {n}", "", None, [to])
    client = signed_in(ana())
    everything = client.get("/dev/mail/").content.decode()
    assert everything.index("Mail 2") < everything.index("Mail 1") < everything.index("Mail 0")
    to_ben = client.get("/dev/mail/", {"to": "BEN@"}).content.decode()
    assert ("Mail 0" in to_ben, "Mail 1" in to_ben, "Mail 2" in to_ben) == (True, False, True)
    assert "No mail to “nobody”" in client.get("/dev/mail/", {"to": "nobody"}).content.decode()


def test_older_mails_are_a_page_further(signed_in: Any, django_assert_max_num_queries: Any) -> None:
    client = signed_in(ana())
    for n in range(60):
        send_mail(f"Mail {n:02}.", "", None, ["ben@example.com"])
    with django_assert_max_num_queries(10):
        first = client.get("/dev/mail/").content.decode()
    assert first.count("Mail ") == 50
    assert "Mail 10." in first
    last = DemoMail.objects.order_by("-pk")[49]
    assert f"?before={last.pk}" in first
    second = client.get("/dev/mail/", {"before": last.pk}).content.decode()
    assert second.count("Mail ") == 10
    assert client.get("/dev/mail/", {"before": "9" * 40}).status_code == 200
    assert client.get("/dev/mail/", {"before": "x"}).status_code == 200


def test_list_alone_for_the_refresh(signed_in: Any) -> None:
    send_mail("Mail", "", None, ["ben@example.com"])
    part = signed_in(ana()).get("/dev/mail/", headers={"HX-Request": "true", "HX-Target": "mails"})
    assert part.content.decode().startswith('<div id="mails"')


def test_a_mail_is_shown_with_all_its_parts(work: Round, signed_in: Any) -> None:
    organizer, mail = invite(work)
    client = signed_in(organizer)
    page = client.get(f"/dev/mail/{mail.uid}/").content.decode()
    assert f'src="/dev/mail/{mail.uid}/html/"' in page
    assert "Ana Berger via Scheduler" in page
    assert "Calendar part (REQUEST)" in page
    assert "BEGIN:VEVENT" in page
    assert 'href="http://127.0.0.1:8' in page  # links in the text part
    source = client.get(f"/dev/mail/{mail.uid}/source/")
    assert source["Content-Type"] == "text/plain; charset=utf-8"
    assert "Message-ID: <" in source.content.decode()
    calendar = client.get(f"/dev/mail/{mail.uid}/invite.ics")
    assert calendar["Content-Type"] == "text/calendar; charset=utf-8"
    assert calendar.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_html_runs_nothing_and_reaches_nobody(work: Round, signed_in: Any) -> None:
    organizer, mail = invite(work)
    shown = signed_in(organizer).get(f"/dev/mail/{mail.uid}/html/")
    policy = dict(
        part.strip().partition(" ")[::2] for part in shown["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == "'self'"
    assert "allow-scripts" not in policy["sandbox"]
    assert "allow-same-origin" not in policy["sandbox"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in shown.content.decode()


def test_mail_without_html_shows_its_text(signed_in: Any) -> None:
    send_mail("Code", "1234 <b>", None, ["ben@example.com"])
    mail = DemoMail.objects.get()
    client = signed_in(ana())
    page = client.get(f"/dev/mail/{mail.uid}/").content.decode()
    assert "1234 &lt;b&gt;" in page
    assert "iframe" not in page
    assert client.get(f"/dev/mail/{mail.uid}/invite.ics").status_code == 404


def test_odd_mail_is_shown_all_the_same(signed_in: Any) -> None:
    mail = EmailMultiAlternatives("", "", None, ["ben@example.com"])
    mail.attach_alternative("", "text/html")
    mail.send()
    DemoMail.objects.create(recipients=[], source=b"\xff\x00 no mail at all", created_at=NOW)
    client = signed_in(ana())
    assert "(no subject)" in client.get("/dev/mail/").content.decode()
    for row in DemoMail.objects.all():
        for page in ("", "html/", "source/"):
            assert client.get(f"/dev/mail/{row.uid}/{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_only_in_the_demo_that_keeps_its_mails(
    work: Round, signed_in: Any, settings: Any, page: str
) -> None:
    organizer, mail = invite(work)
    client = signed_in(organizer)
    assert client.get(f"/dev/mail/{mail.uid}/{page}").status_code == 200
    settings.DEMO = False
    assert client.get(f"/dev/mail/{mail.uid}/{page}").status_code == 404
    assert client.get("/dev/mail/").status_code == 404
    settings.DEMO, settings.EMAIL_URL = True, "smtp://localhost:25"  # nothing ends here
    assert client.get("/dev/mail/").status_code == 404
    assert "/dev/mail/" not in client.get("/settings/feeds/").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_only_for_who_is_signed_in_and_only_to_read(work: Round, client: Client, page: str) -> None:
    _organizer, mail = invite(work)
    path = f"/dev/mail/{mail.uid}/{page}"
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    client.force_login(cy())
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
    assert client.get(path.replace(str(mail.uid), str(mail.uid)[::-1])).status_code == 404
