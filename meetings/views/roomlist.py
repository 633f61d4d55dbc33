"""The rooms of the form: those that fit and are free first, and why the others are not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from meetings.problems import (
    NotYetBookable,
    OutsideOpeningHours,
    OverlapsItself,
    Problem,
    RoomClosed,
    RoomInactive,
    RoomTaken,
    Severity,
    TooFewSeats,
    date_of,
)
from meetings.scheduler import Plan
from meetings.slots import RoomOffer, RoomQuestion, find_rooms, marked_near, rooms_for
from meetings.timewords import clock_range
from meetings.views.offers import about_room
from rooms.models import Room, RoomQuerySet

MOST_WEIGHED = 60
MOST_FREE, MOST_OTHERS = 8, 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A room in the list: what it is, and how it stands at the time asked for."""

    room: Room
    chosen: bool
    about: str
    standing: str
    free: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class RoomList:
    """The rooms shown; `more` says that there are others, to be found by name."""

    choices: tuple[Choice, ...]
    more: bool


def weigh_rooms(
    plan: Plan | None, chosen: Sequence[Room], *, named: str, zone: ZoneInfo, now: datetime
) -> list[RoomOffer]:
    """Rooms for a plan in the room finder's order: those that fit and are free first.

    Near are the sites of the chosen rooms, else those in the reader's `zone`. These are the
    first MOST_WEIGHED of the rooms whose name has each word of `named`, and the chosen ones. A
    constant number of queries. Without a plan nothing stands against any room.
    """
    near = Q(site__in={room.site_id for room in chosen}) if chosen else Q(site__timezone=zone.key)
    rooms = _named(named)
    if plan is None:
        some = marked_near(rooms.with_details(), near)
        some = some.order_by("-near", "capacity", "name", "pk")  # type: ignore[misc]
        offers = [RoomOffer(room) for room in some[:MOST_WEIGHED]]
    else:
        question = RoomQuestion(plan.proposal, rooms, near=near)
        offers = list(find_rooms(question, now=now, size=MOST_WEIGHED).offers)
    missing = {room.pk for room in chosen} - {offer.room.pk for offer in offers}
    if missing:
        marked = list(marked_near(Room.objects.with_details(), near).filter(pk__in=missing))
        offers += rooms_for(plan.proposal, marked, now=now) if plan else map(RoomOffer, marked)
    return sorted(offers, key=lambda offer: not offer.free)


def _named(words: str) -> RoomQuerySet:
    rooms = Room.objects.bookable()
    for word in words.split()[:5]:
        rooms = rooms.filter(
            Q(name__icontains=word) | Q(code__icontains=word) | Q(site__name__icontains=word)
        )
    return rooms


def list_rooms(
    offers: Sequence[RoomOffer],
    chosen: Iterable[Room],
    *,
    known: bool,
    zone: ZoneInfo,
    dates: int = 1,
) -> RoomList:
    """The few of the weighed rooms that are shown, the chosen ones always among them.

    `known`: whether a time was given, so that "free" means something; for how many `dates`.
    """
    ticked = {room.pk for room in chosen}
    free = [offer for offer in offers if offer.free][:MOST_FREE]
    others = [offer for offer in offers if not offer.free][:MOST_OTHERS]
    kept = {offer.room.pk for offer in (*free, *others)} | ticked
    shown = [offer for offer in offers if offer.room.pk in kept]
    return RoomList(
        tuple(_choice(offer, ticked, known, zone, dates) for offer in shown),
        more=len(shown) < len(offers) or len(offers) >= MOST_WEIGHED,
    )


def _choice(offer: RoomOffer, ticked: set[int], known: bool, zone: ZoneInfo, dates: int) -> Choice:
    weighty = [p for p in offer.problems if p.severity >= Severity.WARNS]
    weighty.sort(key=lambda problem: -problem.severity)
    standing = standing_words(weighty[0], zone) if weighty else _("free") if known else ""
    wrong = {date_of(problem) for problem in weighty}
    if dates > 1 and wrong and "" not in wrong and len(wrong) < dates:
        numbers = {"free": dates - len(wrong), "total": dates}
        standing = _("free on %(free)d of %(total)d dates") % numbers
    return Choice(
        offer.room,
        chosen=offer.room.pk in ticked,
        about=about_room(offer.room, place="" if offer.room.near else offer.room.site.name),  # type: ignore[attr-defined]
        standing=standing,
        free=offer.free,
        refused=bool(weighty) and weighty[0].severity >= Severity.REFUSES,
    )


def standing_words(problem: Problem, zone: ZoneInfo) -> str:
    """Why a room cannot be had, in a word or two; nothing of whose meeting it is."""
    if isinstance(problem, RoomTaken):
        taken = clock_range(problem.stretch.start, problem.stretch.end, zone)
        return _("taken %(range)s") % {"range": taken}
    if isinstance(problem, RoomClosed):
        return _("closed, %(reason)s") % {"reason": problem.reason}
    if isinstance(problem, OutsideOpeningHours):
        return _("not open then")
    if isinstance(problem, RoomInactive):
        return _("out of use")
    if isinstance(problem, TooFewSeats):
        return _("you are %(people)d") % {"people": problem.people}
    if isinstance(problem, NotYetBookable):
        return _("not bookable yet")
    if isinstance(problem, OverlapsItself):
        return _("needed twice at once")
    return ""
