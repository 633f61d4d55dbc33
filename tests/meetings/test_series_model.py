"""Random edits, cancellations, answers, undos and rebuilds of a series, beside a naive calendar.

The naive one is a dict of the days of one series to what is there: no rules, rows or zones.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from meetings import scheduler
from meetings.models import Booking, Invitation, Meeting
from meetings.models.invitation import on_date
from meetings.scheduler import Scope, Skip
from meetings.scheduler.indexing import rebuild
from tests.factories import BERLIN, NOW, RoomFactory, UserFactory, draft, timed

pytestmark = pytest.mark.django_db

FIRST = date(2027, 3, 10)
WEEKS = 6
UNDO = timedelta(minutes=5)


@dataclass(frozen=True)
class Day:
    """One date in the naive calendar: when it starts, its title, who said what."""

    start: datetime
    title: str | None
    live: bool
    answer: str


class Nested:
    """A command's transaction inside that of one example, which is rolled back."""

    @staticmethod
    def atomic(*, durable: bool):
        assert durable
        return transaction.atomic()


class Calendar(RuleBasedStateMachine):
    """One weekly series; `parts` are the meetings it was split into."""

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        self.ana, self.ben = UserFactory.create(), UserFactory.create()
        self.room = RoomFactory.create()
        wanted = draft(
            "2027-03-10 10:00", 60, self.ben, rooms=(self.room,), rrule=f"FREQ=WEEKLY;COUNT={WEEKS}"
        )
        meeting = scheduler.schedule(wanted, by=self.ana, now=NOW).meeting
        self.parts = [meeting.pk]
        self.title = {meeting.pk: "Design review"}
        self.answered = {meeting.pk: "needs-action"}
        self.home = {FIRST + timedelta(weeks=n): meeting.pk for n in range(WEEKS)}
        self.days = {
            day: Day(datetime.combine(day, datetime.min.time().replace(hour=10)), None, True, "")
            for day in self.home
        }
        self.last: tuple[object, ...] | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    def _state(self) -> tuple[object, ...]:
        return (
            list(self.parts),
            dict(self.title),
            dict(self.answered),
            dict(self.home),
            dict(self.days),
        )

    def _remember(self, change) -> None:
        self.last = (change, self.before) if change is not None else None

    def _live(self) -> list[date]:
        return [day for day, found in sorted(self.days.items()) if found.live]

    def _name(self, day: date) -> tuple[Meeting, str]:
        meeting = Meeting.objects.get(pk=self.home[day])
        return meeting, meeting.when.on(day).recurrence_id()

    def _edit(self, meeting, scope, name, **values) -> Meeting:
        wanted = replace(scheduler.draft_of(meeting, scope=scope, recurrence_id=name), **values)
        done = scheduler.edit(
            meeting,
            wanted,
            by=self.ana,
            now=NOW,
            version=meeting.version,
            policy="allow",
            undo=UNDO,
            scope=scope,
            recurrence_id=name,
        )
        self._remember(done.change)
        return done.meeting

    @precondition(lambda self: self._live())
    @rule(data=st.data(), minutes=st.sampled_from([-60, 15, 90]))
    def move_one(self, data, minutes) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, name = self._name(day)
        was = self.days[day]
        start = was.start + timedelta(minutes=minutes)
        self._edit(meeting, Scope.THIS, name, when=timed(start.isoformat(" ")))
        self.days[day] = replace(was, start=start, answer="needs-action")
        if not meeting.is_series:
            self._settle(day, meeting.pk)

    @precondition(lambda self: self._live())
    @rule(data=st.data(), title=st.sampled_from(["One", "Two"]))
    def name_one(self, data, title) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, name = self._name(day)
        self._edit(meeting, Scope.THIS, name, title=title)
        own = None if title == self.title[meeting.pk] else title
        self.days[day] = replace(self.days[day], title=own)
        if not meeting.is_series:
            self._settle(day, meeting.pk)

    @precondition(lambda self: self._live())
    @rule(data=st.data(), minutes=st.sampled_from([-30, 45]))
    def move_all(self, data, minutes) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, _name = self._name(day)
        when = meeting.when
        self._edit(
            meeting,
            Scope.ALL,
            "",
            when=replace(when, start=when.start + timedelta(minutes=minutes)),
        )
        for other in [d for d, home in self.home.items() if home == meeting.pk]:
            was = self.days[other]
            answer = "needs-action" if was.answer and was.live else was.answer
            self.days[other] = replace(
                was, start=was.start + timedelta(minutes=minutes), answer=answer
            )
        self.answered[meeting.pk] = "needs-action"

    @precondition(lambda self: self._live())
    @rule(data=st.data(), title=st.sampled_from(["Three", "Four"]))
    def name_following(self, data, title) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, name = self._name(day)
        if title == meeting.title:
            return
        later = self._edit(meeting, Scope.FOLLOWING, name, title=title)
        if later.pk not in self.parts:
            self.parts.append(later.pk)
            self.answered[later.pk] = self.answered[meeting.pk]
        self.title[later.pk] = title
        for other in [d for d, home in self.home.items() if home == meeting.pk and d >= day]:
            self.home[other] = later.pk
        if not later.is_series:
            self._settle(day, later.pk)

    def _settle(self, day, home) -> None:
        """What the only date of a single meeting has of its own is the meeting's."""
        own = self.days[day]
        self.title[home] = own.title or self.title[home]
        self.answered[home] = own.answer or self.answered[home]
        self.days[day] = replace(own, title=None, answer="")

    @precondition(lambda self: self._live())
    @rule(data=st.data(), scope=st.sampled_from([Scope.THIS, Scope.FOLLOWING]))
    def cancel(self, data, scope) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, name = self._name(day)
        done = scheduler.cancel(
            meeting, by=self.ana, now=NOW, undo=UNDO, scope=scope, recurrence_id=name
        )
        self._remember(done.change)
        for other in [d for d, home in self.home.items() if home == meeting.pk]:
            if other == day or (scope is Scope.FOLLOWING and other > day):
                self.days[other] = replace(self.days[other], live=False)

    @precondition(lambda self: self._live())
    @rule(data=st.data())
    def skip(self, data) -> None:
        day = data.draw(st.sampled_from(self._live()))
        self.before = self._state()
        meeting, name = self._name(day)
        done = scheduler.mend(
            meeting, {name: Skip()}, by=self.ana, now=NOW, version=meeting.version, undo=UNDO
        )
        self._remember(done.change)
        self.days[day] = replace(self.days[day], live=False)

    @precondition(lambda self: self._live())
    @rule(data=st.data(), status=st.sampled_from(["accepted", "declined", "tentative"]))
    def answer_one(self, data, status) -> None:
        day = data.draw(st.sampled_from(self._live()))
        meeting, name = self._name(day)
        row = Invitation.objects.get(meeting=meeting, user=self.ben, recurrence_id="")
        scheduler.respond(row, status, by=self.ben, now=NOW, recurrence_id=name)
        self.days[day] = replace(self.days[day], answer=status)
        if not meeting.is_series:
            self._settle(day, meeting.pk)
        self.last = None

    @precondition(lambda self: self._live())
    @rule(data=st.data(), status=st.sampled_from(["accepted", "declined", "tentative"]))
    def answer_all(self, data, status) -> None:
        day = data.draw(st.sampled_from(self._live()))
        meeting, _name = self._name(day)
        row = Invitation.objects.get(meeting=meeting, user=self.ben, recurrence_id="")
        changed = row.status != status
        scheduler.respond(row, status, by=self.ben, now=NOW)
        self.answered[meeting.pk] = status
        for other in [d for d, home in self.home.items() if home == meeting.pk]:
            if changed and self.days[other].answer == "needs-action":
                self.days[other] = replace(self.days[other], answer=status)
        self.last = None

    @precondition(lambda self: self.last is not None)
    @rule()
    def undo(self) -> None:
        change, before = self.last
        scheduler.undo(change, by=self.ana, now=NOW + timedelta(minutes=1))
        self.parts, self.title, self.answered, self.home, self.days = before
        self.last = None

    @rule()
    def rebuild(self) -> None:
        for pk in self.parts:
            assert list(rebuild(Meeting.objects.get(pk=pk), now=NOW)) == []

    @invariant()
    def is_equal(self) -> None:
        shown = {}
        for meeting in Meeting.objects.filter(pk__in=self.parts):
            invitations = list(meeting.invitations.select_related("user"))
            for row in meeting.occurrences.live():
                row.meeting = meeting
                (answer,) = [
                    i.status for i in on_date(invitations, row.recurrence_id) if i.user == self.ben
                ]
                day = date.fromisoformat(row.recurrence_id[:10])
                shown[day] = (meeting.pk, row.when.start, row.shown_title, answer)
        assert shown == {
            day: (
                self.home[day],
                self.days[day].start,
                self.days[day].title or self.title[self.home[day]],
                self.days[day].answer or self.answered[self.home[day]],
            )
            for day in self._live()
        }
        held = Booking.objects.unreleased().filter(kind="meeting", room=self.room)
        assert sorted(
            b.during.lower.astimezone(BERLIN).replace(tzinfo=None) for b in held
        ) == sorted(self.days[day].start for day in self._live())


def test_a_series_is_what_a_naive_calendar_says(monkeypatch):
    monkeypatch.setattr("meetings.scheduler.committing.transaction", Nested)
    machine = Calendar.TestCase()
    machine.settings = settings(
        max_examples=40,
        phases=(Phase.explicit, Phase.generate),
        report_multiple_bugs=False,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine.runTest()
