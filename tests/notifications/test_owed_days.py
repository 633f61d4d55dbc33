"""Days at random, with wishes at random: people get what they are owed."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from datetime import time as clock_time
from typing import Any

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Invitation, Meeting, Occurrence
from meetings.problems import Refusal
from meetings.scheduler import Scope
from notifications import reminders
from notifications.models import Contact, Preference, Wishes
from tests.factories import NOW, ana, ben, book, cy, timed
from tests.notifications.test_owed import (
    HOUR,
    MARTA,
    MINUTE,
    SECOND,
    Wire,
    require_what_is_owed,
    wire,
)

__all__ = ["wire"]

DATES = ("2027-03-17T10:00:00", "2027-03-24T10:00:00")


class Day:
    """What Ana does with her meetings, and how her guests want to be told."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.ana, self.guests = ana(), (ben(), cy())
        for guest in self.guests:
            self.choose(guest)
        rules = ("", "FREQ=WEEKLY;COUNT=4")
        for n in range(self.dice.choice((1, 2))):
            book(
                self.ana,
                "2027-03-10 10:00",
                60,
                *(one.email for one in self.some()),
                title=f"Meeting {n}",
                rrule=self.dice.choice(rules),
            )

    def choose(self, guest: User) -> None:
        """Wishes for somebody."""
        if self.dice.random() < 0.6:
            number = f"+49151{guest.pk:08}"
            Contact.objects.create(user=guest, channel="sms", address=number, confirmed_at=NOW)
        for event in ("invitation", "update", "cancellation"):
            for channel in ("email", "sms"):
                if self.dice.random() < 0.4:
                    wanted = self.dice.random() < 0.5
                    Preference.objects.create(
                        user=guest, event=event, channel=channel, wanted=wanted
                    )
        if self.dice.random() < 0.3:
            quiet = {"quiet_from": clock_time(10), "quiet_until": clock_time(11)}
            Wishes.objects.create(user=guest, **quiet)

    def some(self) -> tuple[Attendee, ...]:
        """Some of all who may be asked."""
        everybody = (*(guest.email for guest in self.guests), MARTA)
        return tuple(Attendee(address) for address in everybody if self.dice.random() < 0.7)

    def step(self, now: datetime) -> None:
        """One thing that Ana does, if it can be done."""
        meeting = self.dice.choice(list(Meeting.objects.order_by("pk")))
        act = self.dice.choice((self.edit, self.edit, self.ask, self.ask, self.cancel, self.resend))
        with suppress(Refusal, Occurrence.DoesNotExist):  # it is off already, say
            act(meeting, by=self.ana, now=now)

    def edit(self, meeting: Meeting, **by: Any) -> None:
        """Change where or when it is."""
        places = [{"location": place} for place in ("Attic", "Cellar", "")]
        times = [{"when": timed(f"2027-03-10 {hour}:00")} for hour in (10, 11, 12)]
        self.write(meeting, by, **self.dice.choice([*places, *times]))

    def ask(self, meeting: Meeting, **by: Any) -> None:
        """Change who is asked."""
        self.write(meeting, by, attendees=self.some())

    def write(self, meeting: Meeting, by: dict[str, Any], **fields: Any) -> None:
        """Change some fields."""
        draft = replace(scheduler.draft_of(meeting), **fields)
        scheduler.edit(meeting, draft, version=meeting.version, policy="allow", **by)

    def cancel(self, meeting: Meeting, **by: Any) -> None:
        """Call off a date or all, or think better of it."""
        kind = self.dice.randrange(4)
        if kind == 0:
            scheduler.cancel(meeting, **by)
        elif kind == 1:
            change = scheduler.cancel(meeting, undo=10 * SECOND, **by).change
            assert change is not None
            scheduler.undo(change, **by)
        elif meeting.is_series:
            name = self.dice.choice(DATES)
            scheduler.cancel(meeting, scope=Scope.THIS, recurrence_id=name, **by)

    def resend(self, meeting: Meeting, **by: Any) -> None:
        """Invite somebody once more."""
        asked = Invitation.objects.current().filter(meeting=meeting, recurrence_id="")
        asked = asked.exclude(user=self.ana).order_by("pk")
        if asked:
            scheduler.resend(self.dice.choice(list(asked)), **by)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(40))
def test_each_day_tells_what_is_owed(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(reminders, "REMINDER_LEADS", ())
    wire.rest(NOW - MINUTE)
    day, now = Day(seed), NOW
    for _step in range(day.dice.randint(3, 9)):
        now += 7 * MINUTE
        if day.dice.random() < 0.3:
            wire.rest(now)
        else:
            day.step(now)
    wire.rest(now + 2 * MINUTE)
    wire.rest(NOW + 4 * HOUR)  # what waited for the end of quiet hours
    require_what_is_owed(wire)
