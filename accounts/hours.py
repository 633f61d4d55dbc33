"""Working hours as people type them: `9:00–12:00, 13:00–17:30`, minutes after midnight inside."""

import itertools
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User, WorkingHours, minutes_words

Stretch = tuple[int, int]

DAY = 24 * 60
BETWEEN_STRETCHES = re.compile(r"\s*[,;]\s*")
STRETCH = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
USUAL_WEEK = {weekday: [(9 * 60, 17 * 60)] for weekday in range(5)}


def parse_hours(text: str) -> list[Stretch]:
    """The stretches of one day in order, [] for an empty line.

    Raises ValidationError with what to write: an unreadable stretch, one that is not inside the
    day or ends before it begins, two that overlap.
    """
    pieces = [piece for piece in BETWEEN_STRETCHES.split(text.strip()) if piece]
    stretches = sorted(_parse_stretch(piece) for piece in pieces)
    for earlier, later in itertools.pairwise(stretches):
        if later[0] < earlier[1]:
            raise ValidationError(
                _("%(earlier)s and %(later)s overlap. Write them as one."),
                params={"earlier": minutes_words(*earlier), "later": minutes_words(*later)},
            )
    return stretches


def hours_words(stretches: Iterable[Stretch]) -> str:
    """What `parse_hours` reads: `9:00–12:00, 13:00–17:30`."""
    return ", ".join(minutes_words(start, end) for start, end in stretches)


def week_of(user: User) -> dict[int, list[Stretch]]:
    """The person's stretches by weekday, 0 = Monday; weekdays off are absent."""
    week: dict[int, list[Stretch]] = {}
    for row in user.working_hours.all():
        week.setdefault(row.weekday, []).append((row.start, row.end))
    return week


def set_week(user: User, week: dict[int, list[Stretch]]) -> None:
    """Replaces all of the person's working hours."""
    rows = [
        WorkingHours(user=user, weekday=weekday, start=start, end=end)
        for weekday, stretches in week.items()
        for start, end in stretches
    ]
    with transaction.atomic():
        user.working_hours.all().delete()
        WorkingHours.objects.bulk_create(rows)


def _parse_stretch(piece: str) -> Stretch:
    found = STRETCH.fullmatch(piece)
    if not found:
        raise ValidationError(
            _("“%(piece)s” is not a range of hours. Write it like 9:00–12:00, 13:00–17:30."),
            params={"piece": piece},
        )
    hours, minutes, end_hours, end_minutes = (int(part or 0) for part in found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if max(minutes, end_minutes) > 59 or max(start, end) > DAY:
        raise ValidationError(
            _("“%(piece)s” is not inside a day. Hours go from 0:00 to 24:00."),
            params={"piece": piece},
        )
    if start >= end:
        raise ValidationError(
            _(
                "“%(piece)s” ends before it begins."
                " Write a night as two days: until 24:00, and from 0:00."
            ),
            params={"piece": piece},
        )
    return start, end
