"""What a command would do, worked out by reading only. Committing makes the same plan again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User, normal_address
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.drafts import Attendee, Draft
from meetings.events import Message, Told, audience
from meetings.models import Change, Invitation, Meeting
from meetings.problems import InvalidDraft, Problem, Refusal, Severity, worst
from rooms.models import Room


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. `proposal` is what the problems were found for."""

    draft: Draft
    proposal: Proposal
    places: tuple[Place, ...]
    rooms: tuple[Room, ...]
    problems: tuple[Problem, ...] = ()
    rooms_taken: tuple[Room, ...] = ()
    rooms_released: tuple[Room, ...] = ()
    fields: dict[str, list[object]] = field(default_factory=dict)
    told: tuple[Told[Place], ...] = ()

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
        """Tells this plan's problems from another's; sent back, it says what was seen."""
        weighty = sorted(repr(p) for p in self.problems if p.severity >= Severity.WARNS)
        return hashlib.sha256("\n".join(weighty).encode()).hexdigest()[:20]

    def told_of(self, message: Message) -> list[Place]:
        """Who gets this kind of message."""
        return [told.person for told in self.told if told.message == message]


class Conflicted(Refusal):
    """Rooms or people collide, or something collides that had not been seen: see `plan`."""

    def __init__(self, plan: Plan) -> None:
        if plan.refused:
            sentence = _("A room is not to be had at that time. Choose another room or time.")
        else:
            sentence = _("Somebody has another meeting then. Choose another time, or save anyway.")
        super().__init__(sentence)
        self.plan = plan


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
    """Those of the places whose calendars are here."""
    return tuple(Asked(p.user, p.role == "optional") for p in places if p.user)


def plan_schedule(draft: Draft, *, by: User, now: datetime) -> Plan:
    """What `schedule` would do. Raises InvalidDraft."""
    draft = draft.checked()
    places = places_for(by, draft.attendees)
    rooms = load_rooms(draft.room_ids)
    proposal = Proposal(
        dates=(draft.when,),
        people=people_of(places),
        rooms=rooms,
        seats=len(places),
        free=draft.transparency == Meeting.Transparency.FREE,
        holder=by,
    )
    return Plan(
        draft,
        proposal,
        places,
        rooms,
        problems=tuple(find_conflicts(proposal, now=now)),
        rooms_taken=rooms,
        told=tuple(audience(Change.Kind.CREATED, fields=(), stayed=places[:1], added=places[1:])),
    )


def place_of(invitation: Invitation) -> Place:
    """The place that an invitation holds."""
    return Place(
        invitation.user,
        invitation.email,
        invitation.name,
        invitation.role,
        is_organizers=invitation.is_organizers,
    )
