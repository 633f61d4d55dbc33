"""What is told once, when there is occasion: answers, proposals, reminders, the end of a series.

And that a message failed.
"""

from dataclasses import replace
from datetime import datetime

from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from meetings.dates import date_of
from meetings.lifecycle import Act, allows
from meetings.models import CounterProposal, Invitation, Occurrence
from meetings.models.invitation import on_date
from notifications.facts import facts_of, facts_of_date
from notifications.known import Known
from notifications.models import Delivery
from notifications.routing import leads, wishes_of
from notifications.told import Telling, covered, takes_place, tell, zone_of

Kind = Delivery.Kind
FAILED = Delivery.Status.FAILED
ABOUT = ("about__invitation__user", "about__invitation__meeting")


def answer(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """The answer as it stands, unless it was asked anew or nobody waits for it any more."""
    unanswered = delivery.invitation.status == Invitation.Status.NEEDS_ACTION
    name, meeting = delivery.invitation.recurrence_id, delivery.meeting
    off = delivery.invitation.removed_at is not None
    if covered(delivery, siblings) or off or unanswered or not takes_place(meeting, now):
        return None
    sent = [s for s in siblings if s.status == Delivery.Status.SENT]
    told = Known(by=sent[-1] if sent else None)
    facts = facts_of_date(meeting, name) if name else facts_of(meeting, now)
    return replace(tell(delivery, Kind.ANSWER, facts, now, told), recurrence_id=name)


def proposed(delivery: Delivery, now: datetime) -> Telling | None:
    """A proposal as long as it is open, and that it was declined as long as that matters."""
    proposal = delivery.change.proposal if delivery.change else None
    assert proposal is not None  # the command says so
    meeting, name = delivery.meeting, proposal.recurrence_id
    try:
        date = date_of(meeting, name) if name else meeting.occurrence
    except (Occurrence.DoesNotExist, ValueError):  # it is a series now, or that date is gone
        return None
    rows = [i for i in meeting.invitations.all() if i.person == delivery.invitation.person]
    if not (proposal.is_for(date) and allows(Act.PROPOSE, date, now)) or not on_date(rows, name):
        return None
    if delivery.kind == Kind.PROPOSAL and proposal.status != CounterProposal.Status.OPEN:
        return None
    facts = facts_of_date(meeting, name) if name else facts_of(meeting, now)
    told_of = tell(delivery, delivery.kind, facts, now, Known(), reason=proposal.reason)
    return replace(told_of, recurrence_id=name, proposal=proposal)


def ending(delivery: Delivery, now: datetime) -> Telling | None:
    """That a series ends, as long as the date that was its last one is."""
    meeting = delivery.meeting
    assert delivery.change is not None  # the command says so
    ahead = [o for o in meeting.occurrences.all() if o.status == Occurrence.Status.SCHEDULED]
    last = max(ahead, key=lambda row: row.start, default=None)
    if meeting.cancelled or not meeting.is_series or meeting.indexed_until is not None:
        return None
    if last is None or last.start <= now or delivery.change.dates != [last.recurrence_id]:
        return None
    return replace(
        tell(delivery, Kind.ENDING, facts_of(meeting, now), now, Known()), last=last.when
    )


def failure(delivery: Delivery, now: datetime) -> Telling | None:
    """What of a meeting reached nobody and the organizer was not told yet."""
    notices = Delivery.objects.filter(
        kind=Kind.FAILURE, meeting=delivery.meeting, channel=delivery.channel, pk__lte=delivery.pk
    )
    sent = notices.filter(status=Delivery.Status.SENT).order_by("-pk").values("pk")[:1]
    since = notices.filter(Q(pk__gt=Coalesce(Subquery(sent), 0)), about__status=FAILED)
    failed = tuple(n.about for n in since.select_related(*ABOUT).order_by("pk") if n.about)
    if not failed:
        return None
    told_of = tell(delivery, Kind.FAILURE, facts_of(delivery.meeting, now), now, Known())
    return replace(told_of, failed=failed)


def reminder(delivery: Delivery, now: datetime) -> Telling | None:
    """Nobody is reminded of what has begun, was called off, moved, or declined."""
    meeting, name = delivery.meeting, delivery.recurrence_id
    try:
        occurrence = date_of(meeting, name)
    except Occurrence.DoesNotExist:
        return None
    person = delivery.invitation.person
    comes = any(
        i.person == person and not i.declined for i in on_date(meeting.invitations.all(), name)
    )
    if (
        occurrence.status != Occurrence.Status.SCHEDULED
        or not comes
        or delivery.lead not in leads(wishes_of(delivery.recipient), occurrence.shown_reminders)
    ):
        return None
    start = occurrence.occupied_in(zone_of(delivery)).start
    if start != delivery.start or start <= now:
        return None
    if not meeting.is_series:
        return tell(delivery, Kind.REMINDER, facts_of(meeting, now), now, Known())
    told_of = tell(delivery, Kind.REMINDER, facts_of_date(meeting, name), now, Known())
    return replace(told_of, recurrence_id=name)
