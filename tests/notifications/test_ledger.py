"""The ledger: per invitee what was sent and how it went, as the organizer reads it."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Draft
from meetings.models import Meeting
from meetings.problems import WrongState
from meetings.scheduler import Scope, Skip
from notifications.entries import Entry, Stage
from notifications.ledger import MOST_OF_CHANNEL, Line, ledger, require_sending_helps
from notifications.models import Channel, Delivery, Event, Preference, Webhook
from tests.factories import NOW, ana, answer, at, ben, book, cy, draft, invitation_of
from tests.notifications.series import FOURTH, SECOND, THIRD, Series

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
NUMBER = "+4915112345678"
UNDO = timedelta(seconds=10)
LATER = NOW + timedelta(seconds=30)

Round = Callable[[datetime], list[EmailMessage]]


@pytest.fixture
def meeting() -> Meeting:
    return book(ana(), "2027-03-10 14:00", 60, ben(), MARTA)


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.with_people().get(pk=meeting.pk)


def line_of(meeting: Meeting, name: str, now: datetime) -> Line:
    return next(ln for ln in ledger(fresh(meeting), now) if ln.invitation.shown_name == name)


def sent(kind: str, now: datetime, channel: str = "email") -> Entry:
    return Entry(Stage.SENT, now, kind, channel=channel)


def moved(meeting: Meeting, *people: str) -> Draft:
    return draft("2027-03-11 16:00", 60, *people, title=meeting.title)


def edit(meeting: Meeting, wanted: Draft, now: datetime, undo: timedelta = UNDO) -> None:
    meeting.refresh_from_db()
    scheduler.edit(
        meeting,
        wanted,
        by=meeting.organizer,
        now=now,
        version=meeting.version,
        policy="allow",
        undo=undo,
    )


def test_what_was_not_announced_yet_is_about_to_leave(meeting: Meeting) -> None:
    found = ledger(fresh(meeting), NOW)

    assert [line.invitation.shown_name for line in found] == ["Ben Okafor", MARTA]
    assert [line.entries for line in found] == [[Entry(Stage.DUE, NOW, "invitation")]] * 2
    assert all(line.waits and line.moves_soon(NOW) for line in found)


def test_sent_says_when(meeting: Meeting, work: Round) -> None:
    work(LATER)

    line = line_of(meeting, MARTA, LATER)

    assert line.entries == [sent("invitation", LATER)]
    assert not line.waits


def test_an_open_undo_window_waits_until_it_ends(meeting: Meeting, work: Round) -> None:
    work(NOW)
    scheduler.cancel(meeting, by=meeting.organizer, now=LATER, undo=UNDO)

    line = line_of(meeting, MARTA, LATER)
    after = line_of(meeting, MARTA, LATER + UNDO)

    assert line.entries[0] == Entry(Stage.WAITS, LATER + UNDO, "cancellation")
    assert line.entries[1] == sent("invitation", NOW)
    assert line.waits
    assert after.entries[0].stage is Stage.DUE


def test_once_announced_the_message_takes_the_changes_place(meeting: Meeting, work: Round) -> None:
    work(NOW)
    edit(meeting, moved(meeting, "ben@example.com", MARTA), NOW)
    work(LATER)

    line = line_of(meeting, MARTA, LATER)

    assert line.entries == [
        sent("update", LATER),
        sent("invitation", NOW),
    ]


def test_somebody_removed_stays_in_it_at_the_end(meeting: Meeting, work: Round) -> None:
    work(NOW)
    edit(meeting, draft("2027-03-10 14:00", 60, MARTA, title=meeting.title), NOW)

    found = ledger(fresh(meeting), NOW)

    assert [line.invitation.shown_name for line in found] == [MARTA, "Ben Okafor"]
    assert found[0].entries == [sent("invitation", NOW)]
    assert found[1].entries[0] == Entry(Stage.WAITS, NOW + UNDO, "cancellation")


def test_a_failure_says_why_and_when_it_is_tried_again(meeting: Meeting, work: Round) -> None:
    work(NOW)
    again = NOW + timedelta(minutes=5)
    rows = Delivery.objects.filter(address=MARTA)
    rows.update(status="waiting", error="451 try later", next_attempt_at=again, attempts=3)
    retried = line_of(meeting, MARTA, NOW)
    rows.update(status="failed", error="550 no such user")
    failed = line_of(meeting, MARTA, NOW)

    (entry,) = retried.entries
    assert (entry.stage, entry.at, entry.error) == (Stage.RETRIES, again, "451 try later")
    assert retried.waits
    assert not retried.moves_soon(NOW)
    (entry,) = failed.entries
    assert (entry.stage, entry.at, entry.error) == (Stage.FAILED, again, "550 no such user")
    assert not failed.waits


def test_an_answer_is_an_entry_and_the_organizers_mail_of_it_is_not(
    meeting: Meeting, work: Round
) -> None:
    work(NOW)
    answer(meeting, User.objects.get(email="ben@example.com"), "declined", now=LATER)
    work(LATER)

    line = line_of(meeting, "Ben Okafor", LATER)

    assert line.entries == [
        Entry(Stage.ANSWERED, LATER, answer="declined"),
        sent("invitation", NOW),
    ]
    assert Delivery.objects.filter(kind="answer", status="sent").count() == 1


def test_the_newest_are_shown_and_the_rest_is_counted(meeting: Meeting, work: Round) -> None:
    work(NOW)
    invitation = invitation_of(meeting, MARTA)
    for n in range(1, MOST_OF_CHANNEL + 2):
        now = NOW + timedelta(minutes=2 * n)
        scheduler.resend(invitation, by=meeting.organizer, now=now)
        work(now)

    line = line_of(meeting, MARTA, now)

    assert len(line.entries) == MOST_OF_CHANNEL
    assert line.entries[0] == sent("invitation", now)
    assert line.earlier == 2


@pytest.mark.parametrize("people", [1, 3])
def test_it_costs_the_same_however_many_people_and_changes(
    people: int, work: Round, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    guests = [ben(), cy(), MARTA][:people]
    meeting = book(ana(), "2027-03-10 14:00", 60, *guests)
    work(NOW)
    for n in range(people):
        edit(meeting, draft("2027-03-10 14:00", 60 + n + 1, *guests, title="Moved"), NOW)
    loaded = fresh(meeting)

    with django_assert_num_queries(2):
        found = ledger(loaded, NOW)

    assert len(found) == people
    assert len(found[0].entries) == people + 1


def entries_of(series: Series) -> list[tuple[str, str, tuple[str, ...]]]:
    (line,) = ledger(fresh(series.meeting), series.now)
    return [(entry.stage.value, entry.kind, entry.dates) for entry in line.entries]


def test_messages_about_dates_of_a_series_name_them(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, title="With guests")
    known.mend({THIRD: Skip(), FOURTH: Skip()})
    assert entries_of(known)[:2] == [
        ("due", "update", (THIRD, FOURTH)),
        ("due", "update", (SECOND,)),
    ]
    known.mails()
    newest, dropped, invited = entries_of(known)
    assert newest == ("sent", "update", (SECOND, THIRD, FOURTH))
    assert dropped == ("dropped", "update", (SECOND,))
    assert invited == ("sent", "invitation", ())
    known.edit(Scope.ALL, location="the cellar")
    known.mails()
    assert entries_of(known)[0] == ("sent", "update", ())


def test_an_answer_and_a_reminder_for_one_date_name_it(known: Series) -> None:
    known.edit(Scope.ALL, reminders=(15,))
    row = invitation_of(known.meeting, known.ben)
    scheduler.respond(row, "accepted", by=known.ben, now=known.tick())
    scheduler.respond(row, "tentative", by=known.ben, now=known.tick(), recurrence_id=SECOND)
    known.work(at("2027-03-17 09:46"))
    (line,) = ledger(fresh(known.meeting), known.now)
    assert [(e.stage.value, e.kind or e.answer, e.dates) for e in line.entries[:3]] == [
        ("sent", "reminder", (SECOND,)),
        ("answered", "tentative", (SECOND,)),
        ("answered", "accepted", ()),
    ]


def also(meeting: Meeting, channel: str, **values: object) -> Delivery:
    """Ben's invitation over another channel, to a number that Ana does not know."""
    row = Delivery.objects.get(meeting=meeting, address="ben@example.com")
    row.pk = None
    row.uid = uuid.uuid4()
    row.channel, row.address = channel, NUMBER
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def test_each_channel_says_what_became_of_the_message_and_never_the_number(
    meeting: Meeting, work: Round, client: Client
) -> None:
    work(NOW)
    said = f"21211: {NUMBER} does not exist, asked (0151) 1234-5678 by https://sid:key@sms.example/"
    also(meeting, "sms", status="failed", error=said)
    also(meeting, "push")
    morning = NOW + timedelta(hours=9)
    also(meeting, "chat", status="waiting", not_before=morning, next_attempt_at=morning)

    line = line_of(meeting, "Ben Okafor", NOW)

    assert [(e.stage.value, e.channel, e.what) for e in line.entries] == [
        ("quiet", "chat", "invitation by chat"),
        ("failed", "sms", "invitation by SMS"),
        ("sent", "push", "invitation by push message"),
        ("sent", "email", "invitation by e-mail"),
    ]
    assert line.entries[0].at == morning
    assert line.entries[1].error == "21211: … does not exist, asked (… by …"
    assert not line.waits  # a night is no reason against sending again
    client.force_login(meeting.organizer)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "invitation by chat waits for the end of quiet hours until" in page
    assert "5678" not in page


