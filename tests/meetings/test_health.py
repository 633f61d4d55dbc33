"""What there is to know of the dates of a series."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings import scheduler
from meetings.drafts import Attendee
from meetings.health import DateHealth, Health, Shift, health
from meetings.models import Invitation, Meeting, Occurrence
from meetings.problems import PersonBusy, RoomClosed, RoomInactive, RoomTaken, TooFewSeats
from meetings.scheduler import Scope
from rooms.models import Closure, Room
from tests.factories import (
    NOW,
    RoomFactory,
    UserFactory,
    ana,
    at,
    ben,
    book,
    cy,
    days,
    draft,
    invitation_of,
    stretch,
    timed,
    works,
)

pytestmark = pytest.mark.django_db

WEEKLY = "FREQ=WEEKLY;COUNT=4"
DATES = ["2027-03-10T10:00:00", "2027-03-17T10:00:00", "2027-03-24T10:00:00", "2027-03-31T10:00:00"]


def examined(meeting: Meeting, now=NOW) -> Health:
    """The health of a meeting as it is in the database."""
    return health(Meeting.objects.with_people().get(pk=meeting.pk), now=now)


def on(meeting: Meeting, n: int, now=NOW) -> DateHealth:
    """Its nth date."""
    return examined(meeting, now).dates[n]


def series(*people, **fields) -> Meeting:
    """Ana's, on four Wednesdays."""
    organizer = fields.pop("organizer", None) or ana()
    return book(organizer, "2027-03-10 10:00", 60, *people, **{"rrule": WEEKLY, **fields})


def test_a_series_in_order_needs_nothing():
    found = examined(series(ben(), rooms=(RoomFactory.create(),)))
    assert [d.name for d in found.dates] == DATES
    assert [len(d.people) for d in found.dates] == [2, 2, 2, 2]
    assert found.attention == ()
    assert (found.colliding, found.skipped, found.waiting, found.until) == (0, 0, 0, None)


def test_what_is_over_is_not_looked_at():
    meeting = series()
    after_two = examined(meeting, at("2027-03-17 11:00"))
    assert [d.name for d in after_two.dates] == DATES[2:]
    assert len(examined(meeting, at("2027-03-17 10:59")).dates) == 3


def test_somebody_who_is_busy_on_one_date():
    invited, helper = ben(), cy()
    meeting = series(
        invited, attendees=(Attendee(invited.email), Attendee(helper.email, "optional"))
    )
    other = book(invited, "2027-03-17 10:30", 60, helper)
    found = examined(meeting)
    taken = stretch("2027-03-17 10:30", "2027-03-17 11:30")
    assert found.dates[1].problems == (
        PersonBusy(invited.pk, taken, other.occurrence.pk, False, False, DATES[1]),
        PersonBusy(helper.pk, taken, other.occurrence.pk, False, True, DATES[1]),
    )
    assert [d.name for d in found.attention] == [DATES[1]]
    assert found.colliding == 1


def test_an_optional_person_alone_is_no_collision():
    helper = cy()
    meeting = series(attendees=(Attendee(helper.email, "optional"),))
    book(helper, "2027-03-17 10:00")
    found = examined(meeting)
    assert len(found.dates[1].problems) == 1
    assert found.attention == ()


def test_who_declined_a_date_is_missed_there_and_not_busy():
    invited = ben()
    meeting = series(invited)
    book(invited, "2027-03-17 10:00")
    invitation = invitation_of(meeting, invited)
    scheduler.respond(
        invitation, "declined", by=invited, now=NOW, note="", announce=True, recurrence_id=DATES[1]
    )
    found = examined(meeting)
    assert [[i.user for i in d.declined] for d in found.dates] == [[], [invited], [], []]
    assert found.dates[1].problems == ()
    assert [d.name for d in found.attention] == [DATES[1]]
    assert (found.declined, found.colliding, found.absent) == (1, 0, ())


def test_who_declined_the_series_is_said_once():
    invited = ben()
    meeting = series(invited)
    scheduler.respond(invitation_of(meeting, invited), "declined", by=invited, now=NOW)
    scheduler.respond(
        invitation_of(meeting, invited), "accepted", by=invited, now=NOW, recurrence_id=DATES[2]
    )
    found = examined(meeting)
    assert [i.user for i in found.absent] == [invited]
    assert [bool(d.declined) for d in found.dates] == [True, True, False, True]
    assert (found.attention, found.declined) == ((), 0)


