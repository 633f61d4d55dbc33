"""Why rooms cannot be had, as it goes out: the rule, until when it applies, what would pass."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import Stamp, stamp
from meetings.described.conflicts_out import KIND
from meetings.problems import (
    NotYetBookable,
    Problem,
    RoomClosed,
    RoomInactive,
    RoomTaken,
    TooFewSeats,
)
from meetings.readable import Finding, readable
from meetings.slots import RoomOffer
from meetings.timewords import day_words, moment_words
from meetings.wallclock import midnight
from rooms.models import Room

MOST_REASONS = 20


class ReasonOut(Schema):
    """A rule that stands against a room on a date."""

    kind: str
    severity: str
    detail: str
    recurrence_id: str | None = Field(description="The date; null if it is about all of them.")
    start: Stamp | None
    end: Stamp | None
    until: Stamp | None = Field(
        description="From then on the rule stands in nobody's way; null if time does not help."
    )
    passes: str = Field(description="What would pass.")


def reasons_out(
    offers: Sequence[RoomOffer], viewer: User, zone: ZoneInfo | None
) -> dict[int, list[ReasonOut]]:
    """By room (id), the first MOST_REASONS of what stands against it, the heaviest first."""
    problems: list[Problem] = []
    for offer in offers:
        problems += sorted(offer.problems, key=lambda p: -p.severity)[:MOST_REASONS]
    words = zone or viewer.zone
    rooms = {offer.room.pk: offer for offer in offers}
    found: dict[int, list[ReasonOut]] = defaultdict(list)
    for finding in readable(problems, viewer, words) if problems else ():
        if finding.room_id is not None:
            offer = rooms[finding.room_id]
            found[finding.room_id].append(_out(finding, offer, zone, words))
    return found


def _out(finding: Finding, offer: RoomOffer, zone: ZoneInfo | None, words: ZoneInfo) -> ReasonOut:
    problem, stretch = finding.problem, finding.stretch
    assert problem is not None  # `readable` says of each finding what was read
    until = _until(problem, offer.room)
    return ReasonOut(
        kind=KIND.sub("-", type(problem).__name__).lower(),
        severity=finding.severity.name.lower(),
        detail=f"{finding.headline} {finding.detail}".strip(),
        recurrence_id=finding.date or None,
        start=stamp(stretch.start, zone) if stretch else None,
        end=stamp(stretch.end, zone) if stretch else None,
        until=stamp(until, zone) if until else None,
        passes=_passes(problem, finding, offer, until, words),
    )


def _until(problem: Problem, room: Room) -> datetime | None:
    """From when on the rule lets a meeting be, or be booked."""
    if isinstance(problem, RoomTaken):
        return problem.stretch.end + room.buffers[0]
    if isinstance(problem, RoomClosed):
        return problem.stretch.end
    if isinstance(problem, NotYetBookable):
        return midnight(room.bookable_on(problem.stretch.end), room.zone)
    return None


def _passes(
    problem: Problem, finding: Finding, offer: RoomOffer, until: datetime | None, zone: ZoneInfo
) -> str:
    if isinstance(problem, RoomTaken | RoomClosed):
        if offer.free_from:
            said = {"time": moment_words(offer.free_from, zone)}
            return _("It is free for as long from %(time)s on.") % said
        assert until is not None
        return _("A time from %(time)s on.") % {"time": moment_words(until, zone)}
    if isinstance(problem, NotYetBookable):
        day = {"day": day_words(offer.room.bookable_on(problem.stretch.end))}
        return _("It can be booked from %(day)s on.") % day
    if isinstance(problem, TooFewSeats):
        return _("At most %(seats)d people.") % {"seats": problem.seats}
    if isinstance(problem, RoomInactive):
        return _("Nothing: it is out of use.")
    return finding.detail
