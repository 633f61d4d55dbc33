"""How a meeting that is there is changed for a request."""

from datetime import timedelta

from meetings.api.booking import tried
from meetings.api.plan_out import PlanOut
from meetings.api.reaching import Reach
from meetings.api.resolving import Resolving, decided, policy_from
from meetings.described.reader import Reader
from meetings.drafts import Draft
from meetings.models import Meeting
from meetings.scheduler import Decisions, Done, Plan, edit, plan_edit


def edited(
    meeting: Meeting,
    draft: Draft,
    body: Resolving,
    reach: Reach,
    reader: Reader,
    *,
    version: int,
    orphans: str | None = None,
    undo_seconds: int = 0,
) -> Done | PlanOut:
    """Make some dates what the draft says, or with `dry_run` the plan.

    Raises Refused or a Refusal.
    """

    def planned(decisions: Decisions) -> Plan:
        return plan_edit(
            meeting,
            draft,
            by=reader.user,
            now=reader.now,
            **reach.arguments,
            orphans=orphans,
            decisions=decisions,
        )

    decisions, seen = decided(body, planned, draft.zone)
    policy = policy_from(body)
    if body.dry_run:
        plan = tried(lambda: planned(decisions), policy, reader, seen=seen)
        undecided = bool(plan.orphans) and orphans is None
        return plan.model_copy(update={"possible": plan.possible and not undecided})
    return edit(
        meeting,
        draft,
        by=reader.user,
        now=reader.now,
        version=version,
        policy=policy,
        seen=seen,
        undo=timedelta(seconds=undo_seconds),
        **reach.arguments,
        orphans=orphans,
        decisions=decisions,
    )