def test_a_room_that_is_closed_later_on():
    room = RoomFactory.create()
    meeting = series(rooms=(room,))
    closed = stretch("2027-03-24 00:00", "2027-03-25 00:00")
    Closure.objects.create(room=room, during=(closed.start, closed.end), reason="paint")
    found = examined(meeting)
    assert found.dates[2].problems == (RoomClosed(room.pk, closed, "paint", DATES[2]),)
    assert (found.colliding, found.dates[2].lost) == (1, (room,))


def test_a_room_that_was_taken_when_it_could_be_booked():
    room = RoomFactory.create(horizon_days=14)
    meeting = series(rooms=(room,))
    early = examined(meeting)
    assert [[(x.room, x.day) for x in d.later] for d in early.dates] == [
        [],
        [(room, date(2027, 3, 3))],
        [(room, date(2027, 3, 10))],
        [(room, date(2027, 3, 17))],
    ]
    assert (early.waiting, early.colliding, early.attention) == (3, 0, ())

    now = at("2027-03-03 09:00")
    other = book(cy(), "2027-03-17 10:00", rooms=(room,), now=now)
    meeting.occurrences.filter(recurrence_id=DATES[1]).update(missed_rooms=[room.pk])
    late = examined(meeting, now)
    taken = stretch("2027-03-17 10:00", "2027-03-17 11:00")
    assert late.dates[1].problems == (RoomTaken(room.pk, taken, other.occurrence.pk, DATES[1]),)
    assert (late.dates[1].missed, late.dates[1].lost, late.dates[1].collides) == ((), (room,), True)
    assert (late.waiting, late.colliding) == (2, 1)

    scheduler.cancel(other, by=other.organizer, now=now)
    free = on(meeting, 1, now)
    assert (free.problems, free.missed, free.collides, free.lost) == ((), (room,), True, (room,))


def test_what_can_be_booked_by_now_is_booked_in_the_coming_night():
    room = RoomFactory.create(horizon_days=14)
    meeting = series(rooms=(room,))
    now = at("2027-03-03 09:00")
    assert [(x.room, x.day) for x in on(meeting, 1, now).later] == [(room, date(2027, 3, 3))]


def test_skipped_dates_say_whether_they_could_be_held():
    invited, room = ben(), RoomFactory.create()
    other = book(cy(), "2027-03-17 10:00", rooms=(room,))
    wanted = draft("2027-03-10 10:00", 60, invited, rooms=(room,), rrule=WEEKLY)
    decided = {DATES[1]: scheduler.Skip()}
    meeting = scheduler.schedule(wanted, by=ana(), now=NOW, decisions=decided).meeting
    found = examined(meeting)
    assert [type(p) for p in found.dates[1].problems] == [RoomTaken]
    assert (found.skipped, found.colliding, len(found.checked)) == (1, 0, 3)
    assert [d.name for d in found.attention] == [DATES[1]]
    scheduler.cancel(other, by=other.organizer, now=NOW)
    assert on(meeting, 1).problems == ()


def test_a_cancelled_date_is_shown_and_counts_nowhere():
    invited = ben()
    meeting = series(invited)
    book(invited, "2027-03-17 10:00")
    scheduler.cancel(
        meeting,
        by=meeting.organizer,
        now=NOW,
        undo=timedelta(0),
        scope=Scope.THIS,
        recurrence_id=DATES[1],
    )
    found = examined(meeting)
    assert found.dates[1].occurrence.is_cancelled
    assert (found.cancelled, len(found.checked), found.attention) == (1, 3, ())
    assert found.dates[1].problems == ()


def test_too_many_people_for_the_room_on_every_date_or_on_one():
    room, small = RoomFactory.create(capacity=1), RoomFactory.create(capacity=1)
    meeting = series(ben(), rooms=(room,))
    found = examined(meeting)
    assert found.usual == (TooFewSeats(room.pk, 1, 2),)
    assert (found.crowded, found.attention) == (4, ())
    meeting.occurrences.filter(recurrence_id=DATES[2]).update(room_ids=[small.pk])
    found = examined(meeting)
    assert [d.name for d in found.attention] == [DATES[2]]
    assert found.dates[2].here == (TooFewSeats(small.pk, 1, 2),)


