"""What a delivery tells when it leaves: not what was so when it was made, but what is so then.

A person has been told of a meeting up to some Change (that of the last message that left), and
is told the difference: invited since, changed since, called off since, or nothing at all. So
several changes that have not left become one message by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from meetings.dates import coming, date_of
from meetings.lifecycle import Act, allows
from meetings.models import BESIDE, Change, CounterProposal, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.wallclock import When
from notifications.announcing import FOLDED
from notifications.dates import DateTold, altered_with_all, dates_told, reason_of
from notifications.displaced import Displaced, displaced_for
from notifications.facts import (
    Altered,
    Facts,
    as_told,
    facts_of,
    facts_of_date,
    net,
)
from notifications.known import Known, known_to
from notifications.models import Delivery

Kind = Delivery.Kind
SOON = timedelta(seconds=0.2)


class NotYet(Exception):
    """Something newer may still be taken back; look again `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Split:
    """A series goes on as another part, which begins at `first`, `with_her` or without."""

    first: When
    with_her: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """What one message tells one person, at `now`, in `zone`.

    With `recurrence_id` it is about that date of a series alone, and so are its facts. `dates`
    are the dates of a series that something became of. A `part` goes on from another series
    that ends before it; of that other one `split` tells. A meeting `by_itself` was a date of a
    series. `clocks` says that new rules of a time zone moved it; `back`, that a date takes place
    that the person's calendar does not hold. `proposal` are other times that somebody proposes,
    or whose proposal is declined. `displaced` says who took its room.
    """

    delivery: Delivery
    kind: str
    facts: Facts
    now: datetime
    zone: ZoneInfo
    altered: tuple[Altered, ...] = ()
    reason: str = ""
    follows: Delivery | None = None
    recurrence_id: str = ""
    dates: tuple[DateTold, ...] = ()
    part: bool = False
    split: Split | None = None
    by_itself: bool = False
    clocks: bool = False
    back: bool = False
    proposal: CounterProposal | None = None
    displaced: Displaced | None = None

    @property
    def kept_kind(self) -> str:
        """The kind for the records: who loses dates of a series is on it all the same."""
        of_dates = bool(self.recurrence_id or self.dates) and not self.invitation.recurrence_id
        return Kind.UPDATE if of_dates and self.kind == Kind.CANCELLATION else self.kind

    @property
    def is_off(self) -> bool:
        """Whether the person herself was taken off, rather than all of it called off."""
        rows = [i for i in self.meeting.invitations.all() if i.person == self.invitation.person]
        return not on_date(rows, self.recurrence_id)

    @property
    def meeting(self) -> Meeting:
        """The meeting, with people, rooms and dates prefetched."""
        return self.delivery.meeting

    @property
    def invitation(self) -> Invitation:
        """Whom it is about."""
        return self.delivery.invitation


def with_everything(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """The rows with all that telling them takes, in a constant number of queries."""
    changes = (
        Change.objects.filter(undone_at__isnull=True)
        .exclude(kind__in=[*BESIDE, Change.Kind.UNDONE])
        .select_related("part_of__meeting", "by")
        .prefetch_related("parts", "part_of__meeting__invitations")
        .order_by("pk")
    )
    rows = list(
        deliveries.select_related(
            "recipient", "change__proposal", "invitation__user", "meeting__organizer"
        ).prefetch_related(
            "meeting__invitations__user",
            "meeting__rooms",
            "meeting__occurrences",
            Prefetch("meeting__changes", changes, to_attr="organizers_changes"),
        )
    )
    for row in rows:
        row.invitation.meeting = row.meeting
        for part in (*row.meeting.occurrences.all(), *row.meeting.invitations.all()):
            part.meeting = row.meeting
    return rows


def telling(delivery: Delivery, now: datetime) -> Telling | None:
    """What this delivery (from `with_everything`) tells at `now`; None if nothing any more.

    Raises NotYet while a newer change can be taken back.
    """
    if delivery.kind == Kind.REMINDER:
        return _reminder(delivery, now)
    if delivery.kind in (Kind.PROPOSAL, Kind.REJECTION):
        return _proposed(delivery, now)
    siblings = list(
        Delivery.objects.filter(invitation=delivery.invitation_id, channel=delivery.channel)
        .exclude(pk=delivery.pk)
        .order_by("pk")
    )
    if delivery.kind == Kind.ANSWER:
        return _answer(delivery, [s for s in siblings if s.kind == Kind.ANSWER], now)
    return _difference(delivery, [s for s in siblings if s.kind in FOLDED], now)


def _difference(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """Between what the person was told and what is so."""
    changes: Sequence[Change] = delivery.meeting.organizers_changes  # type: ignore[attr-defined]
    for change in changes:
        if change.announced_at is None:
            raise NotYet(max(now + SOON, change.not_before))
    if _covered(delivery, siblings):
        return None
    told = known_to(delivery, siblings, changes)
    since = [change for change in changes if change.pk > told.covers]
    told_of = _since(delivery, since, now, told)
    return told_of and replace(told_of, displaced=displaced_for(delivery.invitation, since))


def _since(
    delivery: Delivery, since: Sequence[Change], now: datetime, told: Known
) -> Telling | None:
    if delivery.invitation.is_organizers:
        return _own(delivery, since, now, told)
    if delivery.invitation.recurrence_id:
        return _one_date(delivery, since, now, told)
    altered = net(since, facts_of(delivery.meeting, now))
    facts = facts_of(delivery.meeting, now)
    if not _invited(delivery, since, now):
        if not (told.invited or told.perhaps):
            return None
        # Somebody who is no longer asked learns nothing that came after.
        facts = as_told(facts, altered, delivery.meeting.zone)
        return _tell(delivery, Kind.CANCELLATION, facts, now, told, reason=reason_of(since))
    if not told.invited or any(_asks_anew(change, delivery.invitation_id) for change in since):
        return _tell(delivery, Kind.INVITATION, facts, now, told)
    return _news(delivery, since, altered, now, told)


def _news(
    delivery: Delivery, since: Sequence[Change], altered: list[Altered], now: datetime, told: Known
) -> Telling | None:
    """What is new for somebody who is on the meeting: of all of it, and of single dates."""
    part = any(change.goes_on for change in since)
    clocks = any(change.kind == Change.Kind.CLOCKS for change in since)
    if not delivery.meeting.is_series:
        # Once a date of a series: that the rule has gone is not what is told of it.
        by_itself = any(change.part_of for change in since)
        if by_itself:
            altered = [a for a in altered if a.field != "repeats"]
        if not (altered or clocks or by_itself):
            return None
        facts = facts_of(delivery.meeting, now)
        told_of = _tell(delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered))
        return replace(told_of, clocks=clocks and not altered, by_itself=by_itself)
    dates = dates_told(delivery.meeting, delivery.invitation, since)
    if not altered and not part:
        return _of_dates(delivery, dates, now, told, clocks=clocks)
    facts = facts_of(delivery.meeting, now)
    told_of = _tell(
        delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered), reason=reason_of(since)
    )
    return replace(told_of, dates=dates, part=part, split=_split(delivery, since))


def _split(delivery: Delivery, since: Sequence[Change]) -> Split | None:
    """How the series goes on in another part, if it was split since."""
    later = [change.part_of.meeting for change in since if change.part_of]
    if not later:
        return None
    people = {i.person for i in later[-1].invitations.all() if i.removed_at is None}
    return Split(later[-1].when, delivery.invitation.person in people)


def _of_dates(
    delivery: Delivery, dates: tuple[DateTold, ...], now: datetime, told: Known, *, clocks: bool
) -> Telling | None:
    if not dates:
        return None
    if len(dates) > 1:
        kind = Kind.CANCELLATION if all(d.off for d in dates) else Kind.UPDATE
        reason = dates[-1].reason
        facts = facts_of(delivery.meeting, now)
        told_of = _tell(delivery, kind, facts, now, told, reason=reason)
        return replace(told_of, dates=dates, clocks=clocks)
    (one,) = dates
    kind, facts, altered = Kind.UPDATE, one.facts, one.altered
    if one.off:
        facts = as_told(facts, altered, delivery.meeting.zone)
        kind, altered = Kind.CANCELLATION, ()
    told_of = _tell(delivery, kind, facts, now, told, altered=altered, reason=one.reason)
    listed = dates if one.missed else ()
    return replace(
        told_of, recurrence_id=one.recurrence_id, dates=listed, clocks=clocks, back=one.back
    )


def _one_date(
    delivery: Delivery, since: Sequence[Change], now: datetime, told: Known
) -> Telling | None:
    """For somebody who is asked to one date only."""
    meeting, name = delivery.meeting, delivery.invitation.recurrence_id
    try:
        row, facts = date_of(meeting, name), facts_of_date(meeting, name)
    except Occurrence.DoesNotExist:
        return None
    altered = net(since, facts, recurrence_id=name)
    altered += altered_with_all(row, since, facts, {a.field for a in altered})
    live = row.status == Occurrence.Status.SCHEDULED
    if not live or delivery.invitation.removed_at is not None:
        if not (told.invited or told.perhaps):
            return None
        facts = as_told(facts, altered, meeting.zone)
        told_of = _tell(delivery, Kind.CANCELLATION, facts, now, told, reason=reason_of(since))
    elif not told.invited or any(_asks_anew(c, delivery.invitation_id) for c in since):
        told_of = _tell(delivery, Kind.INVITATION, facts, now, told)
    elif altered or any(c.kind == Change.Kind.CLOCKS and name in c.dates for c in since):
        told_of = _tell(delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered))
    else:
        return None
    return replace(told_of, recurrence_id=name)


def _own(delivery: Delivery, since: Sequence[Change], now: datetime, told: Known) -> Telling | None:
    """The organizer hears what she did not do herself.

    Rooms that were not to be had or were taken from her, and clocks that changed.
    """
    kinds = (Change.Kind.ROOMS, Change.Kind.CLOCKS, Change.Kind.DISPLACED)
    since = [change for change in since if change.kind in kinds]
    if not delivery.meeting.is_series:
        facts = facts_of(delivery.meeting, now)
        if any("status" in change.fields for change in since) and delivery.meeting.cancelled:
            return _tell(delivery, Kind.CANCELLATION, facts, now, told)
        return _news(delivery, since, net(since, facts), now, told)
    dates = dates_told(delivery.meeting, delivery.invitation, since)
    clocks = any(change.kind == Change.Kind.CLOCKS for change in since)
    return _of_dates(delivery, dates, now, told, clocks=clocks)


def _answer(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """The answer as it stands, unless it was asked anew or nobody waits for it any more."""
    unanswered = delivery.invitation.status == Invitation.Status.NEEDS_ACTION
    name, meeting = delivery.invitation.recurrence_id, delivery.meeting
    off = delivery.invitation.removed_at is not None
    if _covered(delivery, siblings) or off or unanswered or not _takes_place(meeting, now):
        return None
    sent = [s for s in siblings if s.status == Delivery.Status.SENT]
    told = Known(by=sent[-1] if sent else None)
    facts = facts_of_date(meeting, name) if name else facts_of(meeting, now)
    return replace(_tell(delivery, Kind.ANSWER, facts, now, told), recurrence_id=name)


def _proposed(delivery: Delivery, now: datetime) -> Telling | None:
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
    told_of = _tell(delivery, delivery.kind, facts, now, Known(), reason=proposal.reason)
    return replace(told_of, recurrence_id=name, proposal=proposal)


def _reminder(delivery: Delivery, now: datetime) -> Telling | None:
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
        or delivery.lead not in occurrence.shown_reminders
    ):
        return None
    start = occurrence.occupied_in(zone_of(delivery)).start
    if start != delivery.start or start <= now:
        return None
    if not meeting.is_series:
        return _tell(delivery, Kind.REMINDER, facts_of(meeting, now), now, Known())
    told_of = _tell(delivery, Kind.REMINDER, facts_of_date(meeting, name), now, Known())
    return replace(told_of, recurrence_id=name)


def _tell(
    delivery: Delivery,
    kind: str,
    facts: Facts,
    now: datetime,
    told: Known,
    *,
    altered: tuple[Altered, ...] = (),
    reason: str = "",
) -> Telling:
    return Telling(
        delivery,
        kind,
        facts,
        now,
        zone_of(delivery),
        altered=altered,
        reason=reason,
        follows=told.by,
    )


def zone_of(delivery: Delivery) -> ZoneInfo:
    """The recipient's zone; the meeting's for somebody whose zone is unknown."""
    return delivery.recipient.zone if delivery.recipient else delivery.meeting.zone


def _covered(delivery: Delivery, siblings: list[Delivery]) -> bool:
    """Whether a newer message that has not left says all this."""
    return any(s.pk > delivery.pk and s.status == Delivery.Status.WAITING for s in siblings)


def _invited(delivery: Delivery, since: Sequence[Change], now: datetime) -> bool:
    """Whether the person is on a meeting that takes place.

    A series of which only dates gone by are left was called off if that was done since.
    """
    if delivery.invitation.removed_at is not None:
        return False
    if not _takes_place(delivery.meeting, now):
        return False
    if not any(change.kind == Change.Kind.CANCELLED and not change.dates for change in since):
        return True
    return not delivery.meeting.is_series or bool(coming(delivery.meeting, now, most=1))


def _takes_place(meeting: Meeting, now: datetime) -> bool:
    if meeting.cancelled:
        return False
    rows = meeting.occurrences.all()
    if any(row.status == Occurrence.Status.SCHEDULED for row in rows):
        return True
    return meeting.indexed_until is not None and bool(coming(meeting, now, most=1))


def _asks_anew(change: Change, invitation: int) -> bool:
    resent = change.kind == Change.Kind.RESENT and change.invitation_id == invitation
    return resent or invitation in change.added
