"""Meetings: book them, read them."""

from django.http import HttpResponse
from django.utils import timezone as clock
from ninja import Header, Query, Status

from accounts.rest import REFUSALS, Keyed, RestRequest, Shown, not_found
from meetings.api.booking import answered_once
from meetings.api.coming_in import MeetingIn, draft_from
from meetings.api.creating import scheduled
from meetings.api.plan_out import PlanOut
from meetings.api.reading import meeting_for
from meetings.api.routing import meetings
from meetings.described.meeting_out import BookedOut, MeetingOut, meeting_out
from meetings.described.reader import Reader
from meetings.models import Occurrence


@meetings.post("/meetings", response={201: BookedOut, 200: PlanOut, **REFUSALS})
def create_meeting(
    request: RestRequest,
    body: MeetingIn,
    response: HttpResponse,
    shown: Query[Shown],
    keyed: Header[Keyed],
) -> Status[BookedOut | PlanOut]:
    """Book a meeting with its rooms and invite people, or say what collides.

    With `dry_run` nothing is booked, and the answer (200) is the plan.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    draft = draft_from(body, request.user)
    done = scheduled(draft, body, reader, keyed)
    if isinstance(done, PlanOut):
        return Status(200, done)
    response["ETag"] = f'"{done.meeting.version}"'
    response["Location"] = f"{request.path}/{done.meeting.uid}"
    return Status(201, answered_once(done, reader, keyed.key, cancel=body.cancel_displaced))


@meetings.get("/meetings/{meeting_id}", response={200: MeetingOut, **REFUSALS})
def get_meeting(
    request: RestRequest,
    meeting_id: str,
    response: HttpResponse,
    shown: Query[Shown],
    recurrence_id: str = "",
) -> MeetingOut:
    """A meeting; with `recurrence_id`, that date of a series."""
    meeting = meeting_for(request.user, meeting_id)
    try:
        found = meeting_out(
            meeting, request.user, now=clock.now(), zone=shown.timezone, recurrence_id=recurrence_id
        )
    except Occurrence.DoesNotExist:
        raise not_found() from None
    response["ETag"] = f'"{meeting.version}"'
    return found
