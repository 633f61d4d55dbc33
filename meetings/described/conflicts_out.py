"""Conflicts, other times and displaced meetings as they go out, for one viewer."""

import hashlib
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import Stamp, stamp
from meetings.problems import Problem, Severity, date_of
from meetings.readable import Finding, readable
from rooms.models import Room

KIND = re.compile(r"(?<!^)(?=[A-Z])")


class ConflictOut(Schema):
    """What stands against a date: `kind` and `severity` for programs, `detail` for people."""

    id: str = Field(description="Names it for `decisions`; the same as long as it is the same.")
    kind: str
    severity: str = Field(description="`refuses`, `warns` (unless allowed) or `notes`.")
    detail: str
    recurrence_id: str | None = None
    room_id: str | None = None
    email: str | None = None
    start: Stamp | None = None
    end: Stamp | None = None
    choices: list[str] = Field(description="What `decisions` can say of it (`ask`).")


def conflict_id(problem: Problem) -> str:
    """Names a problem without saying what it is about."""
    return hashlib.sha256(repr(problem).encode()).hexdigest()[:16]


def conflicts_out(
    problems: Sequence[Problem], viewer: User, zone: ZoneInfo | None
) -> list[ConflictOut]:
    """The problems in sentences, heaviest first; a constant number of queries."""
    findings = readable(problems, viewer, zone or viewer.zone)
    rooms = Room.objects.in_bulk({f.room_id for f in findings if f.room_id})
    people = User.objects.get_queryset().in_bulk({f.user_id for f in findings if f.user_id})
    return [_out(finding, rooms, people, zone) for finding in findings]


def _out(
    finding: Finding, rooms: dict[int, Room], people: dict[int, User], zone: ZoneInfo | None
) -> ConflictOut:
    problem, stretch = finding.problem, finding.stretch
    assert problem is not None  # `readable` says of each finding what was read
    return ConflictOut(
        id=conflict_id(problem),
        kind=KIND.sub("-", type(problem).__name__).lower(),
        severity=finding.severity.name.lower(),
        detail=f"{finding.headline} {finding.detail}".strip(),
        recurrence_id=date_of(problem) or None,
        room_id=rooms[finding.room_id].code if finding.room_id else None,
        email=people[finding.user_id].email if finding.user_id else None,
        start=stamp(stretch.start, zone) if stretch else None,
        end=stamp(stretch.end, zone) if stretch else None,
        choices=_choices(problem),
    )


def _choices(problem: Problem) -> list[str]:
    if problem.severity < Severity.WARNS:
        return []
    if problem.severity == Severity.REFUSES:
        return ["other_room", "other_time", "skip", "keep"]
    return ["keep", "other_time", "skip"]
