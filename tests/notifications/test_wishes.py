"""The page where people choose how they are told."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from notifications import contacts
from notifications.channels import Unreachable
from notifications.forms import PhoneForm, box
from notifications.models import Channel, Contact, Delivery, Event, Preference, Wishes
from notifications.routing import USUAL
from tests.factories import NOW, ana, ben, book, cy

PAGE = "/settings/notifications/"
SMS, CHAT = f"{PAGE}sms/", f"{PAGE}chat/"
NUMBER = "+41791234567"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[tuple[str, str, str]]:
    """All that is sent to people's addresses, where all channels are set up."""
    settings.CHANNEL_URLS = {
        name: f"json://127.0.0.1:9/{name}/{{to}}" for name in ("sms", "push", "chat")
    }
    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr(contacts, "hand_over", lambda *message: sent.append(message))
    return sent


@pytest.fixture
def ben_(db: None) -> User:
    """Ben, who is told."""
    return ben()


@pytest.fixture
def as_ben(client: Client, ben_: User) -> Client:
    """Ben's browser."""
    client.force_login(ben_)
    return client


def usual(*channels: str) -> dict[str, Any]:
    """What the page sends if nothing on it is touched."""
    told = [box(event, channel) for channel in channels for event in USUAL[channel]]
    return {"shown": list(channels), "told": told, "reminded": ""}


def page_of(client: Client) -> str:
    """What the page says."""
    return client.get(PAGE).content.decode()


def confirmed(user: User, channel: str = "sms", address: str = NUMBER) -> Contact:
    """An address that messages go to."""
    return Contact.objects.create(user=user, channel=channel, address=address, confirmed_at=NOW)


def code_in(sent: list[tuple[str, str, str]]) -> str:
    """The code of the message that was sent last."""
    return sent[-1][2].split()[0]


def delivery(to: User, **fields: Any) -> Delivery:
    """A message to that person, who is invited by Ana."""
    organizer = User.objects.filter(email="ana@example.com").first() or ana()
    meeting = book(organizer, "2027-03-10 10:00")
    values: dict[str, Any] = {
        "change": meeting.changes.get(),
        "meeting": meeting,
        "invitation": meeting.invitations.get(),
        "recipient": to,
        "address": NUMBER,
        "channel": "sms",
        "kind": Delivery.Kind.INVITATION,
        "lane": Delivery.Lane.PROMPT,
        "not_before": NOW,
        "next_attempt_at": NOW,
        "created_at": NOW,
    }
    return Delivery.objects.create(**values | fields)


# What is told over which channel ------------------------------------------------


def test_with_e_mail_alone_nothing_is_said_of_other_channels(as_ben: Client) -> None:
    page = page_of(as_ben)
    assert page.count('type="checkbox" name="told"') == len(Event)
    assert page.count('by-email" checked') == len(Event)
    for word in ("SMS", "Quiet hours", "Send a code", "topic"):
        assert word not in page
    assert "Mails go to <strong>ben@example.com</strong>" in page
    for path in ("sms/", "sms/code/", "sms/remove/", "push/topic/", "push/test/"):
        assert as_ben.post(PAGE + path, {"address": NUMBER}).status_code == 404


def test_only_what_differs_from_the_usual_is_kept(
    as_ben: Client, ben_: User, sent: list[Any]
) -> None:
    confirmed(ben_)
    as_ben.post(PAGE, usual("email", "sms"))
    assert not Preference.objects.exists()

    other = usual("email", "sms")
    other["told"].remove(box(Event.REMINDER, "email"))
    other["told"].append(box(Event.ROOM, "sms"))
    answer = as_ben.post(PAGE, other, follow=True)
    assert "Your choice is saved." in answer.content.decode()
    kept = Preference.objects.order_by("channel").values_list("user", "event", "channel", "wanted")
    assert list(kept) == [
        (ben_.pk, "reminder", "email", False),
        (ben_.pk, "room", "sms", True),
    ]
    assert 'value="room:sms" aria-labelledby="of-room by-sms" checked>' in page_of(as_ben)
    assert 'value="reminder:email" aria-labelledby="of-reminder by-email">' in page_of(as_ben)

    as_ben.post(PAGE, usual("email", "sms"))
    assert not Preference.objects.exists()


def test_a_channel_without_an_address_cannot_be_chosen(
    as_ben: Client, ben_: User, sent: list[Any]
) -> None:
    Preference.objects.create(user=ben_, event=Event.REMINDER, channel="sms", wanted=False)
    page = page_of(as_ben)
    assert page.count("disabled") == 3 * len(Event)
    for words in ("add a number first", "add a name first", "add a topic first"):
        assert words in page
    # Also if the number was removed, or another page confirmed one, after this page was read.
    as_ben.post(PAGE, usual("email", "sms"))
    confirmed(ben_)
    as_ben.post(PAGE, usual("email"))
    assert Preference.objects.get().event == Event.REMINDER


# When, and how long before ------------------------------------------------------


