"""What a webhook's delivery tells when it leaves, and whether it tells anything at all."""

from dataclasses import replace
from datetime import datetime, timedelta

from meetings.dates import date_of
from meetings.models import BESIDE, Change, Occurrence
from meetings.permissions import Sight, may_edit, sight
from notifications.facts import facts_of
from notifications.hooks import event_told
from notifications.known import Known
from notifications.models import Delivery, HookEvent
from notifications.told import NotYet, Telling, tell

SOON = timedelta(seconds=0.2)


def hook_telling(delivery: Delivery, now: datetime) -> Telling | None:
    """What this delivery (from `with_everything`) tells at `now`; None if nothing.

    Nothing is told by a webhook that was switched off, nor of what its viewer may not see:
    neither of a meeting that reads "Busy" for her, nor of answers and proposals that she could
    not read. `recurrence_id` is the date that it is about, empty if about more than one.
    Raises NotYet while a newer change can be taken back.
    """
    hook, event = delivery.webhook, event_told(delivery)
    assert hook is not None
    if event is None or not (hook.active and hook.viewer.is_active):
        return None
    name = _name(delivery)
    if not _is_seen(delivery, event, name):
        return None
    if event == HookEvent.REMINDER:
        if not _is_ahead(delivery, now):
            return None
    elif delivery.change and delivery.change.kind not in BESIDE:
        _require_certain(delivery, now)
    facts = facts_of(delivery.meeting, now)
    return replace(tell(delivery, delivery.kind, facts, now, Known()), recurrence_id=name)


def _name(delivery: Delivery) -> str:
    """The one date of a series that it is about; empty if it is about others as well."""
    meeting, change = delivery.meeting, delivery.change
    names = [delivery.recurrence_id] if change is None else change.dates
    if change and change.proposal:
        names = [change.proposal.recurrence_id]
    if not meeting.is_series or len(names) != 1:
        return ""
    try:
        return date_of(meeting, names[0]).recurrence_id
    except Occurrence.DoesNotExist:  # it has another name by now, or is gone
        return ""


def _is_seen(delivery: Delivery, event: HookEvent, name: str) -> bool:
    """Whether the viewer could read of it."""
    assert delivery.webhook is not None
    meeting, viewer = delivery.meeting, delivery.webhook.viewer
    seen = sight(viewer, meeting, name)
    if event == HookEvent.ANSWERED:
        return seen >= Sight.PARTICIPANT
    if event in (HookEvent.PROPOSED, HookEvent.REJECTED):
        own = delivery.invitation.user_id == viewer.pk
        return seen >= Sight.PUBLIC and (own or may_edit(viewer, meeting))
    return seen >= Sight.PUBLIC


def _is_ahead(delivery: Delivery, now: datetime) -> bool:
    """Whether the date still takes place, has this reminder, and begins then."""
    meeting = delivery.meeting
    try:
        date = date_of(meeting, delivery.recurrence_id)
    except Occurrence.DoesNotExist:
        return False
    start = date.occupied_in(meeting.zone).start
    live = date.status == Occurrence.Status.SCHEDULED and delivery.lead in date.shown_reminders
    return live and start == delivery.start and start > now


def _require_certain(delivery: Delivery, now: datetime) -> None:
    changes: list[Change] = delivery.meeting.organizers_changes  # type: ignore[attr-defined]
    for change in changes:
        if change.announced_at is None:
            raise NotYet(max(now + SOON, change.not_before))
