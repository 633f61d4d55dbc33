"""SMS, push and chat: handed to real HTTP endpoints on this machine through apprise."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from meetings import scheduler
from meetings.models import Meeting
from notifications.channels import Deferred, Lost, Refused, Undelivered, Unreachable, service
from notifications.channels.note import Note
from notifications.channels.service import fault_in, hand_over
from notifications.channels.sms import PLAIN, longest_of
from notifications.models import Contact, Delivery, Event, Preference
from scheduler_site.checks import services_can_be_used
from tests.factories import NOW, ana, at, ben, book, invitation_of, timed
from tests.notifications.conftest import Round
from tests.notifications.test_post import free_port

SOON = NOW + timedelta(seconds=1)
PHONE = "+4915112345678"
TOPIC = "scheduler-R2hfX0tq"
NAME = "ben.okafor"
ADDRESSES = {"sms": PHONE, "push": TOPIC, "chat": NAME}
HOOK = "3ccdd113474722377935511fc85d3dd4"


class Endpoint:
    """A service: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.say: int | str = 200
        self.goes_on = threading.Event()
        self.port = 0

    def last(self) -> str:
        """All that was in the last request."""
        path, body = self.asked[-1]
        return "\n".join([path, *map(str, body.values())])

    def url(self, channel: str) -> str:
        """Its address for a setting."""
        there = f"127.0.0.1:{self.port}"
        return {
            "sms": f"json://{there}/sms/{{to}}",
            "push": f"ntfy://{there}/{{to}}",
            "chat": f"rocket://aaaaa/bbbb@{there}/@{{to}}",
        }[channel]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    there = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.asked.append((self.path, json.loads(body)))
            if there.say == "hang":
                there.goes_on.wait(20)
                return
            if there.say == "hang up":
                self.connection.close()
                return
            self.send_response(int(there.say))
            if there.say == 302:
                self.send_header("Location", f"http://127.0.0.1:{there.port}/elsewhere")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield there
    there.goes_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["sms", "push", "chat"])
def channel(request: pytest.FixtureRequest, endpoint: Endpoint, settings: Any) -> str:
    """A channel that is set up, and no other."""
    settings.CHANNEL_URLS = {request.param: endpoint.url(request.param)}
    return str(request.param)


def reached(user: Any, channel: str) -> Any:
    """Somebody who wants to hear everything over the channel."""
    address = ADDRESSES[channel]
    Contact.objects.create(user=user, channel=channel, address=address, confirmed_at=NOW)
    Preference.objects.bulk_create(
        Preference(user=user, event=event, channel=channel, wanted=True) for event in Event
    )
    return user


def row_of(channel: str) -> Delivery:
    """The newest message over the channel."""
    return Delivery.objects.filter(channel=channel).order_by("-pk")[0]


@pytest.mark.django_db
def test_it_tells_what_a_mail_tells_in_few_words(
    channel: str, endpoint: Endpoint, work: Round, settings: Any
) -> None:
    def written(words: str) -> str:
        return words.translate(PLAIN) if channel == "sms" else words

    work(NOW)
    organizer, invited = ana(), reached(ben(), channel)
    endpoint.say = 503
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, reminders=(15,))
    work(SOON)
    row = row_of(channel)
    assert (row.status, row.attempts, row.error) == (
        "waiting",
        1,
        "The service asks to try again later (503).",
    )
    endpoint.say = 200
    work(SOON + timedelta(seconds=15))
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error, len(endpoint.asked)) == ("sent", 2, "", 2)
    page = f"{settings.BASE_URL}{meeting.get_absolute_url()}"
    for words in (
        ADDRESSES[channel],
        "Invitation: Design review, Wed 10 March, 10:00–11:00 CET",
        "Ana Berger invites you",
        page,
    ):
        assert written(words) in endpoint.last()

    meeting = Meeting.objects.get()
    later = NOW + timedelta(minutes=1)
    wanted = replace(scheduler.draft_of(meeting), when=timed("2027-03-11 10:00"))
    scheduler.edit(
        meeting, wanted, by=organizer, now=later, version=meeting.version, policy="allow"
    )
    work(later + timedelta(minutes=1))
    assert "Changed: Design review" in endpoint.last()
    moved = "Wed 10 March, 10:00–11:00 CET → Thu 11 March, 10:00–11:00 CET"
    assert written(moved) in endpoint.last()

    work(at("2027-03-11 09:46"))
    assert "Reminder: Design review" in endpoint.last()
    assert "In 14 minutes" in endpoint.last()

    late = at("2027-03-11 09:50")
    scheduler.cancel(Meeting.objects.get(), by=organizer, now=late, reason="Cem is ill")
    work(late + timedelta(minutes=1))
    assert "Cancelled: Design review" in endpoint.last()
    assert written("“Cem is ill”") in endpoint.last()
    assert page not in endpoint.last()
    assert len(endpoint.asked) == 5


