"""What a person is told, by what happened before anything left and after."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Change, Invitation, Meeting
from notifications.announcing import announce
from notifications.delivery import claim
from notifications.models import Delivery
from tests.factories import (
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    days,
    draft,
    invitation_of,
    timed,
)
from tests.notifications.conftest import (
    Round,
    calendar_in,
    calendar_method,
    html_of,
    text_of,
)

pytestmark = pytest.mark.django_db

UNDO = timedelta(seconds=10)


@dataclass
class Story:
    """A meeting of Ana's with Ben, and what happens to it; each step a second after the last."""

    work: Round
    ana: User
    ben: User
    now: datetime = NOW
    meeting: Meeting = field(init=False)

    def create(self, **fields: Any) -> None:
        self.meeting = book(self.ana, "2027-03-10 10:00", 60, self.ben, now=self.tick(), **fields)

    def edit(self, *, undo: timedelta = timedelta(0), **fields: Any) -> None:
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        scheduler.edit(
            meeting,
            replace(scheduler.draft_of(meeting), **fields),
            by=self.ana,
            now=self.tick(),
            version=meeting.version,
            policy="allow",
            undo=undo,
        )

    def rename(self) -> None:
        self.edit(title="Design critique", undo=UNDO)

    def rename_back(self) -> None:
        self.edit(title="Design review", undo=UNDO)

    def move(self) -> None:
        self.edit(when=timed("2027-03-11 14:00"), undo=UNDO)

    def prioritize(self) -> None:
        self.edit(priority=3, undo=UNDO)

    def remove(self) -> None:
        self.edit(attendees=(), undo=UNDO)

    def add(self) -> None:
        self.edit(attendees=(Attendee(self.ben.email),), undo=UNDO)

    def cancel(self) -> None:
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        scheduler.cancel(meeting, by=self.ana, now=self.tick(), undo=UNDO)

    def resend(self) -> None:
        scheduler.resend(self.invitation, by=self.ana, now=self.tick())

    def accept(self) -> None:
        answer(self.meeting, self.ben, "accepted", now=self.tick())

    def decline(self) -> None:
        answer(self.meeting, self.ben, "declined", now=self.tick())

    @property
    def invitation(self) -> Invitation:
        return invitation_of(self.meeting, self.ben)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def send(self) -> list[str]:
        """What leaves now: each message as its first word, and to whom."""
        return [str(m["Subject"]).split()[0].strip(":") for m in self.work(self.tick())]

    def wait(self) -> None:
        self.now += timedelta(minutes=2)


@pytest.fixture
def story(work: Round) -> Story:
    return Story(work, ana(), ben())


INVITED = ["create", "send"]


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        pytest.param("create", ["Invitation"], id="invited"),
        pytest.param("create send send", [], id="once"),
        pytest.param("create rename", [], id="an invitation waits for a change in its window"),
        pytest.param("create rename wait", ["Invitation"], id="changed before it left"),
        pytest.param("create cancel wait", [], id="called off before it left"),
        pytest.param("create remove wait", [], id="taken off before it left"),
        pytest.param("create send rename", [], id="a change waits for its window"),
        pytest.param("create send rename wait", ["Changed"], id="changed"),
        pytest.param("create send rename move wait", ["Changed"], id="two changes in one"),
        pytest.param("create send rename rename_back wait", [], id="changed and back"),
        pytest.param("create send rename wait send rename_back wait", ["Changed"], id="and back"),
        pytest.param("create send prioritize wait", [], id="what does not concern them"),
        pytest.param("create send rename prioritize wait", ["Changed"], id="with what does"),
        pytest.param("create send move cancel wait", ["Cancelled"], id="moved, then called off"),
        pytest.param("create send cancel", [], id="a cancellation waits for its window"),
        pytest.param("create send cancel wait", ["Cancelled"], id="called off"),
        pytest.param("create send remove wait", ["Cancelled"], id="taken off"),
        pytest.param("create send remove add wait", ["Invitation"], id="off and on again"),
        pytest.param(
            "create send remove add prioritize wait", ["Invitation"], id="on again, and more"
        ),
        pytest.param("create send remove wait send add wait", ["Invitation"], id="on again later"),
        pytest.param("create send remove wait send cancel wait", [], id="off, then called off"),
        pytest.param("create send resend", ["Invitation"], id="sent again"),
        pytest.param("create send resend rename wait", ["Invitation"], id="again, then changed"),
        pytest.param("create send accept", ["Accepted"], id="answered"),
        pytest.param("create send accept decline", ["Declined"], id="answered, then otherwise"),
        pytest.param("create send accept send decline", ["Declined"], id="answered otherwise"),
        pytest.param("create send accept cancel wait", ["Cancelled"], id="answered too late"),
        pytest.param("create send move accept", ["Accepted"], id="an answer does not wait"),
        pytest.param("create send accept move wait", ["Changed"], id="asked anew"),
        pytest.param("create send decline send rename wait", ["Changed"], id="who declined too"),
        pytest.param("create send decline send cancel wait", ["Cancelled"], id="and called off"),
    ],
)
def test_what_is_told(story: Story, steps: str, left: list[str]) -> None:
    for step in steps.split():
        getattr(story, step)()
    assert story.send() == left
    if "wait" in steps:
        story.wait()
        assert story.send() == []


