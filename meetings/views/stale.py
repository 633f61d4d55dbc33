"""What somebody else changed meanwhile, field by field, in words."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from zoneinfo import ZoneInfo

from meetings.fieldwords import DifferenceWords, difference_words
from meetings.formrules import REPEAT
from meetings.formvalues import WHEN, Values, touched
from meetings.problems import Difference

FIELDS_OF = {
    "when": WHEN,
    "timezone": WHEN,
    "attendees": ("required", "optional"),
    "rrule": REPEAT,
}
"""The form's fields behind a meeting's, where they differ."""


@dataclass(frozen=True, slots=True)
class ChangedField(DifferenceWords):
    """A field that somebody else changed. `kept`: what was typed here stands against it."""

    kept: bool


def changed_fields(
    differences: Iterable[Difference], typed: Values, zone: ZoneInfo, *, first: date | None = None
) -> list[ChangedField]:
    """The differences in words, times in `zone`, and whether `typed` touched the same.

    `first` is the day from which the rule of a series counts.
    """
    names = touched(typed)
    return [
        ChangedField(
            **asdict(difference_words(difference, zone, first=first)),
            kept=bool(names.intersection(FIELDS_OF.get(difference.field, (difference.field,)))),
        )
        for difference in differences
    ]
