"""The mails themselves, read as a mail program reads them."""

from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.core import mail
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from notifications.channels.email.mail import POLICY, Mime, header, mailbox
from tests.factories import (
    NOW,
    RoomFactory,
    UserFactory,
    ana,
    ben,
    book,
    cy,
    days,
    invitation_of,
    timed,
)
from tests.notifications.conftest import (
    Round,
    as_received,
    calendar_in,
    calendar_method,
    html_of,
    text_of,
)

SOON = NOW + timedelta(seconds=1)


@pytest.mark.django_db
def test_invitation_has_all_parts_in_the_order_mail_programs_want(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    (received,) = work(SOON)
    assert received.get_content_type() == "multipart/mixed"
    alternatives, attached = received.iter_parts()
    assert [p.get_content_type() for p in alternatives.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    calendar = list(alternatives.iter_parts())[-1]
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar["Content-Type"].params == {"method": "REQUEST", "charset": "UTF-8"}
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content() == calendar.get_payload(decode=True)
    lines = attached.get_content().split(b"\r\n")
    assert b"METHOD:REQUEST" in lines
    assert max(map(len, lines)) <= 75


@pytest.mark.django_db
@override_settings(EMAIL_FROM="calendar@corp.example", BASE_URL="https://meet.corp.example")
def test_who_it_is_from_and_where_answers_go(work: Round) -> None:
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    (received,) = work(SOON)
    assert received["From"] == "Ana Berger via Scheduler <calendar@corp.example>"
    assert received["Reply-To"] == "Ana Berger <ana@example.com>"
    assert received["To"] == "Ben Okafor <ben@example.com>"
    assert received["Message-ID"].endswith("@corp.example>")
    assert received["Auto-Submitted"] == "auto-generated"
    (sent,) = mail.outbox
    assert (sent.from_email, sent.recipients()) == ("calendar@corp.example", ["ben@example.com"])
    token = invitation_of(meeting, invited).token
    for status in ("accepted", "tentative", "declined"):
        link = f"https://meet.corp.example/rsvp/{token}/?answer={status}"
        assert link in text_of(received)
        assert link in html_of(received)
    assert f"https://meet.corp.example/meetings/{meeting.uid}/" in html_of(received)


@pytest.mark.django_db
def test_calendar_part_says_what_a_calendar_needs(work: Round) -> None:
    room = RoomFactory.create(name="Blue Room", code="blue")
    meeting = book(
        ana(),
        "2027-03-10 10:00",
        90,
        "marta@silva.example",
        ben(),
        rooms=(room,),
        description="Who signs,\nand when; we'll see",
        location="by the lift",
        join_link="https://meet.example.com/x",
        visibility="private",
        tentative=True,
    )
    to_marta = next(m for m in work(SOON) if "marta" in m["To"])
    assert calendar_method(to_marta) == "REQUEST"
    event = calendar_in(to_marta)
    assert event is not None
    assert event["UID"] == meeting.ical_uid
    assert event["SEQUENCE"] == 0
    assert event["SUMMARY"] == "Design review"
    assert event["DESCRIPTION"] == "Who signs,\nand when; we'll see"
    assert event["LOCATION"] == "Blue Room, by the lift"
    assert "Location: by the lift" in text_of(to_marta)
    assert ">Location</td>" in html_of(to_marta)
    assert event["CONFERENCE"] == "https://meet.example.com/x"
    assert event["CLASS"] == "PRIVATE"
    assert event["STATUS"] == "TENTATIVE"
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event["DTSTAMP"].dt == SOON
    assert event["ORGANIZER"] == "mailto:ana@example.com"
    assert event["ORGANIZER"].params["CN"] == "Ana Berger"
    own, other, place = event["ATTENDEE"]
    assert own == "mailto:marta@silva.example"
    assert (own.params["PARTSTAT"], own.params["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    assert other == "mailto:ben@example.com"
    assert place == "mailto:blue@rooms.invalid"
    assert (place.params["CUTYPE"], place.params["PARTSTAT"]) == ("ROOM", "ACCEPTED")
    assert "RSVP" not in place.params


@pytest.mark.django_db
def test_zone_comes_with_its_clock_changes(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben())
    (received,) = work(SOON)
    text = next(p.get_content() for p in received.walk() if p.get_content_type() == "text/calendar")
    (zone,) = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Berlin"
    assert len(zone.walk("DAYLIGHT")) == len(zone.walk("STANDARD")) == 1


@pytest.mark.parametrize(
    ("zone", "subject", "lines"),
    [
        pytest.param(
            "Europe/Berlin",
            "Wed 10 March, 10:00–11:00 CET",
            ["Wednesday 10 March, 10:00–11:00, Berlin time (CET)"],
            id="as the organizer",
        ),
        pytest.param(
            "Europe/Paris",
            "Wed 10 March, 10:00–11:00 CET",
            ["Wednesday 10 March, 10:00–11:00, Paris time (CET)"],
            id="elsewhere at the same time",
        ),
        pytest.param(
            "Europe/Lisbon",
            "Wed 10 March, 9:00–10:00 WET",
            [
                "Wednesday 10 March, 9:00–10:00, Lisbon time (WET)",
                "(10:00–11:00 in Berlin, where Ana is)",
            ],
            id="elsewhere",
        ),
        pytest.param(
            "Asia/Kolkata",
            "Wed 10 March, 14:30–15:30 IST",
            ["Wednesday 10 March, 14:30–15:30, Kolkata time (IST)"],
            id="half an hour off",
        ),
        pytest.param(
            "Pacific/Auckland",
            "Wed 10 March, 22:00–23:00 NZDT",
            ["(10:00–11:00 in Berlin, where Ana is)"],
            id="far away",
        ),
        pytest.param(
            "Pacific/Kiritimati",
            "Wed 10 March, 23:00–24:00 UTC+14",
            [],
            id="until midnight",
        ),
    ],
)
@pytest.mark.django_db
def test_times_are_in_the_readers_zone(
    work: Round, zone: str, subject: str, lines: list[str]
) -> None:
    book(ana(), "2027-03-10 10:00", 60, ben(timezone=zone))
    (received,) = work(SOON)
    assert received["Subject"] == f"Invitation: Design review, {subject}"
    for line in lines:
        assert line in text_of(received)


@pytest.mark.django_db
def test_guests_read_the_meetings_zone(work: Round) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    book(ana(), "2027-03-10 10:00", 60, "yuki@elsewhere.example", zone=tokyo)
    (received,) = work(SOON)
    assert received["Subject"] == "Invitation: Design review, Wed 10 March, 10:00–11:00 JST"
    assert "(2:00–3:00 in Berlin, where Ana is)" in text_of(received)


@pytest.mark.django_db
def test_year_is_written_where_it_is_another(work: Round) -> None:
    book(ana(), "2028-03-10 10:00", 60, ben(), "marta@silva.example", when=days("2028-03-10"))
    for received in work(SOON):
        assert received["Subject"] == "Invitation: Design review, Fri 10 March 2028, all day"
        event = calendar_in(received)
        assert event is not None
        assert event["DTSTART"].params.get("VALUE") == "DATE"


@pytest.mark.django_db
def test_what_people_typed_is_shown_as_typed_and_does_no_harm(work: Round) -> None:
    title = 'Q&A <script>alert("x")</script> ' + "длинное название " * 12
    description = "<b>not bold</b> & 'quoted'\nBcc: everybody@example.com"
    UserFactory.create(name='Zoë "Z" O’Neil, Jr.', email="zoe@example.com")
    book(ana(), "2027-03-10 10:00", 60, "zoe@example.com", title=title, description=description)
    (received,) = work(SOON)
    assert received["Subject"].startswith('Invitation: Q&A <script>alert("x")</script> длинное')
    assert received["Subject"].endswith("…, Wed 10 March, 10:00–11:00 CET")
    (recipient,) = received["To"].addresses
    assert (recipient.display_name, recipient.addr_spec) == (
        'Zoë "Z" O’Neil, Jr.',
        "zoe@example.com",
    )
    assert received["Bcc"] is None
    assert description in text_of(received)
    assert "<script>" not in html_of(received)
    assert "<b>not bold" not in html_of(received)
    assert "&lt;b&gt;not bold&lt;/b&gt; &amp; &#x27;quoted&#x27;<br>Bcc" in html_of(received)
    event = calendar_in(received)
    assert event is not None
    assert event["SUMMARY"] == " ".join(title.split())
    raw = mail.outbox[0].message().as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.django_db
def test_names_cannot_bring_headers_in(work: Round) -> None:
    attacker = ana()
    User.objects.filter(pk=attacker.pk).update(name="Ana\r\nBcc: everybody@example.com\u2028X: y")
    attacker.refresh_from_db()
    book(attacker, "2027-03-10 10:00", 60, ben())
    (received,) = work(SOON)
    assert received["Bcc"] is None
    assert received["X"] is None
    (sender,) = received["From"].addresses
    assert sender.display_name == "Ana Bcc: everybody@example.com X: y via Scheduler"


@pytest.mark.django_db
def test_address_in_an_international_domain(work: Round) -> None:
    book(ana(), "2027-03-10 10:00", 60, "jorg@bücher.example")
    (received,) = work(SOON)
    (recipient,) = received["To"].addresses
    assert recipient.addr_spec == "jorg@xn--bcher-kva.example"


@pytest.mark.django_db
def test_a_crowd_is_named_in_part(work: Round) -> None:
    guests = [f"guest{n:02}@elsewhere.example" for n in range(14)]
    book(ana(), "2027-03-10 10:00", 60, *guests)
    received = work(SOON)[0]
    assert "With: guest01@elsewhere.example, " in text_of(received)
    assert "guest08@elsewhere.example and 5 others" in text_of(received)
    assert "guest09" not in text_of(received)


@pytest.mark.django_db
def test_each_gets_her_own_mail_and_link(work: Round) -> None:
    invited, other = ben(), cy()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, other)
    for received, person, stranger in zip(
        work(SOON), [invited, other], [other, invited], strict=True
    ):
        assert person.email in received["To"]
        assert stranger.email not in received["To"]
        assert received["Cc"] is None
        whole = text_of(received) + html_of(received)
        assert invitation_of(meeting, person).token in whole
        assert invitation_of(meeting, stranger).token not in whole


@pytest.mark.django_db
def test_clock_change_during_the_meeting(work: Round) -> None:
    book(ana(), "", 0, ben(), when=timed("2027-03-28 01:30", 60))
    (received,) = work(SOON)
    assert "1:30 CET – 3:30 CEST" in received["Subject"]


def shortened(name: str) -> str:
    return name if len(name) <= 100 else name[:99] + "…"


def name_in(raw: bytes) -> str:
    """The recipient's name; by the older parser, as the newer puts spaces between encoded words."""
    written = message_from_bytes(raw, policy=compat32)["To"]
    return str(make_header(decode_header(parseaddr(written)[0])))


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=150),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
)
@example("0 000¡¡ࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀࠀ ¡", "")
def test_headers_come_back_as_they_were_written(name: str, subject: str) -> None:
    """Against the parser of the standard library, which mail programs agree with."""
    mime = Mime(policy=POLICY)
    mime["To"] = mailbox(name, "ben@example.com")
    mime["Subject"] = header(subject)
    mime.set_content("x")
    raw = mime.as_bytes(linesep="\r\n")
    assert raw.isascii()
    received: Any = message_from_bytes(raw, policy=default)
    assert set(received.keys()) == {
        "To",
        "Subject",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    (recipient,) = received["To"].addresses
    assert recipient.addr_spec == "ben@example.com"
    assert name_in(raw) == shortened(header(name))
    assert received["Subject"] == header(subject)


def test_as_received_reads_what_was_sent() -> None:
    """The oracle of these tests."""
    mime = Mime(policy=POLICY)
    mime["Subject"] = "Größe"
    mime.set_content("Straße\n")

    class Sent:
        def message(self) -> Mime:
            return mime

    assert as_received(Sent())["Subject"] == "Größe"