def test_a_meeting_that_nobody_was_told_of_is_known_to_its_people(work: Round) -> None:
    organizer, invited = ana(), ben()
    wanted = draft("2027-03-10 10:00", 60, invited)
    meeting = scheduler.schedule(
        wanted, by=organizer, now=NOW, policy="allow", announce=False
    ).meeting
    assert work(NOW) == []
    scheduler.edit(
        meeting,
        replace(wanted, title="Design critique"),
        by=organizer,
        now=NOW,
        version=1,
        policy="allow",
    )
    (update,) = work(NOW)
    assert update["Subject"].startswith("Changed: Design critique")


def test_update_shows_what_was_told_last_and_what_is_so(story: Story) -> None:
    blue, green = RoomFactory.create(name="Blue"), RoomFactory.create(name="Green")
    story.create(rooms=(blue,), location="by the lift")
    story.work(story.tick())
    story.edit(when=timed("2027-03-10 12:00"), undo=UNDO)
    story.edit(when=timed("2027-03-11 14:00"), room_ids=(green.pk,), undo=UNDO)
    story.edit(location="", undo=UNDO)
    story.wait()
    (update,) = story.work(story.now)
    text = text_of(update)
    assert "When: Thu 11 March, 14:00–15:00 CET\n  before: Wed 10 March, 10:00–11:00 CET" in text
    assert "Room: Green\n  before: Blue" in text
    assert "Location: none\n  before: by the lift" in text
    assert "12:00" not in text
    assert "<s>Wed 10 March, 10:00–11:00 CET</s>" in html_of(update)
    event = calendar_in(update)
    assert event is not None
    assert event.decoded("DTSTART") == at("2027-03-11 14:00")
    assert event["SEQUENCE"] == 3
    assert calendar_method(update) == "REQUEST"


def test_who_was_taken_off_learns_nothing_that_came_after(story: Story) -> None:
    story.create(description="The old agenda")
    story.work(story.tick())
    story.edit(attendees=(Attendee(cy().email),), undo=UNDO)
    story.edit(title="Ben's future", when=timed("2027-03-12 09:00"), undo=UNDO)
    story.wait()
    sent = {message["To"]: message for message in story.work(story.now)}
    to_ben = sent["Ben Okafor <ben@example.com>"]
    assert to_ben["Subject"] == "Cancelled: Design review, Wed 10 March, 10:00–11:00 CET"
    assert "future" not in to_ben.as_string() + text_of(to_ben) + html_of(to_ben)
    assert "Cy Young" not in text_of(to_ben)
    event = calendar_in(to_ben)
    assert event is not None
    assert event["SUMMARY"] == "Design review"
    assert event.decoded("DTSTART") == at("2027-03-10 10:00")
    assert event["STATUS"] == "CANCELLED"
    assert calendar_method(to_ben) == "CANCEL"
    assert sent["Cy Young <cy@example.com>"]["Subject"].startswith("Invitation: Ben's future")


