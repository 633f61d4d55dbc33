"""A weekly series whose mails the tests read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Meeting
from meetings.scheduler import Decision, Scope
from meetings.wallclock import When
from tests.factories import NOW, book, timed

FIRST = timed("2027-03-10 10:00")
SECOND, THIRD, FOURTH = "2027-03-17T10:00:00", "2027-03-24T10:00:00", "2027-03-31T10:00:00"


def events_in(message: EmailMessage) -> list[icalendar.Event]:
    """All events of the calendar part, none if there is none."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return list(icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT"))
    return []


@dataclass
class Series:
    """A weekly series of Ana's with Ben; each step a second after the last."""

    work: Callable[[datetime], list[EmailMessage]]
    ana: User
    ben: User
    now: datetime = NOW
    when: When = FIRST
    rrule: str = "FREQ=WEEKLY"
    meeting: Meeting = field(init=False)

    def __post_init__(self) -> None:
        self.meeting = book(
            self.ana, "", 0, self.ben, when=self.when, rrule=self.rrule, location="the attic"
        )

    def edit(
        self,
        scope: Scope,
        name: str = "",
        *,
        orphans: str | None = None,
        decisions: dict[str, Decision] | None = None,
        undo: timedelta = timedelta(0),
        **fields: Any,
    ) -> Meeting:
        """Change some fields; the meeting afterwards, which is the later part of a split one."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        draft = scheduler.draft_of(meeting, scope=scope, recurrence_id=name)
        done = scheduler.edit(
            meeting,
            replace(draft, **fields),
            by=self.ana,
            now=self.tick(),
            version=meeting.version,
            policy="allow",
            scope=scope,
            recurrence_id=name,
            orphans=orphans,
            decisions=decisions or {},
            undo=undo,
        )
        return done.meeting

    def mend(self, decisions: dict[str, Decision], *, undo: timedelta = timedelta(0)) -> Change:
        """Decide for dates, as the page of a series does."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        done = scheduler.mend(
            meeting,
            decisions,
            by=self.ana,
            now=self.tick(),
            version=meeting.version,
            policy="allow",
            undo=undo,
        )
        assert done.change is not None
        return done.change

    def cancel(self, scope: Scope, name: str = "", undo: timedelta = timedelta(0)) -> Change:
        """Call some dates, or all, off."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        done = scheduler.cancel(
            meeting, by=self.ana, now=self.tick(), scope=scope, recurrence_id=name, undo=undo
        )
        assert done.change is not None
        return done.change

    def tick(self) -> datetime:
        """A second later."""
        self.now += timedelta(seconds=1)
        return self.now

    def mails(self) -> list[EmailMessage]:
        """What a worker sends by now."""
        return self.work(self.tick())
