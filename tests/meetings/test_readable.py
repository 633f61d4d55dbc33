"""Problems in words: right, and nothing private in them."""

from zoneinfo import ZoneInfo

import pytest

from meetings import scheduler
from meetings.problems import NotYetBookable, OverlapsItself, Severity
from meetings.readable import readable
from rooms.models import Closure, OpeningHours
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    draft,
    stretch,
    timed,
    works,
)
from tests.meetings.repeating import only_on, series

pytestmark = pytest.mark.django_db


def findings(viewer, *people, zone=BERLIN, **fields):
    plan = scheduler.plan_schedule(
        draft("2027-03-10 10:00", 60, *people, **fields), by=viewer, now=NOW
    )
    return readable(plan.problems, viewer, zone)


def sentences(found):
    return [(f.headline, f.detail) for f in found]


def test_a_public_meeting_is_named_with_its_organizer():
    room = RoomFactory.create(name="Blue Room")
    book(ben(), "2027-03-10 10:30", 60, rooms=(room,), title="Press briefing")
    assert sentences(findings(ana(), rooms=(room,))) == [
        (
            "Blue Room is taken Wed 10 March 2027, 10:30–11:30.",
            "By Press briefing, Ben Okafor.",
        )
    ]


def test_a_private_meeting_of_others_reads_busy_everywhere():
    room, invited, viewer = RoomFactory.create(name="Blue Room"), ben(), ana()
    book(invited, rooms=(room,), title="Salary talk", visibility="private", location="Attic")
    found = findings(viewer, invited, rooms=(room,))
    assert sentences(found) == [
        ("Blue Room is taken Wed 10 March 2027, 10:00–11:00.", "By a private meeting."),
        ("Ben Okafor is busy Wed 10 March 2027, 10:00–11:00.", "Busy"),
    ]
    assert "Salary" not in repr(found)


def test_a_participant_reads_a_private_title():
    invited, viewer = ben(), ana()
    book(invited, "2027-03-10 10:00", 60, viewer, title="Salary talk", visibility="private")
    assert [f.detail for f in findings(viewer, invited)] == ["Salary talk", "Salary talk"]


def test_who_is_asked_to_one_date_reads_the_title_of_that_alone():
    invited, viewer = ben(), ana()
    made = series(invited, title="Salary talk", visibility="private")
    only_on(made, "2027-03-17", viewer, status="accepted")
    said = [
        {f.detail for f in findings(viewer, invited, when=timed(f"2027-03-{day} 10:00"))}
        for day in (10, 17)
    ]
    assert said == [{"Busy"}, {"Salary talk"}]


def test_perhaps_you_and_optional():
    from meetings.drafts import Attendee

    viewer, invited, other = ana(), ben(), cy()
    meeting = book(viewer, "2027-03-10 10:00", 60, invited, other)
    answer(meeting, invited, "tentative")
    attendees = (Attendee(invited.email), Attendee(other.email, "optional"))
    found = findings(viewer, attendees=attendees)
    assert [(f.severity, f.headline.split(" Wed")[0], f.detail) for f in found] == [
        (Severity.WARNS, "You are busy", "Design review"),
        (Severity.NOTES, "Ben Okafor is perhaps busy", "Design review"),
        (Severity.NOTES, "Cy Young is busy", "Design review. Optional."),
    ]


def test_closures_hours_seats_and_rooms_out_of_use():
    room = RoomFactory.create(name="Nook", capacity=1, active=False)
    OpeningHours.objects.create(site=room.site, weekday=2, start=780, end=1080)
    during = stretch("2027-03-10 08:00", "2027-03-12 18:00")
    Closure.objects.create(room=room, during=(during.start, during.end), reason="new floor")
    assert sentences(findings(ana(), ben(), rooms=(room,))) == [
        ("Nook is out of use.", "Choose another room."),
        (
            "Nook is closed Wed 10 March 2027, 8:00 – Fri 12 March 2027, 18:00.",
            "new floor",
        ),
        ("Nook is not open then.", "That day it is open 13:00–18:00."),
        (
            "Nook has 1 seat, you are 2.",
            "Choose a larger room, or save anyway if some join from elsewhere.",
        ),
    ]


def test_somebodys_evening_is_said_in_their_time():
    far = works(ben(timezone=ZoneInfo("Asia/Tokyo")))
    (found,) = findings(ana(), far)
    assert (found.severity, found.headline) == (
        Severity.NOTES,
        "18:00 for Ben Okafor, outside working hours.",
    )


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    viewer, invited = ana(), ben()
    for start in ("10:00", "10:15", "10:30"):
        book(invited, f"2027-03-10 {start}", visibility="private")
        wanted = draft("2027-03-10 10:00", 60, invited)
        problems = scheduler.plan_schedule(wanted, by=viewer, now=NOW).problems
        with django_assert_num_queries(3):
            readable(problems, viewer, BERLIN)


@pytest.mark.parametrize(
    ("later", "severity", "advice"),
    [
        (True, Severity.NOTES, "It is booked for the later dates as soon as they can be."),
        (False, Severity.REFUSES, "Choose another room, or an earlier day."),
    ],
)
def test_a_room_that_is_not_bookable_so_far_ahead(later, severity, advice):
    room = RoomFactory.create(name="Blue Room")
    problem = NotYetBookable(
        room.pk,
        stretch("2027-03-10 10:00", "2027-03-10 11:00"),
        at("2027-03-01 23:30"),
        later,
        "2027-03-10",
    )
    (found,) = readable([problem], ana(), BERLIN)
    assert (found.severity, found.headline, found.detail, found.date) == (
        severity,
        "Blue Room can be booked up to Mon 1 March 2027 only, so far.",
        advice,
        "2027-03-10",
    )


def test_a_series_in_its_own_way():
    room = RoomFactory.create(name="Blue Room")
    problem = OverlapsItself(
        room.pk, stretch("2027-03-10 10:00", "2027-03-10 11:00"), "2027-03-10T11:00:00"
    )
    assert sentences(readable([problem], ana(), BERLIN)) == [
        (
            "Another date of this series has Blue Room Wed 10 March 2027, 10:00–11:00.",
            "Make it shorter, or leave more time between its dates.",
        )
    ]