def test_nothing_is_sent_again_to_who_wants_no_invitations(meeting: Meeting, work: Round) -> None:
    work(NOW)
    bens = meeting.invitations.get(user__email="ben@example.com")
    Preference.objects.create(
        user=bens.user, event=Event.INVITATION, channel=Channel.EMAIL, wanted=False
    )
    with pytest.raises(WrongState, match="Ben Okafor does not want to hear of invitations"):
        require_sending_helps(bens, LATER)
    require_sending_helps(invitation_of(meeting, MARTA), LATER)


def test_what_is_told_to_programs_and_to_the_organizer_is_left_out(
    meeting: Meeting, work: Round
) -> None:
    work(NOW)
    hook = Webhook.objects.create(
        name="Signs", url="https://signs.example/", viewer=meeting.organizer
    )
    also(meeting, "webhook", webhook=hook)
    bens = also(meeting, "sms", status="muted")
    also(meeting, "email", kind="failure", change=None, about=bens)

    line = line_of(meeting, "Ben Okafor", NOW)

    assert [(e.stage.value, e.what) for e in line.entries] == [
        ("muted", "invitation"),
        ("sent", "invitation by e-mail"),
    ]


def test_many_messages_fold_but_the_newest_of_each_channel_and_what_waits_stay(
    meeting: Meeting, work: Round
) -> None:
    work(NOW)
    row = Delivery.objects.get(address=MARTA)
    entries = [sent("update", NOW + timedelta(minutes=n)) for n in range(9, 0, -1)]
    waits = Entry(Stage.RETRIES, NOW, "update", channel="push")
    line = Line(row.invitation, [*entries, waits, sent("update", NOW, "sms")] + [waits] * 2)

    assert line.shown == [*entries[:6], waits, sent("update", NOW, "sms"), waits, waits]
    assert line.folded == entries[6:]
