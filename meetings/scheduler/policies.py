"""What is done about a conflict: one class per policy, chosen by name."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.conflicts import stretch_for, with_buffers
from meetings.displacing import Claim, displacing
from meetings.permissions import may_override
from meetings.problems import InvalidDraft, NotAllowed, Problem, RoomTaken, TooFewSeats
from meetings.scheduler.instead import instead
from meetings.scheduler.plans import Conflicted, Plan


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
    """Nothing that collides is written; the refusal has the best other times."""

    name = "propose"

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan, if nothing refuses it or warns of it."""
        if plan.refused or plan.warned:
            raise Conflicted(plan, alternatives=instead(plan, now=now), anyway=False)
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


@dataclass(frozen=True, slots=True)
class Override(Policy):
    """A meeting of higher priority takes rooms from others, for a `reason` that they are told.

    Those that fit nowhere else keep their time without a room, or are called off if `cancel`.
    """

    name = "override"

    reason: str
    cancel: bool = False

    def resolve(self, plan: Plan, *, by: User, now: datetime, seen: str | None) -> Plan:
        """The plan with those it displaces; all that warns, and they, were seen if `seen` is given.

        Raises NotAllowed without the permission, InvalidDraft without a reason.
        """
        if not may_override(by):
            raise NotAllowed(_("You may not take rooms from others. Ask an administrator."))
        if not self.reason.strip():
            raise InvalidDraft({"reason": _("Say why: those who lose the room read it.")})
        plan = taking_over(plan, now=now, cancel=self.cancel)
        weighty = plan.warned or plan.displaced
        if plan.refused or (weighty and seen not in (None, plan.fingerprint)):
            raise Conflicted(plan)
        return plan


def taking_over(plan: Plan, *, now: datetime, cancel: bool) -> Plan:
    """The plan, if it takes rooms from whoever has to give way; those that do not still refuse."""
    (sheet,) = plan.sheets
    small = {p.room_id for p in plan.problems if isinstance(p, TooFewSeats)}
    claim = Claim(
        taken={
            problem: sheet.row(problem.date).shown_priority
            for problem in plan.problems
            if isinstance(problem, RoomTaken) and problem.room_id not in small
        },
        stretches=[
            (room.pk, with_buffers(stretch_for(row.when, room), room))
            for row in sheet.live(now)
            for room in sheet.to_take(row)
        ],
        series=sheet.meeting.series,
    )
    if not claim.taken:
        return plan
    found = displacing(claim, now=now, cancel=cancel)

    def left(problems: Sequence[Problem]) -> tuple[Problem, ...]:
        return tuple(problem for problem in problems if problem not in found.granted)

    return replace(
        plan,
        problems=left(plan.problems),
        dates=tuple(replace(date, problems=left(date.problems)) for date in plan.dates),
        displaced=tuple(found.displaced),
    )


POLICIES: dict[str, Policy] = {
    policy.name: policy for policy in (Reject(), Propose(), Ask(), Allow())
}
"""Those that need nothing else to be said."""


def policy_of(policy: str | Policy) -> Policy:
    """The policy of that name. Raises KeyError for none."""
    return POLICIES[policy] if isinstance(policy, str) else policy
