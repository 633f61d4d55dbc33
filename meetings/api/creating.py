"""How a new meeting is booked for a request."""

from accounts.rest import Keyed
from meetings.api.booking import tried
from meetings.api.plan_out import PlanOut
from meetings.api.resolving import Resolving, decided, policy_from
from meetings.described.reader import Reader
from meetings.drafts import Draft
from meetings.scheduler import Decisions, Done, Plan, plan_schedule, schedule


def scheduled(draft: Draft, body: Resolving, reader: Reader, keyed: Keyed) -> Done | PlanOut:
    """Book what the draft says, or with `dry_run` the plan. Raises Refused or a Refusal."""

    def planned(decisions: Decisions) -> Plan:
        return plan_schedule(draft, by=reader.user, now=reader.now, decisions=decisions)

    decisions, seen = decided(body, planned, draft.zone)
    policy = policy_from(body)
    if body.dry_run:
        return tried(lambda: planned(decisions), policy, reader, seen=seen)
    return schedule(
        draft,
        by=reader.user,
        now=reader.now,
        policy=policy,
        seen=seen,
        key=keyed.key,
        decisions=decisions,
    )
