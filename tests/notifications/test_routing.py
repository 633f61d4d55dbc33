"""Over which channels somebody is told: as she chose, or as is usual; and when not."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Model
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from notifications.models import Channel, Contact, Event, Preference, Wishes
from notifications.routing import Routing, Way, offered, quiet_until
from tests.factories import BERLIN, NOW, at, ben, cy

KATHMANDU = ZoneInfo("Asia/Kathmandu")  # 5:45 from UTC, and never changes its clocks
REACHED = {"sms": "+41791234567", "push": "scheduler-word", "chat": "ben"}
MAIL = "ben@example.com"


@pytest.fixture
def ben_(db: None, settings: Settings) -> User:
    """Ben, who is reached over every channel, all of which are set up."""
    settings.CHANNEL_URLS = {name: f"json://localhost/{name}/{{to}}" for name in REACHED}
    user = ben()
    Contact.objects.bulk_create(
        Contact(user=user, channel=channel, address=address, confirmed_at=NOW)
        for channel, address in REACHED.items()
    )
    return user


def kept(*rows: Model) -> None:
    """Write these."""
    for row in rows:
        row.save()


def channels(user: User, event: str) -> list[str]:
    """Over which the person is told of it."""
    ways = Routing.of([user]).ways(user, user.email, event)
    assert {way.channel: way.address for way in ways}.items() <= (REACHED | {"email": MAIL}).items()
    return sorted(way.channel for way in ways)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event.INVITATION, ["chat", "email", "push"]),
        (Event.UPDATE, ["chat", "email", "push"]),
        (Event.CANCELLATION, ["chat", "email", "push", "sms"]),
        (Event.REMINDER, ["chat", "email", "push", "sms"]),
        (Event.ROOM, ["chat", "email", "push"]),
        (Event.ANSWER, ["email"]),
        (Event.PROPOSAL, ["email"]),
        (Event.REJECTION, ["email"]),
        (Event.ENDING, ["email"]),
        (Event.FAILURE, ["email"]),
    ],
)
def test_who_chose_nothing_is_told_as_is_usual(ben_: User, event: str, told: list[str]) -> None:
    assert channels(ben_, event) == told


def test_what_was_chosen_counts_for_that_event_and_channel_alone(ben_: User) -> None:
    kept(
        Preference(user=ben_, event=Event.ANSWER, channel=Channel.SMS, wanted=True),
        Preference(user=ben_, event=Event.REMINDER, channel=Channel.SMS, wanted=False),
        Preference(user=ben_, event=Event.FAILURE, channel=Channel.EMAIL, wanted=False),
        Preference(user=cy(), event=Event.REMINDER, channel=Channel.CHAT, wanted=False),
    )
    assert channels(ben_, Event.ANSWER) == ["email", "sms"]
    assert channels(ben_, Event.REMINDER) == ["chat", "email", "push"]
    assert channels(ben_, Event.FAILURE) == []
    assert channels(ben_, Event.CANCELLATION) == ["chat", "email", "push", "sms"]


def test_channels_that_are_not_set_up_or_not_confirmed_are_left_out(
    ben_: User, settings: Settings
) -> None:
    Contact.objects.filter(channel="chat").update(confirmed_at=None)
    settings.CHANNEL_URLS = {"sms": "", "chat": "json://localhost/{to}", "push": "json://x/{to}"}
    assert offered() == [Channel.EMAIL, Channel.PUSH, Channel.CHAT]
    assert channels(ben_, Event.REMINDER) == ["email", "push"]


def test_people_without_an_account_get_mail(
    ben_: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        routing = Routing.of([None])
        ways = routing.ways(None, "guest@example.com", Event.REMINDER)
        assert ways == [Way("email", "guest@example.com")]
        assert routing.leads(None, [15]) == [15]
    with django_assert_num_queries(3):
        Routing.of([ben_, None]).ways(ben_, MAIL, Event.UPDATE)


@pytest.mark.parametrize(
    ("wish", "leads"), [(None, [15, 60]), ([], []), ([5], [5])], ids=["none", "never", "own"]
)
def test_own_reminder_times_replace_the_meetings(
    ben_: User, wish: list[int] | None, leads: list[int]
) -> None:
    kept(Wishes(user=ben_, reminders=wish))
    assert Routing.of([ben_]).leads(ben_, [15, 60]) == leads


# Quiet hours --------------------------------------------------------------------


def hours(text: str) -> Wishes:
    """Wishes with the quiet hours of `22:00-7:00`."""
    begin, end = map(time.fromisoformat, text.split("-"))
    return Wishes(quiet_from=begin, quiet_until=end)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("22:00-07:00", "2027-03-03 21:59", None),
        ("22:00-07:00", "2027-03-03 22:00", "2027-03-04 07:00"),
        ("22:00-07:00", "2027-03-04 06:59", "2027-03-04 07:00"),
        ("22:00-07:00", "2027-03-04 07:00", None),
        ("12:00-13:30", "2027-03-03 13:00", "2027-03-03 13:30"),
        ("22:00-00:00", "2027-03-03 23:59", "2027-03-04 00:00"),
        ("22:00-00:00", "2027-03-04 00:00", None),
        ("00:00-06:00", "2027-03-04 00:00", "2027-03-04 06:00"),
        ("07:00-07:00", "2027-03-04 07:00", None),
    ],
)
def test_quiet_hours_may_reach_over_midnight(quiet: str, now: str, until: str | None) -> None:
    assert quiet_until(hours(quiet), BERLIN, at(now)) == (until and at(until))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        # On 28 March 2027 clocks go from 2:00 (1:00 UTC) to 3:00: an hour less.
        ("22:00-07:00", "2027-03-27T21:00", "2027-03-28T05:00"),
        ("22:00-07:00", "2027-03-28T05:00", None),
        (
            "22:00-02:30",
            "2027-03-28T01:29",
            "2027-03-28T01:30",
        ),  # there is no 2:30: half past three
        ("02:30-06:00", "2027-03-28T01:29", None),
        # On 31 October 2027 they go from 3:00 (1:00 UTC) to 2:00: an hour more.
        ("22:00-07:00", "2027-10-30T20:00", "2027-10-31T06:00"),
        ("22:00-07:00", "2027-10-31T05:59", "2027-10-31T06:00"),
        ("22:00-02:30", "2027-10-31T00:29", "2027-10-31T00:30"),  # the first of two
        ("22:00-02:30", "2027-10-31T01:15", None),
        ("02:30-06:00", "2027-10-31T01:15", "2027-10-31T05:00"),
    ],
)
def test_quiet_hours_follow_the_wall_clock_over_its_changes(
    quiet: str, now: str, until: str | None
) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert quiet_until(hours(quiet), BERLIN, utc(now)) == (until and utc(until))


MINUTES = st.integers(0, 24 * 60 - 1)


@settings(max_examples=60)
@given(begin=MINUTES, end=MINUTES, now=st.integers(0, 3 * 24 * 60))
def test_quiet_hours_are_those_that_a_walk_finds(begin: int, end: int, now: int) -> None:
    def is_quiet(at: datetime) -> bool:
        here = at.astimezone(KATHMANDU)
        minute = here.hour * 60 + here.minute
        return begin <= minute < end if begin <= end else minute >= begin or minute < end

    wishes = Wishes(
        quiet_from=time(*divmod(begin, 60)),
        quiet_until=time(*divmod(end, 60)),
    )
    moment = NOW + timedelta(minutes=now)
    found = moment if is_quiet(moment) else None
    while found and is_quiet(found):
        found += timedelta(minutes=1)
    assert quiet_until(wishes, KATHMANDU, moment) == found


@pytest.mark.parametrize(
    ("now", "start", "told"),
    [
        ("21:45", "22:00", ["chat", "email", "push", "sms"]),  # not quiet yet
        ("06:30", "07:15", ["chat", "email", "push", "sms"]),  # what comes at 7:00 is in time
        ("06:30", "07:00", ["email"]),  # what comes at 7:00 is over
        ("06:30", "06:45", ["email"]),
    ],
)
def test_reminders_that_would_come_too_late_go_by_mail(
    ben_: User, now: str, start: str, told: list[str]
) -> None:
    wishes = hours("22:00-07:00")
    wishes.user = ben_
    kept(wishes)

    def reminded() -> list[str]:
        start_at, now_at = at(f"2027-03-04 {start}"), at(f"2027-03-04 {now}")
        ways = Routing.of([ben_]).ways_before(ben_, MAIL, start_at, now_at)
        return sorted(way.channel for way in ways)

    assert reminded() == told
    # Also for who wants no reminders by mail, but not for who is reached nowhere else.
    kept(Preference(user=ben_, event=Event.REMINDER, channel=Channel.EMAIL, wanted=False))
    assert reminded() == (["email"] if told == ["email"] else told[:1] + told[2:])
    Contact.objects.all().delete()
    assert reminded() == []
