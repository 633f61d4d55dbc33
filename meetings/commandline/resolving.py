"""What a shell says about conflicts: a policy, and what becomes of dates that collide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser

from accounts.commandline import wrong_usage
from meetings.problems import Severity, date_of
from meetings.scheduler import Decision, Decisions, Keep, Override, Plan, Skip
from meetings.scheduler.policies import POLICIES

Planned = Callable[[Decisions], Plan]
"""Gives what a command would do, with these decisions."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """As the commands take it."""

    policy: str | Override
    decisions: Decisions
    seen: str | None

    @property
    def cancel(self) -> bool:
        """Whether what has to give way and fits nowhere else is called off."""
        return isinstance(self.policy, Override) and self.policy.cancel


def add_arguments(parser: CommandParser) -> None:
    """The options that say what is done if something collides."""
    parser.add_argument(
        "--on-conflict",
        choices=[*POLICIES, Override.name],
        help="what is done if something collides; without a word, other times are proposed",
    )
    parser.add_argument("--seen", metavar="FINGERPRINT", help="what collides was seen: book anyway")
    parser.add_argument("--reason", default="", help="why rooms are taken (--on-conflict override)")
    parser.add_argument(
        "--cancel-displaced", action="store_true", help="call off what then fits nowhere else"
    )
    for name, what in (("skip", "leave out this date"), ("keep", "keep this date all the same")):
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="DATE", help=f"of a series: {what}"
        )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, no more")


def resolution(planned: Planned, options: dict[str, Any]) -> Resolution:
    """What was said. Dates kept count as seen if nothing else collides. Raises CommandError."""
    skipped, kept = options["skip"], options["keep"]
    name = options["on_conflict"] or ("ask" if kept or options["seen"] else "propose")
    policy = Override(options["reason"], cancel=options["cancel_displaced"])
    chosen = policy if name == Override.name else name
    if not (skipped or kept):
        return Resolution(chosen, {}, options["seen"])
    names = [one.name for one in planned({}).dates]
    decisions: dict[str, Decision] = {_date(text, names): Skip() for text in skipped}
    decisions |= {_date(text, names): Keep() for text in kept}
    plan = planned(decisions)
    left = {date_of(problem) for problem in plan.problems if problem.severity == Severity.WARNS}
    all_kept = left <= {name for name, one in decisions.items() if one == Keep()}
    return Resolution(chosen, decisions, plan.fingerprint if all_kept else options["seen"])


def _date(text: str, names: Sequence[str]) -> str:
    """The recurrence-id among `names` that is meant, which may be said by its day alone."""
    for name in names:
        if text in (name, name[: len("2027-03-10")]):
            return name
    raise wrong_usage(f"There is no date {text} in this series; its first is {names[0]}.")
