"""Other times that somebody invited proposes."""

import uuid
from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.intervals import Stretch
from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting
from meetings.models.occurrence import Occurrence
from meetings.models.ranges import as_stretch
from meetings.wallclock import AllDay, Timed, When

DAY = timedelta(days=1)


class CounterProposalQuerySet(models.QuerySet["CounterProposal"]):
    """The vocabulary of proposals."""

    def open(self) -> Self:
        """Those that nobody answered, withdrew or replaced, of people who are still invited."""
        return self.filter(
            status=CounterProposal.Status.OPEN, invitation__removed_at__isnull=True
        ).order_by("pk")


class CounterProposal(models.Model):
    """Other times for one date of a meeting, proposed by somebody who is invited (RFC 5546, 3.2.7).

    `recurrence_id` names the date of a series; it is empty for a single meeting. `times` are
    instants, UTC dates for an all-day meeting, as in an Occurrence. `was` is when that date took
    place as it was made: a proposal is for that time alone, so it is void once the date is at
    another, and stands again where a move is undone. `reason` is why it was declined.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REPLACED = "replaced", _("replaced by a newer one")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="proposals")
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="proposals")
    recurrence_id = models.CharField(max_length=19, blank=True)
    was = DateTimeRangeField()
    times = ArrayField(DateTimeRangeField())
    note = models.TextField(blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CounterProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of another time")
        verbose_name_plural = _("proposals of other times")

    def __str__(self) -> str:
        return f"{self.uid} {self.status}"

    @property
    def stretches(self) -> list[Stretch]:
        """The times as stretches, in the order in which they were proposed."""
        return [as_stretch(during) for during in self.times]

    def is_for(self, occurrence: Occurrence) -> bool:
        """Whether it is about this date as it is now."""
        name = occurrence.recurrence_id if self.recurrence_id else ""
        return self.recurrence_id == name and as_stretch(self.was) == occurrence.stretch

    def whens(self, occurrence: Occurrence) -> list[When]:
        """The times as wall clocks of that date, in its zone."""
        return [when_of(stretch, occurrence) for stretch in self.stretches]


def when_of(stretch: Stretch, occurrence: Occurrence) -> When:
    """A stretch as the wall clock that the date would have then, in its own zone."""
    if occurrence.all_day:
        return AllDay(stretch.start.date(), (stretch.end - stretch.start) // DAY)
    zone = occurrence.timezone or occurrence.meeting.zone
    start = stretch.start.astimezone(zone).replace(tzinfo=None, fold=0)
    return Timed(start, zone, stretch.end - stretch.start)
