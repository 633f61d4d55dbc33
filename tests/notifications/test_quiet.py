"""Quiet hours: what makes a noise waits, mails do not."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from meetings import scheduler
from notifications.models import Contact, Delivery, Preference, Wishes
from tests.factories import NOW, ana, at, ben, book
from tests.notifications.conftest import Round
from tests.notifications.servers import Texts, text_service

pytestmark = pytest.mark.django_db

KATHMANDU = ZoneInfo("Asia/Kathmandu")
PHONE = "+9771234567"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def texts(settings: Any) -> Iterator[Texts]:
    """A service for SMS."""
    with text_service() as texts:
        settings.CHANNEL_URLS = {"sms": texts.url}
        yield texts


@pytest.fixture
def sleeper(texts: Texts) -> User:
    """Ben in Kathmandu, whom nobody may wake from 22:00 to 7:00; by SMS, else by mail."""
    user = ben(timezone=KATHMANDU)
    Contact.objects.create(user=user, channel="sms", address=PHONE, confirmed_at=NOW)
    Wishes.objects.create(user=user, quiet_from=time(22), quiet_until=time(7))
    return user


def here(text: str) -> datetime:
    """A wall-clock time in Kathmandu."""
    return at(text, KATHMANDU)


def subjects(mails: list[Any]) -> list[str]:
    """Whom mails are for and what they are."""
    return [f"{mail['To'].addresses[0].username} {mail['Subject'].split(':')[0]}" for mail in mails]


def test_sms_waits_for_the_end_of_the_night_there(work: Round, texts: Texts, sleeper: User) -> None:
    organizer = ana()
    meeting = book(organizer, "2027-03-10 10:00", 60, sleeper)
    work(NOW)
    night, morning = here("2027-03-01 22:00"), here("2027-03-02 07:00")
    scheduler.cancel(meeting, by=organizer, now=night)
    assert subjects(work(night)) == ["ben Cancelled"]
    row = Delivery.objects.get(channel="sms")
    # Promises of speed count from then on, and it was no try.
    assert (row.status, row.not_before, row.attempts) == ("waiting", morning, 0)
    assert work(morning - SECOND) == []
    assert texts.taken == []
    assert work(morning) == []
    assert [number for number, _text in texts.taken] == [PHONE]


def test_what_is_off_by_the_morning_was_never_heard_of(
    work: Round, texts: Texts, sleeper: User
) -> None:
    """What came to be and went at night makes no noise in the morning."""
    for event in ("invitation", "cancellation"):
        Preference.objects.create(user=sleeper, event=event, channel="sms", wanted=True)
    organizer, night = ana(), here("2027-03-01 23:00")
    meeting = book(organizer, "2027-03-10 10:00", 60, sleeper, now=night)
    assert subjects(work(night)) == ["ben Invitation"]
    scheduler.cancel(meeting, by=organizer, now=night + MINUTE)
    assert subjects(work(night + MINUTE)) == ["ben Cancelled"]
    work(here("2027-03-02 07:00"))
    assert texts.taken == []


def test_reminder_that_would_be_too_late_goes_by_mail(
    work: Round, texts: Texts, sleeper: User
) -> None:
    """Also to who wants none by mail, and when the service kept it until the night."""
    Preference.objects.create(user=sleeper, event="reminder", channel="email", wanted=False)
    organizer = ana()
    work(NOW)
    for start in ("2027-03-02 06:30", "2027-03-02 22:45", "2027-03-03 07:30"):
        when = here(start).astimezone(organizer.zone)
        book(organizer, f"{when:%Y-%m-%d %H:%M}", 60, sleeper, reminders=(60,), title=start[8:])
    work(NOW)

    assert subjects(work(here("2027-03-02 05:31"))) == ["ana Reminder", "ben Reminder"]
    assert texts.taken == []

    texts.say = 503
    assert subjects(work(here("2027-03-02 21:50"))) == ["ana Reminder"]
    texts.say = 200
    assert subjects(work(here("2027-03-02 22:01"))) == ["ben Reminder"]
    assert texts.taken == []

    # What comes at seven is in time.
    assert subjects(work(here("2027-03-03 06:31"))) == ["ana Reminder"]
    assert texts.taken == []
    assert work(here("2027-03-03 07:00")) == []
    assert len(texts.taken) == 1
