"""Feeds as programs read them, and a calendar with all that there can be on one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from meetings.models import Occurrence
from meetings.occurrences import calendar_of
from meetings.wallclock import AllDay, Timed
from notifications import feeds
from notifications.models import Feed
from rooms.models import Room
from tests.factories import NOW, RoomFactory, answer, book, days, timed
from tests.meetings.repeating import change, date, only_on, series
from tests.notifications.expanding import Program, Shown


def feed_of(user: User, room: Room | None = None, **fields: int) -> Feed:
    """A feed, made a day ago."""
    return Feed.objects.create(user=user, room=room, created_at=NOW - timedelta(days=1), **fields)


def ask(feed: Feed, **headers: str) -> HttpResponse:
    """A program asks."""
    return Client().get(feed.get_absolute_url(), headers=headers)


def text_of(feed: Feed) -> str:
    """What it gets."""
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


def fill(ana: User, ben: User) -> None:
    """Gives Ben what Ana invited him to, over both clock changes of the year."""
    _weekly(ana, ben)
    # At an hour that one clock change leaves out and the other shows twice.
    series(ana, "2027-02-01 02:30", 60, ben, rule="FREQ=DAILY;UNTIL=20271130", title="Night")
    york = timed("2027-02-01 08:00", 60, ZoneInfo("America/New_York"))
    series(ana, "", 0, ben, when=york, rule="FREQ=WEEKLY", title="Endless")
    series(ana, "", 0, ben, when=days("2027-03-01", 2), rule="FREQ=MONTHLY", title="All day")
    book(ana, "2027-03-28 01:30", 90, ben, title="Single, over the change")
    book(ana, "2027-10-31 01:30", 180, ben, title="Single, over the change back")
    answer(book(ana, "2027-05-11 10:00", 60, ben, title="Declined"), ben, "declined")
    book(ana, "", 0, ben, when=days("2027-06-07", 3), title="Three days")
    book(ben, "2027-03-02 10:00", title="His own")
    book(ana, "2027-03-02 11:00", title="Not his")


def _weekly(ana: User, ben: User) -> None:
    """A series with dates of every kind."""
    blue, red = RoomFactory.create(name="Blue"), RoomFactory.create(name="Red")
    meeting = series(ana, "2027-02-03 09:00", 60, ben, title="Weekly", rooms=(blue,))
    change(meeting, "2027-03-10", status="cancelled")
    change(meeting, "2027-03-17", start="2027-03-18 15:00", title="Moved")
    change(meeting, "2027-04-07", room_ids=[red.pk])
    added = Occurrence(meeting=meeting, recurrence_id="2027-04-09T11:00:00", origin="added")
    added.index()
    added.save()
    only_on(meeting, "2027-04-14", ben, status="declined")
    only_on(meeting, "2027-04-21", ben, status="accepted")
    only_on(meeting, "2027-04-28", ben, removed_at=NOW)
    row = date(meeting, "2027-05-05")
    row.when = Timed(datetime(2027, 5, 5, 20), ZoneInfo("Asia/Tokyo"), row.when.length)
    row.save()
