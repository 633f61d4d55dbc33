"""What a person knows of a meeting from what has left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from meetings.models import Change
from notifications.models import Delivery

Kind = Delivery.Kind
ENDED = (Delivery.Status.SENT, Delivery.Status.MUTED)
"""What was told, or what the person did not want to be told and so counts as known."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the person knows: of changes up to number `covers`, and whether as invited."""

    covers: int = 0
    invited: bool = False
    perhaps: bool = False  # a message that nobody knows to have left may have said more
    by: Delivery | None = None


def known_to(delivery: Delivery, siblings: Sequence[Delivery], changes: Sequence[Change]) -> Known:
    """What the last message that left said, or what came about without telling anybody.

    `siblings` are the other messages about the same invitation over all channels, oldest first.
    Over each channel everything is told that the person wants to hear there: from the first
    change on that waits to be told over this one, what another channel said does not count.
    """
    first = _first_untold(delivery, siblings)
    told = Known(covers=_silent(delivery, siblings, changes))
    # The later part of a series that was split has its people from the start.
    parted = bool(changes) and changes[0].kind == Change.Kind.UPDATED
    parted = parted and delivery.invitation_id not in changes[0].added
    told = replace(told, invited=told.covers > 0 or parted)
    for sibling in siblings:
        same = sibling.channel == delivery.channel
        covers = sibling.covers or 0
        if sibling.status in ENDED and covers >= told.covers:
            if covers < first or (same and sibling.status == Delivery.Status.SENT):
                by = sibling if same else told.by
                told = Known(covers, sibling.kind != Kind.CANCELLATION, by=by)
        elif same and sibling.in_doubt and not told.invited:
            told = replace(told, covers=covers, perhaps=True)
    return replace(told, perhaps=True) if delivery.in_doubt else told


def _first_untold(delivery: Delivery, siblings: Sequence[Delivery]) -> int:
    """The number of the first change that has still to be told over this channel."""
    assert delivery.change_id is not None  # what else is sent knows no history
    first = delivery.change_id
    for sibling in reversed(siblings):
        if sibling.channel != delivery.channel or sibling.change_id is None:
            continue
        if sibling.status == Delivery.Status.SENT:
            break
        if sibling.status != Delivery.Status.MUTED:
            first = min(first, sibling.change_id)
    return first


def _silent(delivery: Delivery, siblings: Sequence[Delivery], changes: Sequence[Change]) -> int:
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
