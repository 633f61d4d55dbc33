"""Changing, cancelling and answering, against the real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from meetings import scheduler
from meetings.drafts import Attendee
from meetings.events import Message
from meetings.models import Booking, Change, Invitation, Meeting
from meetings.problems import NotAllowed, Stale, WrongState
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
    invitation_of,
    stretch,
    timed,
)

pytestmark = pytest.mark.django_db

UNDO = timedelta(seconds=10)


def edit(meeting: Meeting, *, now=NOW, version=None, **fields):
    """Edit as the organizer, from what is stored now."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    options = {k: fields.pop(k) for k in ("policy", "seen", "undo", "by") if k in fields}
    return scheduler.edit(
        meeting,
        replace(scheduler.draft_of(meeting), **fields),
        by=options.pop("by", meeting.organizer),
        now=now,
        version=meeting.version if version is None else version,
        **options,
    )


def told(done) -> set[tuple[str, str]]:
    return {(t.message.value, t.person.address) for t in done.plan.told}


def test_nothing_changed_writes_nothing():
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), rooms=(RoomFactory.create(),))
    done = edit(meeting)
    assert (done.change, Change.objects.count()) == (None, 1)
    assert Meeting.objects.get().version == 1


def test_a_new_title_keeps_answers_and_tells_everybody():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    answer(meeting, invited, "accepted")
    done = edit(meeting, title="Plan review")
    assert done.change.fields == {"title": ["Design review", "Plan review"]}
    assert told(done) == {("update", "ben@example.com")}
    assert invitation_of(meeting, invited).status == "accepted"
    meeting.refresh_from_db()
    assert (meeting.version, meeting.sequence) == (2, 0)


def test_priority_and_reminders_concern_nobody_else():
    meeting = book(ana(), "2027-03-10 10:00", 60, ben())
    assert told(edit(meeting, priority=3, reminders=(15,))) == set()


def test_another_time_asks_anew_and_moves_the_room():
    invited, room = ben(), RoomFactory.create()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, rooms=(room,))
    answer(meeting, invited, "accepted")
    done = edit(meeting, when=timed("2027-03-11 14:00"))
    assert told(done) == {("update", "ben@example.com")}
    invitation = invitation_of(meeting, invited)
    assert (invitation.status, invitation.responded_at) == ("needs-action", None)
    assert invitation_of(meeting, meeting.organizer).status == "accepted"
    live = Booking.objects.live(NOW).get()
    assert live.stretch == stretch("2027-03-11 14:00", "2027-03-11 15:00")
    occurrence = Meeting.objects.get().occurrence
    assert occurrence.stretch == live.stretch
    assert occurrence.recurrence_id == "2027-03-11T14:00:00"
    assert invitation.span.lower == live.stretch.start
    assert Meeting.objects.get().sequence == 1


def test_moving_by_half_its_length_does_not_collide_with_itself():
    room = RoomFactory.create()
    meeting = book(ana(), rooms=(room,))
    edit(meeting, when=timed("2027-03-10 10:30"), undo=UNDO)
    held = {(b.kind, b.stretch) for b in Booking.objects.live(NOW)}
    assert held == {
        ("meeting", stretch("2027-03-10 10:30", "2027-03-10 11:30")),
        ("hold", stretch("2027-03-10 10:00", "2027-03-10 10:30")),
    }


def test_what_a_move_freed_is_held_until_the_undo_window_ends():
    room, organizer, other = RoomFactory.create(), ana(), cy()
    meeting = book(organizer, rooms=(room,))
    edit(meeting, when=timed("2027-03-10 14:00"), undo=UNDO)
    with pytest.raises(scheduler.Conflicted):
        book(other, rooms=(room,), now=NOW + timedelta(seconds=9))
    book(other, rooms=(room,), now=NOW + timedelta(seconds=10))


def test_a_hold_gives_way_to_the_same_persons_next_command():
    room, organizer = RoomFactory.create(), ana()
    meeting = book(organizer, rooms=(room,))
    edit(meeting, when=timed("2027-03-10 14:00"), undo=UNDO)
    edit(meeting, when=timed("2027-03-10 10:00"), undo=UNDO)
    book(organizer, "2027-03-10 14:00", rooms=(room,))


