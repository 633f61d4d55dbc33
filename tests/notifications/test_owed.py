"""Whatever goes wrong, people get what they are owed: all of it, and once."""

import re
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Change, CounterProposal, Meeting
from meetings.scheduler import Scope
from notifications import reminders, tasks
from notifications.announcing import ready_changes
from notifications.channels.email import post
from notifications.delivery import LEASE
from notifications.models import Contact, Delivery, Preference, Wishes
from scheduler_site import environment
from tests.factories import NOW, UserFactory, ana, at, ben, book, cy, invitation_of, timed
from tests.notifications.owed import Owed, owed
from tests.notifications.servers import Mailbox, Texts, free_port, mail_servers, text_service

MARTA = "marta@silva.example"
PHONE = "+4915112345678"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LEADS = (10, 60, 120)
KINDS = {
    r"Invitation: (.+?), ": "invitation",
    r"Changed: (.+?), ": "update",
    r"Cancelled: (.+?), ": "cancellation",
    r"Reminder: (.+?), ": "reminder",
    r"(?:Accepted by|Maybe from|Declined by) .+?: (.+?), ": "answer",
    r".+? proposes another time: (.+?), ": "proposal",
    r"Stays as it is: (.+?), ": "rejection",
    r"Not delivered: (.+?), ": "failure",
}


@dataclass
class Wire:
    """What really arrived, at a mail server and at a service for short messages."""

    mailbox: Mailbox
    texts: Texts
    port: int
    now: datetime
    rounds: list[datetime] = field(default_factory=list)

    def mails(self) -> list[tuple[str, Owed]]:
        """Each mail that the server took: its Message-ID and what it is, in order."""
        found = []
        for envelope in self.mailbox.taken:
            mail = message_from_bytes(envelope.original_content or b"", policy=default)
            (address,) = envelope.rcpt_tos
            found.append((str(mail["Message-ID"]), ("email", address, *said(mail["Subject"]))))
        return found

    def arrived(self) -> Counter[Owed]:
        """All that arrived; what came twice under the same Message-ID is one message."""
        short = [("sms", number, *said(text)) for number, text in self.texts.taken]
        return Counter([*dict(self.mails()).values(), *short])

    def again(self) -> int:
        """How many mails came once more under the same Message-ID."""
        return len(self.mails()) - len(dict(self.mails()))

    def work(self, now: datetime) -> None:
        """A worker does what is due at `now`, and comes to rest."""
        self.now = now
        assert tasks.drain(until=time.monotonic() + 60)

    def rest(self, now: datetime) -> None:
        """The same, as one of the rounds that what is owed is counted by."""
        self.work(now)
        self.rounds.append(now)
        left = Delivery.objects.filter(status="waiting", not_before__lte=now)
        assert not left.exists(), left
        assert not ready_changes(now).exists()


def said(subject: str) -> tuple[str, str]:
    """The kind of a message and the meeting that it is about, by its subject."""
    for pattern, kind in KINDS.items():
        if match := re.match(pattern, str(subject).strip()):  # a long one is folded
            return kind, match[1]
    raise AssertionError(subject)


