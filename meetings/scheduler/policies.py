"""What is done about a conflict: one class per policy, chosen by name."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from accounts.models import User
from meetings.scheduler.plans import Conflicted, Plan
from meetings.slots import Alternative, alternatives
from rooms.models import Room


class Policy(ABC):
    """Decides whether a plan may be written."""

    name: ClassVar[str]

    @abstractmethod
    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan to write, or raise Conflicted with the plan to show.

        `seen` is the fingerprint of the plan that the person was shown, if she was shown one.
        """


class Reject(Policy):
    """Nothing that collides is written."""

    name = "reject"

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan, if nothing refuses it or warns of it."""
        if plan.refused or plan.warned:
            raise Conflicted(plan, anyway=False)
        return plan


class Propose(Policy):
    """Nothing that collides is written; the refusal has the best other times of a single date."""

    name = "propose"

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan, if nothing refuses it or warns of it."""
        if plan.refused or plan.warned:
            raise Conflicted(plan, alternatives=_instead(plan, now), anyway=False)
        return plan


class Ask(Policy):
    """What warns is shown first: only a plan whose fingerprint was seen is written."""

    name = "ask"

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan, if no room refuses and all that warns was seen."""
        if plan.refused or (plan.warned and seen != plan.fingerprint):
            raise Conflicted(plan)
        return plan


class Allow(Policy):
    """Busy people are only reported; with `seen`, only those that the person was shown."""

    name = "allow"

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan, if no room refuses."""
        if plan.refused or (plan.warned and seen not in (None, plan.fingerprint)):
            raise Conflicted(plan)
        return plan


POLICIES: dict[str, Policy] = {
    policy.name: policy for policy in (Reject(), Propose(), Ask(), Allow())
}
"""Those that need nothing else to be said."""


def policy_of(policy: str | Policy) -> Policy:
    """The policy of that name. Raises KeyError for none."""
    return POLICIES[policy] if isinstance(policy, str) else policy


def _instead(plan: Plan, now: datetime) -> tuple[Alternative, ...]:
    """Other times, with the rooms asked for or others of their sites. Six queries at most."""
    proposal = plan.proposal
    if len(proposal.dates) != 1:
        return ()
    candidates = (
        Room.objects.with_details().filter(
            active=True,
            site__in={room.site_id for room in proposal.rooms},
            capacity__gte=proposal.seats,
        )
        if proposal.rooms
        else ()
    )
    return tuple(alternatives(proposal, list(candidates), now=now))
