"""What a person knows of a meeting when she is told of it over several channels."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Meeting
from notifications.announcing import announce
from notifications.models import Contact, Delivery, Preference
from tests.factories import NOW, ana, ben, book
from tests.notifications.conftest import Round
from tests.notifications.servers import Texts, text_service

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
PHONE = "+4915112345678"


@pytest.fixture
def texts(settings: Any) -> Iterator[Texts]:
    """A service for SMS."""
    with text_service() as texts:
        settings.CHANNEL_URLS = {"sms": texts.url}
        yield texts


class Told:
    """A meeting of Ana's with Ben, and what he hears of it, in mails and by SMS."""

    def __init__(self, work: Round, texts: Texts, **wanted: str) -> None:
        self.work, self.texts, self.now = work, texts, NOW
        self.ana, self.ben = ana(), ben()
        Contact.objects.create(user=self.ben, channel="sms", address=PHONE, confirmed_at=NOW)
        for channel, events in wanted.items():
            choose(self.ben, channel, events.split())
        self.meeting = book(self.ana, "2027-03-10 10:00", 60, self.ben)

    def edit(self, **fields: Any) -> None:
        """Change some fields."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        draft = replace(scheduler.draft_of(meeting), **fields)
        scheduler.edit(meeting, draft, by=self.ana, now=self.tick(), version=meeting.version)

    def cancel(self) -> None:
        """Call it off."""
        scheduler.cancel(self.meeting, by=self.ana, now=self.tick())

    def tick(self) -> datetime:
        """A minute later."""
        self.now += MINUTE
        return self.now

    def hears(self) -> tuple[list[str], list[str]]:
        """What reaches him now: mails and SMS, as `Invitation`, `Changed`, `Cancelled`."""
        before = len(self.texts.taken)
        mails = [m for m in self.work(self.tick()) if "ben@" in str(m["To"])]
        short = [text for _number, text in self.texts.taken[before:]]
        return [str(m["Subject"]).split(":")[0] for m in mails], [s.split(":")[0] for s in short]


def choose(user: User, channel: str, events: list[str]) -> None:
    """Have the person hear of these events over the channel, and of no others."""
    Preference.objects.bulk_create(
        Preference(user=user, channel=channel, event=event, wanted=event in events)
        for event in ("invitation", "update", "cancellation")
    )


def test_changes_by_sms_tell_of_what_the_mail_invited_to(work: Round, texts: Texts) -> None:
    told = Told(work, texts, sms="update")
    assert told.hears() == (["Invitation"], [])
    told.edit(location="Attic")
    assert told.hears() == (["Changed"], ["Changed"])
    told.cancel()
    assert told.hears() == (["Cancelled"], [])


def test_each_channel_tells_all_that_happened_since_it_could(work: Round, texts: Texts) -> None:
    """What left by mail meanwhile is not taken from what waits to go by SMS."""
    told = Told(work, texts, sms="update cancellation")
    told.hears()
    told.edit(location="Attic")
    told.edit(location="Cellar")
    waiting = Delivery.objects.filter(channel="sms", status="waiting")
    told.texts.taken.clear()
    announce(told.now)
    waiting.update(next_attempt_at=told.now + 10 * MINUTE)
    assert told.hears() == (["Changed"], [])
    told.edit(title="Review")
    told.now += 10 * MINUTE
    assert told.hears() == (["Changed"], ["Changed"])
    (text,) = [text for _number, text in texts.taken]
    assert "Cellar" in text  # the mail said so before
    assert "Title: Design review" in text


@pytest.mark.parametrize(
    ("email", "sms", "mails", "short"),
    [
        pytest.param("cancellation", "", ["Cancelled"], [], id="by mail only"),
        pytest.param("", "cancellation", [], ["Cancelled"], id="by SMS only"),
        pytest.param("", "", [], [], id="not at all"),
    ],
)
def test_who_wants_no_invitation_hears_that_it_is_off(
    work: Round, texts: Texts, email: str, sms: str, mails: list[str], short: list[str]
) -> None:
    told = Told(work, texts, email=email, sms=sms)
    assert told.hears() == ([], [])
    told.edit(location="Attic")
    assert told.hears() == ([], [])
    told.cancel()
    assert told.hears() == (mails, short)


def test_what_was_called_off_before_anybody_was_invited_is_not_told(
    work: Round, texts: Texts
) -> None:
    told = Told(work, texts)  # as is usual: a cancellation goes by SMS, an invitation does not
    told.cancel()
    assert told.hears() == ([], [])


def test_an_invitation_that_waits_is_not_known_elsewhere(work: Round, texts: Texts) -> None:
    """A change by SMS of what no mail invited to yet invites."""
    told = Told(work, texts, sms="update")
    told.edit(location="Attic")
    assert told.hears() == (["Invitation"], ["Invitation"])
    told.edit(location="Cellar")
    assert told.hears() == (["Changed"], ["Changed"])


def test_what_was_done_before_somebody_was_added_is_not_told_to_him(
    work: Round, texts: Texts
) -> None:
    told = Told(work, texts, sms="update")
    told.edit(attendees=())
    told.hears()
    told.edit(location="Attic")
    told.edit(attendees=(Attendee(told.ben.email),))
    assert told.hears() == (["Invitation"], [])  # he wants no invitations by SMS
