"""What stands against what is new on a sheet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from accounts.models import User
from meetings.conflicts import Asked, Proposal, find_conflicts, wanted_twice
from meetings.models import Meeting, Occurrence
from meetings.problems import OverlapsItself, Problem, Severity, date_of
from meetings.scheduler.decisions import Decisions, Keep
from meetings.scheduler.sheets import Sheet, is_live
from meetings.wallclock import When
from rooms.models import Room


def weigh(
    sheet: Sheet,
    *,
    people: Sequence[Asked],
    added: Sequence[Asked],
    seats: int,
    holder: User,
    now: datetime,
    ignoring: Meeting | None,
    ignored: frozenset[int] | None = None,
    decisions: Decisions,
    dates: Collection[str] | None = None,
    repeats: bool,
    anew: bool = False,
    over: bool = False,
) -> list[Problem]:
    """What stands against what is new on the sheet; three queries for dates of the same rooms.

    Only `people` of fresh dates (all, if `anew`) are judged, `added` on all dates, and rooms
    that have to be taken. `dates` limits it to some recurrence-ids; with `over`, dates that are
    over are judged as well. What was decided to be kept
    loses the rooms that are not to be had.
    """
    groups: defaultdict[tuple[tuple[Room, ...], bool, str], list[Occurrence]] = defaultdict(list)
    rows = [row for row in sheet.rows if is_live(row)] if over else sheet.live(now)
    rows = [row for row in rows if dates is None or row.recurrence_id in dates]
    for row in rows:
        fresh = anew or sheet.is_fresh(row) or row.recurrence_id in sheet.retried
        if sheet.to_take(row) or (people and fresh) or added:
            groups[sheet.to_take(row), fresh, row.shown_transparency].append(row)
    problems: dict[Problem, None] = {}
    for (rooms, fresh, transparency), alike in groups.items():
        proposal = Proposal(
            dates=tuple(row.when for row in alike),
            people=tuple(people if fresh else added),
            rooms=rooms,
            seats=seats,
            free=transparency == Meeting.Transparency.FREE,
            ignoring=ignoring,
            ignored=ignored,
            holder=holder,
            names=tuple(row.recurrence_id for row in alike),
            repeats=repeats,
        )
        found = find_conflicts(proposal, now=now)
        problems |= dict.fromkeys(p for p in found if not isinstance(p, OverlapsItself))
    kept = {name for name, decision in decisions.items() if isinstance(decision, Keep)}
    problems |= dict.fromkeys(_wanting_twice(sheet, rows, kept))
    return _without_kept(sheet, list(problems), kept)


def _wanting_twice(
    sheet: Sheet, rows: Iterable[Occurrence], kept: Collection[str]
) -> Iterator[Problem]:
    """Dates of the sheet that want one room at once, whichever of them are new."""
    wanting: defaultdict[Room, dict[str, When]] = defaultdict(dict)
    new: defaultdict[Room, set[str]] = defaultdict(set)
    for row in rows:
        for room in sheet.to_take(row):
            new[room].add(row.recurrence_id)
        for room in sheet.wanted(row):
            if room.pk not in row.missed_rooms or row.recurrence_id in new[room]:
                wanting[room][row.recurrence_id] = row.when
    for room, names in new.items():
        yield from wanted_twice(room, wanting[room].items(), new=names, yielding=kept)


def _without_kept(sheet: Sheet, problems: list[Problem], kept: Collection[str]) -> list[Problem]:
    left: list[Problem] = []
    for problem in problems:
        if date_of(problem) not in kept:
            left.append(problem)
        elif problem.severity == Severity.REFUSES:
            row = sheet.row(date_of(problem))
            lost = getattr(problem, "room_id", None)
            row.room_ids = [room.pk for room in sheet.wanted(row) if room.pk != lost]
    return left