def test_a_room_out_of_use_is_said_once():
    room = RoomFactory.create()
    meeting = series(rooms=(room,))
    Room.objects.update(active=False)
    found = examined(meeting)
    assert found.usual == (RoomInactive(room.pk),)
    assert found.attention == ()


def test_a_date_with_a_room_of_its_own_is_judged_by_that():
    usual, own = RoomFactory.create(), RoomFactory.create()
    meeting = series(rooms=(usual,))
    scheduler.mend(
        meeting,
        {DATES[1]: scheduler.OtherRooms((own.pk,))},
        by=meeting.organizer,
        now=NOW,
        version=meeting.version,
    )
    closed = stretch("2027-03-01 00:00", "2027-05-01 00:00")
    Closure.objects.create(room=usual, during=(closed.start, closed.end), reason="paint")
    found = examined(meeting)
    assert [bool(d.problems) for d in found.dates] == [True, False, True, True]
    assert found.dates[1].rooms == (own,)


def test_whose_clock_shifts():
    """Berlin changes on 28 March; New York did on the 14th, Tokyo never does."""
    york = works(ben(timezone=ZoneInfo("America/New_York")), (6, 14))
    tokyo = works(cy(timezone=ZoneInfo("Asia/Tokyo")), (9, 18))
    meeting = series(york, tokyo, UserFactory.create(), "guest@elsewhere.example")
    found = examined(meeting)
    assert [d.shifts for d in found.dates] == [
        (),
        (Shift(york, time(4), time(5), outside_hours=True),),
        (),
        (
            Shift(york, time(5), time(4), outside_hours=True),
            Shift(tokyo, time(18), time(17), outside_hours=False),
        ),
    ]
    assert (found.shifting, [d.name for d in found.attention]) == (2, [DATES[1], DATES[3]])
    # The date before may be over.
    last = examined(meeting, at("2027-03-24 12:00")).dates[0]
    assert [s.user for s in last.shifts] == [york, tokyo]


def test_a_moved_date_is_no_shift():
    tokyo = cy(timezone=ZoneInfo("Asia/Tokyo"))
    meeting = series(tokyo, rrule="FREQ=WEEKLY;COUNT=3")
    moved = timed("2027-03-17 14:00")
    scheduler.mend(
        meeting,
        {DATES[1]: scheduler.OtherTime(moved)},
        by=meeting.organizer,
        now=NOW,
        version=meeting.version,
    )
    found = examined(meeting)
    assert found.dates[1].occurrence.when == moved
    assert found.shifting == 0


def test_all_day_and_free_series():
    invited = ben()
    book(invited, "2027-03-17 10:00")
    meeting = book(
        ana(), "", 0, invited, when=days("2027-03-10"), rrule=WEEKLY, transparency="busy"
    )
    assert examined(meeting).colliding == 1
    Meeting.objects.filter(pk=meeting.pk).update(transparency="free")
    assert examined(meeting).colliding == 0


def test_somebody_asked_to_one_date_only():
    extra = cy()
    meeting = series()
    row = Occurrence.objects.get(recurrence_id=DATES[2])
    Invitation.objects.create(meeting=meeting, user=extra, recurrence_id=DATES[2], span=row.during)
    book(extra, "2027-03-10 10:00")
    book(extra, "2027-03-24 10:00")
    found = examined(meeting)
    assert [d.collides for d in found.dates] == [False, False, True, False]
    assert [d.seats for d in found.dates] == [1, 1, 2, 1]


def test_the_number_of_queries_is_always_the_same(django_assert_num_queries):
    organizer = works(ana())
    for count in (1, 3):
        rooms = tuple(RoomFactory.create(horizon_days=30) for _ in range(count))
        people = [works(UserFactory.create()) for _ in range(count)]
        meeting = series(
            *people, organizer=organizer, rooms=rooms, rrule=f"FREQ=WEEKLY;COUNT={count * 3}"
        )
        for person in people:
            book(person, "2027-03-17 10:00")
        fresh = Meeting.objects.with_people().get(pk=meeting.pk)
        with django_assert_num_queries(12):
            assert health(fresh, now=NOW).colliding == (1 if count == 1 else 3)