def test_rooms_are_swapped_for_others():
    small, large = RoomFactory.create(), RoomFactory.create()
    meeting = book(ana(), rooms=(small,))
    done = edit(meeting, room_ids=(large.pk,))
    assert done.change.fields == {"rooms": [[small.name], [large.name]]}
    assert [b.room for b in Booking.objects.live(NOW)] == [large]


def test_people_come_and_go():
    first, second = ben(), cy()
    meeting = book(ana(), "2027-03-10 10:00", 60, first)
    done = edit(meeting, attendees=(Attendee(second.email, "optional"),))
    assert told(done) == {("cancellation", "ben@example.com"), ("invitation", "cy@example.com")}
    assert invitation_of(meeting, first).removed_at == NOW
    assert invitation_of(meeting, second).role == "optional"
    assert done.change.removed == [invitation_of(meeting, first).pk]
    assert done.change.added == [invitation_of(meeting, second).pk]


def test_somebody_invited_again_gets_a_new_token():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    old = answer(meeting, invited, "declined")
    edit(meeting, attendees=())
    edit(meeting, attendees=(Attendee(invited.email),))
    new = invitation_of(meeting, invited)
    assert (new.pk, new.removed_at, new.status) == (old.pk, None, "needs-action")
    assert new.token != old.token


def test_conflicts_that_were_there_before_do_not_stop_another_edit():
    invited = ben()
    book(invited)
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    edit(meeting, title="Other")
    with pytest.raises(scheduler.Conflicted):
        edit(meeting, when=timed("2027-03-10 10:15"))


def test_the_room_that_is_taken_refuses_and_the_old_one_is_kept():
    room, organizer = RoomFactory.create(), ana()
    book(ben(), "2027-03-10 14:00", rooms=(room,))
    meeting = book(organizer, rooms=(room,))
    with pytest.raises(scheduler.Conflicted):
        edit(meeting, when=timed("2027-03-10 14:30"), policy="allow")
    assert Booking.objects.live(NOW).filter(occurrence__meeting=meeting).count() == 1
    assert Meeting.objects.get(pk=meeting.pk).version == 1


def test_the_second_of_two_editors_sees_what_the_first_changed():
    meeting = book(ana())
    edit(meeting, title="First", location="Roof")
    edit(meeting, title="Second")
    with pytest.raises(Stale) as refusal:
        edit(meeting, version=1, description="Mine")
    assert refusal.value.version == 3
    assert {(d.field, d.was, d.theirs) for d in refusal.value.differences} == {
        ("title", "Design review", "Second"),
        ("location", "", "Roof"),
    }
    edit(meeting, version=refusal.value.version, description="Mine")
    assert Meeting.objects.get().description == "Mine"


@pytest.mark.parametrize("who", [ben, cy], ids=["an invitee", "a stranger"])
def test_only_the_organizer_edits_and_cancels(who):
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    other = invited if who is ben else who()
    with pytest.raises(NotAllowed):
        edit(meeting, title="Mine", by=other)
    with pytest.raises(NotAllowed):
        scheduler.cancel(meeting, by=other, now=NOW)
    assert Change.objects.count() == 1


def test_a_cancelled_meeting_frees_its_room_after_the_undo_window():
    room, invited = RoomFactory.create(), ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited, "eve@elsewhere.example", rooms=(room,))
    done = scheduler.cancel(meeting, by=meeting.organizer, now=NOW, undo=UNDO, reason=" ill ")
    assert told(done) == {
        ("cancellation", "ben@example.com"),
        ("cancellation", "eve@elsewhere.example"),
    }
    assert (done.change.not_before, done.change.reason) == (NOW + UNDO, "ill")
    with pytest.raises(scheduler.Conflicted):
        book(invited, rooms=(room,), now=NOW + timedelta(seconds=5))
    book(invited, rooms=(room,), now=NOW + UNDO, policy="reject")


