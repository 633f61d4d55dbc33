"""What a command would do, worked out by reading only. Committing makes the same plan again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import User, normal_address
from meetings.conflicts import Asked, Proposal
from meetings.displacing import Displacement
from meetings.drafts import PLAIN_FIELDS, Attendee, Draft
from meetings.events import Message, Told, audience
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.problems import InvalidDraft, Problem, Refusal, Severity, date_of, worst
from meetings.recurrence import MOST_DATES, BadRule, Reason, dates, gives
from meetings.rulewords import bad_rule_words
from meetings.scheduler.decisions import Decisions
from meetings.scheduler.sheets import Sheet, decide, with_own_rooms
from meetings.scheduler.weighing import weigh
from meetings.slots import Alternative, SeriesAlternative
from meetings.wallclock import When
from rooms.models import Room

NOTHING_DECIDED: Decisions = {}


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place on a meeting, as planned: a user, or only an address."""

    user: User | None
    email: str
    name: str
    role: str
    is_organizers: bool = False

    @property
    def address(self) -> str:
        """Where mail for this person goes."""
        return self.user.email if self.user else self.email

    @property
    def shown_name(self) -> str:
        """The person's name, or the address if that is all we know."""
        return str(self.user) if self.user else self.name or self.email


class Scope(StrEnum):
    """Which dates of a series a command is about."""

    THIS = "this"
    FOLLOWING = "following"  # this one and those after it
    ALL = "all"


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """What becomes of one date to come: None before if it is new, None after if it goes."""

    name: str
    before: When | None
    after: When | None
    status: str
    rooms: tuple[Room, ...]
    problems: tuple[Problem, ...]

    @property
    def moves(self) -> bool:
        """Whether it takes place before and after, at another time."""
        return None not in (self.before, self.after) and self.before != self.after


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. `proposal` is all of what is asked for: dates to come, people, rooms.

    Of a series, `dates` tells what becomes of each date to come, as far as they are rows
    (`checked_until`; None if that is all of them). `orphans` are the dates somebody changed
    that a new rule does not give; `kept_past` is how many dates stay because they have begun.
    `displaced` are dates of other meetings whose rooms it takes. `sheets` is what will be written.
    """

    draft: Draft
    proposal: Proposal
    places: tuple[Place, ...]
    rooms: tuple[Room, ...]
    problems: tuple[Problem, ...] = ()
    rooms_taken: tuple[Room, ...] = ()
    rooms_released: tuple[Room, ...] = ()
    fields: dict[str, list[object]] = field(default_factory=dict)
    told: tuple[Told[Place], ...] = ()
    scope: Scope = Scope.ALL
    dates: tuple[PlannedDate, ...] = ()
    orphans: tuple[Occurrence, ...] = ()
    kept_past: int = 0
    checked_until: datetime | None = None
    displaced: tuple[Displacement, ...] = ()
    sheets: tuple[Sheet, ...] = field(default=(), compare=False, repr=False)

    @property
    def colliding(self) -> dict[str, list[Problem]]:
        """By recurrence-id, what warns of or refuses a date; soonest first."""
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            if date_of(problem) and problem.severity >= Severity.WARNS:
                found.setdefault(date_of(problem), []).append(problem)
        return dict(sorted(found.items()))

    @property
    def refused(self) -> bool:
        """Whether it cannot be: a room is not to be had."""
        return worst(self.problems) >= Severity.REFUSES

    @property
    def warned(self) -> bool:
        """Whether somebody has to say "anyway"."""
        return worst(self.problems) >= Severity.WARNS

    @property
    def fingerprint(self) -> str:
        """Tells this plan's problems and victims from another's; it says what was seen."""
        weighty = sorted(repr(p) for p in self.problems if p.severity >= Severity.WARNS)
        weighty += sorted(repr(displacement.key) for displacement in self.displaced)
        return hashlib.sha256("\n".join(weighty).encode()).hexdigest()[:20]

    def told_of(self, message: Message) -> list[Place]:
        """Who gets this kind of message."""
        return [told.person for told in self.told if told.message == message]


class Conflicted(Refusal):
    """Rooms or people collide, or something collides that had not been seen: see `plan`.

    `alternatives` are the best other times, if the policy is to propose some. `anyway` says
    that it may be saved once it was seen.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        alternatives: Sequence[Alternative | SeriesAlternative] = (),
        anyway: bool = True,
    ) -> None:
        if plan.refused:
            sentence = _("A room is not to be had at that time. Choose another room or time.")
        elif plan.displaced:
            sentence = _("Other meetings have to give way. Look which, then take the room.")
        elif anyway:
            sentence = _("Somebody has another meeting then. Choose another time, or save anyway.")
        else:
            sentence = _("Nothing is booked while something collides. Choose another time or room.")
        super().__init__(sentence)
        self.plan = plan
        self.alternatives = tuple(alternatives)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did; `change` is None if there was nothing to do."""

    meeting: Meeting
    change: Change | None
    plan: Plan | None = None


def load_rooms(room_ids: Sequence[int]) -> tuple[Room, ...]:
    """These rooms in their order, with details; raises InvalidDraft if one does not exist."""
    rooms = Room.objects.with_details().in_bulk(list(room_ids))
    if len(rooms) < len(set(room_ids)):
        raise InvalidDraft({"rooms": _("That room does not exist any more. Choose another.")})
    return tuple(rooms[pk] for pk in room_ids)


def places_for(organizer: User, attendees: Sequence[Attendee]) -> tuple[Place, ...]:
    """The organizer's place, then the attendees'; an account's address is that person."""
    addresses = [normal_address(attendee.email) for attendee in attendees]
    users = {
        user.email: user
        for user in User.objects.get_queryset()
        .with_addresses([*addresses, organizer.email])
        .prefetch_related("working_hours")
    }
    places = [Place(users[organizer.email], "", "", "required", is_organizers=True)]
    for attendee, address in zip(attendees, addresses, strict=True):
        if address == organizer.email:
            continue
        user = users.get(address)
        places.append(
            Place(user, "" if user else address, "" if user else attendee.name, attendee.role)
        )
    return tuple(places)


