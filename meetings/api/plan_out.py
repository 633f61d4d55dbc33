"""What a command would do, as it goes out: the answer to `dry_run`."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.models import User
from meetings.api.alternatives_out import AlternativeOut, alternatives_out
from meetings.described.conflicts_out import ConflictOut, conflicts_out
from meetings.displacedwords import displaced_words
from meetings.events import Message
from meetings.scheduler import Plan, PlannedDate
from meetings.slots import Alternative, SeriesAlternative
from meetings.wallclock import When


class PlannedDateOut(Schema):
    """What becomes of one date of a series; local starts, in the zone of the meeting."""

    recurrence_id: str
    before: str | None = Field(description="Null if it is new.")
    after: str | None = Field(description="Null if it goes.")
    status: str
    room_ids: list[str]


class PlanOut(Schema):
    """What would happen. Nothing did."""

    dry_run: bool = True
    possible: bool = Field(description="Whether it would be done as it was sent.")
    conflicts: list[ConflictOut]
    rooms_taken: list[str]
    rooms_released: list[str]
    invitations_sent: int
    told: int = Field(description="How many people hear of it, in whatever way.")
    displaced: list[str]
    alternatives: list[AlternativeOut]
    dates: list[PlannedDateOut]
    orphans: list[str] = Field(
        description="Changed dates that a new rule does not give: send what becomes of them."
    )
    kept_past: int = Field(description="How many dates stay as they were, having begun.")
    fingerprint: str = Field(description="Names what collides, for `seen`.")


def plan_out(
    plan: Plan,
    viewer: User,
    zone: ZoneInfo | None,
    *,
    possible: bool,
    alternatives: Sequence[Alternative | SeriesAlternative] = (),
    cancel: bool = False,
) -> PlanOut:
    """The plan for a viewer, who made it."""
    return PlanOut(
        possible=possible,
        conflicts=conflicts_out(plan.problems, viewer, zone),
        rooms_taken=[room.code for room in plan.rooms_taken],
        rooms_released=[room.code for room in plan.rooms_released],
        invitations_sent=len(plan.told_of(Message.INVITATION)),
        told=len(plan.told),
        displaced=displaced_words(plan.displaced, viewer, zone or viewer.zone, cancel=cancel),
        alternatives=alternatives_out(alternatives, zone),
        dates=[_date_out(date) for date in plan.dates],
        orphans=[row.recurrence_id for row in plan.orphans],
        kept_past=plan.kept_past,
        fingerprint=plan.fingerprint,
    )


def _date_out(date: PlannedDate) -> PlannedDateOut:
    return PlannedDateOut(
        recurrence_id=date.name,
        before=_local(date.before),
        after=_local(date.after),
        status=date.status,
        room_ids=[room.code for room in date.rooms],
    )


def _local(when: When | None) -> str | None:
    return when.recurrence_id() if when else None