@pytest.mark.django_db
def test_a_proposal_comes_with_its_times_and_note(
    endpoint: Endpoint, work: Round, settings: Any
) -> None:
    settings.CHANNEL_URLS = {"chat": endpoint.url("chat")}
    organizer, invited = reached(ana(), "chat"), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    whens = [timed("2027-03-11 15:00"), timed("2027-03-12 09:00")]
    asked = invitation_of(meeting, invited)
    scheduler.propose(asked, whens, by=invited, now=NOW, note="[Either](http://x.example)")
    work(SOON)
    said = endpoint.last().split("\n")
    assert said[1].startswith("# Ben Okafor proposes another time: Design review")
    assert said[2:6] == [
        "Proposed instead:",
        "Thu 11 March, 15:00–16:00 CET",
        "Fri 12 March, 9:00–10:00 CET",
        r"“\[Either\]\(http://x\.example\)”",  # words, where Markdown is read
    ]
    assert said[6] == f"{settings.BASE_URL}{meeting.get_absolute_url()}#proposals"


@pytest.mark.django_db
def test_what_is_refused_for_good_is_not_tried_again(
    channel: str, endpoint: Endpoint, work: Round
) -> None:
    endpoint.say = 404
    book(ana(), "2027-03-10 10:00", 60, reached(ben(), channel))
    work(SOON)
    work(SOON + timedelta(days=1))
    row = row_of(channel)
    assert (row.status, row.error) == ("failed", "The service refuses the message (404).")
    assert len(endpoint.asked) == 1


@pytest.mark.django_db
def test_what_is_not_set_up_any_more_fails(work: Round, endpoint: Endpoint, settings: Any) -> None:
    settings.CHANNEL_URLS = {"sms": endpoint.url("sms")}
    endpoint.say = 503
    book(ana(), "2027-03-10 10:00", 60, reached(ben(), "sms"))
    work(SOON)
    settings.CHANNEL_URLS = {}
    work(SOON + timedelta(minutes=1))
    row = row_of("sms")
    assert (row.status, row.error) == (
        "failed",
        "This way of telling people is not set up any more.",
    )


@pytest.mark.parametrize(
    ("say", "means"),
    [
        (400, Refused),
        (410, Refused),
        (401, Deferred),
        (408, Deferred),
        (429, Deferred),
        (500, Deferred),
        (302, Deferred),
        ("hang up", Lost),
        ("hang", Lost),
    ],
)
def test_what_an_answer_means(
    say: int | str,
    means: type[Undelivered],
    endpoint: Endpoint,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CHANNEL_URLS = {"sms": endpoint.url("sms")}
    if say == "hang":
        monkeypatch.setattr(service, "PATIENCE", 0.1)
    endpoint.say = say
    with pytest.raises(Undelivered) as raised:
        hand_over("sms", PHONE, "A text")
    assert raised.type is means
    assert str(endpoint.port) not in str(raised.value)
    assert [path for path, _body in endpoint.asked] == [f"/sms/{PHONE}"]  # a redirect is none


def test_nobody_is_there(settings: Any) -> None:
    settings.CHANNEL_URLS = {"push": f"ntfy://127.0.0.1:{free_port()}/{{to}}"}
    with pytest.raises(Unreachable, match="There is no connection to the service"):
        hand_over("push", TOPIC, "A text")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rocket://aaaaa/bbbb@{there}/@{to}", "ben,everybody"),
        ("rocket://aaaaa/bbbb@{there}/@{to}", "../../elsewhere"),
        ("rocket://aaaaa/bbbb@{there}/@{to}", ""),
        # No channel there has such a name; the message would go to all who read the usual one.
        ("mmost://{there}/{hook}?to={to}", "ben.okafor"),
    ],
)
def test_what_would_reach_others_is_not_sent(
    url: str, address: str, endpoint: Endpoint, settings: Any
) -> None:
    url = url.replace("{there}", f"127.0.0.1:{endpoint.port}").replace("{hook}", HOOK)
    settings.CHANNEL_URLS = {"chat": url}
    with pytest.raises(Refused, match="cannot write to such an address"):
        hand_over("chat", address, "A text")
    assert endpoint.asked == []


