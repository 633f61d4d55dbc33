"""Series: book them."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Status
from pydantic import Field

from accounts.models import User
from accounts.rest import REFUSALS, Keyed, RestRequest, Shown, invalid
from meetings.api.booking import answered_once
from meetings.api.coming_in import MeetingIn, draft_from
from meetings.api.creating import scheduled
from meetings.api.dates_out import OccurrenceOut, dates_out
from meetings.api.plan_out import PlanOut
from meetings.api.repeating import Repeating, repeating_from
from meetings.dates import coming
from meetings.described.meeting_out import BookedOut
from meetings.described.reader import Reader
from meetings.drafts import Draft
from meetings.models import Meeting, Occurrence
from meetings.recurrence import how_many

router = Router()

FIRST_DATES = 100


class RecurringIn(MeetingIn, Repeating):
    """A series to book; `start_time` and `end_time` are those of its first date."""


class RecurringOut(BookedOut):
    """A series as it was booked."""

    occurrences: list[OccurrenceOut] = Field(
        description=f"The first {FIRST_DATES} dates that take place; /occurrences has the others."
    )
    occurrences_total: int | None = Field(
        description="How many dates take place in all; null if it is endless."
    )
    skipped: list[str] = Field(description="Recurrence-ids of dates that decisions left out.")


@router.post("/meetings/recurring", response={201: RecurringOut, 200: PlanOut, **REFUSALS})
def create_recurring_meeting(
    request: RestRequest,
    body: RecurringIn,
    response: HttpResponse,
    shown: Query[Shown],
    keyed: Header[Keyed],
) -> Status[RecurringOut | PlanOut]:
    """Book a series with its rooms and invite people, or say which dates collide.

    `on_conflict: ask` with `decisions` says what becomes of single dates: another room, another
    time, skip or keep. With `dry_run` nothing is booked, and the answer (200) is the plan.
    """
    reader = Reader(request.user, clock.now(), shown.timezone)
    draft = _draft(body, request.user)
    done = scheduled(draft, body, reader, keyed)
    if isinstance(done, PlanOut):
        return Status(200, done)
    response["ETag"] = f'"{done.meeting.version}"'
    response["Location"] = request.path.removesuffix("recurring") + str(done.meeting.uid)
    answer = answered_once(
        done,
        reader,
        keyed.key,
        cancel=body.cancel_displaced,
        kind=RecurringOut,
        more=lambda: dates_booked(done.meeting, reader),
    )
    return Status(201, answer)


def _draft(body: RecurringIn, by: User) -> Draft:
    """Raises Refused naming the field that is wrong."""
    draft = draft_from(body, by)
    asked = repeating_from(body, draft.when)
    if not (asked.rule or asked.rdates):
        raise invalid("rrule", _("Say how it repeats: rrule, frequency, or rdates."))
    return replace(draft, rrule=asked.rule, exdates=asked.exdates, rdates=asked.rdates)


def dates_booked(meeting: Meeting, reader: Reader) -> dict[str, Any]:
    """What is said of the dates of a series that was just booked."""
    status, origin = Occurrence.Status, Occurrence.Origin
    rows = meeting.occurrences.order_by("during", "recurrence_id")
    ruled = how_many(meeting.when, meeting.rrule)
    changed = sum(row.origin == origin.ADDED for row in rows)
    changed -= sum(row.status != status.SCHEDULED for row in rows)
    first = coming(meeting, rows[0].start, most=FIRST_DATES)
    return {
        "occurrences": list(dates_out(meeting, first, now=reader.now, zone=reader.zone)),
        "occurrences_total": None if ruled is None else ruled + changed,
        "skipped": [row.recurrence_id for row in rows if row.status == status.SKIPPED],
    }
