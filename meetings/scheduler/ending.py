"""That a series comes to its end: noted once, so that its organizer can let it go on."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet

from meetings.intervals import Stretch
from meetings.models import Change, Meeting, Occurrence
from meetings.scheduler.committing import committed, record

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=14)
"""How long before its last date the end of a series is noted."""

LONG = timedelta(days=28)
"""How far apart first and last date are, at least, of a series that somebody may want longer."""

STARTS_AT = Func(F("during"), function="lower", output_field=DateTimeField())


def series_ending(now: datetime) -> list[int]:
    """The ids of series whose last date is near, and of which that was not noted yet. One query.

    Only where every date is a row: a series that goes on past its rows has no end in sight.
    """
    return [row.meeting_id for row in _last_dates(now).order_by("meeting")]


def note_ending(pk: int, *, now: datetime) -> Change | None:
    """Record that the series comes to its end, if it still does; the change if it was recorded."""

    def work() -> Change | None:
        (meeting,) = Meeting.objects.locked([pk])
        last = _last_dates(now).filter(meeting=meeting).first()
        return last and record(
            Change(
                meeting=meeting,
                dates=[last.recurrence_id],
                kind=Change.Kind.ENDING,
                version=meeting.version,
                created_at=now,
                not_before=now,
            )
        )

    return committed(work)


def note_or_log(pk: int, *, now: datetime) -> bool:
    """As `note_ending`, whether it was; one that fails must not keep the others waiting."""
    try:
        return note_ending(pk, now=now) is not None
    except Exception:
        logger.exception("Meeting %s could not be looked at for its end", pk)
        return False


def _last_dates(now: datetime) -> QuerySet[Any]:
    """The last dates of the series that come to their end; two that begin at once are one."""
    of_meeting: QuerySet[Any] = Occurrence.objects.live().filter(meeting=OuterRef("meeting"))
    of_meeting = of_meeting.annotate(starts_at=STARTS_AT).order_by()
    noted = Change.objects.filter(
        meeting=OuterRef("meeting"),
        kind=Change.Kind.ENDING,
        dates__contains=[OuterRef("recurrence_id")],
    )
    later = Q(starts_at__gt=OuterRef("starts_at")) | Q(
        starts_at=OuterRef("starts_at"), pk__gt=OuterRef("pk")
    )
    near = Occurrence.objects.live().overlapping(Stretch(now, now + AHEAD))
    near = near.annotate(starts_at=STARTS_AT).filter(
        ~Exists(of_meeting.filter(later)),
        Exists(of_meeting.filter(starts_at__lte=OuterRef("starts_at") - LONG)),
        ~Exists(noted),
        starts_at__gt=now,
        meeting__indexed_until__isnull=True,
        meeting__cancelled=False,
        meeting__organizer__isnull=False,
    )
    return near.exclude(meeting__rrule="")