def people_of(places: Sequence[Place]) -> tuple[Asked, ...]:
    """Those of the places whose calendars are here, with their working hours."""
    people = tuple(Asked(p.user, p.role == "optional") for p in places if p.user)
    prefetch_related_objects([asked.user for asked in people], "working_hours")
    return people


def plan_schedule(
    draft: Draft, *, by: User, now: datetime, decisions: Decisions = NOTHING_DECIDED
) -> Plan:
    """What `schedule` would do. Raises InvalidDraft."""
    draft = draft.checked()
    require_recent(draft, now)
    places = places_for(by, draft.attendees)
    rooms = load_rooms(draft.room_ids)
    meeting = Meeting(organizer=by, created_by=by, created_at=now, updated_at=now)
    meeting.ical_uid = f"{meeting.uid}@scheduler"
    fill(meeting, draft)
    sheet = Sheet(meeting, [], rooms)
    sheet.index(now)
    add_and_leave_out(sheet, draft)
    decide(sheet, decisions)
    with_own_rooms(sheet)
    people = people_of(places)
    problems = weigh(
        sheet,
        people=people,
        added=(),
        seats=len(places),
        holder=by,
        now=now,
        ignoring=None,
        decisions=decisions,
        repeats=bool(draft.rrule),
        over=True,
    )
    rows = sheet.live(now) or sheet.rows[:1]
    return Plan(
        draft,
        proposal_of(sheet, rows, places, holder=by, ignoring=None),
        places,
        rooms,
        problems=tuple(problems),
        rooms_taken=rooms,
        told=tuple(audience(Change.Kind.CREATED, fields=(), stayed=places[:1], added=places[1:])),
        dates=planned_dates(sheet, problems, now),
        checked_until=meeting.indexed_until,
        sheets=(sheet,),
    )


