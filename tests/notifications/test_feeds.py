"""Calendars to subscribe to: what another program shows, who may read what, and what is asked."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from meetings import scheduler
from meetings.models import Meeting
from meetings.models.ranges import as_range
from meetings.occurrences import calendar_of
from meetings.scheduler import Scope
from meetings.wallclock import AllDay
from notifications import feeds
from notifications.models import Feed
from rooms.models import Closure, Room
from tests import factories
from tests.factories import NOW, RoomFactory, answer, at, book, days, invitation_of, stretch
from tests.meetings.repeating import change, only_on, series
from tests.meetings.test_import_expander import EXPAND, expander
from tests.notifications.expanding import Program, Shown
from tests.notifications.subscribing import fill

pytestmark = pytest.mark.django_db
__all__ = ["expander"]  # the fixture
OUTLOOK = "X-MICROSOFT-CDO-BUSYSTATUS"


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


def feed_of(user: User, room: Room | None = None, **fields: int) -> Feed:
    return Feed.objects.create(user=user, room=room, created_at=NOW - timedelta(days=1), **fields)


def ask(feed: Feed, **headers: str) -> HttpResponse:
    return Client().get(feed.get_absolute_url(), headers=headers)


def text_of(feed: Feed) -> str:
    response = ask(feed)
    assert response.status_code == 200
    return response.content.decode()


def shown(feed: Feed) -> list[Shown]:
    """What a program shows of the feed's window."""
    return Program(text_of(feed)).shown(feeds.window(feed, timezone.now()))


def on_calendar(feed: Feed) -> list[Shown]:
    """The same dates as the calendar's pages show them, but for those declined."""
    within = feeds.window(feed, timezone.now())
    status = {"accepted": "CONFIRMED", "tentative": "TENTATIVE", "needs-action": "TENTATIVE"}
    found = []
    for entry in calendar_of(feed.user, within):
        when, row = entry.occurrence.when, entry.invitation
        dates = (when.first, when.last + timedelta(days=1)) if isinstance(when, AllDay) else None
        start, end = dates or (when.during().start, when.during().end)
        if not row.declined:
            title = entry.occurrence.shown_title
            found.append(Shown(start, end, title, status[row.status]))
    return sorted(found, key=lambda one: (str(one.start), one.title))


# What is shown ------------------------------------------------------------------------------


def test_other_programs_show_what_the_calendar_shows(ana: User, ben: User) -> None:
    feed = feed_of(ben)
    fill(ana, ben)

    found = shown(feed)

    assert found == on_calendar(feed)
    assert {one.title for one in found} >= {"Moved", "Endless", "All day", "Night", "His own"}
    assert len(found) > 350
    text = text_of(feed)
    assert text.count("BEGIN:VTIMEZONE") == 3
    assert "ATTENDEE" not in text
    assert "VALARM" not in text


@pytest.mark.long
def test_another_library_shows_the_same(ana: User, ben: User, expander: Path) -> None:
    feed = feed_of(ben)
    fill(ana, ben)
    within = feeds.window(feed, NOW)
    bounds = [within.start.isoformat(), within.end.isoformat()]
    run = [str(expander), "-c", EXPAND, *bounds, "Europe/Berlin"]
    done = subprocess.run(run, input=ask(feed).content, capture_output=True, check=True)

    theirs = sorted(start for _uid, start in json.loads(done.stdout))

    assert theirs == sorted(one.start.isoformat() for one in on_calendar(feed))


def test_a_series_that_was_split_goes_on_in_the_other_part(ana: User, ben: User) -> None:
    feed = feed_of(ben)
    first = book(ana, "2027-03-03 10:00", 60, ben, rrule="FREQ=WEEKLY")
    following = {"scope": Scope.FOLLOWING, "recurrence_id": "2027-04-07T10:00:00"}
    wanted = replace(
        scheduler.draft_of(first, **following), when=factories.timed("2027-04-08 16:00")
    )
    options = {"by": ana, "now": NOW, "version": first.version, "policy": "allow"}
    scheduler.edit(first, wanted, **options, **following)

    found = shown(feed)

    assert found == on_calendar(feed)
    assert [one.start for one in found[4:7]] == [
        at("2027-03-31 10:00"),
        at("2027-04-08 16:00"),
        at("2027-04-15 16:00"),
    ]


def test_who_is_on_single_dates_gets_these_by_their_names(ana: User, ben: User) -> None:
    feed = feed_of(factories.cy())
    meeting = series(ana, "2027-03-10 10:00", 60, ben)
    only_on(meeting, "2027-03-17", feed.user, status="accepted")
    only_on(meeting, "2027-03-24", feed.user, status="declined")
    only_on(meeting, "2027-03-31", feed.user)

    events = Program(text_of(feed)).events()

    assert shown(feed) == on_calendar(feed)
    assert [event["RECURRENCE-ID"].dt for event in events] == [
        at("2027-03-17 10:00"),
        at("2027-03-31 10:00"),
    ]
    assert not any("RRULE" in event for event in events)
    assert {str(event["UID"]) for event in events} == {meeting.ical_uid}


def test_two_meetings_with_one_uid_from_elsewhere_are_two(ana: User, ben: User) -> None:
    feed = feed_of(ben)
    for organizer, start in ((ana, "2027-03-10 10:00"), (factories.cy(), "2027-03-11 10:00")):
        meeting = book(organizer, start, 60, ben)
        Meeting.objects.filter(pk=meeting.pk).update(ical_uid="same@elsewhere")

    assert len(shown(feed)) == 2


