"""Suggestions in words: each says by what it was ranked, in the order in which that counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.availability import Times
from meetings.intervals import Stretch
from meetings.slots import RoomFit, Slot
from meetings.timewords import clock, clock_range, range_words, zone_place
from meetings.views.findform import Wanted
from meetings.views.offers import about_room
from meetings.views.planwords import listed
from rooms.models import Room

MOST_NAMES = 4
MOST_CLOCKS = 3
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence; `care` if it is allowed, but to be thought of."""

    words: str
    care: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A slot as it is listed. `address` leads to the form with it filled in."""

    number: int
    slot: Slot
    day: date
    headline: str
    reasons: tuple[Reason, ...]
    room: Room | None
    about: str
    address: str


def reasons(slot: Slot, wanted: Wanted, found: Times) -> tuple[Reason, ...]:
    """Why a slot stands where it does. Of what people do then, only that they are busy."""
    return tuple(_reasons(slot, wanted, found))


def headline(slot: Slot, wanted: Wanted) -> str:
    """`Wed 11 March, 14:00–15:00` on the reader's clock."""
    return range_words(slot.stretch.start, slot.stretch.end, wanted.reader.zone)


def room_words(room: Room) -> str:
    """`Berlin, 8 seats, floor 3`."""
    return about_room(room, place=room.site.name)


def _reasons(slot: Slot, wanted: Wanted, found: Times) -> Iterator[Reason]:
    people = {place.user.pk: place.user for place in wanted.places if place.user}
    yield from _who_comes(slot, wanted, people, found)
    optional = wanted.users("optional")
    if optional:
        yield Reason(_optional(slot, len(optional), people))
    yield from _clocks(slot, wanted, people)
    if wanted.near:
        yield Reason(_nearness(slot.stretch.start, wanted.near))
    if slot.rank.room == RoomFit.ELSEWHERE:
        yield Reason(_("The room is not where most of you are."), care=True)
    elif slot.rank.room == RoomFit.NONE:
        yield Reason(_("No room that fits is free then."), care=True)


def _who_comes(
    slot: Slot, wanted: Wanted, people: dict[int, User], found: Times
) -> Iterator[Reason]:
    if slot.missing:
        yield Reason(_busy(slot, slot.missing, people, found, wanted), care=True)
    else:
        yield Reason(_all_free(slot, wanted, found))
    if slot.perhaps:
        names = _names(people, slot.perhaps)
        yield Reason(_("Perhaps not: %(names)s.") % {"names": names}, care=True)


def _all_free(slot: Slot, wanted: Wanted, found: Times) -> str:
    required = wanted.users("required")
    at_work = not slot.outside and all(found.people[user.pk].works for user in required)
    if len(required) == 1:
        return _("You are free and at work.") if at_work else _("You are free.")
    if any(place.role == "required" for place in wanted.guests):
        return _("All required whose calendars are here are free.")
    values = {"n": len(required)}
    if at_work:
        return _("All %(n)d required are free and at work.") % values
    return _("All %(n)d required are free.") % values


def _busy(
    slot: Slot, missing: Sequence[int], people: dict[int, User], found: Times, wanted: Wanted
) -> str:
    """`Ben is busy 15:30–16:30.`; of more than two only the names."""
    if len(missing) > 2:
        return _("Cannot come: %(names)s.") % {"names": _names(people, missing)}
    said = []
    for pk in missing:
        taken = [s for s in found.people[pk].busy if s.overlaps(slot.stretch)]
        values = {"name": people[pk].first_name, "range": _ranges(taken, wanted)}
        said.append(_("%(name)s is busy %(range)s.") % values)
    return " ".join(said)


def _ranges(stretches: Iterable[Stretch], wanted: Wanted) -> str:
    return ", ".join(clock_range(s.start, s.end, wanted.reader.zone) for s in stretches)


def _optional(slot: Slot, count: int, people: dict[int, User]) -> str:
    if slot.optional_missing:
        return _("Without %(names)s, optional.") % {"names": _names(people, slot.optional_missing)}
    if slot.optional_perhaps:
        names = _names(people, slot.optional_perhaps)
        return _("Perhaps without %(names)s, optional.") % {"names": names}
    return ngettext("The optional one is free too.", "All %d optional are free too.", count) % (
        () if count == 1 else count
    )


def _clocks(slot: Slot, wanted: Wanted, people: dict[int, User]) -> Iterator[Reason]:
    """What other clocks show, and for whom that is early or late."""
    start, reader = slot.stretch.start, wanted.reader
    outside = [people[pk] for pk in (*slot.outside, *slot.optional_outside)]
    elsewhere = {
        user.zone.key: user.zone
        for user in people.values()
        if clock(start, user.zone) != clock(start, reader.zone)
    }
    late = {user.zone.key for user in outside}
    places = [zone for key, zone in elsewhere.items() if key not in late][:MOST_CLOCKS]
    if places:
        said = [
            _("%(time)s in %(place)s") % {"time": clock(start, zone), "place": zone_place(zone)}
            for zone in places
        ]
        yield Reason(f"{', '.join(said)}.")
    by_clock: dict[str, list[str]] = {}
    for user in outside:
        by_clock.setdefault(clock(start, user.zone), []).append(user.first_name)
    if by_clock:
        said = [
            _("%(time)s for %(names)s") % {"time": at, "names": _few(names)}
            for at, names in by_clock.items()
        ]
        yield Reason(_("Outside usual hours: %(who)s.") % {"who": ", ".join(said)}, care=True)


def _nearness(start: datetime, near: datetime) -> str:
    """`4 days later than asked.`"""
    apart = abs(start - near)
    if not apart:
        return _("At the time asked for.")
    if apart >= DAY:
        count = round(apart / DAY)
        length = ngettext("%d day", "%d days", count) % count
    elif apart >= HOUR:
        count = round(apart / HOUR)
        length = ngettext("%d hour", "%d hours", count) % count
    else:
        count = round(apart / timedelta(minutes=1))
        length = ngettext("%d minute", "%d minutes", count) % count
    if start > near:
        return _("%(length)s later than asked.") % {"length": length}
    return _("%(length)s earlier than asked.") % {"length": length}


def _names(people: dict[int, User], ids: Sequence[int]) -> str:
    return _few([people[pk].first_name for pk in ids])


def _few(names: list[str]) -> str:
    """The names, or the first of them and how many more."""
    if len(names) <= MOST_NAMES:
        return listed(names)
    left = len(names) - MOST_NAMES + 1
    more = ngettext("%d more", "%d more", left) % left
    return listed([*names[: MOST_NAMES - 1], more])
