"""Series that try to break it: dates upon themselves, far ahead, very many, at once, cut off."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from meetings import events, scheduler
from meetings.dates import coming, date_of, dates_in
from meetings.drafts import Draft
from meetings.intervals import Stretch
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence, Undo
from meetings.problems import (
    InvalidDraft,
    NotAllowed,
    OverlapsItself,
    PersonBusy,
    RoomTaken,
    Stale,
    WrongState,
)
from meetings.scheduler import Keep, OtherRooms, OtherTime, Scope, Skip, TryAgain
from meetings.scheduler.indexing import check, extend
from rooms.models import Room
from tests.factories import (
    NOW,
    RoomFactory,
    UserFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    draft,
    rae,
    timed,
)
from tests.meetings.test_races import at_once

pytestmark = pytest.mark.django_db

THIS, FOLLOWING, ALL = Scope.THIS, Scope.FOLLOWING, Scope.ALL
UNDO = timedelta(seconds=10)
WEEKLY = "FREQ=WEEKLY;COUNT=5"
WEDNESDAYS = [f"2027-{day}" for day in ("03-10", "03-17", "03-24", "03-31", "04-07")]


def name(day: str) -> str:
    return f"{day}T10:00:00"


def edit(meeting: Meeting, scope: Scope = ALL, day: str = "", **values: Any) -> scheduler.Done:
    """Edit from what there is now; options of the command are taken out of the values."""
    options = {k: values.pop(k) for k in ("undo", "orphans", "decisions") if k in values}
    meeting = Meeting.objects.get(pk=meeting.pk)
    which = name(day) if day else ""
    wanted = scheduler.draft_of(meeting, scope=scope, recurrence_id=which)
    return scheduler.edit(
        meeting,
        replace(wanted, **values),
        by=meeting.organizer,
        now=NOW,
        version=meeting.version,
        policy="allow",
        scope=scope,
        recurrence_id=which,
        **options,
    )


def starts(meeting: Meeting) -> list[str]:
    rows = Meeting.objects.get(pk=meeting.pk).occurrences.live().order_by("during")
    return [f"{row.when.day} {row.start:%H:%M}" for row in rows.select_related("meeting")]


def held(room: Room) -> list[tuple[datetime, datetime]]:
    rows = Booking.objects.unreleased().filter(room=room, kind="meeting")
    return sorted((row.stretch.start, row.stretch.end) for row in rows)


def everything() -> dict[str, list[Any]]:
    """All rows that commands write."""
    tables = (Meeting, Meeting.rooms.through, Occurrence, Invitation, Booking, Change, Undo)
    return {t.__name__: list(t.objects.order_by("pk").values_list()) for t in tables}


# Dates upon themselves ---------------------------------------------------------------------------


def test_a_series_that_wants_a_room_twice_at_once_is_refused() -> None:
    room, organizer = RoomFactory.create(), ana()
    daily = draft("2027-03-10 10:00", 30 * 60, rooms=(room,), rrule="FREQ=DAILY;COUNT=4")
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.schedule(daily, by=organizer, now=NOW, policy="allow")
    problems = refusal.value.plan.problems
    assert {type(problem) for problem in problems} == {OverlapsItself}
    assert list(refusal.value.plan.colliding) == [f"2027-03-{n}T10:00:00" for n in (11, 12, 13)]
    assert not Meeting.objects.exists()
    # Without a room people can be asked to it; dates in between can be left out.
    assert len(starts(book(organizer, "2027-03-10 10:00", 1800, rrule="FREQ=DAILY;COUNT=4"))) == 4
    apart = {"2027-03-11T10:00:00": Skip(), "2027-03-13T10:00:00": Keep()}
    with pytest.raises(scheduler.Conflicted):  # the 12th is not alone: the 13th begins in it
        scheduler.schedule(daily, by=organizer, now=NOW, policy="allow", decisions={
            "2027-03-11T10:00:00": Skip()})  # fmt: skip
    done = scheduler.schedule(daily, by=organizer, now=NOW, policy="allow", decisions=apart)
    assert [day[:10] for day in starts(done.meeting)] == ["2027-03-10", "2027-03-12", "2027-03-13"]
    assert held(room) == [
        (at(f"2027-03-{n} 10:00"), at(f"2027-03-{n + 1} 16:00")) for n in (10, 12)
    ]


def test_a_series_made_too_long_for_its_room_is_refused_whole() -> None:
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule="FREQ=DAILY;COUNT=4")
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        edit(meeting, when=timed("2027-03-10 10:00", 25 * 60))
    assert {type(problem) for problem in refusal.value.plan.problems} == {OverlapsItself}
    assert everything() == before


@pytest.mark.parametrize(
    "decisions",
    [
        pytest.param(
            lambda other: {name(WEDNESDAYS[1]): OtherTime(timed("2027-03-24 10:30"))},
            id="onto a date that stays",
        ),
        pytest.param(
            lambda other: {
                name(WEDNESDAYS[1]): OtherTime(timed("2027-03-25 10:30")),
                name(WEDNESDAYS[2]): OtherTime(timed("2027-03-25 10:00")),
            },
            id="both to one time",
        ),
        pytest.param(
            lambda other: {
                name(WEDNESDAYS[1]): OtherTime(timed("2027-03-25 10:30"), (other,)),
                name(WEDNESDAYS[2]): OtherRooms((other,)),
                name(WEDNESDAYS[3]): OtherTime(timed("2027-03-24 10:30"), (other,)),
            },
            id="onto one whose room is another as well",
        ),
    ],
)
def test_mending_a_date_onto_another_is_refused_with_the_reason(
    decisions: Callable[[int], dict[str, scheduler.Decision]],
) -> None:
    room, other = RoomFactory.create_batch(2)
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.mend(
            meeting, decisions(other.pk), by=meeting.organizer, now=NOW, version=1, policy="allow"
        )
    assert refusal.value.plan.colliding
    assert everything() == before


def test_moving_all_onto_an_exception_is_refused_with_the_reason() -> None:
    """One date keeps its own length and time; the others grow into it."""
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
    edit(meeting, THIS, "2027-03-17", when=timed("2027-03-24 11:30", 30))
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        edit(meeting, when=timed("2027-03-10 10:00", 120))
    assert list(refusal.value.plan.colliding)
    assert everything() == before


def test_an_added_date_upon_another_is_refused_with_the_reason() -> None:
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        edit(meeting, rdates=("2027-03-17T10:30:00",))
    assert list(refusal.value.plan.colliding) == ["2027-03-17T10:30:00"]
    assert everything() == before


def test_a_long_date_over_several_is_refused_until_each_is_decided() -> None:
    """One that reaches over two others collides with both, also after the first gave way."""
    room, first = RoomFactory.create(), "2027-03-10T10:00:00"
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule="FREQ=DAILY;COUNT=5")

    def grown(decisions: dict[str, scheduler.Decision]) -> scheduler.Done:
        long = {first: OtherTime(timed("2027-03-10 10:00", 72 * 60))}
        return edit(meeting, title="Camp", decisions=long | decisions)

    with pytest.raises(scheduler.Conflicted) as refusal:
        grown({})
    assert [(name, len(found)) for name, found in refusal.value.plan.colliding.items()] == [
        (first, 2)
    ]
    with pytest.raises(scheduler.Conflicted) as refusal:
        grown({"2027-03-11T10:00:00": Keep()})
    assert [len(found) for found in refusal.value.plan.colliding.values()] == [1]
    done = grown({"2027-03-11T10:00:00": Keep(), "2027-03-12T10:00:00": Skip()})
    assert len(starts(done.meeting)) == 4
    assert len(held(room)) == 3


def test_the_following_moved_onto_what_stays_is_refused_with_the_reason() -> None:
    room, invited = RoomFactory.create(), ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,), rrule=WEEKLY)
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        edit(meeting, FOLLOWING, WEDNESDAYS[2], when=timed("2027-03-17 10:30"))
    problems = refusal.value.plan.colliding["2027-03-17T10:30:00"]
    assert {type(problem) for problem in problems} == {RoomTaken, PersonBusy}
    assert everything() == before


def test_dates_moved_onto_one_that_goes_on_by_itself_are_refused_with_the_reason() -> None:
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
    edit(meeting, THIS, WEDNESDAYS[1], title="Special", when=timed("2027-03-18 10:30"))
    before = everything()
    with pytest.raises(scheduler.Conflicted) as refusal:
        edit(meeting, when=timed("2027-03-11 10:00"), orphans="keep")
    assert list(refusal.value.plan.colliding) == ["2027-03-18T10:00:00"]
    assert everything() == before


def test_free_dates_and_busy_ones_of_one_series_are_judged_each_by_itself() -> None:
    """The first is free by itself, which excuses none of the others."""
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rrule=WEEKLY)
    edit(meeting, THIS, WEDNESDAYS[0], transparency="free")
    for day in WEDNESDAYS[:2]:
        book(invited, f"{day} 14:00")
    meeting.refresh_from_db()
    wanted = replace(scheduler.draft_of(meeting), when=timed("2027-03-10 14:00"))
    plan = scheduler.plan_edit(meeting, wanted, by=meeting.organizer, now=NOW)
    assert list(plan.colliding) == ["2027-03-17T14:00:00"]
    assert {type(p) for ps in plan.colliding.values() for p in ps} == {PersonBusy}


# What has begun, and what was added --------------------------------------------------------------


def edit_at(meeting: Meeting, now: datetime, **values: Any) -> Meeting:
    meeting = Meeting.objects.get(pk=meeting.pk)
    wanted = replace(scheduler.draft_of(meeting), **values)
    return scheduler.edit(
        meeting, wanted, by=meeting.organizer, now=now, version=meeting.version, policy="allow"
    ).meeting


def test_a_date_that_was_moved_ahead_and_is_over_stays_where_it_was() -> None:
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
    edit(meeting, THIS, WEDNESDAYS[3], when=timed("2027-03-05 15:00"))
    edit_at(meeting, at("2027-03-06 08:00"), when=timed("2027-03-10 11:00"))
    times = ["03-05 14:00", "03-10 10:00", "03-17 10:00", "03-24 10:00", "04-07 09:00"]
    assert starts(meeting) == [f"2027-{time}" for time in times]
    later = edit_at(meeting, at("2027-03-18 08:00"), when=timed("2027-03-10 12:00"))
    assert sorted(starts(meeting) + starts(later)) == [
        f"2027-{time}" for time in [*times[:3], "03-24 11:00", "04-07 10:00"]
    ]
    assert len(held(room)) == 5


def test_a_skipped_date_goes_with_the_rule_that_gave_it() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, rrule=WEEKLY)
    skipped = {name(day): Skip() for day in WEDNESDAYS[1:3]}
    scheduler.mend(meeting, skipped, by=meeting.organizer, now=NOW, version=1)
    edit(meeting, rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=3")
    meeting.refresh_from_db()
    again = {name(day): TryAgain() for day in WEDNESDAYS[1:3]}
    with pytest.raises(Occurrence.DoesNotExist):
        scheduler.mend(meeting, again, by=meeting.organizer, now=NOW, version=3)
    del again[name(WEDNESDAYS[1])]
    scheduler.mend(meeting, again, by=meeting.organizer, now=NOW, version=3)
    assert [day[:10] for day in starts(meeting)] == [WEDNESDAYS[n] for n in (0, 2, 4)]
    assert check(meeting, now=NOW) == []


def test_a_series_stays_one_while_a_date_that_was_moved_ahead_is_over() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, rrule=WEEKLY)
    edit(meeting, THIS, WEDNESDAYS[3], when=timed("2027-03-05 15:00"))
    before = everything()
    with pytest.raises(WrongState, match="stays a series"):
        edit_at(meeting, at("2027-03-06 08:00"), rrule="")
    assert everything() == before


def test_when_only_moved_dates_are_left_all_cannot_be_moved() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, rrule=WEEKLY)
    edit(meeting, THIS, WEDNESDAYS[1], when=timed("2027-04-20 10:00"))
    before, now = everything(), at("2027-04-10 08:00")
    with pytest.raises(WrongState, match="one by one"):
        edit_at(meeting, now, when=timed("2027-03-10 12:00"))
    assert everything() == before
    edit_at(meeting, now, title="Other")


def test_a_series_does_not_go_on_from_a_date_that_was_added() -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, rrule=WEEKLY)
    added = ("2027-03-10T15:00:00", "2027-03-17T15:00:00", "2027-03-19T15:00:00")
    edit(meeting, rdates=added)
    meeting.refresh_from_db()
    for which in added:
        wanted = scheduler.draft_of(meeting, scope=FOLLOWING, recurrence_id=which)
        with pytest.raises(WrongState, match="added by itself"):
            scheduler.plan_edit(
                meeting, replace(wanted, title="Later"), by=meeting.organizer, now=NOW,
                scope=FOLLOWING, recurrence_id=which,
            )  # fmt: skip


# Far ahead ---------------------------------------------------------------------------------------


def test_monthly_on_the_31st_is_in_long_months_only() -> None:
    meeting = book(ana(), "2027-03-31 10:00", rrule="FREQ=MONTHLY")
    found = [row.when.day.isoformat() for row in coming(meeting, NOW, most=14)]
    assert found == [
        *[f"2027-{month}-31" for month in ("03", "05", "07", "08", "10", "12")],
        *[f"2028-{month}-31" for month in ("01", "03", "05", "07", "08", "10", "12")],
        "2029-01-31",
    ]
    with pytest.raises(Occurrence.DoesNotExist):
        date_of(meeting, "2027-04-30T10:00:00")


def test_yearly_on_29_february_is_in_leap_years_only() -> None:
    meeting = book(ana(), "2028-02-29 10:00", rrule="FREQ=YEARLY")
    found = [row.when.day.year for row in coming(meeting, NOW, most=100)]
    assert found == [year for year in range(2028, 2200, 4) if year != 2100]
    with pytest.raises(Occurrence.DoesNotExist):
        date_of(meeting, "2100-02-28T10:00:00")
    assert check(meeting, now=NOW) == []


def test_the_dates_of_an_endless_series_in_the_year_2190() -> None:
    """They can be read, changed, called off and split like those of next week."""
    invited, room = ben(), RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,), rrule="FREQ=WEEKLY")
    december = Stretch(at("2190-12-01 00:00"), at("2191-01-01 00:00"))
    found = dates_in([meeting], december)
    assert [row.when.day.isoformat() for row in found] == [
        f"2190-12-{n:02}" for n in (1, 8, 15, 22, 29)
    ]
    assert all(row.pk is None for row in found)
    for wrong in ("2190-12-02T10:00:00", "2190-12-01T10:01:00", "2190-12-01", "", "2200-01-01T10"):
        with pytest.raises(Occurrence.DoesNotExist):
            date_of(meeting, wrong)
    answer(meeting, invited, "accepted")
    edit(meeting, THIS, "2190-12-08", when=timed("2190-12-09 15:00"), title="Far")
    scheduler.cancel(
        meeting, by=meeting.organizer, now=NOW, scope=THIS, recurrence_id=name("2190-12-15")
    )
    later = edit(meeting, FOLLOWING, "2190-12-22", title="Later").meeting
    meeting.refresh_from_db()
    shown = [(row.when.day.day, row.shown_title) for row in dates_in([meeting, later], december)]
    assert shown == [(1, "Design review"), (9, "Far"), (22, "Later"), (29, "Later")]
    assert later.invitations.get(user=invited, recurrence_id="").status == "accepted"
    assert at("2190-12-09 15:00") in [start for start, _end in held(room)]
    for each in (meeting, later):
        assert check(each, now=NOW) == []
    extend(now=NOW + timedelta(days=30))
    assert [(r.when.day.day, r.shown_title) for r in dates_in([meeting, later], december)] == shown


def test_the_rest_from_a_far_date_on_another_day() -> None:
    room = RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, rooms=(room,), rrule="FREQ=WEEKLY")
    later = edit(meeting, FOLLOWING, "2190-12-08", when=timed("2190-12-09 11:00")).meeting
    meeting.refresh_from_db()
    december = Stretch(at("2190-12-01 00:00"), at("2190-12-20 00:00"))
    assert [row.when.day.day for row in dates_in([meeting, later], december)] == [1, 9, 16]
    assert check(meeting, now=NOW) == check(later, now=NOW) == []


def test_dates_to_add_and_to_leave_out_that_cannot_be() -> None:
    organizer = ana()
    wanted = draft(
        "2027-03-10 10:00", rrule=WEEKLY, exdates=("2027-03-17", "never", "2027-03-18T10:00:00")
    )
    meeting = scheduler.schedule(wanted, by=organizer, now=NOW, policy="allow").meeting
    assert len(starts(meeting)) == 5
    for added in ("2027-03-18", "never", "2300-01-01T10:00:00"):
        with pytest.raises(InvalidDraft, match="no date that a meeting can have"):
            edit(meeting, rdates=(added,))


def test_a_far_date_is_a_row_only_while_it_has_something_of_its_own() -> None:
    invited, room = ben(), RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,), rrule="FREQ=WEEKLY")
    rows, far = meeting.occurrences.count(), "2190-12-08"
    edit(meeting, THIS, far, attendees=())
    assert meeting.occurrences.count() == rows
    edit(meeting, THIS, far, title="Far")
    assert meeting.occurrences.count() == len(held(room)) == rows + 1
    edit(meeting, THIS, far, title="Design review")
    assert meeting.occurrences.count() == len(held(room)) == rows
    scheduler.mend(meeting, {name(far): Skip()}, by=meeting.organizer, now=NOW, version=4)
    assert meeting.occurrences.count() == rows + 1
    scheduler.mend(meeting, {name(far): TryAgain()}, by=meeting.organizer, now=NOW, version=5)
    assert meeting.occurrences.count() == rows
    assert date_of(meeting, name(far)).shown_title == "Design review"
    (own,) = meeting.invitations.filter(recurrence_id=name(far))
    assert own.removed_at == NOW
    assert check(meeting, now=NOW) == []


def test_nothing_lies_beyond_the_calendar() -> None:
    meeting = book(ana(), "2027-03-10 10:00", rrule="FREQ=WEEKLY")
    last = Stretch(datetime(2199, 12, 1, tzinfo=UTC), datetime(2210, 1, 1, tzinfo=UTC))
    assert dates_in([meeting], last)[-1].when.day == date(2199, 12, 25)
    with pytest.raises(ValueError, match="2199"):
        timed("2200-01-01 10:00")
    with pytest.raises(InvalidDraft, match="5000"):
        book(meeting.organizer, "2027-03-10 10:00", rrule="FREQ=DAILY;COUNT=5001")


# Very many ---------------------------------------------------------------------------------------


def queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        work()
    return len(seen)


def cost(organizer: User, invited: User, start: str, rrule: str) -> dict[str, int]:
    """How many queries it takes to make a series, and to change it in every way."""
    room = RoomFactory.create()
    made: list[Meeting] = []

    def make() -> None:
        made.append(book(organizer, start, 60, invited, rooms=(room,), rrule=rrule))

    def cancel() -> None:
        scheduler.cancel(made[0], by=organizer, now=NOW, undo=UNDO)

    first = timed(start)
    third = (first.start + timedelta(weeks=2)).date().isoformat()
    fourth = (first.start + timedelta(weeks=3)).date().isoformat()
    return {
        "make": queries(make),
        "rename": queries(lambda: edit(made[0], title="Other", undo=UNDO)),
        "one": queries(lambda: edit(made[0], THIS, fourth, location="Garden", undo=UNDO)),
        "move": queries(lambda: edit(made[0], when=timed(f"{start[:10]} 10:15"), undo=UNDO)),
        "back": queries(lambda: edit(made[0], when=first, undo=UNDO)),
        "split": queries(lambda: edit(made[0], FOLLOWING, third, title="Later", undo=UNDO)),
        "cancel": queries(cancel),
    }


def test_neither_long_series_nor_full_calendars_take_more_queries() -> None:
    busy, other = ana(), ben()
    small = cost(cy(), UserFactory.create(), "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=8")
    fill_calendar(busy)
    assert Invitation.objects.of(busy).count() == 5000
    large = cost(busy, other, "2027-03-10 10:00", "FREQ=WEEKLY;COUNT=5000")
    assert large == small


FULL = """
WITH made AS (
    INSERT INTO meetings_meeting (
        uid, series, ical_uid, organizer_id, organizer_email, organizer_name, title, description,
        location, join_link, all_day, local_date, local_time, timezone, length, rrule, cancelled,
        priority, visibility, transparency, tentative, reminders, version, sequence, created_at,
        updated_at
    )
    SELECT gen_random_uuid(), gen_random_uuid(), n || '@full', %(person)s, '', '', 'Busy', '',
        '', '', false, at::date, at::time, 'UTC', interval '1 hour', '', false,
        2, 'public', 'busy', false, '{}', 1, 0, %(now)s, %(now)s
    FROM generate_series(1, 5000) n, LATERAL (
        SELECT %(now)s - interval '1 year' + n * interval '3 hours'
    ) AS times(stamp), LATERAL (SELECT stamp AT TIME ZONE 'UTC') AS local(at)
    RETURNING id, local_date + local_time AS at
), dated AS (
    INSERT INTO meetings_occurrence
        (meeting_id, recurrence_id, during, all_day, origin, status, missed_rooms)
    SELECT id, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS'),
        tstzrange(at AT TIME ZONE 'UTC', at AT TIME ZONE 'UTC' + interval '1 hour'),
        false, 'rule', 'scheduled', '{}'
    FROM made RETURNING meeting_id, during
)
INSERT INTO meetings_invitation
    (uid, meeting_id, recurrence_id, user_id, email, name, role, status, note, token, span)
