"""A calendar with all that there can be on one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from meetings.models import Occurrence
from meetings.wallclock import Timed
from tests.factories import NOW, RoomFactory, answer, book, days, timed
from tests.meetings.repeating import change, date, only_on, series


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