def test_what_an_event_says(ana: User, ben: User) -> None:
    feed = feed_of(ben)
    room = RoomFactory.create(name="Blue")
    meeting = book(
        ana,
        "2027-03-10 10:00",
        60,
        ben,
        rooms=(room,),
        title="Budget; 2027",
        description="Bring numbers.",
        join_link="https://meet.example.com/42",
        transparency="free",
        visibility="private",
        reminders=(10,),
    )
    answer(meeting, ben, "tentative", now=NOW + timedelta(minutes=5))

    (event,) = Program(text_of(feed)).events()

    assert event["SUMMARY"] == "Budget; 2027"
    assert event["DESCRIPTION"] == (
        "Bring numbers.\n\nJoin: https://meet.example.com/42\n\nYour answer: tentative"
    )
    said = [str(event[name]) for name in ("STATUS", "TRANSP", "CLASS", OUTLOOK)]
    assert said == ["TENTATIVE", "TRANSPARENT", "PRIVATE", "FREE"]
    assert event["LOCATION"] == f"Blue ({room.site.name})"
    assert event["URL"].endswith(meeting.get_absolute_url())
    assert event["ORGANIZER"] == "mailto:ana@example.com"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == NOW + timedelta(minutes=5)


def test_the_calendar_says_what_it_is(ana: User) -> None:
    feed = feed_of(ana)
    response = ask(feed)

    lines = response.content.decode().split("\r\n")
    assert {
        "METHOD:PUBLISH",
        "NAME:Ana Berger",
        "X-WR-CALNAME:Ana Berger",
        "X-WR-TIMEZONE:Europe/Berlin",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    } <= set(lines)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache, max-age=0"
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex")


def test_the_window(ana: User) -> None:
    feed = feed_of(ana, past_days=7, future_days=7)
    for day in ("2027-02-21", "2027-02-22", "2027-03-08", "2027-03-09"):
        book(ana, f"{day} 10:00", title=day)
    series(ana, "2026-03-04 09:00", rule="FREQ=WEEKLY", title="Reaches back")
    series(ana, "2026-03-04 09:00", rule="FREQ=WEEKLY;COUNT=3", title="Over")

    titles = {str(event["SUMMARY"]) for event in Program(text_of(feed)).events()}

    assert titles == {"2027-02-22", "2027-03-08", "Reaches back"}


# A room's -----------------------------------------------------------------------------------


def test_a_room_tells_what_any_colleague_may_know(ana: User, ben: User) -> None:
    room = RoomFactory.create(name="Blue", buffer_before=15, buffer_after=15)
    feed = feed_of(ana, room)
    secrets = {"title": "Merger", "description": "Acme", "location": "cellar"}
    link = "https://meet.example.com/acme"
    hidden = book(
        ana, "2027-03-10 10:00", 60, ben, "guest@rival.example", rooms=(room,), **secrets,
        join_link=link, visibility="private",
    )  # fmt: skip
    Meeting.objects.filter(pk=hidden.pk).update(ical_uid="merger-with-acme@rival.example")
    book(ben, "2027-03-11 10:00", 60, ana, rooms=(room,), title="Stand-up", description="Acme")
    book(ben, "", 0, when=days("2027-03-15"), rooms=(room,), title="Fair")
    gone = book(ben, "2027-03-12 10:00", rooms=(room,), title="Gone")
    scheduler.cancel(gone, by=ben, now=NOW, undo=timedelta(minutes=1))
    Closure.objects.create(
        site=room.site,
        during=as_range(stretch("2027-03-13 00:00", "2027-03-14 00:00")),
        reason="Paint",
    )

    text = text_of(feed)

    assert [(one.start, one.end, one.title) for one in shown(feed)] == [
        (at("2027-03-10 10:00"), at("2027-03-10 11:00"), "Busy"),
        (at("2027-03-11 10:00"), at("2027-03-11 11:00"), "Stand-up"),
        (at("2027-03-13 00:00"), at("2027-03-14 00:00"), "Closed: Paint"),
        (date(2027, 3, 15), date(2027, 3, 16), "Fair"),
    ]
    busy = Program(text).events()[1]
    assert set(busy) <= {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION"),
        *("SEQUENCE", "STATUS", "TRANSP", "CLASS", OUTLOOK),
    }
    assert busy["DTSTAMP"].dt == feed.created_at
    for word in ("Merger", "merger", "Acme", "acme", "cellar", "rival", "ben@", "ana@"):
        assert word not in text
    assert str(hidden.uid) not in text
    assert "DESCRIPTION:Organizer: Ben Okafor" in text


def test_a_series_holds_a_room_date_by_date(ana: User) -> None:
    room = RoomFactory.create()
    feed = feed_of(ana, room, future_days=60)
    meeting = series(ana, rooms=(room,))
    change(meeting, "2027-03-17", status="cancelled").bookings.update(released_at=NOW)

    starts = [one.start for one in shown(feed)]

    assert starts[:3] == [at("2027-03-10 10:00"), at("2027-03-24 10:00"), at("2027-03-31 10:00")]
    assert len(starts) == 7


# What is asked ------------------------------------------------------------------------------


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
