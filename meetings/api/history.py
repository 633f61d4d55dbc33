"""What was done to a meeting, for those who may see all of it."""

from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.rest import REFUSALS, Identifier, RestRequest, Shown, Stamp, stamp
from meetings.api.cursors import after, cursor_of
from meetings.api.reading import meeting_for
from meetings.api.routing import meetings
from meetings.history import Step, history
from meetings.permissions import sees_history
from meetings.problems import NotAllowed

MOST = 100
LIST = "history"


class FieldChangeOut(Schema):
    """A field as it was and as it became, in words."""

    label: str
    was: str
    became: str


class StepOut(Schema):
    """One change: who did what when."""

    at: Stamp
    who: str
    kind: str = Field(description="created, updated, cancelled, answered, undone and others.")
    what: str = Field(description="In words.")
    fields: list[FieldChangeOut]
    reason: str


class HistoryPage(Schema):
    """Some changes, newest first."""

    history: list[StepOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class HistoryAsked(Shown):
    """Which page."""

    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 30


@meetings.get("/meetings/{meeting_id}/history", response={200: HistoryPage, **REFUSALS})
def list_history(request: RestRequest, meeting_id: str, asked: Query[HistoryAsked]) -> HistoryPage:
    """What was done to a meeting and by whom, newest first, in pages.

    For its organizer's side and for whoever is on it, not on single dates of it alone.
    """
    meeting = meeting_for(request.user, meeting_id)
    if not sees_history(request.user, meeting):
        raise NotAllowed(_("Only who is on the meeting sees what was done to it."))
    before = int(after(asked.cursor, of=LIST)[0]) if asked.cursor else None
    zone = asked.timezone or request.user.zone
    steps = history(meeting, zone, before=before, most=asked.limit + 1)
    page = steps[: asked.limit]
    more = len(steps) > len(page)
    return HistoryPage(
        history=[_step_out(step, asked) for step in page],
        next=cursor_of(page[-1].number, of=LIST) if more else None,
    )


def _step_out(step: Step, asked: HistoryAsked) -> StepOut:
    return StepOut(
        at=stamp(step.at, asked.timezone),
        who=step.who,
        kind=step.kind,
        what=step.what,
        fields=[
            FieldChangeOut(label=label, was=was, became=became)
            for label, was, became in step.fields
        ],
        reason=step.reason,
    )