def test_an_sms_is_short_and_its_link_whole() -> None:
    link = "https://meetings.example.com/meetings/0b0f1d9a"
    text = Note("Changed: " + "long " * 50, ("more " * 50,), link).short(300)
    assert len(text) == 300
    assert text.endswith(f"...\n{link}")
    # Of several parts each holds 153 letters, or 67 if one letter is not in GSM's alphabet.
    assert (longest_of("Größe -> [1]"), longest_of("Größe → 1")) == (298, 200)
    assert "→–“”…’".translate(PLAIN) == '->-""...\''


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("json://key@sms.example.com/Ana", "does not say where the person's own address goes"),
        ("json://key@{to}/x", "has {to} where its host belongs"),
        ("json://key@sms.example.com/{to}?redirect=yes", "has the option redirect"),
        ("json://key@sms.example.com/{to}?optional=yes", "has the option optional"),
        ("json://key@sms.example.com/{to}?attach=/etc/passwd", "has the option attach"),
        ("json://key@sms.example.com/?who={to}", "has {to} where that service looks for nobody"),
        ("twilio://key@+15551234567/{to}", "is no address that apprise can read"),
        ("unheard://key@sms.example.com/{to}", "is no address that apprise can read"),
        ("file:///var/key/{to}", "is no address that apprise can read"),
        ("syslog://?key={to}", "names a service that is not reached over HTTP"),
        ("mailto://me:key@gmail.com/{to}", "names a service that is not reached over HTTP"),
    ],
)
def test_a_service_that_cannot_be_used_is_told_at_the_start(
    url: str, sentence: str, settings: Any
) -> None:
    settings.CHANNEL_URLS = {"sms": url}
    (found,) = services_can_be_used(None)
    assert found.id == "scheduler.E004"
    assert found.msg.startswith(f"SMS_URL {sentence}")
    assert "key" not in found.msg


@pytest.mark.parametrize(
    ("channel", "url"),
    [
        ("sms", f"twilio://AC{HOOK}:{HOOK}@+15551234567/{{to}}"),
        ("sms", f"vonage://abcdef01:{HOOK[:16]}@15551234567/{{to}}"),
        ("push", "ntfys://ntfy.example.com/{to}"),
        ("chat", "slack://xoxb-1234-1234-abc124/@{to}"),
        ("chat", "matrixs://bot:word@chat.example.com/@{to}"),
        ("chat", f"zulip://bot@example/{HOOK}/{{to}}@example.com"),
    ],
)
def test_services_that_can_be_used(channel: str, url: str) -> None:
    assert fault_in(channel, url) == ""


def test_a_test_message_is_handed_over(endpoint: Endpoint, settings: Any) -> None:
    settings.CHANNEL_URLS = {"sms": endpoint.url("sms")}
    out = io.StringIO()
    call_command("send_test_message", "sms", PHONE, stdout=out)
    assert out.getvalue() == f"The service of SMS_URL took a message for {PHONE}.\n"
    assert settings.BASE_URL in endpoint.last()


def test_how_a_test_message_went_is_told(endpoint: Endpoint, settings: Any) -> None:
    settings.CHANNEL_URLS = {"sms": endpoint.url("sms")}
    endpoint.say = 400
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"refuses the message \(400\) .* correct the address"):
        call_command("send_test_message", "sms", PHONE, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["taken"], told["reason"]) == (False, "The service refuses the message (400).")
    with pytest.raises(CommandError, match="CHAT_URL is not set; write for example") as caught:
        call_command("send_test_message", "chat", NAME)
    assert caught.value.returncode == 2


@pytest.mark.django_db
def test_what_was_made_for_an_address_she_gave_up_is_not_sent_there(
    endpoint: Endpoint, work: Round, settings: Any
) -> None:
    settings.CHANNEL_URLS = {"sms": endpoint.url("sms")}
    invited = reached(ben(), "sms")
    endpoint.say = 503
    book(ana(), "2027-03-10 10:00", 60, invited)
    work(SOON)
    Contact.objects.filter(user=invited).update(address="+41791234567")
    endpoint.say = 200
    work(SOON + timedelta(minutes=1))
    row = row_of("sms")
    assert (row.status, len(endpoint.asked)) == ("dropped", 1)