SELECT gen_random_uuid(), meeting_id, '', %(person)s, '', '', 'required', 'accepted', '',
    'full-' || meeting_id, during
FROM dated
"""


def fill_calendar(person: User) -> None:
    """5,000 meetings of a person, an hour each, every three hours from a year ago on."""
    with connection.cursor() as cursor:
        cursor.execute(FULL, {"person": person.pk, "now": NOW})


def test_a_series_of_5000_dates_is_whole() -> None:
    meeting = book(ana(), "2027-03-10 10:00", rrule="FREQ=DAILY;COUNT=5000")
    last = "2040-11-15"
    assert date(2027, 3, 10) + timedelta(days=4999) == date_of(meeting, name(last)).when.day
    with pytest.raises(Occurrence.DoesNotExist):
        date_of(meeting, name("2040-11-16"))
    later = edit(meeting, FOLLOWING, "2040-11-14", title="Last two").meeting
    meeting.refresh_from_db()
    assert (meeting.rrule, later.rrule) == ("FREQ=DAILY;COUNT=4998", "FREQ=DAILY;COUNT=2")
    assert date_of(later, name(last)).shown_title == "Last two"


# Taking it back ----------------------------------------------------------------------------------


def test_undo_after_its_room_was_given_to_something_else_says_so() -> None:
    """What was freed is held against others, but gives way to the same person's next meeting."""
    room = RoomFactory.create(name="Lise")
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), rooms=(room,), rrule=WEEKLY)
    organizer = meeting.organizer
    done = scheduler.cancel(
        meeting, by=organizer, now=NOW, undo=UNDO, scope=THIS, recurrence_id=name(WEDNESDAYS[1])
    )
    with pytest.raises(scheduler.Conflicted):
        book(cy(), f"{WEDNESDAYS[1]} 10:30", rooms=(room,))
    book(organizer, f"{WEDNESDAYS[1]} 10:30", 30, rooms=(room,))
    before = everything()
    with pytest.raises(WrongState, match="Lise"):
        scheduler.undo(done.change, by=organizer, now=NOW + UNDO / 2)
    assert everything() == before
    assert len(held(room)) == 5


