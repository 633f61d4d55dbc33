"""Rules of repetition (RFC 5545, RRULE) on the wall clock: read, expanded, split, moved.

Rules count in days or longer and a meeting has one time of day, so each date of a series is
known by its local day. A canonical rule has no prefix, its parts stand in a fixed order, what
is the default is left out, and UNTIL is a local date of the meeting, included. '' does not
repeat.
"""

from meetings.recurrence.badrule import BadRule, Reason
from meetings.recurrence.expanding import dates, gives, gives_first, how_many, last
from meetings.recurrence.parts import MOST_DATES, ONCE, Parts, parts
from meetings.recurrence.pasting import Pasted, pasted
from meetings.recurrence.reading import canonical, in_ical
from meetings.recurrence.splitting import continued_from, ended_before, moved

__all__ = [
    "MOST_DATES",
    "ONCE",
    "BadRule",
    "Parts",
    "Pasted",
    "Reason",
    "canonical",
    "continued_from",
    "dates",
    "ended_before",
    "gives",
    "gives_first",
    "how_many",
    "in_ical",
    "last",
    "moved",
    "parts",
    "pasted",
]
