"""Meetings of the demo as they are written down: one line each, on the week's own grid."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ANSWERS = {"": "needs-action", "+": "accepted", "?": "tentative", "-": "declined"}
GUEST = re.compile(r"([+?-]?)(\()?([^()]+)\)?")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody asked to come: a key of the company, or an outside address."""

    who: str
    answer: str
    optional: bool


def guests(text: str) -> tuple[Guest, ...]:
    """`+ben ?lena -omar yuki +(rae)`: accepted, tentative, declined, not answered, optional."""
    found = []
    for word in text.split():
        match = GUEST.fullmatch(word)
        assert match, word
        sign, bracket, who = match.groups()
        found.append(Guest(who, ANSWERS[sign], bool(bracket)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting of some week: on `day` (0 = Monday), by the clock of `city`.

    `start` is `9:30`, or empty for whole `days`. `room` is a code, or `any`: the first free one
    of the city that fits, or none. `fields` go into the draft as they are, `notes`
    are by guest. `announced` ones are mailed; of the others nobody is told. One that `yields` is
    left out where its organizer has something else, and leaves out guests who have.
    """

    day: int
    start: str
    minutes: int
    title: str
    organizer: str
    asked: tuple[Guest, ...] = ()
    room: str = ""
    days: int = 0
    notes: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)
    announced: bool = False
    yields: bool = False
    city: str = "Berlin"


@dataclass(frozen=True, slots=True)
class Moment:
    """What becomes of one date of a series: that of `day`, counted from this week's Monday.

    It is called off with a reason, or answered with a note, or has its own `fields`, people who
    come to it `also`, or is moved `to` another day and time.
    """

    day: int
    answers: str = ""
    note: str = ""
    called_off: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    also: str = ""
    to: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A meeting that repeats by `rule` (RFC 5545).

    Its first date is the first that the rule gives from `entry.day` on, in the week `since` (0 is
    this one, -1 the last). It was made without the dates `skipped`, counted as in Moment.
    """

    entry: Entry
    rule: str
    since: int
    skipped: tuple[int, ...] = ()
    moments: tuple[Moment, ...] = ()


def timed(
    day: int,
    start: str,
    minutes: int,
    title: str,
    organizer: str,
    asked: str = "",
    *,
    room: str = "",
    notes: Mapping[str, str] | None = None,
    announced: bool = False,
    city: str = "Berlin",
    **fields: object,
) -> Entry:
    """A meeting with a time of day."""
    return Entry(
        day,
        start,
        minutes,
        title,
        organizer,
        guests(asked),
        room,
        0,
        notes or {},
        fields,
        announced,
        city=city,
    )


def all_day(
    day: int, days: int, title: str, organizer: str, asked: str = "", **fields: object
) -> Entry:
    """A meeting over whole days."""
    return Entry(day, "", 0, title, organizer, guests(asked), days=days, fields=fields)