def test_cancellation_gives_the_reason_and_a_later_sequence(story: Story) -> None:
    story.create()
    (invitation,) = story.work(story.tick())
    scheduler.cancel(story.meeting, by=story.ana, now=story.tick(), reason="Cy fell ill.")
    (cancellation,) = story.work(story.tick())
    assert "Cy fell ill." in text_of(cancellation)
    assert "Cy fell ill." in html_of(cancellation)
    before, after = calendar_in(invitation), calendar_in(cancellation)
    assert before is not None
    assert after is not None
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert "rsvp" not in text_of(cancellation)


def test_all_day_dates_are_told_as_dates(story: Story) -> None:
    story.create(when=days("2027-03-10", 2))
    (invitation,) = story.work(story.tick())
    assert invitation["Subject"] == "Invitation: Design review, Wed 10 – Thu 11 March, all day"
    story.edit(when=days("2027-03-11"))
    story.edit(attendees=())
    (cancellation,) = story.work(story.tick())
    assert cancellation["Subject"] == "Cancelled: Design review, Wed 10 – Thu 11 March, all day"
    event = calendar_in(cancellation)
    assert event is not None
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=2)


def test_mails_of_a_meeting_make_one_thread(story: Story) -> None:
    story.create()
    story.meeting.refresh_from_db()
    (first,) = story.work(story.tick())
    story.edit(title="Design critique")
    (second,) = story.work(story.tick())
    story.edit(title="Design crit")
    (third,) = story.work(story.tick())
    root = first["References"]
    assert root.startswith(f"<{story.meeting.series}@")
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["References"] == f"{root} {second['Message-ID']}"


def test_answer_reaches_the_organizer(story: Story) -> None:
    story.create()
    story.work(story.tick())
    scheduler.respond(
        story.invitation, "tentative", by=None, now=story.tick(), note="If the train is on time"
    )
    (mail,) = story.work(story.tick())
    assert mail["To"] == "Ana Berger <ana@example.com>"
    assert mail["From"].startswith("Ben Okafor via Scheduler <")
    assert mail["Reply-To"] == "Ben Okafor <ben@example.com>"
    assert mail["Subject"] == (
        "Maybe from Ben Okafor: Design review, Wed 10 March, 10:00–11:00 CET"
    )
    assert "If the train is on time" in text_of(mail)
    assert "rsvp" not in text_of(mail) + html_of(mail)  # Ben's own page is no business of hers
    assert calendar_in(mail) is None


def test_organizer_is_not_told_of_her_own_answer(story: Story) -> None:
    story.create()
    story.work(story.tick())
    answer(story.meeting, story.ana, "declined", now=story.tick())
    assert story.work(story.tick()) == []


def test_organizer_elsewhere_gets_a_reply_for_her_calendar(work: Round) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited)
    Change.objects.update(announced_at=NOW, created_at=NOW, kind=Change.Kind.IMPORTED)
    invitation_of(meeting, organizer).delete()
    Meeting.objects.update(organizer=None, organizer_email="olga@elsewhere.example")
    answer(meeting, invited, "accepted")
    (mail,) = work(NOW)
    assert mail["To"] == '"olga@elsewhere.example" <olga@elsewhere.example>'
    assert calendar_method(mail) == "REPLY"
    event = calendar_in(mail)
    assert event is not None
    assert event["ATTENDEE"] == "mailto:ben@example.com"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert event["UID"] == meeting.ical_uid


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        pytest.param(lambda story: story.cancel(), "Cancelled", id="called off"),
        pytest.param(lambda story: story.remove(), "Cancelled", id="taken off"),
        pytest.param(lambda story: story.rename(), "Invitation", id="changed"),
    ],
)
def test_a_message_that_may_have_left_is_made_good(
    story: Story, happens: Callable[[Story], None], told: str
) -> None:
    """The worker was killed with it in hand; then things changed."""
    story.create()
    announce(story.tick())
    (lost,) = claim(story.now)
    happens(story)
    story.wait()
    assert story.send() == [told]
    lost.refresh_from_db()
    assert lost.status == Delivery.Status.DROPPED
