"""An event of another calendar, as we would keep it: the values of a draft, and the answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.drafts import ADDRESS, LINK, LONGEST, REMINDER_LEADS, Attendee, Draft
from meetings.ical import Attendee as Guest
from meetings.ical import Event
from meetings.models import Invitation, Meeting
from meetings.recurrence import ONCE
from meetings.scheduler.plans import Place
from meetings.wallclock import AllDay, When

LONGEST_UID = 500
LONGEST_ADDRESS = 254
LONGEST_NAME = 200

_STATUSES = {
    "needs-action": Invitation.Status.NEEDS_ACTION,
    "accepted": Invitation.Status.ACCEPTED,
    "tentative": Invitation.Status.TENTATIVE,
    "declined": Invitation.Status.DECLINED,
    "delegated": Invitation.Status.DECLINED,  # somebody else comes, invited on her own
}
_ROLES = {"optional": "optional", "non-participant": "optional"}
_PRIORITIES = {
    "low": Meeting.Priority.LOW,
    "normal": Meeting.Priority.NORMAL,
    "high": Meeting.Priority.HIGH,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place, with the answer that the calendar says was given."""

    place: Place
    status: str


@dataclass(frozen=True, slots=True)
class ArrivedDate:
    """What one date of a series has of its own.

    `when` is None where it is not moved; `own` are its fields that differ from the series'.
    `seats` are people whose answer or role differs on it, `absent` those who are not on it.
    """

    cancelled: bool = False
    added: bool = False
    when: When | None = None
    own: Mapping[str, object] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    absent: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as a meeting: `seats` are of everybody, the organizer first.

    `organizer` is the account that organizes it, else `organizer_email` says who does.
    `dates` are those of a series that have something of their own, by recurrence-id. Unless it
    is `whole`, the calendar shows these dates alone, of a series that is known here.
    """

    ical_uid: str
    sequence: int
    last_modified: datetime | None
    cancelled: bool
    organizer: User | None
    organizer_email: str
    organizer_name: str
    draft: Draft
    seats: tuple[Seat, ...]
    remarks: tuple[str, ...]
    dates: Mapping[str, ArrivedDate] = field(default_factory=dict)
    whole: bool = True

    @property
    def organizer_address(self) -> str:
        """Whose it is; with `ical_uid`, what it is known by."""
        return self.organizer.email if self.organizer else self.organizer_email


def addresses_in(events: Iterable[Event]) -> set[str]:
    """Every e-mail address that these events name."""
    addresses: set[str] = set()
    for event in events:
        addresses.update(guest.email for guest in event.attendees)
        if event.organizer:
            addresses.add(event.organizer.email)
    return addresses


def arrival_of(event: Event, *, by: User, users: Mapping[str, User]) -> Arrival:
    """The event as `by` takes it in; `users` are the accounts of all its addresses.

    Without an organizer it is `by`'s own, with another one it is theirs and `by` attends.
    Raises InvalidDraft if it cannot be a meeting.
    """
    remarks: list[str] = []
    email = event.organizer.email if event.organizer else by.email
    organizer = by if email == by.email else users.get(email)
    name = event.organizer.name if event.organizer else ""
    guests = [guest for guest in event.attendees if _is_guest(guest, remarks)]
    seats = _seats(event, guests, email, name, by=by, users=users)
    draft = Draft(
        title=_short(event.summary, "title", _("title"), remarks) or _("No title"),
        when=event.when,
        zone=by.zone if isinstance(event.when, AllDay) else event.when.zone,
        description=_description(event, remarks),
        location=_short(event.location, "location", _("location"), remarks),
        join_link=_join_link(event, remarks),
        attendees=tuple(
            Attendee(seat.place.address, seat.place.role, seat.place.name) for seat in seats[1:]
        ),
        priority=_PRIORITIES[event.priority],
        visibility=event.visibility,
        transparency=event.transparency,
        tentative=event.status == "tentative",
        reminders=_reminders(event, seats),
        rrule=event.rrule or (ONCE if event.rdates else ""),
    ).checked()
    return Arrival(
        ical_uid=event.uid,
        sequence=event.sequence,
        last_modified=event.last_modified,
        cancelled=event.status == "cancelled",
        organizer=organizer,
        organizer_email="" if organizer else email,
        organizer_name="" if organizer else name[:LONGEST_NAME],
        draft=draft,
        seats=seats,
        remarks=tuple(remarks),
    )


def _seats(
    event: Event,
    guests: list[Guest],
    organizer: str,
    organizer_name: str,
    *,
    by: User,
    users: Mapping[str, User],
) -> tuple[Seat, ...]:
    """Everybody's place. Whose calendar it comes from attends, even if no list says so."""
    listed = {guest.email: guest for guest in guests}
    people = {organizer: listed.get(organizer) or Guest(organizer, organizer_name)}
    people |= listed
    people.setdefault(by.email, Guest(by.email))
    unlisted = "tentative" if event.status == "tentative" else "accepted"
    seats = []
    for email, guest in people.items():
        user = by if email == by.email else users.get(email)
        unsaid = guest.answer == "needs-action" and (email == organizer or email not in listed)
        place = Place(
            user,
            "" if user else email,
            "" if user else guest.name[:LONGEST_NAME],
            _ROLES.get(guest.role, "required"),
            is_organizers=email == organizer,
        )
        seats.append(Seat(place, _STATUSES[unlisted if unsaid else guest.answer]))
    return tuple(seats)


def _is_guest(guest: Guest, remarks: list[str]) -> bool:
    """Whether an attendee is somebody to invite: no room, and with an address for mail."""
    shown = guest.name or guest.email
    if guest.kind in ("room", "resource"):
        remarks.append(_("“%(room)s” is not booked.") % {"room": shown})
        return False
    if not ADDRESS.fullmatch(guest.email) or len(guest.email) > LONGEST_ADDRESS:
        remarks.append(
            _("“%(text)s” is no e-mail address and was left out.") % {"text": guest.email[:60]}
        )
        return False
    return True


def _description(event: Event, remarks: list[str]) -> str:
    """The description, with the event's web page, for which there is no field."""
    text = event.description.strip()
    if event.url and event.url not in text:
        text = f"{text}\n\n{event.url}".strip()
    return _short(text, "description", _("description"), remarks)


def _short(text: str, field: str, words: str, remarks: list[str]) -> str:
    """The text as long as the field may be."""
    text = text.strip() if field == "description" else " ".join(text.split())
    most = LONGEST[field]
    if len(text) <= most:
        return text
    remarks.append(
        _("Its %(field)s was shortened to %(most)d characters.") % {"field": words, "most": most}
    )
    return text[: most - 1].rstrip() + "…"


def _join_link(event: Event, remarks: list[str]) -> str:
    link = event.join_link
    if link and (len(link) > LONGEST["join_link"] or not LINK.fullmatch(link)):
        remarks.append(_("Its join link cannot be used and was left out."))
        return ""
    return link


def _reminders(event: Event, seats: tuple[Seat, ...]) -> tuple[int, ...]:
    """The nearest of our leads; none if somebody on it has no account.

    Reminders go to everybody on a meeting, and what comes in writes to nobody outside.
    """
    if not all(seat.place.user for seat in seats):
        return ()
    return tuple(
        min(REMINDER_LEADS, key=lambda lead: abs(lead - minutes)) for minutes in event.reminders
    )