@pytest.fixture
def wire(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A mail server, a service for SMS, and a clock in hand."""
    with mail_servers() as serve, text_service() as texts:
        mailbox, port = serve()
        wire = Wire(mailbox, texts, port, NOW - MINUTE)
        for name, value in environment.mail(f"smtp://127.0.0.1:{port}").items():
            setattr(settings, name, value)
        settings.CHANNEL_URLS = {"sms": texts.url}
        monkeypatch.setattr(timezone, "now", lambda: wire.now)
        monkeypatch.setattr(reminders, "REMINDER_LEADS", LEADS)  # the others cost time only
        yield wire


def require_what_is_owed(wire: Wire) -> None:
    """Nothing is missing and nothing is too much; said by what differs."""
    due, got = owed(wire.rounds), wire.arrived()
    assert {"missing": due - got, "too much": got - due} == {
        "missing": Counter(),
        "too much": Counter(),
    }


# A few days of a company ---------------------------------------------------------


class Story:
    """What people do, in steps two hours apart or more; a worker may do its part after each."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.now = NOW
        self.ana, self.ben, self.cy = ana(), ben(), cy()
        self.dee: User = UserFactory.create(name="Dee Park", email="dee@example.com")
        Contact.objects.create(user=self.cy, channel="sms", address=PHONE, confirmed_at=NOW)
        quiet = {"quiet_from": clock_time(20), "quiet_until": clock_time(7)}
        Wishes.objects.create(user=self.cy, **quiet)
        Wishes.objects.create(user=self.ben, reminders=[120])
        for event in ("invitation", "answer"):
            Preference.objects.create(user=self.dee, event=event, channel="email", wanted=False)

    def play(self, work: Callable[[datetime], None]) -> None:
        """All of it; `work` is called after each step, and when reminders are due."""
        self.wire.rest(NOW - MINUTE)
        for now, step in (
            (NOW, self.books),
            (NOW + 2 * HOUR, self.answers_and_edits),
            (NOW + 4 * HOUR, self.decides),
            (NOW + 6 * HOUR, self.accepts),
            (at("2027-03-01 21:30"), self.cancels_at_night),
        ):
            self.now = now
            step()
            work(now + MINUTE)
        for due in ("02 07:01", "02 20:01", "03 09:01", "05 12:01"):
            work(at(f"2027-03-{due}"))

    def book(self, title: str, start: str, *people: User | str, **fields: Any) -> Meeting:
        """A meeting of Ana's."""
        return book(self.ana, start, 60, *people, now=self.now, title=title, **fields)

    def edit(self, meeting: Meeting, name: str = "", *, undo: int = 0, **fields: Any) -> None:
        """Change some fields, of one date or of all."""
        meeting = Meeting.objects.get(pk=meeting.pk)
        scope = {"scope": Scope.THIS if name else Scope.ALL, "recurrence_id": name}
        draft = replace(scheduler.draft_of(meeting, **scope), **fields)  # type: ignore[arg-type]
        by = {"by": self.ana, "now": self.now, "version": meeting.version, "policy": "allow"}
        scheduler.edit(meeting, draft, undo=undo * SECOND, **by, **scope)  # type: ignore[arg-type]

    def cancel(self, meeting: Meeting, name: str = "") -> None:
        """Call off one date, or all."""
        meeting = Meeting.objects.get(pk=meeting.pk)
        scope = Scope.THIS if name else Scope.ALL
        scheduler.cancel(meeting, by=self.ana, now=self.now, scope=scope, recurrence_id=name)

    def answer(self, meeting: Meeting, who: User | str, status: str) -> None:
        """Somebody answers; a guest by her link."""
        by = None if isinstance(who, str) else who
        row = meeting.invitations.get(
            **({"email": who} if by is None else {"user": by}), recurrence_id=""
        )
        scheduler.respond(row, status, by=by, now=self.now)

    def propose(self, meeting: Meeting, when: str) -> CounterProposal:
        """Ben proposes another time."""
        row = invitation_of(meeting, self.ben)
        done = scheduler.propose(row, [timed(when)], by=self.ben, now=self.now)
        return CounterProposal.objects.get(changes=done.change)

    def books(self) -> None:
        """Ana books; one meeting she calls off before anybody heard of it."""
        self.budget = self.book(
            "Budget", "2027-03-03 10:00", self.ben, MARTA, self.cy, reminders=(60,)
        )
        self.standup = self.book(
            "Standup",
            "2027-03-03 09:30",
            self.ben,
            self.dee,
            self.cy,
            rrule="FREQ=WEEKLY;COUNT=4",
            reminders=(60,),
        )
        self.appraisal = self.book("Appraisal", "2027-03-04 09:00", self.cy, visibility="private")
        self.workshop = self.book("Workshop", "2027-03-05 15:00", MARTA, self.ben)
        self.kickoff = self.book("Kickoff", "2027-03-04 15:00", self.ben, self.dee)
        self.dinner = self.book("Dinner", "2027-03-02 21:00", self.cy, MARTA, reminders=(60, 10))
        self.planning = self.book("Planning", "2027-03-08 11:00", self.dee, self.cy, MARTA)
        retro = self.book("Retro", "2027-03-05 10:00", self.ben, self.cy)
        self.edit(retro, location="Attic")
        self.cancel(retro)

    def answers_and_edits(self) -> None:
        """They answer, some twice; Ana changes things to and fro."""
        self.answer(self.budget, self.ben, "accepted")
        self.answer(self.budget, self.ben, "declined")
        self.answer(self.budget, MARTA, "tentative")
        self.answer(self.standup, self.cy, "accepted")
        self.edit(self.kickoff, location="Attic")
        self.edit(self.kickoff, location="Cellar")
        self.edit(self.budget, location="Attic")
        self.edit(self.budget, location="")
        self.edit(self.standup, "2027-03-10T09:30:00", when=timed("2027-03-10 11:00"))
        self.cancel(self.standup, "2027-03-17T09:30:00")
        self.edit(self.planning, undo=10, title="Plotting", when=timed("2027-03-09 11:00"))
        change = Change.objects.latest("pk")
        scheduler.undo(change, by=self.ana, now=self.now + 5 * SECOND)
        self.first = self.propose(self.workshop, "2027-03-05 16:00")

    def decides(self) -> None:
        """Ana declines what was proposed, and decides whom else she needs."""
        scheduler.decline_proposal(self.first, by=self.ana, now=self.now)
        people = (Attendee(self.dee.email), Attendee(self.cy.email), Attendee(self.ben.email))
        self.edit(self.budget, attendees=people)
        self.edit(self.planning, attendees=people[:2], location="Roof")
        scheduler.resend(invitation_of(self.kickoff, self.ben), by=self.ana, now=self.now)

    def accepts(self) -> None:
        """Ana takes another time; that she declined one matters no more."""
        declined = self.propose(self.workshop, "2027-03-05 17:00")
        scheduler.decline_proposal(declined, by=self.ana, now=self.now)
        taken = self.propose(self.workshop, "2027-03-05 14:00")
        scheduler.accept_proposal(taken, 0, by=self.ana, now=self.now, undo=10 * SECOND)

    def cancels_at_night(self) -> None:
        """While it is quiet for Cy."""
        self.cancel(self.appraisal)
        self.cancel(self.kickoff)


@pytest.fixture
def story(wire: Wire) -> Story:
    """The company before its days begin."""
    return Story(wire)


# What goes wrong -----------------------------------------------------------------


@pytest.mark.django_db
def test_mail_server_is_down_for_an_hour_and_the_worker_for_three(
    story: Story, wire: Wire, settings: Any
) -> None:
    nowhere = free_port()

    def work(now: datetime) -> None:
        if now > at("2027-03-03 00:00"):  # the worker was off: some of it has begun meanwhile
            now += 59 * MINUTE
        elif now != at("2027-03-02 20:01"):
            settings.EMAIL_PORT = nowhere
            for minutes in (0, 30):
                wire.work(now + minutes * MINUTE)
            settings.EMAIL_PORT = wire.port
            now += HOUR
        wire.rest(now)

    story.play(work)
    require_what_is_owed(wire)
    assert wire.again() == 0
    reminded = {title for _channel, _who, kind, title in wire.arrived() if kind == "reminder"}
    assert reminded == {"Dinner", "Workshop"}


@pytest.mark.django_db
def test_clock_is_set_back_in_the_middle(story: Story, wire: Wire) -> None:
    """By half an hour, when half of the mails have left and the others are to wait."""

    def work(now: datetime) -> None:
        if wire.rounds[-1] > NOW + 3 * HOUR and now != at("2027-03-03 09:01"):
            wire.rest(now)
            return
        for address in (MARTA, "cy@example.com"):
            wire.mailbox.say[address] = "450 4.2.1 Greylisted, come again"
        wire.work(now)
        wire.mailbox.say.clear()
        before = len(wire.mailbox.taken)
        for back in (30, 15):
            wire.work(now - back * MINUTE)
        if story.now == NOW:
            story.now -= 29 * MINUTE
            story.book("Sudden", "2027-03-09 15:00", story.ben)
            wire.work(story.now + SECOND)
            assert len(wire.mailbox.taken) == before + 1  # does not wait for the other clock
        else:
            assert len(wire.mailbox.taken) == before
        wire.rest(now + MINUTE)  # nothing is stuck longer than by those minutes

    story.play(work)
    require_what_is_owed(wire)
    assert wire.again() == 0


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_once(story: Story, wire: Wire) -> None:
    errors: list[BaseException] = []

    def drain() -> None:
        try:
            tasks.drain(until=time.monotonic() + 60)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    def work(now: datetime) -> None:
        wire.now = now
        workers = [threading.Thread(target=drain) for _n in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        wire.rest(now)  # what they left to each other

    story.play(work)
    assert errors == []
    require_what_is_owed(wire)
    assert wire.again() == 0
    in_order(wire)
    kinds = {kind for _channel, _address, kind, _title in wire.arrived()}
    assert kinds == set(KINDS.values()) - {"failure"}
    assert "Retro" not in {title for *_rest, title in wire.arrived()}


def in_order(wire: Wire) -> None:
    """Each person's mails about a meeting arrived in the order in which they came to be."""
    made = {str(uid): pk for uid, pk in Delivery.objects.values_list("uid", "pk")}
    by_person: dict[tuple[str, str], list[int]] = {}
    for name, (_channel, address, _kind, title) in wire.mails():
        pk = made[name.strip("<>").partition("@")[0]]
        by_person.setdefault((address, title), []).append(pk)
    assert by_person
    assert all(pks == sorted(pks) for pks in by_person.values())


# A worker is killed --------------------------------------------------------------


class Killed(BaseException):
    """What no code of ours catches."""


@dataclass
class Killer:
    """Stops the worker at one of the steps that it takes."""

    step: tuple[str, str] | None = None
    steps: list[tuple[str, str]] = field(default_factory=list)

    def meet(self, when: str, what: str) -> None:
        """A worker comes by here."""
        if (when, what) not in self.steps:
            self.steps.append((when, what))
        if (when, what) == self.step:
            self.step = None
            raise Killed(what)

    def around(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """After each statement that writes or locks, and the end of each piece of work."""
        done = execute(sql, params, many, context)
        what = re.sub(r"\W+", " ", sql).strip()[:50]
        if piece := re.match(r"INSERT|UPDATE|WITH|RELEASE|SELECT pg_", what):
            self.meet("after", piece[0] if piece[0] == "RELEASE" else what)
        return done


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    """It waits in the mail server's connection too: before it, within and after a mail."""
    killer = Killer()
    hand_over, data = post.EmailPost.hand_over, smtplib.SMTP.data

    def handing_over(self: post.EmailPost, mail: Any) -> None:
        killer.meet("before", "mail")
        hand_over(self, mail)
        killer.meet("after", "mail")

    def telling(self: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
        if killer.step == ("within", "mail"):
            self.putcmd("data")
            self.getreply()
            self.send(message[: len(message) // 2])
            self.close()
        killer.meet("within", "mail")
        return data(self, message)

    monkeypatch.setattr(post.EmailPost, "hand_over", handing_over)
    monkeypatch.setattr(smtplib.SMTP, "data", telling)
    return killer


@pytest.fixture
def day(wire: Wire) -> None:
    """A short day: an invitation, an answer, a change and a reminder are due at once."""
    organizer, reader = ana(), cy()
    Contact.objects.create(user=reader, channel="sms", address=PHONE, confirmed_at=NOW)
    wire.rest(NOW - MINUTE)
    meeting = book(organizer, "2027-03-01 12:30", 60, ben(), reader, reminders=(120,), title="A")
    book(organizer, "2027-03-10 10:00", 60, MARTA, title="B")
    scheduler.respond(invitation_of(meeting, reader), "accepted", by=reader, now=NOW)
    wire.rest(NOW + SECOND)
    row = invitation_of(meeting, reader)
    scheduler.respond(row, "tentative", by=reader, now=NOW + 2 * HOUR + 31 * MINUTE)
    scheduler.resend(
        Meeting.objects.get(title="B").invitations.get(email=MARTA),
        by=organizer,
        now=NOW + 2 * HOUR + 31 * MINUTE,
    )


@pytest.mark.django_db
def test_worker_is_killed_at_each_step(day: None, wire: Wire, killer: Killer) -> None:
    now = NOW + 2 * HOUR + 32 * MINUTE
    quiet = [NOW - MINUTE, NOW + SECOND]

    def run(step: tuple[str, str] | None) -> None:
        """A worker that is killed at this step, and one that comes when its lease is over."""
        wire.mailbox.taken.clear()
        wire.texts.taken.clear()
        killer.step = step
        with connection.execute_wrapper(killer.around):
            with suppress(Killed):
                wire.work(now)
            assert killer.step is None, "a worker did not come by there"
        wire.rest(now + LEASE + SECOND)

    due = owed([*quiet, now]) - owed(quiet)
    assert {kind for _channel, _who, kind, _title in due} == {"invitation", "answer", "reminder"}
    again = []
    for step in steps_of(run, killer):
        with transaction.atomic():
            run(step)
            assert wire.arrived() == due, step
            again += [step] * wire.again()
            transaction.set_rollback(True)
    # Only what the server took and nobody noted goes again, under the same Message-ID.
    assert again == [("after", "mail")]


def steps_of(
    run: Callable[[tuple[str, str] | None], None], killer: Killer
) -> list[tuple[str, str]]:
    """Those that a worker takes who is not killed."""
    with transaction.atomic():
        run(None)
        transaction.set_rollback(True)
    assert len(killer.steps) > 12
    return [*killer.steps]


@pytest.mark.django_db
def test_message_that_cannot_be_written_does_not_stop_the_others(
    day: None, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_of = post.mail_of

    def writing(telling: Any) -> Any:
        if telling.delivery.address == "ben@example.com":
            raise ValueError("no words")
        return mail_of(telling)

    monkeypatch.setattr(post, "mail_of", writing)
    now = NOW + 2 * HOUR + 32 * MINUTE
    quiet = owed(wire.rounds)
    wire.mailbox.taken.clear()
    wire.texts.taken.clear()
    wire.work(now)
    wire.rounds.append(now)
    unwritten = ("email", "ben@example.com", "reminder", "A")
    assert wire.arrived() == owed(wire.rounds) - quiet - Counter([unwritten])
    assert Delivery.objects.get(status="waiting").error == "ValueError: no words"


# The real thing ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_connection_to_the_database_is_lost_in_the_middle(day: None, wire: Wire) -> None:
    quiet = owed(wire.rounds)
    wire.mailbox.taken.clear()
    wire.texts.taken.clear()
    now = NOW + 2 * HOUR + 32 * MINUTE
    ours = connection.connection.info.backend_pid

    def cut() -> None:
        wire.mailbox.before = lambda: None
        with connections["default"].cursor() as cursor:  # the mail server's thread has its own
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
        connections.close_all()

    wire.mailbox.before = cut
    with pytest.raises(DatabaseError):
        wire.work(now)
    connection.close()
    wire.rest(now + LEASE + SECOND)
    assert wire.arrived() == owed(wire.rounds) - quiet
    assert wire.again() == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_process_is_killed_while_the_mail_server_holds_its_mail(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # two processes have the clock on the wall
    busy, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        busy.set()
        assert go_on.wait(60)

    now = timezone.now()
    start = (now + timedelta(days=2)).strftime("%Y-%m-%d 10:00")
    book(ana(), start, 60, ben(), cy(), MARTA, now=now, title="A")
    wire.mailbox.before = hold
    database = django_settings.DATABASES["default"]
    monkeypatch.setenv(
        "DATABASE_URL", f"postgresql://postgres@/{database['NAME']}?host={database['HOST']}"
    )
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{wire.port}")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    code = "from notifications.tasks import wake; wake()"
    worker = subprocess.Popen([sys.executable, "manage.py", "shell", "-c", code])
    try:
        assert busy.wait(60)
    finally:
        worker.kill()
        worker.wait()
        wire.mailbox.before = lambda: None
        go_on.set()
    monkeypatch.setattr(timezone, "now", lambda: wire.now)
    for name, value in environment.mail(f"smtp://127.0.0.1:{wire.port}").items():
        monkeypatch.setattr(django_settings, name, value)
    wire.rounds = [now]
    wire.rest(now + LEASE + MINUTE)
    require_what_is_owed(wire)
    assert wire.again() == 1
