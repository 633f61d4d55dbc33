"""What one message tells one person."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from meetings.dates import coming
from meetings.models import CounterProposal, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.wallclock import When
from notifications.dates import DateTold
from notifications.displaced import Displaced
from notifications.facts import Altered, Facts
from notifications.known import Known
from notifications.models import Delivery

Kind = Delivery.Kind


class NotYet(Exception):
    """Something newer may still be taken back, or it is quiet; look again `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class Quiet(NotYet):
    """The person wants to hear nothing over this channel before `until`."""


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
    or whose proposal is declined. `displaced` says who took its room. `last` is the last date of
    a series that comes to its end, `failed` are messages that reached nobody.
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
    last: When | None = None
    failed: tuple[Delivery, ...] = ()

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


def tell(
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


def covered(delivery: Delivery, siblings: list[Delivery]) -> bool:
    """Whether a newer message that has not left says all this."""
    return any(
        s.pk > delivery.pk and s.status == Delivery.Status.WAITING and s.channel == delivery.channel
        for s in siblings
    )


def takes_place(meeting: Meeting, now: datetime) -> bool:
    if meeting.cancelled:
        return False
    rows = meeting.occurrences.all()
    if any(row.status == Occurrence.Status.SCHEDULED for row in rows):
        return True
    return meeting.indexed_until is not None and bool(coming(meeting, now, most=1))
