"""Booking a meeting, against the real database."""

from dataclasses import replace

import pytest

from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Booking, Change, Invitation, Meeting
from meetings.problems import InvalidDraft, WrongState
from tests.factories import (
    BERLIN,
    NOW,
    RoomFactory,
    ana,
    at,
    ben,
    book,
    days,
    draft,
    invitation_of,
    stretch,
)

pytestmark = pytest.mark.django_db


def test_writes_meeting_date_invitations_booking_and_change():
    organizer, invited, room = ana(), ben(), RoomFactory.create(buffer_after=15)
    wanted = draft("2027-03-10 10:00", 60, invited, "eve@elsewhere.example", rooms=(room,))
    done = scheduler.schedule(wanted, by=organizer, now=NOW)

    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.organizer, meeting.version) == ("Design review", organizer, 1)
    assert meeting.occurrence.stretch == stretch("2027-03-10 10:00", "2027-03-10 11:00")
    assert meeting.occurrence.recurrence_id == "2027-03-10T10:00:00"
    assert {(i.address, i.status) for i in meeting.invitations.all()} == {
        ("ana@example.com", "accepted"),
        ("ben@example.com", "needs-action"),
        ("eve@elsewhere.example", "needs-action"),
    }
    booking = Booking.objects.get()
    assert booking.stretch == stretch("2027-03-10 10:00", "2027-03-10 11:15")
    change = Change.objects.get()
    assert (change.kind, change.by, change.not_before, change.announced_at) == (
        "created",
        organizer,
        NOW,
        None,
    )
    assert set(change.added) == {
        invitation_of(meeting, invited).pk,
        invitation_of(meeting, "eve@elsewhere.example").pk,
    }
    assert done.change == change


def test_the_address_of_an_account_is_that_person():
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, " BEN@Example.com ")
    invitation = meeting.invitations.exclude(user=organizer).get()
    assert (invitation.user, invitation.email) == (invited, "")


def test_the_organizer_named_as_attendee_comes_once():
    organizer = ana()
    meeting = book(organizer, "2027-03-10 10:00", 60, organizer)
    assert [i.status for i in meeting.invitations.all()] == [Invitation.Status.ACCEPTED]


def test_a_taken_room_refuses_whatever_the_policy():
    room = RoomFactory.create()
    book(ben(), rooms=(room,))
    organizer, wanted = ana(), draft("2027-03-10 10:30", 60, rooms=(room,))
    for policy in ("reject", "propose", "allow"):
        with pytest.raises(scheduler.Conflicted) as refusal:
            scheduler.schedule(wanted, by=organizer, now=NOW, policy=policy)
        assert refusal.value.plan.refused
    assert (Meeting.objects.count(), Booking.objects.count()) == (1, 1)


def test_back_to_back_meetings_share_a_room():
    room, organizer = RoomFactory.create(), ana()
    book(organizer, "2027-03-10 10:00", 60, rooms=(room,))
    book(organizer, "2027-03-10 11:00", 60, rooms=(room,))
    book(organizer, "2027-03-10 09:00", 60, rooms=(room,))
    assert Booking.objects.unreleased().count() == 3


def test_buffers_keep_a_room_free_around_a_meeting():
    room, organizer = RoomFactory.create(buffer_before=10), ana()
    book(organizer, "2027-03-10 10:00", 60, rooms=(room,))
    with pytest.raises(scheduler.Conflicted):
        book(organizer, "2027-03-10 11:05", 30, rooms=(room,))
    book(organizer, "2027-03-10 11:10", 30, rooms=(room,))


def test_a_busy_person_refuses_until_somebody_says_anyway():
    organizer, invited = ana(), ben()
    book(invited)
    wanted = draft("2027-03-10 10:30", 60, invited)
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.schedule(wanted, by=organizer, now=NOW)
    plan = refusal.value.plan
    assert (plan.refused, plan.warned) == (False, True)
    done = scheduler.schedule(wanted, by=organizer, now=NOW, policy="allow", seen=plan.fingerprint)
    assert done.meeting.invitations.count() == 2


