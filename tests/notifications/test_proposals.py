"""What is mailed about proposals of other times."""

from datetime import timedelta

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.models import CounterProposal, Meeting
from notifications.models import Delivery
from tests.factories import NOW, ana, ben, book, invitation_of, timed
from tests.meetings.repeating import series
from tests.notifications.conftest import calendar_in, html_of, text_of

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MARTA = "marta@silva.example"


@pytest.fixture
def meeting(work) -> Meeting:
    """Of which everybody has been told."""
    made = book(ana(), "2027-03-10 10:00", 60, ben(), MARTA, title="Partner call")
    work(NOW)
    return made


def proposed(meeting: Meeting, who: User | str, *whens: str, **options) -> CounterProposal:
    by = None if isinstance(who, str) else who
    asked = [timed(when) for when in whens]
    done = scheduler.propose(invitation_of(meeting, who), asked, by=by, now=NOW, **options)
    return CounterProposal.objects.get(changes=done.change)


def test_the_organizer_hears_of_it_with_times_note_and_link(meeting, work):
    proposed(meeting, MARTA, "2027-03-11 15:00", "2027-03-12 09:00", note="Either <works>")
    (mail,) = work(NOW)
    assert mail["To"].addresses[0].addr_spec == "ana@example.com"
    assert mail["Reply-To"].addresses[0].addr_spec == MARTA
    assert str(mail["Subject"]).startswith("marta@silva.example proposes another time: Partner")
    text = text_of(mail)
    for part in (
        "Thu 11 March, 15:00–16:00 CET\n",
        "Fri 12 March, 9:00–10:00 CET\n",
        "“Either <works>”",
        f"{meeting.get_absolute_url()}#proposals",
    ):
        assert part in text
    assert "Either &lt;works&gt;" in html_of(mail)
    assert calendar_in(mail) is None


def test_the_invitation_leads_to_proposing(work):
    meeting = book(ana(), "2027-03-10 10:00", 60, MARTA)
    (mail,) = work(NOW)
    link = f"/rsvp/{invitation_of(meeting, MARTA).token}/propose/"
    assert link in text_of(mail)
    assert link in html_of(mail)


def test_what_is_taken_back_or_replaced_before_it_left_is_not_told(meeting, work):
    proposed(meeting, MARTA, "2027-03-11 15:00")
    newer = proposed(meeting, MARTA, "2027-03-12 15:00")
    invited = User.objects.get(email="ben@example.com")
    taken_back = proposed(meeting, invited, "2027-03-13 15:00")
    scheduler.withdraw(taken_back, by=invited, now=NOW)
    (mail,) = work(NOW)
    assert "12 March" in text_of(mail)
    assert newer.status == "open"


def test_declining_tells_that_one_person(meeting, work):
    proposal = proposed(meeting, MARTA, "2027-03-11 15:00")
    work(NOW)
    scheduler.decline_proposal(proposal, by=meeting.organizer, now=NOW, reason="Ben is away then.")
    (mail,) = work(NOW)
    assert mail["To"].addresses[0].addr_spec == MARTA
    assert "Ana Berger cannot take the time that you proposed for" in text_of(mail)
    assert "“Ben is away then.”" in text_of(mail)
    assert "/rsvp/" in text_of(mail)
    assert calendar_in(mail) is None


def test_accepting_tells_all_by_the_usual_update(meeting, work):
    proposal = proposed(meeting, MARTA, "2027-03-11 15:00")
    work(NOW)
    scheduler.accept_proposal(proposal, 0, by=meeting.organizer, now=NOW, undo=10 * SECOND)
    assert work(NOW) == []
    mails = {m["To"].addresses[0].addr_spec: m for m in work(NOW + 11 * SECOND)}
    assert set(mails) == {MARTA, "ben@example.com"}
    said = {a: calendar_in(m)["ATTENDEE"] for a, m in mails.items()}
    assert {str(one).lower(): one.params["PARTSTAT"] for one in said[MARTA]} == {
        f"mailto:{MARTA}": "ACCEPTED",
        "mailto:ben@example.com": "NEEDS-ACTION",
    }


def test_a_proposal_for_one_date_says_so_and_leads_there(work):
    organizer, invited = ana(), ben()
    meeting = series(organizer, "2027-03-10 10:00", 60, invited)
    name = "2027-03-17T10:00:00"
    proposal = proposed(meeting, invited, "2027-03-18 15:00", recurrence_id=name)
    (mail,) = work(NOW)
    assert f"?date={name}#proposals" in text_of(mail)
    assert "Wed 17 March" in str(mail["Subject"])
    scheduler.decline_proposal(proposal, by=organizer, now=NOW)
    (mail,) = work(NOW)
    assert "Wed 17 March" in str(mail["Subject"])


def test_nothing_is_told_of_a_meeting_that_is_off(meeting, work):
    proposal = proposed(meeting, MARTA, "2027-03-11 15:00")
    scheduler.decline_proposal(proposal, by=meeting.organizer, now=NOW)
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW)
    assert {str(m["Subject"]).split(":")[0] for m in work(NOW)} == {"Cancelled"}
    kinds = Delivery.objects.filter(kind__in=["proposal", "rejection"])
    assert {d.status for d in kinds} == {"dropped"}
