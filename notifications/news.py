"""What has become of a meeting since a person was last told of it.

She has been told of it up to some Change (that of the last message that left), and is told the
difference: invited since, changed since, called off since, or nothing at all. So several changes
that have not left become one message by themselves.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from meetings.dates import coming, date_of
from meetings.models import Change, Occurrence
from notifications.dates import DateTold, altered_with_all, dates_told, reason_of
from notifications.displaced import displaced_for
from notifications.facts import Altered, as_told, facts_of, facts_of_date, net
from notifications.known import Known, known_to
from notifications.models import Delivery
from notifications.told import NotYet, Split, Telling, covered, takes_place, tell

Kind = Delivery.Kind
SOON = timedelta(seconds=0.2)


def difference(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """Between what the person was told and what is so."""
    changes: Sequence[Change] = delivery.meeting.organizers_changes  # type: ignore[attr-defined]
    for change in changes:
        if change.announced_at is None:
            raise NotYet(max(now + SOON, change.not_before))
    if covered(delivery, siblings):
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
        return tell(delivery, Kind.CANCELLATION, facts, now, told, reason=reason_of(since))
    if not told.invited or any(_asks_anew(change, delivery.invitation_id) for change in since):
        return tell(delivery, Kind.INVITATION, facts, now, told)
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
        told_of = tell(delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered))
        return replace(told_of, clocks=clocks and not altered, by_itself=by_itself)
    dates = dates_told(delivery.meeting, delivery.invitation, since)
    if not altered and not part:
        return _of_dates(delivery, dates, now, told, clocks=clocks)
    facts = facts_of(delivery.meeting, now)
    told_of = tell(
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
        told_of = tell(delivery, kind, facts, now, told, reason=reason)
        return replace(told_of, dates=dates, clocks=clocks)
    (one,) = dates
    kind, facts, altered = Kind.UPDATE, one.facts, one.altered
    if one.off:
        facts = as_told(facts, altered, delivery.meeting.zone)
        kind, altered = Kind.CANCELLATION, ()
    told_of = tell(delivery, kind, facts, now, told, altered=altered, reason=one.reason)
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
        told_of = tell(delivery, Kind.CANCELLATION, facts, now, told, reason=reason_of(since))
    elif not told.invited or any(_asks_anew(c, delivery.invitation_id) for c in since):
        told_of = tell(delivery, Kind.INVITATION, facts, now, told)
    elif altered or any(c.kind == Change.Kind.CLOCKS and name in c.dates for c in since):
        told_of = tell(delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered))
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
            return tell(delivery, Kind.CANCELLATION, facts, now, told)
        return _news(delivery, since, net(since, facts), now, told)
    dates = dates_told(delivery.meeting, delivery.invitation, since)
    clocks = any(change.kind == Change.Kind.CLOCKS for change in since)
    return _of_dates(delivery, dates, now, told, clocks=clocks)


def _invited(delivery: Delivery, since: Sequence[Change], now: datetime) -> bool:
    """Whether the person is on a meeting that takes place.

    A series of which only dates gone by are left was called off if that was done since.
    """
    if delivery.invitation.removed_at is not None:
        return False
    if not takes_place(delivery.meeting, now):
        return False
    if not any(change.kind == Change.Kind.CANCELLED and not change.dates for change in since):
        return True
    return not delivery.meeting.is_series or bool(coming(delivery.meeting, now, most=1))


def _asks_anew(change: Change, invitation: int) -> bool:
    resent = change.kind == Change.Kind.RESENT and change.invitation_id == invitation
    return resent or invitation in change.added