def test_only_who_made_a_change_undoes_it_once_and_in_time() -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, rrule=WEEKLY)
    done = edit(meeting, FOLLOWING, WEDNESDAYS[2], title="Later", undo=UNDO)
    before = everything()
    for person in (invited, cy(), rae()):
        with pytest.raises(NotAllowed):
            scheduler.undo(done.change, by=person, now=NOW)
    with pytest.raises(WrongState, match="too late"):
        scheduler.undo(done.change, by=organizer, now=NOW + UNDO)
    assert everything() == before
    scheduler.undo(done.change, by=organizer, now=NOW + UNDO - timedelta(seconds=1))
    undone = everything()
    with pytest.raises(WrongState, match="already"):
        scheduler.undo(done.change, by=organizer, now=NOW)
    assert everything() == undone
    assert Meeting.objects.get() == meeting


# At once, with real connections ------------------------------------------------------------------


def sound(room: Room) -> None:
    """Nothing is booked twice or half: each live date holds the room, and each holding is one's."""
    live = Occurrence.objects.live().filter(meeting__rooms=room)
    assert held(room) == sorted((row.start, row.end) for row in live)
    for meeting in Meeting.objects.all():
        assert check(meeting, now=NOW) == []
        assert meeting.changes.exclude(kind="undone").filter(version=meeting.version).exists()


