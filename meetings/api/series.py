"""Series date by date: which dates there are, how they are, and mending them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Header, Query, Schema
from pydantic import Field

from accounts.rest import REFUSALS, Identifier, Instant, Number, RestRequest, Shown
from meetings.api.amending import LONGEST_UNDO
from meetings.api.booking import booked_out, tried
from meetings.api.cursors import after, cursor_of
from meetings.api.dates_out import OccurrenceOut, dates_out
from meetings.api.health_out import HealthOut, health_out
from meetings.api.plan_out import PlanOut
from meetings.api.reaching import Matching, editable, matched, require_date
from meetings.api.reading import meeting_for
from meetings.api.resolving import Resolving, decided_about, policy_from, seen_by
from meetings.api.routing import meetings
from meetings.api.windows import LONGEST, stretch_of
from meetings.availability import WIDEST_OFFSET
from meetings.dates import dates_in
from meetings.described.meeting_out import BookedOut
from meetings.described.reader import Reader
from meetings.health import health
from meetings.intervals import Stretch
from meetings.models import Meeting, Occurrence
from meetings.permissions import Sight, sight
from meetings.problems import Problem, WrongState
from meetings.scheduler import Decisions, Plan, mend, plan_mend

MOST = 100
LIST = "occurrences"


class Between(Shown):
    """Which dates: those that touch [start, end)."""

    start: Instant | None = Field(None, description="Now, if there is none.")
    end: Instant | None = Field(None, description="A year after the start, if there is none.")
    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class OccurrencePage(Schema):
    """Some dates, in order of start."""

    occurrences: list[OccurrenceOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@meetings.get("/meetings/{meeting_id}/occurrences", response={200: OccurrencePage, **REFUSALS})
def list_occurrences(
    request: RestRequest, meeting_id: str, between: Query[Between]
) -> OccurrencePage:
    """The dates of a meeting between two instants, also skipped and cancelled ones, in pages.

    At most 366 days at once. Dates that you may not know of are left out.
    """
    viewer, now = request.user, clock.now()
    meeting = meeting_for(viewer, meeting_id)
    start = between.start or now
    within = stretch_of(start, between.end or start + LONGEST)
    wide = Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
    dates = [
        date
        for date in dates_in([meeting], wide, only_live=False)
        if date.occupied_in(viewer.zone).overlaps(within)
        and sight(viewer, meeting, date.recurrence_id) >= Sight.PUBLIC
    ]
    if between.cursor:
        passed = tuple(after(between.cursor, of=LIST))
        dates = [date for date in dates if _place(date) > passed]
    page = dates[: between.limit]
    more = len(dates) > len(page)
    return OccurrencePage(
        occurrences=list(dates_out(meeting, page, now=now, zone=between.timezone)),
        next=cursor_of(*_place(page[-1]), of=LIST) if more else None,
    )


def _place(date: Occurrence) -> tuple[str, str]:
    """Where it stands among the dates of a meeting."""
    return date.start.isoformat(), date.recurrence_id


class HealthAsked(Shown):
    """Which dates are told of."""

    only_attention: bool = Field(False, description="Only those to be looked at.")


@meetings.get("/meetings/{meeting_id}/health", response={200: HealthOut, **REFUSALS})
def get_series_health(
    request: RestRequest, meeting_id: str, response: HttpResponse, asked: Query[HealthAsked]
) -> HealthOut:
    """How a series is, date by date, for its organizer's side.

    What collides, who does not come, which dates were skipped, are too full or wait for a room
    that cannot be booked yet, and whose local time changes with the clocks.
    """
    meeting = editable(request.user, meeting_id)
    response["ETag"] = f'"{meeting.version}"'
    found = health(meeting, now=clock.now())
    return health_out(
        found,
        request.user,
        asked.timezone,
        version=meeting.version,
        only_attention=asked.only_attention,
    )


class MendIn(Resolving):
    """What becomes of dates that collide, were skipped, or have not got their rooms."""

    undo_seconds: Annotated[Number, Field(ge=0, le=LONGEST_UNDO)] = Field(
        0, description="How long it can be undone; nobody is told before."
    )


@meetings.post("/meetings/{meeting_id}/mend", response={200: BookedOut | PlanOut, **REFUSALS})
def mend_series(
    request: RestRequest,
    meeting_id: str,
    body: MendIn,
    response: HttpResponse,
    shown: Query[Shown],
    match: Header[Matching],
) -> BookedOut | PlanOut:
    """Do what was decided for dates of a series, all of it or nothing.

    `decisions` name a date, or a conflict that /health told of: `skip` it, give it other rooms
    or another time, `try_again` what was skipped or has not got its rooms. With `dry_run`
    nothing is done, and the answer is the plan.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    meeting = editable(reader.user, meeting_id)
    version = matched(meeting, match)
    if not meeting.is_series:
        raise WrongState(_("This meeting does not repeat: change the meeting itself."))
    decisions = decided_about(_told(meeting, reader.now), body, meeting.zone)
    for number, name in enumerate(decisions):
        require_date(meeting, name, field=f"decisions.{number}.recurrence_id")

    def planned(decisions: Decisions = decisions) -> Plan:
        return plan_mend(meeting, decisions, by=reader.user, now=reader.now)

    policy, seen = policy_from(body), seen_by(body, planned())
    if body.dry_run:
        return tried(planned, policy, reader, seen=seen)
    done = mend(
        meeting,
        decisions,
        by=reader.user,
        now=reader.now,
        version=version,
        policy=policy,
        seen=seen,
        undo=timedelta(seconds=body.undo_seconds),
    )
    response["ETag"] = f'"{done.meeting.version}"'
    return booked_out(done, reader, cancel=body.cancel_displaced)


def _told(meeting: Meeting, now: datetime) -> Iterator[Problem]:
    """What its health tells of its dates."""
    for date in health(meeting, now=now).dates:
        yield from date.problems