def require_recent(draft: Draft, now: datetime) -> None:
    """Raise InvalidDraft if a series begins so long ago that it is over MOST_DATES times by now."""
    past = dates(draft.when, draft.rrule, end=now.date())
    if sum(1 for _when in islice(past, MOST_DATES + 1)) > MOST_DATES:
        sentence = _("More than %(most)d dates lie in the past: choose a later first date.")
        raise InvalidDraft({"rrule": sentence % {"most": MOST_DATES}})


def fill(meeting: Meeting, draft: Draft) -> None:
    """Take a draft's values over into a meeting; rooms and people are rows of their own."""
    meeting.timezone = draft.zone
    meeting.when = draft.when
    meeting.rrule = draft.rrule
    for name in PLAIN_FIELDS:
        setattr(meeting, name, getattr(draft, name))
    meeting.reminders = list(draft.reminders)


def add_and_leave_out(sheet: Sheet, draft: Draft) -> None:
    """Add the dates a draft asks for, and call off those it leaves out, as far as there are such.

    Raises InvalidDraft for one to add that cannot be.
    """
    named = {row.recurrence_id: row for row in sheet.rows}
    for name in draft.rdates:
        if name not in named:
            row = Occurrence(meeting=sheet.meeting, recurrence_id=name)
            row.origin = Occurrence.Origin.ADDED
            try:
                row.index()
            except ValueError:
                wrong = BadRule(Reason.DATES, "RDATE", name)
                raise InvalidDraft({"rrule": bad_rule_words(wrong)}) from None
            named[name] = row
    for name in draft.exdates:
        if name not in named and not _is_given(sheet.meeting, name):
            continue
        row = named.get(name) or Occurrence(meeting=sheet.meeting, recurrence_id=name)
        row.index()
        named[name] = row
        row.status = Occurrence.Status.CANCELLED
    sheet.rows = [named[name] for name in sorted(named)]


def _is_given(meeting: Meeting, name: str) -> bool:
    """Whether the meeting's rule gives the date of that name."""
    try:
        when = when_named(meeting, name)
    except ValueError:
        return False
    return when == meeting.when.on(when.day) and gives(meeting.when, meeting.rrule, when.day)


def proposal_of(
    sheet: Sheet,
    rows: Sequence[Occurrence],
    places: Sequence[Place],
    *,
    holder: User,
    ignoring: Meeting | None,
    ignored: frozenset[int] | None = None,
) -> Proposal:
    """These dates of a sheet as a proposal, for whoever looks for other times and rooms."""
    return Proposal(
        dates=tuple(row.when for row in rows),
        people=people_of(places),
        rooms=sheet.wanted(rows[0]) if len(rows) == 1 else sheet.rooms,
        seats=len(places),
        free=sheet.meeting.transparency == Meeting.Transparency.FREE,
        ignoring=ignoring,
        ignored=ignored,
        holder=holder,
        names=tuple(row.recurrence_id for row in rows),
        repeats=sheet.meeting.is_series,
    )


def planned_dates(
    sheet: Sheet, problems: Sequence[Problem], now: datetime
) -> tuple[PlannedDate, ...]:
    """What becomes of each date to come of a series."""
    if not sheet.meeting.is_series and not sheet.stale:
        return ()
    against: dict[str, list[Problem]] = {}
    for problem in problems:
        against.setdefault(date_of(problem), []).append(problem)
    found = []
    for row in (*sheet.rows, *sheet.stale):
        was = sheet.before.get(row.pk) if row.pk else None
        live = row.status == Occurrence.Status.SCHEDULED and row not in sheet.stale
        before = was.when if was and was.live else None
        after = row.when if live else None
        ends = [when.during().end for when in (before, after) if when]
        if row.status == Occurrence.Status.SKIPPED or (ends and max(ends) > now):
            found.append(
                PlannedDate(
                    row.recurrence_id,
                    before,
                    after,
                    row.status,
                    sheet.wanted(row) if live else (),
                    tuple(against.get(row.recurrence_id, ())),
                )
            )
    return tuple(sorted(found, key=lambda date: date.name))


def place_of(invitation: Invitation) -> Place:
    """The place that an invitation holds."""
    return Place(
        invitation.user,
        invitation.email,
        invitation.name,
        invitation.role,
        is_organizers=invitation.is_organizers,
    )