def test_anyway_does_not_cover_a_conflict_that_was_not_seen():
    organizer, invited = ana(), ben()
    book(invited, "2027-03-10 10:00")
    wanted = draft("2027-03-10 10:00", 60, invited)
    seen = scheduler.plan_schedule(wanted, by=organizer, now=NOW).fingerprint
    book(invited, "2027-03-10 10:30")
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.schedule(wanted, by=organizer, now=NOW, policy="allow", seen=seen)
    assert len(refusal.value.plan.problems) == 2
    assert organizer.organized.count() == 0


def test_a_free_meeting_collides_with_nobody():
    organizer, invited = ana(), ben()
    book(invited)
    book(organizer, "2027-03-10 10:00", 60, invited, policy="reject", transparency="free")
    book(organizer, "2027-03-10 10:00", 60, policy="reject")


def test_an_all_day_meeting_of_oneself_is_free_unless_said_otherwise():
    organizer = ana()
    alone = book(organizer, when=days("2027-03-10"))
    with_ben = book(organizer, "", 0, ben(), when=days("2027-03-10"))
    busy = book(organizer, when=days("2027-03-10"), transparency="busy")
    assert [m.transparency for m in (alone, with_ben, busy)] == ["free", "busy", "busy"]


def test_the_same_key_books_once_and_other_values_are_refused():
    organizer = ana()
    first = scheduler.schedule(draft(), by=organizer, now=NOW, key="k")
    again = scheduler.schedule(draft(), by=organizer, now=NOW, key="k")
    assert (again.meeting, again.change) == (first.meeting, None)
    with pytest.raises(WrongState):
        scheduler.schedule(draft(title="Other"), by=organizer, now=NOW, key="k")
    assert Meeting.objects.count() == 1


def test_a_refused_try_leaves_its_key_free():
    organizer, room = ana(), RoomFactory.create()
    other = book(ben(), rooms=(room,))
    with pytest.raises(scheduler.Conflicted):
        scheduler.schedule(draft(rooms=(room,)), by=organizer, now=NOW, key="k")
    scheduler.cancel(other, by=other.organizer, now=NOW)
    done = scheduler.schedule(draft(rooms=(room,)), by=organizer, now=NOW, key="k")
    assert done.change is not None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "  "}, {"title"}),
        ({"title": "x" * 301}, {"title"}),
        ({"join_link": "javascript:alert(1)"}, {"join_link"}),
        ({"attendees": (Attendee("nobody"),)}, {"attendees"}),
        ({"attendees": (Attendee("a@b.example", role="chair"),)}, {"attendees"}),
        ({"reminders": (7,)}, {"reminders"}),
        ({"priority": 9, "visibility": "secret"}, {"priority", "visibility"}),
        ({"room_ids": (10**9,)}, {"rooms"}),
        ({"description": "a\x00b"}, {"description"}),
    ],
    ids=lambda value: ",".join(sorted(value)) if isinstance(value, (dict, set)) else str(value),
)
def test_bad_values_are_refused_by_field(fields, wrong):
    organizer = ana()
    with pytest.raises(InvalidDraft) as refusal:
        scheduler.schedule(replace(draft(), **fields), by=organizer, now=NOW)
    assert set(refusal.value.errors) == wrong
    assert Meeting.objects.count() == 0


def test_a_plan_costs_the_same_number_of_queries_however_much_there_is(
    django_assert_num_queries,
):
    organizer, invited, room = ana(), ben(), RoomFactory.create()
    wanted = draft("2027-03-10 10:00", 60, invited, rooms=(room,))
    for hour in (8, 9, 10, 11, 12):
        book(invited, f"2027-03-10 {hour:02}:00")
        with django_assert_num_queries(9):
            scheduler.plan_schedule(wanted, by=organizer, now=NOW)


def test_times_are_stored_as_instants_of_their_zone():
    meeting = book(ana(), "2027-03-29 09:00", 60)
    assert meeting.occurrence.start == at("2027-03-29 09:00", BERLIN)
    assert meeting.when == draft("2027-03-29 09:00").when
