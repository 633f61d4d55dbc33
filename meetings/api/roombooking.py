"""A room booked: for a new meeting, or for one that is there."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Header, Query, Status
from pydantic import Field

from accounts.rest import REFUSALS, Identifier, Keyed, RestRequest, Shown, Text, invalid
from meetings.api.booking import answered_once, booked_out
from meetings.api.coming_in import MeetingIn, draft_from
from meetings.api.creating import scheduled
from meetings.api.editing import edited
from meetings.api.plan_out import PlanOut
from meetings.api.reaching import Matching, ReachingIn, editable, matched, reach_of
from meetings.api.resolving import Resolving
from meetings.api.rooms import room_for
from meetings.api.routing import rooms
from meetings.described.meeting_out import BookedOut
from meetings.described.reader import Reader
from meetings.scheduler import Done, draft_of
from rooms.models import Room

FOR_A_MEETING = {"meeting_id", *ReachingIn.model_fields}


class RoomBookingIn(MeetingIn, ReachingIn):
    """A meeting of yours that is to have the room, or a new one as in POST /meetings."""

    meeting_id: Identifier | None = Field(
        None, description="With it come only `scope`, `recurrence_id` and what is about conflicts."
    )
    title: Text = ""


@rooms.post("/rooms/{room_id}/book", response={201: BookedOut, 200: PlanOut, **REFUSALS})
def book_room(
    request: RestRequest,
    room_id: str,
    body: RoomBookingIn,
    response: HttpResponse,
    shown: Query[Shown],
    keyed: Header[Keyed],
    match: Header[Matching],
) -> Status[BookedOut | PlanOut]:
    """Book the room for a new meeting, or add it to one that you organize.

    Adding is an edit: of a series `scope` and `recurrence_id` say which dates are meant, and with
    `If-Match` nothing is changed if somebody was quicker. A meeting that has the room stays as it
    is, so that may be repeated. With `dry_run` nothing is booked, and the answer (200) is the plan.
    """
    room, reader = room_for(room_id), Reader(request.user, clock.now(), shown.timezone)
    if body.meeting_id is None:
        return _for_new(room, body, reader, keyed, response)
    new = body.model_fields_set - FOR_A_MEETING - set(Resolving.model_fields)
    if new:
        sentence = _("Leave it out: the room is for the meeting that meeting_id names.")
        raise invalid(min(new), sentence)
    return _for_known(room, body, body.meeting_id, reader, match, response)


def _for_new(
    room: Room, body: RoomBookingIn, reader: Reader, keyed: Keyed, response: HttpResponse
) -> Status[Any]:
    about_known = body.model_fields_set & FOR_A_MEETING
    if about_known - {"meeting_id"}:
        raise invalid("meeting_id", _("Say which meeting: meeting_id."))
    draft = draft_from(body, reader.user)
    draft = replace(draft, room_ids=(room.pk, *draft.room_ids))
    done = scheduled(draft, body, reader, keyed)
    if isinstance(done, PlanOut):
        return Status(200, done)
    response["ETag"] = f'"{done.meeting.version}"'
    return Status(201, answered_once(done, reader, keyed.key, cancel=body.cancel_displaced))


def _for_known(
    room: Room,
    body: RoomBookingIn,
    meeting_id: str,
    reader: Reader,
    match: Matching,
    response: HttpResponse,
) -> Status[Any]:
    meeting = editable(reader.user, meeting_id)
    reach = reach_of(meeting, body)
    draft = draft_of(meeting, **reach.arguments)
    has_it = room.pk in draft.room_ids
    draft = replace(draft, room_ids=tuple(dict.fromkeys((*draft.room_ids, room.pk))))

    if has_it and not body.dry_run:  # whatever the version: what was wanted is there
        done: Done | PlanOut = Done(meeting, None)
    else:
        version = matched(meeting, match)
        done = edited(meeting, draft, body, reach, reader, version=version)
    if isinstance(done, PlanOut):
        return Status(200, done)
    response["ETag"] = f'"{done.meeting.version}"'
    cancel = body.cancel_displaced
    return Status(201, booked_out(done, reader, recurrence_id=reach.single, cancel=cancel))
