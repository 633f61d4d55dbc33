"""Calendars to subscribe to: what another program shows, who may read what, and what is asked."""

import json
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from accounts.models import User
from meetings import scheduler
from meetings.models import Meeting
from meetings.models.ranges import as_range
from meetings.scheduler import Scope
from notifications import feeds
from rooms.models import Closure
from tests import factories
from tests.factories import NOW, RoomFactory, answer, at, book, days, stretch
from tests.meetings.repeating import change, only_on, series
from tests.meetings.test_import_expander import EXPAND, expander
from tests.notifications.expanding import Program
from tests.notifications.subscribing import ask, feed_of, fill, on_calendar, shown, text_of

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
