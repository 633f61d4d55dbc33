"""What a delivery tells when it leaves: not what was so when it was made, but what is so then.

A person has been told of a meeting up to some Change (that of the last message that left), and
is told the difference: invited since, changed since, called off since, or nothing at all. So
several changes that have not left become one message by themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from meetings.events import CONCERNS_ALL
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.wallclock import AllDay, Timed, When
from notifications.announcing import FOLDED
from notifications.models import Delivery

Kind = Delivery.Kind
SOON = timedelta(seconds=0.2)
ORDER = ("title", "when", "rooms", "location", "join_link", "description")


class NotYet(Exception):
    """Something newer may still be taken back; look again `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message says about the meeting itself."""

    title: str
    when: When
    rooms: tuple[str, ...]
    location: str
    join_link: str
    description: str


@dataclass(frozen=True, slots=True)
class Altered:
    """A field that differs from what the person was told."""

    field: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Telling:
    """What one message tells one person, at `now`, in `zone`."""

    delivery: Delivery
    kind: str
    facts: Facts
    now: datetime
    zone: ZoneInfo
    altered: tuple[Altered, ...] = ()
    reason: str = ""
    follows: Delivery | None = None

    @property
    def meeting(self) -> Meeting:
        """The meeting, with people, rooms and dates prefetched."""
        return self.delivery.meeting

    @property
    def invitation(self) -> Invitation:
        """Whom it is about."""
        return self.delivery.invitation


@dataclass(frozen=True, slots=True)
class _Told:
    """What the person knows: of changes up to number `covers`, and whether as invited."""

    covers: int = 0
    invited: bool = False
    perhaps: bool = False  # a message that nobody knows to have left may have said more
    by: Delivery | None = None


def with_everything(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """The rows with all that telling them takes, in a constant number of queries."""
    changes = Change.objects.exclude(kind=Change.Kind.ANSWERED).order_by("pk")
    rows = list(
        deliveries.select_related(
            "recipient", "change", "invitation__user", "meeting__organizer"
        ).prefetch_related(
            "meeting__invitations__user",
            "meeting__rooms",
            "meeting__occurrences",
            Prefetch("meeting__changes", changes, to_attr="organizers_changes"),
        )
    )
    for row in rows:
        row.invitation.meeting = row.meeting
        for occurrence in row.meeting.occurrences.all():
            occurrence.meeting = row.meeting
    return rows


def telling(delivery: Delivery, now: datetime) -> Telling | None:
    """What this delivery (from `with_everything`) tells at `now`; None if nothing any more.

    Raises NotYet while a newer change can be taken back.
    """
    if delivery.kind == Kind.REMINDER:
        return _reminder(delivery, now)
    siblings = list(
        Delivery.objects.filter(invitation=delivery.invitation_id, channel=delivery.channel)
        .exclude(pk=delivery.pk)
        .order_by("pk")
    )
    if delivery.kind == Kind.ANSWER:
        return _answer(delivery, [s for s in siblings if s.kind == Kind.ANSWER], now)
    return _difference(delivery, [s for s in siblings if s.kind in FOLDED], now)


def facts_of(meeting: Meeting) -> Facts:
    """The meeting as it is."""
    return Facts(
        title=meeting.title,
        when=meeting.when,
        rooms=tuple(sorted(room.name for room in meeting.rooms.all())),
        location=meeting.location,
        join_link=meeting.join_link,
        description=meeting.description,
    )


def _difference(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """Between what the person was told and what is so."""
    changes: Sequence[Change] = delivery.meeting.organizers_changes  # type: ignore[attr-defined]
    for change in changes:
        if change.announced_at is None:
            raise NotYet(max(now + SOON, change.not_before))
    if _covered(delivery, siblings):
        return None
    told = _told(delivery, siblings, changes)
    since = [change for change in changes if change.pk > told.covers]
    altered = _net(since)
    facts = facts_of(delivery.meeting)
    if not _invited(delivery):
        if not (told.invited or told.perhaps):
            return None
        # Somebody who is no longer asked learns nothing that came after.
        return _tell(
            delivery,
            Kind.CANCELLATION,
            _as_told(facts, altered, delivery.meeting),
            now,
            told,
            reason=_reason(since),
        )
    if not told.invited or any(_asks_anew(change, delivery.invitation_id) for change in since):
        return _tell(delivery, Kind.INVITATION, facts, now, told)
    if not altered:
        return None
    return _tell(delivery, Kind.UPDATE, facts, now, told, altered=tuple(altered))


def _answer(delivery: Delivery, siblings: list[Delivery], now: datetime) -> Telling | None:
    """The answer as it stands, unless it was asked anew or nobody waits for it any more."""
    unanswered = delivery.invitation.status == Invitation.Status.NEEDS_ACTION
    if _covered(delivery, siblings) or not _invited(delivery) or unanswered:
        return None
    sent = [s for s in siblings if s.status == Delivery.Status.SENT]
    told = _Told(by=sent[-1] if sent else None)
    return _tell(delivery, Kind.ANSWER, facts_of(delivery.meeting), now, told)


def _reminder(delivery: Delivery, now: datetime) -> Telling | None:
    """Nobody is reminded of what has begun, was called off, moved, or declined."""
    occurrence = next(
        (
            o
            for o in delivery.meeting.occurrences.all()
            if o.recurrence_id == delivery.recurrence_id
        ),
        None,
    )
    if (
        occurrence is None
        or occurrence.status != Occurrence.Status.SCHEDULED
        or delivery.invitation.removed_at is not None
        or delivery.invitation.declined
        or delivery.lead not in occurrence.shown_reminders
    ):
        return None
    start = occurrence.occupied_in(zone_of(delivery)).start
    if start != delivery.start or start <= now:
        return None
    return _tell(delivery, Kind.REMINDER, facts_of(delivery.meeting), now, _Told())


def _tell(
    delivery: Delivery,
    kind: str,
    facts: Facts,
    now: datetime,
    told: _Told,
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


def _invited(delivery: Delivery) -> bool:
    live = any(o.status == Occurrence.Status.SCHEDULED for o in delivery.meeting.occurrences.all())
    return live and delivery.invitation.removed_at is None


def _told(delivery: Delivery, siblings: list[Delivery], changes: Sequence[Change]) -> _Told:
    """What the last message that left said, or what came about without telling anybody."""
    told = _Told(covers=_silent(delivery, siblings, changes))
    told = replace(told, invited=told.covers > 0)
    for sibling in siblings:
        covers = sibling.covers or 0
        if sibling.status == Delivery.Status.SENT and covers >= told.covers:
            told = _Told(covers, sibling.kind != Kind.CANCELLATION, by=sibling)
        elif sibling.in_doubt and not told.invited:
            told = replace(told, covers=covers, perhaps=True)
    return replace(told, perhaps=True) if delivery.in_doubt else told


def _silent(delivery: Delivery, siblings: list[Delivery], changes: Sequence[Change]) -> int:
    """The number of the last change that brought the person in and was announced to nobody.

    So it is with an imported meeting: whoever is on it was told elsewhere. Such a change counts
    as announced from the start. Zero if there is none.
    """
    announced = {s.change_id for s in siblings} | {delivery.change_id}
    brought = [
        change.pk
        for change in changes
        if change.pk not in announced
        and change.announced_at == change.created_at
        and (
            change.kind == Change.Kind.IMPORTED
            or (
                delivery.invitation_id in change.added
                and change.kind in (Change.Kind.CREATED, Change.Kind.UPDATED)
            )
        )
    ]
    return max(brought, default=0)


def _asks_anew(change: Change, invitation: int) -> bool:
    resent = change.kind == Change.Kind.RESENT and change.invitation_id == invitation
    return resent or invitation in change.added


def _net(changes: Iterable[Change]) -> list[Altered]:
    """First before and last after of each field that concerns everybody, if they differ."""
    ends: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        if change.kind != Change.Kind.UPDATED:
            continue
        for field, (was, now) in change.fields.items():
            if field in CONCERNS_ALL:
                ends[field] = (ends.get(field, (was,))[0], now)
    return [
        Altered(field, *ends[field])
        for field in ORDER
        if field in ends and ends[field][0] != ends[field][1]
    ]


def _as_told(facts: Facts, altered: Iterable[Altered], meeting: Meeting) -> Facts:
    """The facts with what was altered since taken back."""
    for change in altered:
        was = change.was
        if change.field == "when":
            was = when_from(was, meeting.zone)
        elif change.field == "rooms":
            was = tuple(was)
        facts = replace(facts, **{change.field: was})
    return facts


def when_from(value: dict[str, str], zone: ZoneInfo) -> When:
    """A wall clock from how a Change keeps it."""
    if "first" in value:
        first, last = date.fromisoformat(value["first"]), date.fromisoformat(value["last"])
        return AllDay(first, (last - first) // timedelta(days=1) + 1)
    start, end = datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"])
    return Timed(start.astimezone(zone).replace(tzinfo=None), zone, end - start)


def _reason(changes: Iterable[Change]) -> str:
    reasons = [c.reason for c in changes if c.kind == Change.Kind.CANCELLED]
    return reasons[-1] if reasons else ""
