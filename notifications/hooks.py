"""Which webhooks are told of what, as rows of the outbox: one per change, never folded.

They are sent one webhook after the other. One at which a try has just failed is left alone until
that try is made again, so that a program that is away delays no others. Later tries are not waited
for: then it may be the message that cannot be taken.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from meetings.models import Change, Invitation, Occurrence
from notifications.models import Delivery, HookEvent, Webhook

CHANNEL = "webhook"
Changed, Kind, Lane = Change.Kind, Delivery.Kind, Delivery.Lane

EVENTS: dict[str, HookEvent] = {
    Changed.CREATED: HookEvent.CREATED,
    Changed.UPDATED: HookEvent.UPDATED,
    Changed.CLOCKS: HookEvent.UPDATED,
    Changed.CANCELLED: HookEvent.CANCELLED,
    Changed.DISPLACED: HookEvent.DISPLACED,
    Changed.ROOMS: HookEvent.ROOM_LOST,
    Changed.ENDING: HookEvent.ENDING,
    Changed.ANSWERED: HookEvent.ANSWERED,
    Changed.PROPOSED: HookEvent.PROPOSED,
    Changed.REJECTED: HookEvent.REJECTED,
}
"""Of the other kinds of changes no webhook hears."""

SORTS: dict[HookEvent, tuple[Delivery.Kind, Delivery.Lane]] = {
    HookEvent.CREATED: (Kind.INVITATION, Lane.PROMPT),
    HookEvent.UPDATED: (Kind.UPDATE, Lane.CHANGES),
    HookEvent.CANCELLED: (Kind.CANCELLATION, Lane.CHANGES),
    HookEvent.DISPLACED: (Kind.UPDATE, Lane.CHANGES),
    HookEvent.ROOM_LOST: (Kind.UPDATE, Lane.CHANGES),
    HookEvent.ENDING: (Kind.ENDING, Lane.CHANGES),
    HookEvent.ANSWERED: (Kind.ANSWER, Lane.PROMPT),
    HookEvent.PROPOSED: (Kind.PROPOSAL, Lane.PROMPT),
    HookEvent.REJECTED: (Kind.REJECTION, Lane.PROMPT),
    HookEvent.REMINDER: (Kind.REMINDER, Lane.REMINDERS),
}
"""The kind and lane that a row has in the outbox."""

WAITED_FOR = 2
"""So many tries of a message are waited for by the others for the same webhook."""


def hook_event(change: Change) -> HookEvent | None:
    """What a change is to a webhook; None if none hears of it."""
    if change.undone_at is not None:
        return None
    if change.kind == Changed.ROOMS and not any(change.fields.get("rooms_missed", ())):
        return None
    return EVENTS.get(change.kind)


def event_told(delivery: Delivery) -> HookEvent | None:
    """The event that a webhook's delivery tells; None if its change was taken back."""
    return HookEvent.REMINDER if delivery.change is None else hook_event(delivery.change)


def hook_deliveries(change: Change, now: datetime) -> list[Delivery]:
    """Unsaved rows for the webhooks that are told of the change.

    One query, and another if there are any.
    """
    event = hook_event(change)
    hooks = list(Webhook.objects.telling(event).order_by("pk")) if event else []
    if event is None or not hooks:
        return []
    about = change.invitation or _of_organizers([change.meeting_id]).get(change.meeting_id)
    kind, lane = SORTS[event]
    return [
        Delivery(
            change=change,
            meeting=change.meeting,
            invitation=about,
            webhook=hook,
            address=hook.url,
            channel=CHANNEL,
            kind=kind,
            lane=lane,
            not_before=change.not_before,
            next_attempt_at=now,
            created_at=now,
        )
        for hook in hooks
        if about is not None
    ]


def hook_reminders(dates: Sequence[Occurrence], lead: int, now: datetime) -> list[Delivery]:
    """Unsaved rows for the webhooks that hear of what begins soon.

    For the dates that have this lead (minutes), by themselves or by their meeting, once it is
    due and as long as they have not begun; an all-day one begins at midnight where its meeting
    is. `dates` come with their meetings. One query, and another if there are any.
    """
    ahead = timedelta(minutes=lead)
    due = [
        (date, start)
        for date in dates
        for start in [date.occupied_in(date.meeting.zone).start]
        if lead in date.shown_reminders and start - ahead <= now < start
    ]
    hooks = list(Webhook.objects.telling(HookEvent.REMINDER).order_by("pk")) if due else []
    about = _of_organizers({date.meeting_id for date, _start in due}) if hooks else {}
    kind, lane = SORTS[HookEvent.REMINDER]
    return [
        Delivery(
            meeting=date.meeting,
            invitation=about[date.meeting_id],
            webhook=hook,
            address=hook.url,
            channel=CHANNEL,
            kind=kind,
            lane=lane,
            recurrence_id=date.recurrence_id,
            start=start,
            lead=lead,
            not_before=start - ahead,
            next_attempt_at=now,
            created_at=now,
        )
        for date, start in due
        for hook in hooks
        if date.meeting_id in about
    ]


def hooks_due(now: datetime) -> QuerySet[Delivery]:
    """What may be posted now."""
    ahead = Delivery.objects.waiting().filter(
        webhook=OuterRef("webhook"),
        attempts__range=(1, WAITED_FOR),
        next_attempt_at__gt=now,  # it has failed, or a worker has it in hand
    )
    due = Delivery.objects.due(now).foremost().filter(webhook__isnull=False)
    return due.filter(~Exists(ahead))


def _of_organizers(meetings: Collection[int]) -> dict[int, Invitation]:
    """The organizer's place on each meeting, by its pk; where she has none, somebody's."""
    rows = Invitation.objects.filter(meeting__in=meetings).select_related("meeting").order_by("pk")
    found: dict[int, Invitation] = {}
    for row in sorted(rows, key=lambda row: (not row.is_organizers, row.removed_at is not None)):
        found.setdefault(row.meeting_id, row)
    return found
