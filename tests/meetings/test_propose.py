"""Proposing another time, and what becomes of it, against the real database."""

from datetime import date as day
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.models import Booking, Change, CounterProposal, Invitation, Meeting
from meetings.problems import InvalidDraft, NotAllowed, WrongState
from meetings.scheduler import Done
from meetings.wallclock import AllDay, Timed
from tests.factories import NOW, RoomFactory, ana, ben, book, cy, draft, invitation_of, timed
from tests.meetings.repeating import series
from tests.meetings.test_races import at_once

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
UNDO = timedelta(seconds=10)
THURSDAY = timed("2027-03-11 15:00")
FRIDAY = timed("2027-03-12 09:00")
FIRST, SECOND = "2027-03-10T10:00:00", "2027-03-17T10:00:00"


@pytest.fixture
def organizer() -> User:
    return ana()


@pytest.fixture
def invited() -> User:
    return ben()


@pytest.fixture
def meeting(organizer: User, invited: User) -> Meeting:
    """On Wednesday, 10 March 2027, 10:00–11:00 in Berlin, with Ben and a guest."""
    return book(organizer, "2027-03-10 10:00", 60, invited, MARTA)


def propose(meeting: Meeting, who: User | str, *times, note="", recurrence_id="", now=NOW) -> Done:
    row = invitation_of(meeting, who)
    by = None if isinstance(who, str) else who
    return scheduler.propose(row, times, by=by, now=now, note=note, recurrence_id=recurrence_id)


def proposed(meeting: Meeting, who: User | str, *times, **options) -> CounterProposal:
    proposal = propose(meeting, who, *times, **options).change.proposal
    assert proposal is not None
    return proposal


def accept(proposal: CounterProposal, number=0, *, by: User, now=NOW, **options) -> Done:
    return scheduler.accept_proposal(proposal, number, by=by, now=now, **options)


def statuses() -> list[str]:
    return [str(p.status) for p in CounterProposal.objects.order_by("pk")]


def test_a_proposal_leaves_the_answer_and_the_meeting_as_they_are(meeting):
    before = Meeting.objects.values().get()
    lisbon = Timed(THURSDAY.start, ZoneInfo("Europe/Lisbon"), timedelta(minutes=30))
    proposal = proposed(meeting, MARTA, lisbon, FRIDAY, note=" Any of these? ")
    assert [s.start.isoformat() for s in proposal.stretches] == [
        "2027-03-11T15:00:00+00:00",
        "2027-03-12T08:00:00+00:00",
    ]
    assert (proposal.note, proposal.invitation.status) == ("Any of these?", "needs-action")
    assert Meeting.objects.values().get() == before
    change = Change.objects.get(kind="proposed")
    assert (change.by, change.invitation) == (None, invitation_of(meeting, MARTA))