def test_a_meeting_is_cancelled_once_and_not_edited_afterwards():
    meeting = book(ana())
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW)
    with pytest.raises(WrongState):
        scheduler.cancel(meeting, by=meeting.organizer, now=NOW)
    with pytest.raises(WrongState):
        edit(meeting, title="Other")


def test_a_meeting_under_way_is_ended_and_not_cancelled():
    room = RoomFactory.create()
    meeting = book(ana(), rooms=(room,))
    half = at("2027-03-10 10:30") + timedelta(seconds=20)
    with pytest.raises(WrongState, match="End it now"):
        scheduler.cancel(meeting, by=meeting.organizer, now=half)
    scheduler.end_now(meeting, by=meeting.organizer, now=half)
    assert Booking.objects.live(half).get().stretch == stretch(
        "2027-03-10 10:00", "2027-03-10 10:31"
    )
    with pytest.raises(WrongState):
        scheduler.end_now(meeting, by=meeting.organizer, now=half + timedelta(minutes=5))


def test_a_meeting_that_is_over_stays_as_it_was():
    meeting = book(ana(), "2027-03-10 10:00", 60, ben())
    later = at("2027-03-10 11:00")
    with pytest.raises(WrongState):
        edit(meeting, title="Other", now=later)
    with pytest.raises(WrongState):
        answer(meeting, meeting.invitations.last().user, "accepted", now=later)


def test_an_answer_is_recorded_with_its_note():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    done = scheduler.respond(
        invitation_of(meeting, invited), "tentative", by=invited, now=NOW, note=" late "
    )
    invitation = invitation_of(meeting, invited)
    assert (invitation.status, invitation.note, invitation.responded_at) == (
        "tentative",
        "late",
        NOW,
    )
    assert done.change.fields == {"status": ["needs-action", "tentative"], "note": ["", "late"]}
    assert Meeting.objects.get().version == 1
    again = scheduler.respond(invitation, "tentative", by=invited, now=NOW, note="late")
    assert again.change is None


def test_nobody_answers_for_somebody_else():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    with pytest.raises(NotAllowed):
        scheduler.respond(invitation_of(meeting, invited), "accepted", by=cy(), now=NOW)
    scheduler.respond(invitation_of(meeting, invited), "accepted", by=None, now=NOW)
    assert Change.objects.last().by == invited


def test_a_removed_or_cancelled_invitation_cannot_be_answered():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    edit(meeting, attendees=())
    with pytest.raises(WrongState):
        answer(meeting, invited, "accepted")
    edit(meeting, attendees=(Attendee(invited.email),))
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW)
    with pytest.raises(WrongState):
        answer(meeting, invited, "accepted")


def test_an_invitation_is_sent_again_but_not_twice_a_minute():
    invited = ben()
    meeting = book(ana(), "2027-03-10 10:00", 60, invited)
    invitation = invitation_of(meeting, invited)
    done = scheduler.resend(invitation, by=meeting.organizer, now=NOW)
    assert (done.change.kind, done.change.invitation) == ("resent", invitation)
    with pytest.raises(WrongState):
        scheduler.resend(invitation, by=meeting.organizer, now=NOW + timedelta(seconds=59))
    scheduler.resend(invitation, by=meeting.organizer, now=NOW + timedelta(seconds=61))


def test_a_new_account_takes_over_what_its_address_was_asked():
    organizer = ana()
    meeting = book(organizer, "2027-03-10 10:00", 60, "new@example.com")
    token = invitation_of(meeting, "new@example.com").token
    user = UserFactory.create(email="new@example.com")
    assert scheduler.adopt_invitations(user, now=NOW) == 1
    adopted = meeting.invitations.get(user=user)
    assert (adopted.email, adopted.token) == ("", token)
    assert scheduler.adopt_invitations(user, now=NOW) == 0


def test_messages_are_planned_before_anything_is_written():
    organizer, invited = ana(), ben()
    plan = scheduler.plan_schedule(draft("2027-03-10 10:00", 60, invited), by=organizer, now=NOW)
    assert [p.address for p in plan.told_of(Message.INVITATION)] == ["ben@example.com"]
    assert (Meeting.objects.count(), Invitation.objects.count()) == (0, 0)
