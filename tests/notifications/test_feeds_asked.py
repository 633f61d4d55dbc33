"""Who reads a feed, what is said when nothing is new, and who asks too often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from meetings import scheduler
from meetings.models import Meeting
from meetings.models.ranges import as_range
from meetings.scheduler import Scope
from notifications import feeds
from notifications.models import Feed
from rooms.models import Closure, Room
from tests import factories
from tests.factories import NOW, RoomFactory, answer, book, invitation_of, stretch
from tests.meetings.repeating import change, only_on, series
from tests.notifications.subscribing import ask, feed_of, on_calendar, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Stands at NOW, unless a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana() -> User:
    return factories.ana()


@pytest.fixture
def ben() -> User:
    return factories.ben()


def test_nothing_new_is_said_without_the_calendar(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(ana)
    book(ana)
    first = ask(feed)
    assert ask(feed).content == first.content

    def never(*args: object) -> bytes:
        raise AssertionError("made the calendar")

    monkeypatch.setattr(feeds, "calendar_text", never)
    etag, since = first["ETag"], first["Last-Modified"]
    for headers in (
        {"if-none-match": etag},
        {"if-none-match": f'"other", W/{etag}', "accept-encoding": "gzip"},
        {"if-modified-since": since},
        {"if-none-match": etag, "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT"},
    ):
        response = ask(feed, **headers)
        assert (response.status_code, response.content) == (304, b"")
        assert (response["ETag"], response["Cache-Control"]) == (etag, first["Cache-Control"])
    monkeypatch.undo()
    assert ask(feed, **{"if-none-match": '"other"', "if-modified-since": since}).status_code == 200


def edit(meeting: Meeting, by: User, **fields: object) -> None:
    wanted = replace(scheduler.draft_of(meeting), **fields)
    options = {"by": by, "now": timezone.now(), "version": meeting.version, "policy": "allow"}
    scheduler.edit(meeting, wanted, **options)


CHANGES: dict[str, Callable[[Meeting, User, User], object]] = {
    "answer": lambda m, ana, ben: answer(m, ben, "tentative"),
    "title": lambda m, ana, ben: edit(m, ana, title="Another"),
    "move": lambda m, ana, ben: edit(m, ana, when=factories.timed("2027-03-03 15:00")),
    "removed": lambda m, ana, ben: edit(m, ana, attendees=()),
    "cancelled": lambda m, ana, ben: scheduler.cancel(m, by=ana, now=NOW),
    "cancelled date": lambda m, ana, ben: scheduler.cancel(
        m, by=ana, now=NOW, scope=Scope.THIS, recurrence_id="2027-03-24T10:00:00"
    ),
    "answer to a date": lambda m, ana, ben: scheduler.respond(
        invitation_of(m, ben), "declined", by=ben, now=NOW, recurrence_id="2027-03-24T10:00:00"
    ),
    "invited": lambda m, ana, ben: book(ana, "2027-03-20 10:00", 60, ben),
    "room renamed": lambda m, ana, ben: Room.objects.update(name="Green"),
    "site renamed": lambda m, ana, ben: m.rooms.get().site.__class__.objects.update(name="Hill"),
    "organizer renamed": lambda m, ana, ben: User.objects.filter(pk=ana.pk).update(name="Anna"),
    "reader's zone": lambda m, ana, ben: User.objects.filter(pk=ben.pk).update(timezone="UTC"),
    "window": lambda m, ana, ben: Feed.objects.update(past_days=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_told(
    ana: User, ben: User, change: Callable[[Meeting, User, User], object]
) -> None:
    feed = feed_of(ben)
    room = RoomFactory.create(name="Blue")
    meeting = book(ana, "2027-03-03 10:00", 60, ben, rooms=(room,), rrule="FREQ=WEEKLY")
    before = ask(feed)

    change(meeting, ana, ben)
    after = ask(feed, **{"if-none-match": before["ETag"]})

    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert ask(feed, **{"if-modified-since": before["Last-Modified"]}).status_code == 200
    feed.refresh_from_db()
    assert shown(feed) == on_calendar(feed)


def test_a_room_tells_its_changes(ana: User, ben: User) -> None:
    room = RoomFactory.create(name="Blue")
    feed = feed_of(ana, room)
    meeting = book(ben, "2027-03-03 10:00", rooms=(room,))

    def change(**fields: object) -> Callable[[], object]:
        return lambda: edit(Meeting.objects.get(pk=meeting.pk), ben, **fields)

    shut = as_range(stretch("2027-03-08 10:00", "2027-03-08 11:00"))
    steps = [
        change(title="Another"),
        change(when=factories.timed("2027-03-04 09:00")),
        change(visibility="private"),
        change(room_ids=()),
        lambda: book(ben, "2027-03-05 10:00", rooms=(room,)),
        lambda: Closure.objects.create(room=room, during=shut, reason="Paint"),
        lambda: Closure.objects.update(reason="Floor"),
        lambda: Room.objects.update(name="Green"),
    ]
    seen = [ask(feed)["ETag"]]
    for step in steps:
        step()
        response = ask(feed, **{"if-none-match": seen[-1]})
        assert response.status_code == 200
        seen.append(response["ETag"])
    assert len(set(seen)) == len(steps) + 1
    assert ask(feed, **{"if-none-match": seen[-1]}).status_code == 304


def test_the_window_moves_at_midnight(ana: User, clock) -> None:
    feed = feed_of(ana)
    etag = ask(feed)["ETag"]
    clock.move_to(NOW.replace(hour=23, minute=59))
    assert ask(feed, **{"if-none-match": etag}).status_code == 304
    clock.move_to(NOW.replace(hour=0) + timedelta(days=1))
    assert ask(feed, **{"if-none-match": etag}).status_code == 200


def test_compressed_it_is_the_same(ana: User) -> None:
    feed = feed_of(ana)
    for day in range(10, 20):
        book(ana, f"2027-03-{day} 10:00")
    plain, packed = ask(feed), ask(feed, **{"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 3
    assert packed["ETag"] == f"W/{plain['ETag']}"
    assert "Accept-Encoding" in packed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]


def test_as_many_queries_for_more(ana: User, ben: User) -> None:
    feed = feed_of(ben)
    room, other = RoomFactory.create(), RoomFactory.create()

    def more(day: int) -> None:
        book(ana, f"2027-03-1{day} 10:00", 60, ben, rooms=(room,))
        meeting = series(ana, f"2027-03-1{day} 13:00", 60, ben, rule="FREQ=DAILY;COUNT=9")
        change(meeting, f"2027-03-1{day + 1}", room_ids=[other.pk])
        only_on(meeting, f"2027-03-1{day + 2}", ben, status="accepted")

    def queries(**headers: str) -> int:
        with CaptureQueriesContext(connection) as found:
            ask(feed, **headers)
        return len(found)

    more(1)
    ask(feed)
    one = queries()
    more(2)
    more(3)
    assert queries() == one
    assert queries(**{"if-none-match": ask(feed)["ETag"]}) <= 10 < one


def test_who_has_no_address_learns_nothing(ana: User, ben: User) -> None:
    revoked, closed, working = feed_of(ana), feed_of(ben), feed_of(factories.cy())
    Feed.objects.filter(pk=revoked.pk).revoke(NOW)
    ben.is_active = False
    ben.save()
    never = Feed(user=ana, created_at=NOW)

    answers = [ask(feed) for feed in (revoked, closed, never)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1
    assert ask(working).status_code == 200
    assert Client().post(working.get_absolute_url()).status_code == 405


def test_head_says_the_same_without_the_calendar(ana: User) -> None:
    feed = feed_of(ana)
    book(ana)
    whole, head = ask(feed), Client().head(feed.get_absolute_url())

    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
        assert head[name] == whole[name]


def test_who_asks_too_often_has_to_wait(
    ana: User, ben: User, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "AT_ONCE", 3)
    feed, other = feed_of(ana), feed_of(ben)
    for _ in range(feeds.AT_ONCE):
        assert ask(feed).status_code == 200
    refused = ask(feed)
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert ask(other).status_code == 200  # its own
    guess = Feed(user=ana, created_at=NOW)
    codes = {ask(guess).status_code for _ in range(feeds.AT_ONCE + 1)}
    assert codes == {404, 429}
    assert ask(other).status_code == 200
    clock.shift(timedelta(seconds=10))
    assert ask(feed).status_code == 200


def test_reading_is_noted_once_an_hour(ana: User, clock) -> None:
    feed = feed_of(ana)
    noted = []
    for minutes in (0, 30, 31):
        clock.shift(timedelta(minutes=minutes))
        ask(feed)
        feed.refresh_from_db()
        noted.append(feed.last_read_at - NOW)
    assert noted == [timedelta(0), timedelta(0), timedelta(minutes=61)]
