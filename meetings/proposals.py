"""What is proposed for a meeting and still open, and how each proposed time would suit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from accounts.models import User
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.dates import date_of
from meetings.lifecycle import Act, allows
from meetings.models import CounterProposal, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import (
    OverlapsItself,
    PersonAway,
    PersonBusy,
    Problem,
    Severity,
    TooFewSeats,
)
from meetings.problems import date_of as name_in
from meetings.readable import Finding, readable
from meetings.wallclock import AllDay, When
from rooms.models import Room

MOST_OTHER_ROOMS = 3
ROOMS_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Proposed:
    """An open proposal, and the date it is for."""

    proposal: CounterProposal
    occurrence: Occurrence

    @property
    def whens(self) -> list[When]:
        """The proposed times as wall clocks of the date."""
        return self.proposal.whens(self.occurrence)


@dataclass(frozen=True, slots=True)
class Suits:
    """How one proposed time suits, for whoever may move the meeting.

    `people` are those whose calendars are here, `free` those of them who can come; `findings`
    says what stands against it. `rooms` are the meeting's that can be had then, and `others`
    what would stand in for the first that cannot; `unknown` is how many people have no calendar
    here.
    """

    number: int
    when: When
    over: bool
    people: tuple[Asked, ...]
    free: tuple[User, ...]
    unknown: int
    findings: tuple[Finding, ...]
    rooms: tuple[Room, ...]
    lost: tuple[Room, ...]
    others: tuple[Room, ...]

    @property
    def of(self) -> int:
        """How many calendars are here."""
        return len(self.people)

    @property
    def collides(self) -> bool:
        """Whether something stands against it that refuses or warns."""
        return any(finding.severity >= Severity.WARNS for finding in self.findings)

    def room_ids_with(self, other: Room) -> list[int]:
        """The rooms to take if that one stands in for the first that is lost."""
        return [*(room.pk for room in self.rooms), other.pk]


def open_proposals(
    meeting: Meeting, now: datetime, *, date: Occurrence | None = None
) -> list[Proposed]:
    """The open proposals for a meeting, or for that date of it, oldest first.

    One query, and one or two more for the dates of a series unless `date` is given.
    """
    rows = CounterProposal.objects.open().filter(meeting=meeting)
    rows = rows.select_related("invitation__user", "invitation__meeting")
    name = date.recurrence_id if date and meeting.is_series else ""
    found = [row for row in rows if date is None or row.recurrence_id == name]
    dates = {name: date} if date else _dates(meeting, {row.recurrence_id for row in found})
    proposed = []
    for row in found:
        on = dates.get(row.recurrence_id)
        if on and row.is_for(on) and allows(Act.PROPOSE, on, now):
            proposed.append(Proposed(row, on))
    return proposed


def open_proposal_of(
    invitation: Invitation, occurrence: Occurrence, now: datetime
) -> CounterProposal | None:
    """What that person proposes for the date. One query."""
    found = open_proposals(invitation.meeting, now, date=occurrence)
    mine = [p.proposal for p in found if p.proposal.invitation.person == invitation.person]
    return mine[-1] if mine else None


def how_they_suit(
    occurrence: Occurrence, proposed: Sequence[Proposed], viewer: User, now: datetime
) -> dict[int, list[Suits]]:
    """By proposal (its id), how each of its times suits, all of them for one date.

    A constant number of queries, however many times there are. Nobody's private meeting is
    named to `viewer`.
    """
    meeting = occurrence.meeting
    rows = on_date(meeting.invitations.select_related("user"), occurrence.recurrence_id)
    people = tuple(Asked(row.user, row.role == "optional") for row in rows if row.user)
    prefetch_related_objects([asked.user for asked in people], "working_hours")
    wanted = _wanted(occurrence)
    candidates = _candidates(wanted, seats=len(rows))
    times = [(p, n, when) for p in proposed for n, when in enumerate(p.whens)]
    asked = _asked(occurrence, people, len(rows), (*wanted, *candidates), times, viewer)
    # Proposed times may well overlap one another, and the seats were known before.
    problems = [
        problem
        for problem in (find_conflicts(asked, now=now) if times else ())
        if not isinstance(problem, OverlapsItself | TooFewSeats)
    ]
    usual = {room.pk for room in wanted}
    shown = [p for p in problems if getattr(p, "room_id", None) in {None, *usual}]
    findings = readable(shown, viewer, viewer.zone)
    suits: dict[int, list[Suits]] = {p.proposal.pk: [] for p in proposed}
    for p, n, when in times:
        name = f"{p.proposal.pk}-{n}"
        against = [problem for problem in problems if name_in(problem) in ("", name)]
        out, taken = _people_out(against), _rooms_lost(against)
        lost = tuple(room for room in wanted if room.pk in taken)
        others = [room for room in candidates if room.pk not in taken] if lost else []
        suits[p.proposal.pk].append(
            Suits(
                n,
                when,
                over=_start(when, occurrence) <= now,
                people=people,
                free=tuple(asked.user for asked in people if asked.user.pk not in out),
                unknown=len(rows) - len(people),
                findings=tuple(f for f in findings if f.date in ("", name)),
                rooms=tuple(room for room in wanted if room.pk not in taken),
                lost=lost,
                others=tuple(others[:MOST_OTHER_ROOMS]) if len(lost) == 1 else (),
            )
        )
    return suits


def _asked(
    occurrence: Occurrence,
    people: tuple[Asked, ...],
    seats: int,
    rooms: tuple[Room, ...],
    times: Sequence[tuple[Proposed, int, When]],
    viewer: User,
) -> Proposal:
    """All times at once, each under its own name, as if the date were not there."""
    meeting = occurrence.meeting
    return Proposal(
        dates=tuple(when for _p, _n, when in times),
        people=people,
        rooms=rooms,
        seats=seats,
        free=occurrence.shown_transparency == Meeting.Transparency.FREE,
        ignoring=meeting,
        ignored=ignored_of(occurrence),
        holder=viewer,
        names=tuple(f"{p.proposal.pk}-{n}" for p, n, _when in times),
    )


def ignored_of(occurrence: Occurrence) -> frozenset[int] | None:
    """Which dates of the meeting count as not there: of a series that one alone."""
    if not occurrence.meeting.is_series:
        return None
    return frozenset({occurrence.pk} if occurrence.pk else ())


def _people_out(problems: Sequence[Problem]) -> set[int]:
    """Who cannot come; somebody tentatively busy, or outside her working hours, perhaps can."""
    busy = {p.user_id for p in problems if isinstance(p, PersonBusy) and not p.tentative}
    return busy | {p.user_id for p in problems if isinstance(p, PersonAway)}


def _rooms_lost(problems: Sequence[Problem]) -> set[int]:
    """The rooms that cannot be had."""
    weighty = [problem for problem in problems if problem.severity >= Severity.REFUSES]
    return {room for p in weighty if (room := getattr(p, "room_id", None)) is not None}


def _wanted(occurrence: Occurrence) -> list[Room]:
    """The rooms that the date is to have, with details."""
    own = occurrence.room_ids
    rows = occurrence.meeting.rooms.all() if own is None else Room.objects.filter(pk__in=own)
    return list(rows.with_details().order_by("name"))


def _candidates(wanted: Sequence[Room], *, seats: int) -> list[Room]:
    """Rooms that could stand in: at the same site, large enough, the smallest first."""
    if not wanted:
        return []
    ids = [room.pk for room in wanted]
    rows = Room.objects.at_sites_of(ids).seating(seats).exclude(pk__in=ids)
    return list(rows.with_details()[:ROOMS_LOOKED_AT])


def _start(when: When, occurrence: Occurrence) -> datetime:
    zone = occurrence.meeting.zone
    return (when.stretch_in(zone) if isinstance(when, AllDay) else when.during()).start


def _dates(meeting: Meeting, names: Collection[str]) -> dict[str, Occurrence]:
    """Those dates of a meeting that it still has, by the name a proposal gives them."""
    if not meeting.is_series:
        return {"": meeting.occurrence} if names else {}
    rows = Occurrence.objects.filter(meeting=meeting, recurrence_id__in=names)
    found = {row.recurrence_id: row for row in rows}
    for name in set(names) - set(found) - {""}:
        try:
            found[name] = date_of(meeting, name)
        except Occurrence.DoesNotExist:
            continue
    for row in found.values():
        row.meeting = meeting
    return found