@pytest.mark.parametrize(
    ("times", "field", "says"),
    [
        ([], "time_0", "at least one"),
        ([timed(f"2027-03-{n} 10:00") for n in range(11, 17)], "times", "At most 5"),
        ([timed("2027-02-26 10:00")], "time_0", "has passed"),
        ([THURSDAY, timed("2027-03-10 10:00")], "time_1", "already"),
        ([AllDay(day(2027, 3, 11), 1)], "time_0", "time of day"),
        ([Timed(timed("2027-10-31 01:30").start, ZoneInfo("UTC"), timedelta(hours=1))],
         "time_0", "twice"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_proposed(meeting, times, field, says):
    with pytest.raises(InvalidDraft) as refused:
        propose(meeting, MARTA, *times)
    assert list(refused.value.errors) == [field]
    assert says in refused.value.errors[field]
    assert not CounterProposal.objects.exists()


def test_an_all_day_meeting_takes_days(organizer, invited):
    meeting = book(organizer, "", 0, invited, when=AllDay(day(2027, 3, 10), 2))
    with pytest.raises(InvalidDraft):
        propose(meeting, invited, THURSDAY)
    proposal = proposed(meeting, invited, AllDay(day(2027, 3, 15), 2))
    accept(proposal, by=organizer)
    assert Meeting.objects.get().when == AllDay(day(2027, 3, 15), 2)


def test_who_may_propose(meeting, organizer, invited):
    with pytest.raises(NotAllowed):
        scheduler.propose(invitation_of(meeting, MARTA), [THURSDAY], by=cy(), now=NOW)
    with pytest.raises(NotAllowed):
        propose(meeting, organizer, THURSDAY)
    with pytest.raises(InvalidDraft):
        propose(meeting, invited, THURSDAY, note="x" * 1001)
    with pytest.raises(WrongState, match="has begun"):
        propose(meeting, invited, THURSDAY, now=timed("2027-03-10 10:30").during().start)
    Invitation.objects.filter(email=MARTA).update(removed_at=NOW)
    with pytest.raises(WrongState):
        propose(meeting, MARTA, THURSDAY)


def test_proposing_again_replaces_and_the_same_again_is_nothing(meeting, invited):
    proposed(meeting, MARTA, THURSDAY)
    proposed(meeting, invited, THURSDAY)
    assert propose(meeting, MARTA, THURSDAY).change is None
    proposed(meeting, MARTA, FRIDAY)
    assert statuses() == ["replaced", "open", "open"]


def test_accepting_is_an_edit_that_answers_for_who_proposed(meeting, organizer, invited):
    of_marta, of_ben = (
        proposed(meeting, MARTA, THURSDAY, FRIDAY),
        proposed(meeting, invited, FRIDAY),
    )
    done = accept(of_marta, 1, by=organizer)
    assert Meeting.objects.get().when == FRIDAY
    assert (done.change.kind, done.change.proposal) == ("updated", of_marta)
    assert {t.person.address for t in done.plan.told} == {MARTA, "ben@example.com"}
    assert invitation_of(meeting, MARTA).status == "accepted"
    assert invitation_of(meeting, invited).status == "needs-action"
    with pytest.raises(WrongState, match="void"):
        accept(of_ben, by=organizer)
    with pytest.raises(WrongState, match="answered"):
        accept(of_marta, by=organizer)


def test_only_the_organizers_side_answers(meeting, invited):
    proposal = proposed(meeting, MARTA, THURSDAY)
    for command in (lambda: accept(proposal, by=invited),
                    lambda: scheduler.decline_proposal(proposal, by=invited, now=NOW),
                    lambda: scheduler.withdraw(proposal, by=invited, now=NOW)):  # fmt: skip
        with pytest.raises(NotAllowed):
            command()
    assert statuses() == ["open"]


def test_declining_and_withdrawing_close_it(meeting, organizer, invited):
    declined, withdrawn = proposed(meeting, MARTA, THURSDAY), proposed(meeting, invited, FRIDAY)
    scheduler.decline_proposal(declined, by=organizer, now=NOW, reason="The room is small.")
    scheduler.withdraw(withdrawn, by=invited, now=NOW)
    assert statuses() == ["declined", "withdrawn"]
    for proposal in (declined, withdrawn):
        with pytest.raises(WrongState):
            scheduler.decline_proposal(proposal, by=organizer, now=NOW)
    assert Meeting.objects.get().version == 1


def test_what_collides_is_shown_before_and_may_be_taken_anyway(meeting, organizer, invited):
    book(invited, "2027-03-11 15:30", 60)
    proposal = proposed(meeting, MARTA, THURSDAY)
    with pytest.raises(scheduler.Conflicted) as conflict:
        accept(proposal, by=organizer)
    assert statuses() == ["open"]
    seen = conflict.value.plan.fingerprint
    accept(proposal, by=organizer, policy="allow", seen=seen)
    assert (Meeting.objects.get(pk=meeting.pk).when, statuses()) == (THURSDAY, ["accepted"])


def test_a_taken_room_refuses_and_another_can_be_had(organizer):
    blue, green = RoomFactory.create(), RoomFactory.create()
    meeting = book(organizer, "2027-03-10 10:00", 60, MARTA, rooms=(blue,))
    book(cy(), "2027-03-11 15:00", 60, rooms=(blue,))
    proposal = proposed(meeting, MARTA, THURSDAY)
    with pytest.raises(scheduler.Conflicted):
        accept(proposal, by=organizer, policy="allow")
    accept(proposal, by=organizer, room_ids=[green.pk])
    held = Booking.objects.unreleased().get(occurrence__meeting=meeting, kind="meeting")
    assert (held.room, held.during.lower) == (green, THURSDAY.during().start)


def test_one_date_of_a_series_moves_alone(organizer, invited):
    meeting = series(organizer, "2027-03-10 10:00", 60, invited)
    with pytest.raises(WrongState):
        propose(meeting, invited, THURSDAY)  # of which date?
    with pytest.raises(WrongState):
        propose(meeting, invited, THURSDAY, recurrence_id="2027-03-11T10:00:00")
    proposal = proposed(meeting, invited, THURSDAY, recurrence_id=FIRST)
    other = proposed(meeting, invited, FRIDAY, recurrence_id=SECOND)
    accept(proposal, by=organizer)
    rows = {o.recurrence_id: o for o in meeting.occurrences.filter(recurrence_id__lte=SECOND)}
    assert [rows[FIRST].when, rows[SECOND].is_moved] == [THURSDAY, False]
    answers = Invitation.objects.filter(meeting=meeting, user=invited).order_by("recurrence_id")
    assert [(i.recurrence_id, i.status) for i in answers] == [
        ("", "needs-action"), (FIRST, "accepted")]  # fmt: skip
    assert Meeting.objects.filter(series=meeting.series).count() == 1
    accept(other, by=organizer)


@pytest.mark.parametrize("how", ["moved", "cancelled", "over"])
def test_a_proposal_dies_with_its_time(meeting, organizer, how, invited):
    proposal, now = proposed(meeting, MARTA, THURSDAY), NOW
    if how == "moved":
        fresh = draft("2027-03-10 12:00", 60, invited, MARTA)
        scheduler.edit(meeting, fresh, by=organizer, now=NOW, version=1)
    elif how == "cancelled":
        scheduler.cancel(meeting, by=organizer, now=NOW, version=1)
    else:
        now = timed("2027-03-10 11:00").during().start
    with pytest.raises(WrongState):
        accept(proposal, by=organizer, now=now)
    assert Change.objects.filter(kind="rejected").count() == 0


def test_an_undone_acceptance_opens_all_proposals_again(meeting, organizer, invited):
    of_marta, of_ben = proposed(meeting, MARTA, THURSDAY), proposed(meeting, invited, FRIDAY)
    change = accept(of_marta, by=organizer, undo=UNDO).change
    scheduler.undo(change, by=organizer, now=NOW + timedelta(seconds=5))
    assert invitation_of(meeting, MARTA).status == "needs-action"
    assert statuses() == ["open", "open"]
    accept(of_ben, by=organizer, now=NOW + timedelta(seconds=6))


@pytest.mark.django_db(transaction=True)
def test_two_windows_accept_at_once(meeting, organizer, invited):
    one, two = proposed(meeting, MARTA, THURSDAY), proposed(meeting, invited, FRIDAY)
    results = at_once(lambda: accept(one, by=organizer), lambda: accept(two, by=organizer))
    assert sorted(type(r).__name__ for r in results) == ["Done", "WrongState"]
    assert sorted(statuses()) == ["accepted", "open"]
    assert Meeting.objects.get().version == 2
