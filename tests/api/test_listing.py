"""Meetings in pages: what is there, and for whom."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from meetings import catalogue
from meetings.models import Meeting
from meetings.scheduler import cancel
from tests import factories
from tests.api.conftest import Program, ProgramOf
from tests.factories import NOW, book
from tests.meetings.repeating import only_on


def titles(call: Program, query: str = "") -> list[str]:
    return [meeting["title"] for meeting in call.get(f"/meetings?{query}")["meetings"]]


def test_filters(program: ProgramOf) -> None:
    ana, ben = factories.ana(), factories.ben()
    room = factories.RoomFactory(code="blue")
    review = book(ana, "2027-03-10 10:00", 60, ben, title="Design review", rooms=[room])
    book(ana, "2027-03-11 10:00", 60, "guest@else.example", title="Partner call")
    off = book(ben, "2027-03-12 10:00", 60, title="Called off")
    cancel(off, by=ben, now=NOW)
    call = program(ana)

    found = {
        query: titles(call, query)
        for query in (
            "",
            "organizer=ben@example.com",
            f"attendee={ben.uid}",
            "attendee=guest@else.example",
            "room=blue",
            "status=cancelled",
            "status=scheduled",
            "q=des rev",
            "start=2027-03-11T00:00:00Z&end=2027-03-12T00:00:00Z",
            "start=2027-03-10T10:00:00Z&end=2027-03-10T11:00:00Z",
            f"updated_since={review.created_at.isoformat().replace('+00:00', 'Z')}&q=part",
            "updated_since=2199-01-01T00:00:00Z",
        )
    }

    assert list(found.values()) == [
        ["Design review", "Partner call", "Called off"],
        ["Called off"],
        ["Design review", "Called off"],
        ["Partner call"],
        ["Design review"],
        ["Called off"],
        ["Design review", "Partner call"],
        ["Design review"],
        ["Partner call"],
        [],  # it was 10 to 11 in Berlin
        ["Partner call"],
        [],
    ]


def test_what_a_stranger_sees(program: ProgramOf) -> None:
    ana, ben = factories.ana(), factories.ben()
    book(ana, "2027-03-10 10:00", 60, ben, title="Salary talk", visibility="private")
    book(ana, "2027-03-10 12:00", 60, "guest@else.example", description="Bring the plan")
    stranger = program(factories.cy())

    (seen,) = stranger.get("/meetings")["meetings"]

    assert (seen["description"], seen["attendees"]) == (None, None)
    assert titles(stranger, "attendee=guest@else.example") == []
    assert titles(program(ben)) == ["Salary talk", "Design review"]


def test_pages_cost_the_same(program: ProgramOf) -> None:
    ana = factories.ana()
    call = program(ana)
    for hour in range(8, 13):
        book(ana, f"2027-03-10 {hour:02}:00", 30, title=str(hour), rrule="FREQ=DAILY;COUNT=3")
    call.get("/meetings?limit=1")  # that the token was used is noted once a minute
    pages, cursor = [], ""
    while cursor is not None:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = call.get(f"/meetings?limit=2{cursor and f'&cursor={cursor}'}")
        pages.append(([m["title"] for m in page["meetings"]], len(queries)))
        cursor = page["next"]

    assert [names for names, _count in pages] == [["8", "9"], ["10", "11"], ["12"]]
    assert len({count for _names, count in pages[1:]}) == 1  # a cursor takes one to read
    assert call("GET", "/meetings?cursor=made-up").status == 422


def test_who_is_asked_to_one_date_sees_that_alone(program: ProgramOf) -> None:
    ana, ben = factories.ana(), factories.ben()
    open_, secret = (
        book(ana, "2027-03-10 10:00", 60, rrule="FREQ=WEEKLY;COUNT=3", visibility=visibility)
        for visibility in ("public", "private")
    )
    for meeting in (open_, secret):
        only_on(meeting, "2027-03-17", ben)
    call = program(ben)
    date = "recurrence_id=2027-03-17T10:00:00"

    assert call.get(f"/meetings/{open_.uid}")["attendees"] is None
    assert call.get(f"/meetings/{open_.uid}?{date}")["attendees"] is not None
    assert call("GET", f"/meetings/{secret.uid}").status == 404
    assert call.get(f"/meetings/{secret.uid}?{date}")["attendees"] is not None
    assert [m["visibility"] for m in call.get("/meetings")["meetings"]] == ["public"]


def test_a_meeting_of_two_rooms_is_listed_once(program: ProgramOf) -> None:
    ana = factories.ana()
    rooms = tuple(factories.RoomFactory(code=code) for code in ("blue", "red"))
    book(ana, "2027-03-10 10:00", 60, rooms=rooms)

    assert titles(program(ana), "room=blue") == ["Design review"]


@pytest.mark.django_db
def test_titles_are_searched_by_an_index() -> None:
    condition = catalogue.titled("des rev")
    assert condition is not None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Meeting.objects.filter(condition).explain()

    assert "meeting_by_title" in plan
