"""Meetings that are there: change them, call them off, end them, take that back."""

from datetime import timedelta
from typing import Annotated

from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Header, Query, Schema
from pydantic import Field

from accounts.rest import REFUSALS, Identifier, RestRequest, Shown, Text
from meetings.api.amending import (
    LONGEST_UNDO,
    MeetingPatch,
    MeetingPut,
    amended,
)
from meetings.api.booking import booked_out
from meetings.api.editing import edited
from meetings.api.plan_out import PlanOut, plan_out
from meetings.api.reaching import Matching, Reaching, editable, matched, reach_of
from meetings.api.routing import meetings
from meetings.dates import date_asked
from meetings.described.meeting_out import BookedOut, MeetingOut, meeting_out
from meetings.described.reader import Reader
from meetings.models import Change, Meeting
from meetings.problems import WrongState
from meetings.scheduler import (
    cancel,
    draft_of,
    end_now,
    plan_cancel,
    undo,
)

Window = Annotated[
    int,
    Field(ge=0, le=LONGEST_UNDO, description="How long it can be undone; nobody is told before."),
]


@meetings.put("/meetings/{meeting_id}", response={200: BookedOut | PlanOut, **REFUSALS})
def replace_meeting(
    request: RestRequest,
    meeting_id: str,
    body: MeetingPut,
    response: HttpResponse,
    reach: Query[Reaching],
    shown: Query[Shown],
    match: Header[Matching],
) -> BookedOut | PlanOut:
    """Make a meeting, or some of its dates, what the body says.

    What is left out becomes empty; the rule, the zone and the visibility stay unless they are
    sent. For the rest see the operation that changes only what is sent (PATCH).
    """
    return _changed(request, meeting_id, body, reach, match, shown, response)


@meetings.patch("/meetings/{meeting_id}", response={200: BookedOut | PlanOut, **REFUSALS})
def update_meeting(
    request: RestRequest,
    meeting_id: str,
    body: MeetingPatch,
    response: HttpResponse,
    reach: Query[Reaching],
    shown: Query[Shown],
    match: Header[Matching],
) -> BookedOut | PlanOut:
    """Change the fields that are sent, of a meeting or of some dates of a series.

    `scope` and `recurrence_id`, in the address or the body, say which dates: `this` one; this
    and the `following`, which go on as a meeting of their own, the one that is answered; or
    `all`, which is meant without a word. What has begun stays as it was.

    With `If-Match` nothing is changed if somebody was quicker: 412 with `differences`. If a new
    rule does not give dates that were changed, `orphans` has to say what becomes of them (409
    with `dates`): `keep` them as single meetings, or `drop` them. With `dry_run` nothing is
    changed, and the answer is the plan. What changes nothing makes no new version.
    """
    return _changed(request, meeting_id, body, reach, match, shown, response)


def _changed(
    request: RestRequest,
    meeting_id: str,
    body: MeetingPut,
    reaching: Reaching,
    match: Matching,
    shown: Shown,
    response: HttpResponse,
) -> BookedOut | PlanOut:
    reader = Reader(request.user, clock.now(), shown.timezone)
    meeting = editable(reader.user, meeting_id)
    version = matched(meeting, match)
    reach = reach_of(meeting, reaching, body)
    done = edited(
        meeting,
        amended(body, draft_of(meeting, **reach.arguments)),
        body,
        reach,
        reader,
        version=version,
        orphans=body.orphans,
        undo_seconds=body.undo_seconds,
    )
    if isinstance(done, PlanOut):
        return done
    response["ETag"] = f'"{done.meeting.version}"'
    cancelling = body.cancel_displaced
    return booked_out(done, reader, cancel=cancelling, recurrence_id=reach.single)


class Cancelling(Reaching):
    """What is called off, and why."""

    reason: Annotated[Text, Field(max_length=1000)] = Field(
        "", description="Those who are invited read it."
    )
    dry_run: bool = False
    undo_seconds: Window = 0


@meetings.delete("/meetings/{meeting_id}", response={200: MeetingOut | PlanOut, **REFUSALS})
def cancel_meeting(
    request: RestRequest,
    meeting_id: str,
    response: HttpResponse,
    asked: Query[Cancelling],
    shown: Query[Shown],
    match: Header[Matching],
) -> MeetingOut | PlanOut:
    """Call a meeting or some of its dates off, give the rooms back and tell who is invited.

    The answer is the meeting, or the date, as it is then; with `dry_run` the plan. What has
    begun stays as it was; what is under way can be ended.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    meeting = editable(reader.user, meeting_id)
    version = matched(meeting, match)
    reach = reach_of(meeting, asked)
    if asked.dry_run:
        plan = plan_cancel(meeting, by=reader.user, now=reader.now, **reach.arguments)
        return plan_out(plan, reader.user, reader.zone, possible=True)
    done = cancel(
        meeting,
        by=reader.user,
        now=reader.now,
        version=version,
        reason=asked.reason,
        undo=timedelta(seconds=asked.undo_seconds),
        **reach.arguments,
    )
    return _now(done.meeting, reader, response, recurrence_id=reach.single)


def _now(
    meeting: Meeting, reader: Reader, response: HttpResponse, *, recurrence_id: str = ""
) -> MeetingOut:
    """The meeting as it is after a command, with its version."""
    fresh = Meeting.objects.with_people().get(pk=meeting.pk)
    response["ETag"] = f'"{fresh.version}"'
    return meeting_out(
        fresh, reader.user, now=reader.now, zone=reader.zone, recurrence_id=recurrence_id
    )


class Ending(Schema):
    """What is ended."""

    recurrence_id: Identifier | None = Field(
        None, description="The date of a series; without, the one that is under way."
    )
    undo_seconds: Window = 0


@meetings.post("/meetings/{meeting_id}/end", response={200: MeetingOut, **REFUSALS})
def end_meeting(
    request: RestRequest,
    meeting_id: str,
    response: HttpResponse,
    asked: Query[Ending],
    shown: Query[Shown],
) -> MeetingOut:
    """End a meeting that is under way at the next full minute, and give its rooms back."""
    reader = Reader(request.user, clock.now(), shown.timezone)
    meeting = editable(reader.user, meeting_id)
    name = asked.recurrence_id or ""
    if meeting.is_series and not name:
        name = date_asked(meeting, "", reader.now).recurrence_id
    reach = reach_of(meeting, Reaching(scope="this", recurrence_id=name or None))
    done = end_now(
        meeting,
        by=reader.user,
        now=reader.now,
        undo=timedelta(seconds=asked.undo_seconds),
        recurrence_id=reach.recurrence_id,
    )
    return _now(done.meeting, reader, response, recurrence_id=reach.single)


@meetings.post("/meetings/{meeting_id}/undo", response={200: MeetingOut, **REFUSALS})
def undo_change(
    request: RestRequest,
    meeting_id: str,
    response: HttpResponse,
    shown: Query[Shown],
    match: Header[Matching],
) -> MeetingOut:
    """Take back your last change, as long as the time its `undo_seconds` gave it is not over.

    Everything is as it was before, and nobody is told. With `If-Match`, the version that the
    change made, a repeated request undoes nothing else.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    meeting = editable(reader.user, meeting_id)
    matched(meeting, match, exactly=True)
    change = Change.objects.undoable(meeting, by=reader.user, now=reader.now).first()
    if change is None:
        raise WrongState(_("There is nothing to undo (any more): make another change instead."))
    done = undo(change, by=reader.user, now=reader.now)
    return _now(done.meeting, reader, response)
