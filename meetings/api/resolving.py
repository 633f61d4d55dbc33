"""What a request says about conflicts: a policy, and what was decided for some of them."""

from collections.abc import Callable, Iterable
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import Field

from accounts.rest import Flag, Identifier, Strict, Text, invalid
from meetings.api.placing import room_pks
from meetings.api.timing import Timing, when_from
from meetings.described.conflicts_out import conflict_id
from meetings.problems import Problem, Severity, date_of
from meetings.scheduler import (
    Decision,
    Decisions,
    Keep,
    OtherRooms,
    OtherTime,
    Override,
    Plan,
    Skip,
    TryAgain,
)

PolicyName = Literal["reject", "propose", "override", "ask", "allow"]
Planned = Callable[[Decisions], Plan]


class DecisionIn(Timing):
    """What becomes of a date that collides: `conflict` or `recurrence_id` says which."""

    conflict: Identifier | None = Field(None, description="The id of a conflict that was told.")
    recurrence_id: Identifier | None = None
    choice: Literal["keep", "skip", "other_room", "other_time", "try_again"]
    room_ids: list[Identifier] | None = Field(None, max_length=50)


class Resolving(Strict):
    """What is done about conflicts; with `dry_run` nothing is, and the answer is the plan."""

    on_conflict: PolicyName = "propose"
    decisions: list[DecisionIn] = Field(default_factory=list, max_length=5000)
    seen: Identifier | None = Field(
        None, description="The fingerprint of a plan whose conflicts are accepted (`ask`)."
    )
    reason: Text = Field("", description="Why rooms are taken from others (`override`).")
    cancel_displaced: Flag = Field(
        False, description="With `override`: call off what finds no other room."
    )
    dry_run: Flag = False


def policy_from(body: Resolving) -> str | Override:
    """The policy that the request chooses."""
    if body.on_conflict == Override.name:
        return Override(body.reason, cancel=body.cancel_displaced)
    return body.on_conflict


def decided(body: Resolving, planned: Planned, zone: ZoneInfo) -> tuple[Decisions, str | None]:
    """What was decided by date, and the fingerprint of what has been seen.

    Raises Refused for a decision about nothing that collides, or one that does not say enough.
    """
    if not body.decisions:
        return {}, body.seen
    decisions = decided_about(planned({}).problems, body, zone)
    return decisions, seen_by(body, planned(decisions))


def decided_about(problems: Iterable[Problem], body: Resolving, zone: ZoneInfo) -> Decisions:
    """What was decided by date, where these are the problems that were told.

    Raises Refused for a decision about nothing that collides, or one that does not say enough.
    """
    told = {conflict_id(problem): problem for problem in problems}
    decisions: dict[str, Decision] = {}
    for number, one in enumerate(body.decisions):
        name = one.recurrence_id or _date_named(one, told, number)
        if name:
            decisions[name] = _decision(one, zone, number)
    return decisions


def seen_by(body: Resolving, plan: Plan) -> str | None:
    """The fingerprint of what has been seen: of `plan`, if all that it warns of is kept."""
    kept = {one.conflict for one in body.decisions if one.choice == "keep"}
    left = {conflict_id(p) for p in plan.problems if p.severity == Severity.WARNS}
    return plan.fingerprint if left and left <= kept else body.seen


def _date_named(one: DecisionIn, problems: dict[str, Problem], number: int) -> str:
    """The date that the conflict is about; empty if it is about the meeting as a whole."""
    if one.conflict is None:
        sentence = _("Say what it is about: conflict or recurrence_id.")
        raise invalid(f"decisions.{number}.conflict", sentence)
    if one.conflict not in problems:
        sentence = _("There is no such conflict any more. Ask again what collides.")
        raise invalid(f"decisions.{number}.conflict", sentence)
    return date_of(problems[one.conflict])


def _decision(one: DecisionIn, zone: ZoneInfo, number: int) -> Decision:
    rooms = None if one.room_ids is None else room_pks(one.room_ids)
    if one.choice == "other_room":
        if rooms is None:
            raise invalid(f"decisions.{number}.room_ids", _("Name the other rooms."))
        return OtherRooms(rooms)
    if one.choice == "other_time":
        return OtherTime(when_from(one, zone), rooms)
    plain: dict[str, Decision] = {"keep": Keep(), "skip": Skip(), "try_again": TryAgain()}
    return plain[one.choice]
