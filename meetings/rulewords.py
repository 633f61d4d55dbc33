"""Rules of repetition in words, and why a rule cannot be."""

from meetings.recurrence import BadRule
from meetings.wallclock import When


def rule_words(when: When, rule: str, *, zone_shown: bool = True) -> str:
    """The rule in words."""
    return rule


def bad_rule_words(error: BadRule) -> str:
    """Why a rule cannot be, and what to write instead."""
    return str(error)
