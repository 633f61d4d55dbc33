"""A series that becomes a single meeting, and dates that go on as meetings of their own."""

from datetime import timedelta

import pytest

from meetings import scheduler
from meetings.models import Change, Invitation, Meeting
from meetings.problems import InvalidDraft, WrongState
from meetings.scheduler import Scope, Skip, TryAgain
from meetings.scheduler.indexing import check
from tests.factories import NOW, RoomFactory, at, ben, cy, timed
from tests.meetings.test_series import (
    SECOND,
    THIRD,
    WEDNESDAYS,
    edit,
    held,
    series,
    starts,
)

pytestmark = pytest.mark.django_db

LAST = "2027-04-07T10:00:00"


def respond(meeting, person, status, date=""):
    row = Invitation.objects.get(meeting=meeting, user=person, recurrence_id="")
    scheduler.respond(row, status, by=person, now=NOW, recurrence_id=date)


def statuses(meeting) -> dict[str, str]:
    rows = Invitation.objects.filter(meeting=meeting).select_related("user")
    assert {row.recurrence_id for row in rows} == {""}
    return {row.user.first_name: row.status for row in rows}


def test_the_last_date_goes_on_with_what_it_has_of_its_own():
    guest, room, other = ben(), RoomFactory.create(), RoomFactory.create()
    meeting = series(guest, rooms=(room,))
    respond(meeting, guest, "accepted")
    respond(meeting, guest, "declined", LAST)
    answered = Change.objects.filter(kind="answered").count()
    edit(meeting, Scope.THIS, LAST, location="Garden", room_ids=(other.pk,))

    single = edit(meeting, Scope.FOLLOWING, LAST, title="Farewell").meeting

    assert (single.rrule, single.title, single.location) == ("", "Farewell", "Garden")
    assert starts(single) == [WEDNESDAYS[-1]]
    assert list(single.rooms.all()) == [other]
    assert statuses(single) == {"Ana": "accepted", "Ben": "declined"}
    assert Change.objects.filter(kind="answered").count() == answered
    for part in Meeting.objects.all():
        assert check(part, now=NOW) == []


def test_dates_called_off_and_skipped_go_with_the_rule():
    guest = ben()
    meeting = series(guest, rooms=(RoomFactory.create(),))
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW, scope=Scope.THIS, recurrence_id=SECOND)
    meeting.refresh_from_db()
    scheduler.mend(meeting, {THIRD: Skip()}, by=meeting.organizer, now=NOW, version=meeting.version)

    edit(meeting, rrule="")

    meeting.refresh_from_db()
    assert meeting.occurrence.recurrence_id == "2027-03-10T10:00:00"
    assert len(held(meeting)) == 1
    respond(meeting, guest, "accepted")
    assert statuses(meeting) == {"Ana": "accepted", "Ben": "accepted"}


def test_the_first_date_takes_place_again_if_it_is_all_that_is_left():
    meeting = series(ben())
    first = "2027-03-10T10:00:00"
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW, scope=Scope.THIS, recurrence_id=first)
    edit(meeting, rrule="", when=timed("2027-03-10 15:00"))
    assert starts(meeting) == ["2027-03-10 15:00"]


def test_a_date_kept_by_itself_is_told_and_taken_back_with_the_rule():
    guest, gone = ben(), cy()
    meeting = series(guest, gone)
    respond(meeting, guest, "accepted", SECOND)
    edit(meeting, Scope.THIS, SECOND, when=timed("2027-03-17 15:00"))
    respond(meeting, guest, "tentative", SECOND)

    done = edit(
        meeting,
        rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=3",
        orphans="keep",
        undo=timedelta(seconds=10),
    )

    single = Meeting.objects.exclude(pk=meeting.pk).get()
    assert starts(single) == ["2027-03-17 15:00"]
    assert statuses(single) == {"Ana": "accepted", "Ben": "tentative", "Cy": "needs-action"}
    (told,) = single.changes.all()
    assert (told.part_of, told.fields) == (
        done.change,
        {"rrule": ["FREQ=WEEKLY;COUNT=5", ""]},
    )
    assert not done.change.goes_on
    scheduler.undo(done.change, by=meeting.organizer, now=NOW)
    assert Meeting.objects.get() == meeting
    assert starts(meeting) == [*WEDNESDAYS[:1], "2027-03-17 15:00", *WEDNESDAYS[2:]]


def test_another_rule_of_a_begun_series_begins_on_a_day_that_it_gives():
    meeting = series(now=at("2027-03-01 09:00"))
    later = edit(
        meeting, rrule="FREQ=WEEKLY;BYDAY=MO,FR;COUNT=6", now=at("2027-03-18 09:00")
    ).meeting
    assert starts(meeting) == WEDNESDAYS[:2]
    assert starts(later) == [f"2027-{day} 10:00" for day in ("03-26", "03-29", "04-02", "04-05")]


def test_a_rule_that_gives_nothing_to_come_is_refused():
    meeting = series(now=at("2027-03-01 09:00"))
    with pytest.raises(InvalidDraft, match="No date to come"):
        edit(meeting, rrule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20270317", now=at("2027-03-18 09:00"))
    with pytest.raises(InvalidDraft, match="lie in the past"):
        edit(meeting, rrule="FREQ=DAILY", when=timed("1990-01-01 10:00"))


def test_a_skipped_date_that_is_over_stays_skipped():
    meeting = series(now=at("2027-03-01 09:00"))
    ana = meeting.organizer
    meeting = scheduler.mend(meeting, {SECOND: Skip()}, by=ana, now=NOW, version=1).meeting
    with pytest.raises(WrongState, match="stays skipped"):
        scheduler.mend(meeting, {SECOND: TryAgain()}, by=ana, now=at("2027-03-18 09:00"), version=2)
