"""What somebody is asked: about which date of a meeting, and which answer counts there."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.text import slugify

from meetings.dates import coming, date_asked, date_of
from meetings.lifecycle import Act, State, allows, state
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date

NEXT_DATES = 5
UNANSWERED = Invitation.Status.NEEDS_ACTION
# Each answer mails the organizer; nobody changes his mind more often than that.
MOST_ANSWERS = 30
PER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """One person and one date of a meeting.

    `counts` is the row whose answer counts on that date, `whole` the one for all of the
    meeting, if the person is on all of it. `state` is that of the date.
    """

    occurrence: Occurrence
    counts: Invitation
    whole: Invitation | None
    state: State
    open: bool
    """Whether an answer is still taken."""

    @property
    def row(self) -> Invitation:
        """The row that answers are given to; with a date for that date alone."""
        return self.whole or self.counts

    @property
    def date(self) -> str:
        """The recurrence-id of the date; empty for a single meeting."""
        return self.occurrence.recurrence_id if self.occurrence.meeting.is_series else ""

    @property
    def key(self) -> str:
        """What names it within a page."""
        return f"{self.row.uid}-{slugify(self.date)}".rstrip("-")

    @property
    def chooses(self) -> bool:
        """Whether the answer can be for all dates as well as for this one."""
        return bool(self.date) and self.whole is not None

    @property
    def differs(self) -> bool:
        """Whether this date has an answer of its own, which one for all dates leaves alone."""
        return bool(self.date and self.counts.recurrence_id) and self.counts.status != UNANSWERED

    @property
    def may_propose(self) -> bool:
        """Whether the person can propose another time for the date."""
        has_organizer = self.occurrence.meeting.organizer_id is not None
        return has_organizer and self.state is State.SCHEDULED and not self.row.is_organizers

    @property
    def prefers_date(self) -> bool:
        """Whether an answer is probably for this date alone: all dates have one already."""
        return bool(self.counts.recurrence_id) or self.counts.status != UNANSWERED


def asking(occurrence: Occurrence, rows: Collection[Invitation], now: datetime) -> Asking | None:
    """What a person with these `rows` is asked about that date; None if she is not on it."""
    counts = next(iter(on_date(rows, occurrence.recurrence_id)), None)
    if counts is None:
        return None
    whole = next(iter(on_date(rows, "")), None)
    return Asking(
        occurrence, counts, whole, state(occurrence, now), allows(Act.ANSWER, occurrence, now)
    )


def date_shown(
    meeting: Meeting, rows: Collection[Invitation], recurrence_id: str, now: datetime
) -> Occurrence:
    """The date of that name; without one, the next that a person with these `rows` is on.

    If there is none to come, one that is over or called off. Raises Occurrence.DoesNotExist.
    """
    if recurrence_id or not meeting.is_series:
        return date_asked(meeting, recurrence_id, now)
    if found := coming_for(meeting, rows, now, most=1):
        return found[0]
    named = [] if on_date(rows, "") else _named(meeting, rows)
    return named[-1] if named else date_asked(meeting, "", now)


def coming_for(
    meeting: Meeting, rows: Collection[Invitation], now: datetime, *, most: int
) -> list[Occurrence]:
    """The next dates to come that a person with these `rows` is on; without rows, any."""
    current = [row for row in rows if row.removed_at is None]
    if current and not on_date(rows, ""):
        open_ = [date for date in _named(meeting, rows) if allows(Act.ANSWER, date, now)]
        return open_[:most]
    found = coming(meeting, now, most=most + len(rows) - len(current))
    return [d for d in found if not current or on_date(rows, d.recurrence_id)][:most]


def next_dates(
    meeting: Meeting, rows: Collection[Invitation], now: datetime
) -> list[tuple[Occurrence, Invitation | None]]:
    """The next few dates of a series, each with the row that counts; none of a single meeting."""
    if not meeting.is_series:
        return []
    dates = coming_for(meeting, rows, now, most=NEXT_DATES)
    return [(date, next(iter(on_date(rows, date.recurrence_id)), None)) for date in dates]


def too_often(invitation: Invitation, kinds: Collection[str], now: datetime) -> bool:
    """Whether the person did these kinds of things to the meeting MOST_ANSWERS times just now."""
    recent = Change.objects.filter(
        meeting=invitation.meeting_id,
        invitation__user=invitation.user_id,
        invitation__email__iexact=invitation.email,
        kind__in=kinds,
        created_at__gt=now - PER,
    )
    return recent.count() >= MOST_ANSWERS


def later_part(meeting: Meeting, recurrence_id: str, now: datetime) -> tuple[Meeting, str] | None:
    """Where a series that was split goes on, for somebody who looks for a date of this part.

    The part that has taken over the date of that name or, without a name, the one with dates
    to come once this one has none; and the recurrence-id of the same day there, empty if it
    has none. None if this part is the right one.
    """
    later = Meeting.objects.filter(series=meeting.series, local_date__gt=meeting.local_date)
    parts = list(later.order_by("local_date", "pk")) if meeting.is_series else []
    if not recurrence_id:
        if not parts or coming(meeting, now, most=1):
            return None
        return next(((part, "") for part in parts if coming(part, now, most=1)), None)
    try:
        day = date.fromisoformat(recurrence_id[:10])
    except ValueError:
        return None
    parts = [part for part in parts if part.local_date <= day]
    if not parts or _has(meeting, recurrence_id):
        return None
    there = parts[-1].when.on(day).recurrence_id()
    return parts[-1], there if _has(parts[-1], there) else ""


def _has(meeting: Meeting, recurrence_id: str) -> bool:
    try:
        date_of(meeting, recurrence_id)
    except Occurrence.DoesNotExist:
        return False
    return True


def _named(meeting: Meeting, rows: Collection[Invitation]) -> list[Occurrence]:
    """The single dates that these rows are for, in order of start."""
    found = []
    for row in rows:
        if row.recurrence_id and row.removed_at is None:
            with suppress(Occurrence.DoesNotExist):
                found.append(date_of(meeting, row.recurrence_id))
    return sorted(found, key=lambda date: date.stretch)