@pytest.mark.django_db(transaction=True)
def test_two_edits_of_one_series_at_once() -> None:
    room = RoomFactory.create()
    organizer = ana()
    later = timed("2027-03-10 11:00")

    def editing(
        meeting: Meeting, scope: Scope = ALL, day: str = "", **values: Any
    ) -> Callable[[], object]:
        which = name(day) if day else ""
        wanted = scheduler.draft_of(meeting, scope=scope, recurrence_id=which)  # before the race
        return lambda: scheduler.edit(
            meeting, replace(wanted, **values), by=organizer, now=NOW, version=1, policy="allow",
            scope=scope, recurrence_id=which,
        )  # fmt: skip

    works: list[Callable[[Meeting], Callable[[], object]]] = [
        lambda m: editing(m, when=later),
        lambda m: editing(m, THIS, WEDNESDAYS[1], title="One"),
        lambda m: editing(m, FOLLOWING, WEDNESDAYS[2], title="Rest"),
        lambda m: editing(m, rrule="FREQ=WEEKLY;COUNT=3"),
        lambda m: (
            lambda: scheduler.mend(
                m, {name(WEDNESDAYS[1]): Skip()}, by=organizer, now=NOW, version=1
            )
        ),
        lambda m: lambda: scheduler.cancel(m, by=organizer, now=NOW, version=1),
    ]
    pairs = [(one, two) for n, one in enumerate(works) for two in works[n:]]
    for one, two in pairs:
        meeting = book(organizer, "2027-03-10 10:00", 60, rooms=(room,), rrule=WEEKLY)
        results = at_once(one(meeting), two(meeting))
        assert Counter(type(r) for r in results) == {scheduler.Done: 1, Stale: 1}
        sound(room)
        Change.objects.all().delete()
        Meeting.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_series_and_five_single_bookings_of_one_room_at_once() -> None:
    room, organizer = RoomFactory.create(), ana()
    people = UserFactory.create_batch(5)
    outcomes = set()
    for n in range(8):
        # Each time the series comes to the others' dates in another order.
        week = timedelta(weeks=10 * n)
        first = (datetime(2027, 3, 10, 10) + week).isoformat(" ")
        wanted = draft(first, rooms=(room,), rrule=WEEKLY)
        singles = [
            draft((datetime.fromisoformat(f"{d} 10:30") + week).isoformat(" "), rooms=(room,))
            for d in WEDNESDAYS
        ]

        def single(person: User, one: Draft) -> Callable[[], object]:
            return lambda: scheduler.schedule(one, by=person, now=NOW)

        results = at_once(
            lambda wanted=wanted: scheduler.schedule(wanted, by=organizer, now=NOW),
            *(single(person, one) for person, one in zip(people, singles, strict=True)),
        )
        found = [type(result) for result in results]
        won = found[0] is scheduler.Done
        assert found[1:] == [scheduler.Conflicted if won else scheduler.Done] * 5 or not won
        assert set(found) <= {scheduler.Done, scheduler.Conflicted}
        assert won or scheduler.Done in found[1:]
        outcomes.add(won)
        sound(room)


