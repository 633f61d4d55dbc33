"""What a delivery tells when it leaves: not what was so when it was made, but what is so then."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from meetings.models import BESIDE, Change
from notifications import occasions
from notifications.announcing import FOLDED
from notifications.hooked import hook_telling
from notifications.models import Channel, Contact, Delivery
from notifications.news import difference
from notifications.routing import quiet_until, wishes_of
from notifications.told import NotYet, Quiet, Telling

__all__ = ["NotYet", "Quiet", "telling", "with_everything"]

Kind = Delivery.Kind


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
            *("recipient__wishes", "change__by", "change__proposal", "webhook__viewer"),
            *("invitation__user", "meeting__organizer"),
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
    _add_siblings(rows)
    return rows


def _add_siblings(rows: list[Delivery]) -> None:
    """Give each the other messages about the same invitation, oldest first.

    One of the rows themselves is that row, so that how it went is seen by those that come after.
    """
    own = {row.pk: row for row in rows}
    siblings = defaultdict(list)
    about = Delivery.objects.filter(
        invitation__in={row.invitation_id for row in rows}, webhook=None
    )
    for sibling in about.order_by("pk"):
        siblings[sibling.invitation_id].append(own.get(sibling.pk, sibling))
    for row in rows:
        others = [sibling for sibling in siblings[row.invitation_id] if sibling.pk != row.pk]
        row.siblings = others  # type: ignore[attr-defined]


def telling(delivery: Delivery, now: datetime) -> Telling | None:
    """What this delivery (from `with_everything`) tells at `now`; None if nothing any more.

    Raises NotYet while a newer change can be taken back, Quiet in the person's quiet hours.
    """
    if delivery.webhook_id is not None:
        return hook_telling(delivery, now)
    if delivery.channel != Channel.EMAIL:
        _require_no_quiet(delivery, now)
        if not _is_hers(delivery):
            return None
    if delivery.kind == Kind.REMINDER:
        return occasions.reminder(delivery, now)
    if delivery.kind in (Kind.PROPOSAL, Kind.REJECTION):
        return occasions.proposed(delivery, now)
    if delivery.kind == Kind.FAILURE:
        return occasions.failure(delivery, now)
    if delivery.kind == Kind.ENDING:
        return occasions.ending(delivery, now)
    siblings: list[Delivery] = delivery.siblings  # type: ignore[attr-defined]
    if delivery.kind == Kind.ANSWER:
        answers = [s for s in siblings if s.kind == Kind.ANSWER and s.channel == delivery.channel]
        return occasions.answer(delivery, answers, now)
    return difference(delivery, [s for s in siblings if s.kind in FOLDED], now)


def _require_no_quiet(delivery: Delivery, now: datetime) -> None:
    """E-mail makes no noise, and calendar programs have to learn what is so."""
    wishes = wishes_of(delivery.recipient)
    if wishes is None or delivery.recipient is None:
        return
    until = quiet_until(wishes, delivery.recipient.zone, now)
    if until is not None:
        raise Quiet(until)


def _is_hers(delivery: Delivery) -> bool:
    """Whether the address still is the person's: she may have changed it since it was made."""
    hers = Contact.objects.confirmed().filter(user=delivery.recipient, channel=delivery.channel)
    return hers.filter(address=delivery.address).exists()
