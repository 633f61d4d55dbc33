"""Whoever takes in the mails of a series has its dates: through a whole chain of edits."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from meetings import scheduler
from meetings.dates import dates_in
from meetings.drafts import Attendee
from meetings.intervals import Stretch
from meetings.models import Meeting
from meetings.models.invitation import on_date
from meetings.scheduler import OtherTime, Scope, Skip, TryAgain
from meetings.wallclock import AllDay, Timed, When
from tests.factories import NOW, ana, ben, cy, days, timed
from tests.meetings.test_import_expander import EXPAND, expander
from tests.notifications.conftest import Round
from tests.notifications.recipient import Dates, Recipient, said
from tests.notifications.series import Series

pytestmark = pytest.mark.django_db

__all__ = ["expander"]
SOON = Stretch(NOW, NOW + timedelta(days=150))
PAST_THE_INDEX = Stretch(NOW + timedelta(days=600), NOW + timedelta(days=660))
UNDO = timedelta(seconds=10)

KINDS = {
    "across clock changes": (timed("2027-03-10 10:00"), "FREQ=WEEKLY"),
    "counted in New York": (
        timed("2027-03-10 20:30", 90, ZoneInfo("America/New_York")),
        "FREQ=WEEKLY;COUNT=200",
    ),
    "two whole days": (days("2027-03-10", 2), "FREQ=WEEKLY"),
}


def bens_dates(within: Stretch) -> Dates:
    """What is in our calendar for Ben."""
    found = []
    meetings = list(Meeting.objects.prefetch_related("invitations__user"))
    wide = Stretch(within.start - timedelta(days=1), within.end + timedelta(days=1))
    for date in dates_in(meetings, wide):
        rows = on_date(date.meeting.invitations.all(), date.recurrence_id)
        if within.start <= date.start < within.end and any(
            row.address == "ben@example.com" for row in rows
        ):
            when = date.when
            ends: tuple[object, object] = (
                (when.first, when.first + timedelta(days=when.days))
                if isinstance(when, AllDay)
                else (when.during().start, when.during().end)
            )
            found.append(tuple(said(end) for end in ends))  # type: ignore[arg-type]
    return sorted(found)  # type: ignore[arg-type]


class Chain:
    """Edits of a series, each followed by its mails; `same` compares the calendars."""

    def __init__(self, work: Round, kind: str, same: Callable[[Recipient], None]) -> None:
        self.when, self.rule = KINDS[kind]
        self.series = Series(work, ana(), ben(), when=self.when, rrule=self.rule)
        self.recipient, self.same = Recipient(), same

    def name(self, week: int) -> str:
        """The name of the date in that week."""
        return self.date(week).recurrence_id()

    def date(self, week: int, *, by_days: int = 0) -> When:
        """The date of that week, or as many days later."""
        return self.when.on(self.when.day + timedelta(days=7 * week + by_days))

    def told(self, *, mails: int) -> None:
        """So many mails to Ben later, his calendar is ours."""
        self.series.now += UNDO
        sent = [m for m in self.series.mails() if "ben@" in m["To"]]
        assert len(sent) == mails, [m["Subject"] for m in sent]
        self.recipient.take_in(sent)
        self.same(self.recipient)


def play(chain: Chain) -> None:
    series = chain.series
    chain.told(mails=1)
    series.edit(Scope.THIS, chain.name(1), when=chain.date(1, by_days=1))
    chain.told(mails=1)
    series.edit(Scope.THIS, chain.name(2), title="With guests", location="Hall")
    chain.told(mails=1)
    series.cancel(Scope.THIS, chain.name(3))
    chain.told(mails=1)
    series.edit(Scope.ALL, rdates=(chain.date(3, by_days=2).recurrence_id(),))
    chain.told(mails=1)
    series.mend({chain.name(4): Skip(), chain.name(5): OtherTime(chain.date(5, by_days=3))})
    chain.told(mails=1)
    series.mend({chain.name(4): TryAgain()})
    chain.told(mails=1)
    everybody = scheduler.draft_of(series.meeting).attendees
    series.edit(Scope.THIS, chain.name(6), attendees=())
    chain.told(mails=1)
    series.edit(Scope.THIS, chain.name(6), attendees=everybody)
    chain.told(mails=1)
    series.edit(Scope.ALL, when=_later(chain.when))
    chain.when = _later(chain.when)
    chain.told(mails=1)
    change = series.cancel(Scope.THIS, chain.name(7), undo=UNDO)
    scheduler.undo(change, by=series.ana, now=series.tick())
    chain.told(mails=0)
    first = series.meeting
    series.meeting = series.edit(Scope.FOLLOWING, chain.name(8), when=_later(chain.date(8)))
    chain.when = _later(chain.when)
    assert series.meeting != first
    chain.told(mails=2)
    series.edit(Scope.THIS, chain.name(9), when=chain.date(9, by_days=1))
    chain.told(mails=1)
    rule = "FREQ=WEEKLY;INTERVAL=2"  # gives weeks 8, 10, 12, …
    series.edit(Scope.ALL, rrule=rule, orphans="keep")
    chain.told(mails=2)
    series.edit(Scope.ALL, attendees=(Attendee(series.ben.email), Attendee(cy().email)))
    chain.told(mails=0)
    series.cancel(Scope.FOLLOWING, chain.name(12))
    chain.told(mails=1)
    series.cancel(Scope.ALL)
    chain.told(mails=1)
    series.meeting = first
    series.edit(Scope.ALL, attendees=())
    chain.told(mails=1)


def _later(when: When) -> When:
    """An hour later, or a day longer."""
    if isinstance(when, Timed):
        return Timed(when.start + timedelta(hours=1), when.zone, when.length)
    return AllDay(when.first, when.days + 1)


@pytest.mark.parametrize("kind", ["across clock changes", "two whole days"])
def test_a_chain_of_edits_leaves_the_same_dates(work: Round, kind: str) -> None:
    def same(recipient: Recipient) -> None:
        for within in (SOON, PAST_THE_INDEX):
            assert recipient.dates(within) == bens_dates(within)

    play(Chain(work, kind, same))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_another_program_expands_the_same(work: Round, kind: str, expander: Path) -> None:
    def same(recipient: Recipient) -> None:
        for within in (SOON, PAST_THE_INDEX):
            bounds = [within.start.isoformat(), within.end.isoformat()]
            run = [str(expander), "-c", EXPAND, *bounds, "Europe/Berlin"]
            done = subprocess.run(run, input=recipient.text(), capture_output=True, check=True)
            theirs = sorted(
                start
                for _uid, start in json.loads(done.stdout)
                if within.start <= _instant(start) < within.end  # not what only reaches into it
            )
            assert theirs == [start for start, _end in bens_dates(within)]

    play(Chain(work, kind, same))