# Cut off -----------------------------------------------------------------------------------------


@contextmanager
def cut_off() -> Iterator[None]:
    """The database ends the connection just before a command would commit."""

    def end(**_values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    events.announced.connect(end)
    try:
        yield
    finally:
        events.announced.disconnect(end)
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_command_that_is_cut_off_has_done_nothing() -> None:
    room, other, invited = RoomFactory.create(), RoomFactory.create(), ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,), rrule=WEEKLY)
    organizer = meeting.organizer
    answer(meeting, invited, "accepted")
    edit(meeting, THIS, WEDNESDAYS[2], title="Special")
    moved = edit(meeting, THIS, WEDNESDAYS[1], when=timed("2027-03-18 15:00"), undo=UNDO)

    def mend() -> object:
        version = Meeting.objects.get(pk=meeting.pk).version
        decisions = {name(WEDNESDAYS[3]): OtherRooms((other.pk,))}
        return scheduler.mend(meeting, decisions, by=organizer, now=NOW, version=version)

    works: list[Callable[[], object]] = [
        lambda: scheduler.undo(moved.change, by=organizer, now=NOW),
        lambda: book(organizer, "2027-04-10 10:00", 60, invited, rooms=(other,), rrule=WEEKLY),
        lambda: edit(meeting, when=timed("2027-03-10 12:00")),
        lambda: edit(meeting, FOLLOWING, WEDNESDAYS[2], when=timed("2027-03-24 12:00")),
        lambda: edit(meeting, rrule="FREQ=WEEKLY;INTERVAL=2;COUNT=2", orphans="keep"),
        mend,
        lambda: scheduler.cancel(meeting, by=organizer, now=NOW, undo=UNDO),
    ]
    before = everything()
    for work in works:
        with cut_off(), pytest.raises(DatabaseError):
            work()
        assert everything() == before
    works[0]()
    assert everything() != before