def test_quiet_hours_and_own_reminders_are_kept(
    as_ben: Client, ben_: User, sent: list[Any]
) -> None:
    assert "They are local to Europe/Berlin" in page_of(as_ben)
    own = {"quiet_from": "22:00", "quiet_until": "00:00", "reminded": "own"}
    as_ben.post(PAGE, usual("email") | own | {"leads": ["60", "5"]})
    wishes = Wishes.objects.get(user=ben_)
    assert (wishes.quiet_from, wishes.quiet_until) == (time(22), time(0))
    assert wishes.reminders == [5, 60]

    as_ben.post(PAGE, usual("email") | own)
    wishes.refresh_from_db()
    assert wishes.reminders == []

    as_ben.post(PAGE, usual("email") | {"quiet_from": "", "leads": ["60"]})
    wishes.refresh_from_db()
    assert [wishes.quiet_from, wishes.quiet_until, wishes.reminders] == [None] * 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"quiet_from": "22:00"}, "Write when they end"),
        ({"quiet_until": "00:00"}, "Write when they begin"),
        ({"quiet_from": "07:00", "quiet_until": "07:00"}, "Choose another time"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "Write a time of day like 22:00."),
        ({"reminded": "own", "leads": ["7"]}, "Select a valid choice"),
        ({"told": ["everything"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_explained_and_what_was_typed_stays(
    as_ben: Client, sent: list[Any], typed: dict[str, Any], words: str
) -> None:
    answer = as_ben.post(PAGE, {"shown": ["email"], "told": ["update:email"]} | typed)
    page = answer.content.decode()
    assert words in page
    assert page.count(' aria-labelledby="of-update by-email" checked>') == ("told" not in typed)
    if "quiet_from" in typed:
        assert f'value="{typed["quiet_from"]}"' in page
    assert not Preference.objects.exists()
    assert not Wishes.objects.exists()


# Where --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+41 79 123 45 67", NUMBER),
        ("0041 (79) 123-45-67", NUMBER),
        ("+41 (0)79 123\u00a045 67", NUMBER),
        ("+41.79/123\u201345 67", NUMBER),
        ("079 123 45 67", "country code, for example +41 79 123 45 67."),
        ("call me", "country code"),
        ("", "country code"),
        ("+41 79 CALL ME", "digits only"),
        ("+\u0664\u0661 79 123 45 67", "digits only"),
        ("+41 79", "7 to 15 digits"),
        ("+1234567890123456", "7 to 15 digits"),
        ("+0791234567", "no 0 first"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, number: str) -> None:
    form = PhoneForm({"address": typed})
    if form.is_valid():
        assert form.cleaned_data["address"] == number
    else:
        assert number in str(form.errors["address"])


def test_a_number_counts_once_its_code_is_typed(
    as_ben: Client, ben_: User, sent: list[tuple[str, str, str]]
) -> None:
    assert as_ben.post(SMS, {"address": "0041 79 123 45 67"})["Location"] == f"{PAGE}#sms"
    assert [message[:2] for message in sent] == [("sms", NUMBER)]
    code = code_in(sent)
    contact = Contact.objects.get(user=ben_)
    assert not contact.is_confirmed()
    assert code not in contact.code_hash

    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert "not the code" in as_ben.post(f"{SMS}code/", {"code": wrong}).content.decode()
    assert "six digits" in as_ben.post(f"{SMS}code/", {"code": "12345"}).content.decode()
    assert not Contact.objects.confirmed().exists()

    page = as_ben.post(f"{SMS}code/", {"code": f"{code[:3]} {code[3:]}"}, follow=True)
    assert f"From now on messages go to {NUMBER}" in page.content.decode()
    assert Contact.objects.confirmed().get().address == NUMBER
    assert (
        "is confirmed already"
        in as_ben.post(SMS, {"address": NUMBER}, follow=True).content.decode()
    )
    assert len(sent) == 1

    as_ben.post(f"{SMS}remove/")
    assert not Contact.objects.exists()


def test_a_code_is_one_persons_for_ten_minutes_and_five_tries(
    ben_: User, sent: list[tuple[str, str, str]]
) -> None:
    stranger = cy()
    contacts.ask(ben_, "sms", NUMBER, now=NOW)
    code = code_in(sent)
    contacts.ask(stranger, "sms", NUMBER, now=NOW)

    def tried(by: User, code: str, after: timedelta = timedelta(0)) -> bool:
        try:
            contacts.confirm(by, "sms", code, now=NOW + after)
        except contacts.WrongCode:
            return False
        return True

    assert tried(stranger, code) == (code == code_in(sent))
    assert not tried(ben_, code, after=timedelta(minutes=10))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [tried(ben_, wrong) for _ in range(5)] == [False] * 5
    assert not tried(ben_, code)
    contacts.ask(ben_, "sms", NUMBER, now=NOW)
    assert tried(ben_, code_in(sent), after=timedelta(minutes=9))


def test_three_codes_an_hour_are_the_most(ben_: User, sent: list[Any]) -> None:
    for n, channel in enumerate(["sms", "chat", "sms"]):
        contacts.ask(ben_, channel, f"+4179123456{n}", now=NOW)
    later = NOW + timedelta(minutes=45)
    with pytest.raises(contacts.TooOften, match="Try again in 15 minutes"):
        contacts.ask(ben_, "sms", NUMBER, now=later)
    assert len(sent) == 3
    contacts.ask(cy(), "sms", NUMBER, now=later)
    contacts.ask(ben_, "sms", NUMBER, now=NOW + timedelta(hours=1))
    assert len(sent) == 5


def test_a_service_that_fails_is_named_and_nothing_is_lost(
    as_ben: Client, ben_: User, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*message: str) -> None:
        raise Unreachable("the gateway is away")

    monkeypatch.setattr(contacts, "hand_over", fail)
    confirmed(ben_)
    waiting = delivery(ben_)
    page = as_ben.post(SMS, {"address": "+41 79 765 43 21"}).content.decode()
    assert "It could not be sent: the gateway is away" in page
    assert 'value="+41 79 765 43 21"' in page
    assert Contact.objects.confirmed().get().address == NUMBER
    waiting.refresh_from_db()
    assert waiting.status == Delivery.Status.WAITING


def test_what_waits_for_an_address_that_is_given_up_is_dropped(
    as_ben: Client, ben_: User, sent: list[Any]
) -> None:
    confirmed(ben_)
    old, in_hand = delivery(ben_), delivery(ben_, claimed_at=NOW)
    mail = delivery(ben_, channel="email", address=ben_.email)
    others = delivery(cy())

    def statuses() -> list[str]:
        rows = (old, in_hand, mail, others)
        return [Delivery.objects.get(pk=row.pk).status for row in rows]

    as_ben.post(SMS, {"address": "+41 79 765 43 21"})
    assert statuses() == ["dropped", "waiting", "waiting", "waiting"]
    new = delivery(ben_, address="+41797654321")
    as_ben.post(f"{SMS}remove/")
    new.refresh_from_db()
    assert new.status == Delivery.Status.DROPPED


def test_a_chat_name_is_confirmed_too(as_ben: Client, sent: list[tuple[str, str, str]]) -> None:
    page = as_ben.post(CHAT, {"address": "ben okafor"}).content.decode()
    assert "letters from a to z" in page
    assert 'value="ben okafor"' in page
    # In the address of a service it would lead to another path.
    assert "begins with a letter" in as_ben.post(CHAT, {"address": ".."}).content.decode()
    assert not sent
    as_ben.post(CHAT, {"address": "@ben.okafor"})
    assert sent[-1][:2] == ("chat", "ben.okafor")


def test_a_push_topic_is_made_by_us_and_tried_out(
    as_ben: Client, ben_: User, sent: list[tuple[str, str, str]]
) -> None:
    as_ben.post(f"{PAGE}push/test/")
    assert not sent
    as_ben.post(f"{PAGE}push/topic/")
    first = Contact.objects.confirmed().get(user=ben_, channel=Channel.PUSH).address
    assert first in page_of(as_ben)
    as_ben.post(f"{PAGE}push/test/")
    assert sent[-1][:2] == ("push", first)
    as_ben.post(f"{PAGE}push/topic/")
    assert Contact.objects.get().address != first
    assert as_ben.post(f"{PAGE}push/", {"address": "mine"}).status_code == 404


def test_the_last_failure_of_each_channel_is_told(
    as_ben: Client,
    ben_: User,
    sent: list[Any],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    now = timezone.now()
    confirmed(ben_)
    failed = {"status": Delivery.Status.FAILED, "next_attempt_at": now - timedelta(days=2)}
    delivery(ben_, **failed, error="the second last")
    delivery(ben_, **failed, error="no such number")
    delivery(ben_, **failed, error="her old number", address="+41790000000")
    delivery(cy(), **failed, error="somebody else's")
    delivery(ben_, **failed | {"next_attempt_at": now - timedelta(days=15)}, error="long ago")
    mail = {"channel": "email", "address": ben_.email}
    delivery(ben_, **failed, **mail, error="mailbox full")
    with django_assert_max_num_queries(9):
        page = page_of(as_ben)
    assert f"an SMS to {NUMBER} could not be delivered: no such number" in page
    assert "an e-mail to ben@example.com could not be delivered: mailbox full" in page
    assert page.count("could not be delivered") == 2


# Who ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "sms/", "sms/code/", "sms/remove/", "push/topic/"])
def test_strangers_sign_in_first_and_reading_changes_nothing(
    client: Client, ben_: User, sent: list[Any], path: str
) -> None:
    assert client.post(PAGE + path)["Location"].startswith(reverse("account_login"))
    kept = confirmed(ben_)
    client.force_login(ben_)
    assert client.get(PAGE + path, {"address": NUMBER}).status_code in (200, 302, 405)
    assert list(Contact.objects.all()) == [kept]
    assert not sent
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ben_)
    assert careful.post(PAGE + path, {"address": NUMBER}).status_code == 403
