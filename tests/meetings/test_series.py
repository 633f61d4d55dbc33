"""Series: one date, the following ones, all of them; and taking it back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import InvalidDraft, Undecided, WrongState
from meetings.scheduler import Keep, OtherRooms, OtherTime, Scope, Skip, TryAgain
from meetings.scheduler.remembering import TABLES, rows_of
from tests.factories import (
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    draft,
    invitation_of,
    timed,
)

pytestmark = pytest.mark.django_db

UNDO = timedelta(seconds=10)
SECOND, THIRD = "2027-03-17T10:00:00", "2027-03-24T10:00:00"
WEEKLY = "FREQ=WEEKLY;COUNT=5"


def series(*people, rooms=(), rrule=WEEKLY, now=NOW, **fields) -> Meeting:
    """Five Wednesdays at 10:00 in Berlin, from 10 to 7 April 2027; the clocks change between."""
    return book(ana(), "2027-03-10 10:00", 60, *people, rooms=rooms, rrule=rrule, now=now, **fields)


def edit(meeting, scope=Scope.ALL, date="", *, now=NOW, **values):
    options = {k: values.pop(k) for k in ("undo", "orphans", "policy", "decisions") if k in values}
    meeting = Meeting.objects.get(pk=meeting.pk)
    wanted = scheduler.draft_of(meeting, scope=scope, recurrence_id=date)
    return scheduler.edit(
        meeting,
        replace(wanted, **values),
        by=meeting.organizer,
        now=now,
        version=meeting.version,
        scope=scope,
        recurrence_id=date,
        **{"policy": "allow", **options},
    )


def starts(meeting) -> list[str]:
    """The local starts of the dates that take place."""
    return sorted(o.when.start.isoformat(" ", "minutes") for o in live(meeting))


def live(meeting) -> list[Occurrence]:
    return list(Meeting.objects.get(pk=meeting.pk).occurrences.live())


def held(meeting) -> list[str]:
    bookings = Booking.objects.unreleased().filter(occurrence__meeting=meeting, kind="meeting")
    return sorted(b.during.lower.isoformat() for b in bookings)


WEDNESDAYS = [f"2027-{day} 10:00" for day in ("03-10", "03-17", "03-24", "03-31", "04-07")]


def test_dates_and_rooms_stay_at_their_local_time():
    meeting = series(rooms=(RoomFactory.create(),))
    assert starts(meeting) == WEDNESDAYS
    assert held(meeting) == [at(day).isoformat() for day in WEDNESDAYS]
    assert meeting.invitations.get().span.upper == at("2027-04-07 11:00")


def test_what_collides_is_decided_date_by_date():
    room, other = RoomFactory.create(), RoomFactory.create()
    taken = cy()
    for day in ("2027-03-10", "2027-03-17", "2027-03-24", "2027-03-31"):
        book(taken, f"{day} 10:00", rooms=(room,))
    organizer = ana()
    wanted = draft("2027-03-10 10:00", rooms=(room,), rrule=WEEKLY)
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.schedule(wanted, by=organizer, now=NOW, policy="allow")
    assert list(refusal.value.plan.colliding) == [
        f"{d.replace(' ', 'T')}:00" for d in WEDNESDAYS[:4]
    ]
    decisions = {
        "2027-03-10T10:00:00": Skip(),
        SECOND: Keep(),
        THIRD: OtherRooms((other.pk,)),
        "2027-03-31T10:00:00": OtherTime(timed("2027-03-31 14:00")),
    }
    meeting = scheduler.schedule(wanted, by=organizer, now=NOW, decisions=decisions).meeting
    assert starts(meeting) == [WEDNESDAYS[1], WEDNESDAYS[2], "2027-03-31 14:00", WEDNESDAYS[4]]
    assert held(meeting) == [
        at(d).isoformat() for d in (WEDNESDAYS[2], "2027-03-31 14:00", WEDNESDAYS[4])
    ]


def test_one_date_moves_alone_and_asks_anew():
    invited, room = ben(), RoomFactory.create()
    meeting = series(invited, rooms=(room,))
    answer(meeting, invited, "accepted")
    done = edit(meeting, Scope.THIS, SECOND, when=timed("2027-03-18 15:00"))
    assert done.change.dates == [SECOND]
    assert starts(meeting)[1] == "2027-03-18 15:00"
    assert at("2027-03-18 15:00").isoformat() in held(meeting)
    rows = meeting.invitations.filter(user=invited)
    assert {(r.recurrence_id, r.status) for r in rows} == {
        ("", "accepted"),
        (SECOND, "needs-action"),
    }


def test_an_edit_of_all_moves_exceptions_by_the_same_amount_and_keeps_their_own_fields():
    meeting = series()
    edit(meeting, Scope.THIS, SECOND, when=timed("2027-03-18 15:00"), title="Special")
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW, scope=Scope.THIS, recurrence_id=THIRD)
    edit(meeting, title="Renamed", when=timed("2027-03-10 11:30"))
    assert starts(meeting) == [
        "2027-03-10 11:30",
        "2027-03-18 16:30",
        "2027-03-31 11:30",
        "2027-04-07 11:30",
    ]
    titles = {o.recurrence_id: o.shown_title for o in live(meeting)}
    assert titles.pop("2027-03-17T11:30:00") == "Special"
    assert set(titles.values()) == {"Renamed"}


def test_following_splits_the_series_and_answers_survive():
    invited, room = ben(), RoomFactory.create()
    meeting = series(invited, rooms=(room,))
    answer(meeting, invited, "accepted")
    ids = {o.recurrence_id: o.pk for o in live(meeting)}
    later = edit(meeting, Scope.FOLLOWING, THIRD, title="Later").meeting
    meeting.refresh_from_db()
    assert (meeting.rrule, later.rrule) == ("FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;COUNT=3")
    assert later.series == meeting.series
    assert later.ical_uid != meeting.ical_uid
    assert starts(meeting) + starts(later) == WEDNESDAYS
    assert {o.recurrence_id: o.pk for o in [*live(meeting), *live(later)]} == ids
    assert held(meeting) + held(later) == [at(day).isoformat() for day in WEDNESDAYS]
    assert invitation_of(later, invited).status == "accepted"
    assert (meeting.title, later.title) == ("Design review", "Later")


def test_what_has_begun_stays_when_all_are_moved():
    meeting = series()
    now = at("2027-03-20 08:00")
    done = edit(meeting, when=timed("2027-03-10 12:00"), now=now)
    assert done.plan.kept_past == 2
    assert starts(meeting) == WEDNESDAYS[:2]
    assert starts(done.meeting) == ["2027-03-24 12:00", "2027-03-31 12:00", "2027-04-07 12:00"]


def test_changed_dates_that_the_new_rule_does_not_give_are_asked_about():
    meeting = series()
    edit(meeting, Scope.THIS, SECOND, title="Special")
    with pytest.raises(Undecided) as refusal:
        edit(meeting, rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=3")
    assert refusal.value.dates == (SECOND,)
    edit(meeting, rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=3", orphans="keep")
    assert starts(meeting) == [WEDNESDAYS[0], WEDNESDAYS[2], WEDNESDAYS[4]]
    single = Meeting.objects.get(title="Special")
    assert (starts(single), single.rrule) == ([WEDNESDAYS[1]], "")


def test_people_of_one_date():
    first, second = ben(), cy()
    meeting = series(first)
    edit(meeting, Scope.THIS, SECOND, attendees=(Attendee(second.email),))

    def who(date):
        return {i.user.email for i in on_date(meeting.invitations.all(), date)}

    assert who(SECOND) == {"ana@example.com", "cy@example.com"}
    assert who(THIRD) == {"ana@example.com", "ben@example.com"}
    later = Invitation.objects.get(user=first, recurrence_id=SECOND)
    assert later.removed_at == NOW


def test_visibility_is_the_same_for_all_dates():
    with pytest.raises(InvalidDraft, match="whole series"):
        edit(series(), Scope.THIS, SECOND, visibility="private")


@pytest.mark.parametrize(
    ("scope", "left", "rrule"),
    [
        (Scope.THIS, [0, 1, 3, 4], WEEKLY),
        (Scope.FOLLOWING, [0, 1], "FREQ=WEEKLY;COUNT=2"),
        (Scope.ALL, [], WEEKLY),
    ],
)
def test_cancelling(scope, left, rrule):
    meeting = series(rooms=(RoomFactory.create(),))
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW, scope=scope, recurrence_id=THIRD)
    assert starts(meeting) == [WEDNESDAYS[n] for n in left]
    assert held(meeting) == [at(WEDNESDAYS[n]).isoformat() for n in left]
    meeting.refresh_from_db()
    assert (meeting.rrule, meeting.cancelled) == (rrule, scope is Scope.ALL)


def test_cancelling_all_leaves_what_is_over():
    meeting = series(rrule="FREQ=WEEKLY")
    scheduler.cancel(meeting, by=meeting.organizer, now=at("2027-03-18 08:00"))
    assert starts(meeting) == WEDNESDAYS[:2]
    meeting.refresh_from_db()
    assert (meeting.cancelled, meeting.indexed_until) == (False, None)


def everything(*pks: int) -> dict:
    """All rows of these meetings, but for what an undo is free to change."""
    found = {}
    for pk in pks:
        for table, rows in rows_of(Meeting(pk=pk)).items():
            for row in rows:
                row.pop("version", None)
                row.pop("updated_at", None)
            found[table, pk] = sorted(rows, key=lambda row: row["id"])
    return found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda m: edit(m, when=timed("2027-03-10 12:00"), undo=UNDO), id="move all"),
        pytest.param(
            lambda m: edit(
                m, Scope.THIS, SECOND, when=timed("2027-03-18 9:00".replace(" 9", " 09")), undo=UNDO
            ),
            id="move one",
        ),
        pytest.param(
            lambda m: edit(m, Scope.FOLLOWING, THIRD, when=timed("2027-03-25 12:00"), undo=UNDO),
            id="split",
        ),
        pytest.param(
            lambda m: edit(m, rrule="FREQ=DAILY;COUNT=9", orphans="keep", undo=UNDO),
            id="another rule",
        ),
        *(
            pytest.param(
                lambda m, scope=scope: scheduler.cancel(
                    m, by=m.organizer, now=NOW, undo=UNDO, scope=scope, recurrence_id=THIRD
                ),
                id=f"cancel {scope}",
            )
            for scope in Scope
        ),
    ],
)
def test_undo_leaves_everything_as_it_was(change):
    invited = ben()
    meeting = series(invited, cy(), rooms=(RoomFactory.create(),))
    answer(meeting, invited, "accepted")
    edit(meeting, Scope.THIS, SECOND, title="Special")
    before, meetings = everything(meeting.pk), Meeting.objects.count()
    done = change(Meeting.objects.get(pk=meeting.pk))
    assert everything(meeting.pk) != before
    later = NOW + timedelta(seconds=9)
    scheduler.undo(done.change, by=meeting.organizer, now=later)
    assert everything(meeting.pk) == before
    assert Meeting.objects.count() == meetings
    assert not Booking.objects.live(later).filter(kind="hold").exists()
    assert not Change.objects.to_announce(NOW + UNDO).filter(kind__in=["cancelled"]).exists()
    assert not Change.objects.to_announce(NOW + UNDO).filter(undone_at__isnull=False).exists()
    assert set(TABLES) <= set(connection.introspection.table_names())


def test_undo_is_refused_when_it_is_too_late_or_changed_again():
    meeting = series()
    done = edit(meeting, title="Other", undo=UNDO)
    with pytest.raises(WrongState, match="too late"):
        scheduler.undo(done.change, by=meeting.organizer, now=NOW + UNDO)
    edit(meeting, title="Third", undo=UNDO)
    with pytest.raises(WrongState, match="changed again"):
        scheduler.undo(done.change, by=meeting.organizer, now=NOW)


def test_dates_are_mended_in_one_save():
    invited, room, other = ben(), RoomFactory.create(), RoomFactory.create()
    meeting = series(invited, rooms=(room,))
    answer(meeting, invited, "accepted")
    decisions = {
        SECOND: Skip(),
        THIRD: OtherTime(timed("2027-03-24 16:00"), (other.pk,)),
    }
    done = scheduler.mend(meeting, decisions, by=meeting.organizer, now=NOW, version=1, undo=UNDO)
    assert done.change.dates == [SECOND, THIRD]
    assert starts(meeting) == [WEDNESDAYS[0], "2027-03-24 16:00", *WEDNESDAYS[3:]]
    assert Booking.objects.live(NOW).get(room=other).occurrence.recurrence_id == THIRD
    assert invitation_of_date(meeting, invited, THIRD).status == "needs-action"
    again = {SECOND: TryAgain()}
    scheduler.mend(meeting, again, by=meeting.organizer, now=NOW, version=2)
    assert starts(meeting)[1] == WEDNESDAYS[1]
    assert at(WEDNESDAYS[1]).isoformat() in held(meeting)


def invitation_of_date(meeting, person, date):
    return meeting.invitations.get(user=person, recurrence_id=date)
