"""What waits for a person's answer, and what of her own it collides with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.models import (
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from meetings.availability import occupied
from meetings.intervals import Stretch
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import InvitationQuerySet
from meetings.occurrences import with_rooms


@dataclass(frozen=True, slots=True)
class Overlap:
    """Something else in the person's calendar at the same time; perhaps, if `tentative`.

    Without an `occurrence` it is time off.
    """

    occurrence: Occurrence | None
    stretch: Stretch
    tentative: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation with its next date and what collides with that."""

    invitation: Invitation
    occurrence: Occurrence
    overlaps: tuple[Overlap, ...]


def awaiting(user: User, now: datetime) -> QuerySet[Invitation]:
    """Invitations that wait for `user`'s answer, soonest first, each with `next_date` (a pk).

    Those without a date to come, or under way, are left out; an all-day date lasts until the
    reader's day is over. For a series it is the next date that has no row of its own. Count it,
    or give a page of it to `asked`.
    """
    to_come = _dates_to_come(user, now)
    return (
        _mine(user)
        .awaiting_answer()
        .annotate(
            next_date=Subquery(to_come.values("pk")[:1]),
            next_start=Subquery(to_come.values("during__startswith")[:1]),
        )
        .filter(next_date__isnull=False)
        .order_by("next_start", "pk")
    )


def invited_to(user: User, now: datetime) -> QuerySet[Invitation]:
    """All that others invited `user` to, the latest first, answered or not, over or not.

    Each with `next_date` as in `awaiting`, but the last date if none is to come. What is asked of
    a single date that has no row yet is left out.
    """
    rows = Occurrence.objects.filter(meeting=OuterRef("meeting"))
    rows = rows.annotate(asked=ExpressionWrapper(OuterRef("recurrence_id"), CharField()))
    last = rows.filter(Q(asked="") | Q(recurrence_id=F("asked"))).order_by("-during", "-pk")
    to_come = _dates_to_come(user, now)
    return (
        _mine(user)
        .exclude(meeting__organizer=user)
        .annotate(
            next_date=Coalesce(
                Subquery(to_come.values("pk")[:1]),
                Subquery(last.live().values("pk")[:1]),
                Subquery(last.values("pk")[:1]),
            )
        )
        .filter(next_date__isnull=False)
        .order_by("-pk")
    )


def _mine(user: User) -> InvitationQuerySet:
    rows = Invitation.objects.of(user).current()
    return rows.select_related("user", "meeting__organizer")


def _dates_to_come(user: User, now: datetime) -> QuerySet[Occurrence]:
    """The dates of an invitation that are not over, soonest first, for a subquery."""
    today = datetime.combine(now.astimezone(user.zone).date(), time(), UTC)
    own = (
        Invitation.objects.of(user)
        .filter(meeting=OuterRef("meeting"), recurrence_id=OuterRef("recurrence_id"))
        .exclude(recurrence_id="")
    )
    return (
        Occurrence.objects.live()
        .filter(meeting=OuterRef("meeting"))
        .filter(
            Q(all_day=False, during__endswith__gt=now) | Q(all_day=True, during__endswith__gt=today)
        )
        # What is asked of a single date is about that date.
        .annotate(asked=ExpressionWrapper(OuterRef("recurrence_id"), CharField()))
        .filter(Q(asked="") & ~Exists(own) | Q(recurrence_id=F("asked")))
        .order_by("during__startswith", "pk")
    )


def asked(invitations: Sequence[Invitation], user: User, now: datetime) -> list[Asked]:
    """Invitations of `awaiting` or `invited_to` with dates, rooms and overlaps.

    Five queries, however many.
    """
    dates = _next_dates(invitations)
    with_rooms(dates)
    colliding = _overlaps([d for d in dates if _takes_time(d)], user, now)
    return [
        Asked(invitation, date, tuple(colliding[date.pk]))
        for invitation, date in zip(invitations, dates, strict=True)
    ]


def _next_dates(invitations: Sequence[Invitation]) -> list[Occurrence]:
    wanted = [row.next_date for row in invitations]  # type: ignore[attr-defined] # by `awaiting`
    there = Occurrence.objects.in_bulk(wanted)
    for invitation, pk in zip(invitations, wanted, strict=True):
        there[pk].meeting = invitation.meeting
    return [there[pk] for pk in wanted]


def _takes_time(date: Occurrence) -> bool:
    return date.shown_transparency == Meeting.Transparency.BUSY


def _overlaps(
    dates: Sequence[Occurrence], user: User, now: datetime
) -> defaultdict[int, list[Overlap]]:
    """What else `user` has at these dates, by the date's pk, in order of start."""
    windows = {date.pk: date.occupied_in(user.zone) for date in dates}
    busy = occupied([user], [], list(windows.values()), now=now).people.get(user.pk, [])
    hits = [
        (pk, other)
        for pk, window in windows.items()
        for other in busy
        if other.occurrence_id != pk and other.stretch.overlaps(window)
    ]
    others = Occurrence.objects.select_related("meeting").in_bulk(
        {other.occurrence_id for _pk, other in hits if other.occurrence_id is not None}
    )
    found: defaultdict[int, list[Overlap]] = defaultdict(list)
    for pk, other in hits:
        occurrence = None if other.occurrence_id is None else others[other.occurrence_id]
        found[pk].append(Overlap(occurrence, other.stretch, other.tentative))
    return found
