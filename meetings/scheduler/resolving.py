"""A conflict policy at work, and how that ended: counted once, for what was written on commit."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts import meters
from accounts.models import User
from meetings.problems import Severity
from meetings.scheduler.decisions import Decisions
from meetings.scheduler.plans import NOTHING_DECIDED, Conflicted, Plan
from meetings.scheduler.policies import Policy, policy_of

ASKING = ("ask", "allow", "override")
"""The policies that let a person say "anyway" to what she was shown."""


def resolved(
    policy: str | Policy,
    plan: Plan,
    *,
    by: User,
    now: datetime,
    seen: str | None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Plan:
    """What a policy, or the one of that name, makes of a plan. Raises what the policy raises."""
    policy = policy_of(policy)
    try:
        made = policy.resolve(plan, by=by, now=now, seen=seen)
    except Conflicted as conflicted:
        asks = policy.name in ASKING and not conflicted.plan.refused
        count_outcome(policy.name, "asked" if asks else "refused", plan)
        raise
    if plan.warned:
        outcome = "displaced" if made.displaced else "saved"
        _on_commit(partial(count_outcome, policy.name, outcome, plan))
    for decision in decisions.values():
        kind = in_words(type(decision))
        _on_commit(meters.conflict_decisions.labels(kind).inc)
    return made


def count_outcome(policy: str, outcome: str, plan: Plan) -> None:
    """Note how a plan that collides ended, and what collided."""
    meters.conflict_outcomes.labels(policy, outcome).inc()
    for problem in plan.problems:
        if problem.severity >= Severity.WARNS:
            meters.conflicts_detected.labels(in_words(type(problem))).inc()


def in_words(kind: type) -> str:
    """The name of a class as a label: `room_taken` for RoomTaken."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _on_commit(count: Callable[[], None]) -> None:
    transaction.on_commit(count, robust=True)
