"""A meeting as an iCalendar file: what other programs make of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr

from accounts.models import User
from meetings.calendar_file import calendar_file, series_events
from meetings.models import Meeting, Occurrence
from meetings.wallclock import AllDay, Timed
from tests import factories
from tests.factories import BERLIN, NOW, RoomFactory, at, days
from tests.meetings.repeating import change, date, only_on, series

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return factories.ana()


def file_of(meeting: Meeting, person: User) -> str:
    mine = meeting.invitations.filter(user=person)
    return calendar_file(meeting, mine, now=NOW).decode()


def events_of(meeting: Meeting, person: User) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(file_of(meeting, person)).walk("VEVENT"))


def starts(events: list[icalendar.Event], until: datetime) -> list[Any]:
    """When the events start, expanded by another library."""
    (whole,) = (event for event in events if "RECURRENCE-ID" not in event)
    first = whole["DTSTART"].dt
    rule = rrulestr(whole["RRULE"].to_ical().decode(), dtstart=first)
    found = set(rule.between(first, until, inc=True)) | set(dates_in(whole, "RDATE"))
    found -= set(dates_in(whole, "EXDATE"))
    for event in events:
        if event is not whole:
            found.remove(event["RECURRENCE-ID"].dt)
            found.add(event["DTSTART"].dt)
    return sorted(found)


def dates_in(event: icalendar.Event, name: str) -> list[Any]:
    values = event.get(name, [])
    return [d.dt for one in (values if isinstance(values, list) else [values]) for d in one.dts]


def test_a_series_is_its_rule_and_what_differs(ana: User) -> None:
    blue, red = RoomFactory.create(name="Blue Room"), RoomFactory.create(name="Red Room")
    meeting = series(ana, rule="FREQ=WEEKLY;UNTIL=20270421", rooms=(blue,), location="by the lift")
    change(meeting, "2027-03-17", status="cancelled")
    change(meeting, "2027-03-24", status="skipped")
    change(meeting, "2027-03-31", start="2027-04-01 15:00", title="Moved")
    change(meeting, "2027-04-07", room_ids=[red.pk], missed_rooms=[])
    change(meeting, "2027-04-14", missed_rooms=[blue.pk])
    extra = Occurrence(meeting=meeting, recurrence_id="2027-04-16T09:00:00", origin="added")
    extra.index()
    extra.save()

    whole, *others = events_of(meeting, ana)

    assert whole["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270421T080000Z"
    assert [(str(e["SUMMARY"]), str(e["LOCATION"])) for e in (whole, *others)] == [
        ("Stand-up", f"Blue Room ({blue.site.name}), by the lift"),
        ("Moved", f"Blue Room ({blue.site.name}), by the lift"),
        ("Stand-up", f"Red Room ({red.site.name}), by the lift"),
        ("Stand-up", "by the lift"),
    ]
    assert starts([whole, *others], at("2027-05-01 00:00")) == [
        at("2027-03-10 10:00"),
        at("2027-04-01 15:00"),
        at("2027-04-07 10:00"),
        at("2027-04-14 10:00"),
        at("2027-04-16 09:00"),
        at("2027-04-21 10:00"),
    ]
    assert len({str(event["UID"]) for event in (whole, *others)}) == 1


def test_a_date_moved_to_another_zone_is_named_in_that_of_the_series(ana: User) -> None:
    meeting = series(ana)
    row = date(meeting, "2027-03-17")
    row.when = Timed(datetime(2027, 3, 17, 20), ZoneInfo("Asia/Tokyo"), row.when.length)
    row.save()

    text = file_of(meeting, ana)

    assert "RECURRENCE-ID;TZID=Europe/Berlin:20270317T100000" in text
    assert "DTSTART;TZID=Asia/Tokyo:20270317T200000" in text
    assert text.count("BEGIN:VTIMEZONE") == 2


def test_dates_of_an_all_day_series_are_dates(ana: User) -> None:
    meeting = series(ana, when=days("2027-03-10"), rule="FREQ=DAILY;COUNT=5")
    change(meeting, "2027-03-11", status="cancelled")
    row = date(meeting, "2027-03-12")
    row.when = AllDay(row.when.day.replace(day=20), 2)
    row.save()

    text = file_of(meeting, ana)

    assert "EXDATE;VALUE=DATE:20270311" in text
    assert "RECURRENCE-ID;VALUE=DATE:20270312\r\n" in text
    assert "DTSTART;VALUE=DATE:20270320" in text
    assert "VTIMEZONE" not in text


def test_a_list_of_dates_needs_no_rule(ana: User) -> None:
    meeting = series(ana, rule="FREQ=DAILY;COUNT=1")
    extra = Occurrence(meeting=meeting, recurrence_id="2027-03-19T10:00:00", origin="added")
    extra.index()
    extra.save()

    (whole,) = series_events(meeting, meeting.occurrences.all())

    assert (whole.rrule, whole.rdates) == ("", ("2027-03-19T10:00:00",))


def test_what_was_called_off_as_a_whole_leaves_nothing_out(ana: User) -> None:
    meeting = series(ana, rule="FREQ=DAILY;COUNT=3")
    meeting.cancelled = True
    meeting.occurrences.update(status="cancelled")

    (whole,) = series_events(meeting, meeting.occurrences.all())

    assert whole.exdates == ()
    assert whole.status == "cancelled"


def test_clocks_of_an_old_series_are_right_today(ana: User) -> None:
    """Of Morocco, which changes its clocks by no rule, each change has to be told."""
    zone = ZoneInfo("Africa/Casablanca")
    when = Timed(datetime(2015, 1, 5, 9), zone, factories.timed("2027-03-10 10:00").length)
    meeting = series(ana, when=when, rule="FREQ=WEEKLY")

    text = file_of(meeting, ana)

    told = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")[0].to_tz()
    for day in (datetime(2016, 7, 4, 9), datetime(2027, 2, 15, 9), datetime(2027, 3, 15, 9)):
        assert day.replace(tzinfo=told).utcoffset() == day.replace(tzinfo=zone).utcoffset()


def test_a_single_meeting_is_one_event(ana: User) -> None:
    room = RoomFactory.create(name="Blue Room")
    link = "https://meet.example.com/42"
    meeting = factories.book(ana, rooms=(room,), description="Numbers", join_link=link)

    (event,) = events_of(meeting, ana)

    assert event["DESCRIPTION"] == f"Numbers\n\nJoin: {link}"
    assert event["LOCATION"] == f"Blue Room ({room.site.name})"
    assert event["DTSTART"].dt == at("2027-03-10 10:00")
    assert "RRULE" not in event
    assert BERLIN.key in file_of(meeting, ana)


def test_who_is_asked_to_single_dates_keeps_these_alone(ana: User) -> None:
    cy, meeting = factories.cy(), series(ana)
    only_on(meeting, "2027-03-17", cy)
    only_on(meeting, "2027-03-24", cy, removed_at=NOW)
    only_on(meeting, "2027-03-31", cy)
    change(meeting, "2027-03-31", status="skipped")
    only_on(meeting, "2027-04-07", cy)
    date(meeting, "2027-04-07").delete()

    (event,) = events_of(meeting, cy)

    assert event["RECURRENCE-ID"].dt == event["DTSTART"].dt == at("2027-03-17 10:00")
    assert "RRULE" not in event


def test_who_is_off_a_date_does_not_keep_it(ana: User) -> None:
    ben = factories.ben()
    meeting = series(ana, "2027-03-10 10:00", 60, ben)
    change(meeting, "2027-03-17", title="Without Ben")
    only_on(meeting, "2027-03-17", ben, removed_at=NOW)
    only_on(meeting, "2027-03-24", ben, status="declined")

    (event,) = events_of(meeting, ben)

    assert dates_in(event, "EXDATE") == [at("2027-03-17 10:00"), at("2027-03-24 10:00")]
