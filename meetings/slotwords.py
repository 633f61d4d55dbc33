"""Why a slot stands where it does, in words: the values it was ranked by, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.ruledays import all_of
from meetings.slots import AnySlot, RoomFit, SeriesSlot, Slot, Wish
from meetings.timewords import clock, day_words
from rooms.models import Room

NAMED = 3  # people; the others are counted
NAMED_DATES = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence about one of the values; `care` where it could be better."""

    about: Literal["people", "hours", "optional", "room", "asked"]
    words: str
    care: bool = False


def reasons(slot: Slot, wish: Wish, zone: ZoneInfo) -> list[Reason]:
    """What a slot was ranked by, in that order, for a reader in `zone`.

    Says who can come and when it is for them; never what takes their time. No queries.
    """
    return [
        *_required(slot, wish),
        *_hours(slot, wish, zone),
        *_optional(slot, wish, zone),
        *_room(slot, wish),
        *_asked(slot, wish),
    ]


def series_reasons(slot: SeriesSlot, wish: Wish, zone: ZoneInfo) -> list[Reason]:
    """As `reasons`, for all dates of a series: which of them collide comes first."""
    found = [_dates(slot, zone), *_series_hours(slot, wish, zone)]
    people = wish.perhaps_coming
    if slot.optional_missing:
        values = {"names": _names(slot.optional_missing, wish)}
        words = _("on some dates without %(names)s (optional)") % values
        found.append(Reason("optional", words, care=True))
    elif people:
        words = _("with %(names)s (optional)") % {"names": _names(people, wish)}
        found.append(Reason("optional", words))
    return [*found, *_room(slot, wish), *_asked(slot, wish)]


def _dates(slot: SeriesSlot, zone: ZoneInfo) -> Reason:
    """`2 of 26 dates collide: Tue 17 March and Tue 5 May`."""
    total = ngettext("%(count)d date", "%(count)d dates", slot.of) % {"count": slot.of}
    wrong = len(slot.colliding)
    if not wrong:
        return Reason("people", _("none of %(dates)s collides") % {"dates": total})
    days = [day_words(when.during().start.astimezone(zone).date()) for when in slot.colliding]
    if len(days) > NAMED_DATES + 1:
        more = len(days) - NAMED_DATES
        others = ngettext("%(count)d other", "%(count)d others", more) % {"count": more}
        days = [*days[:NAMED_DATES], others]
    words = ngettext(
        "%(count)d of %(dates)s collides: %(days)s",
        "%(count)d of %(dates)s collide: %(days)s",
        wrong,
    )
    return Reason(
        "people", words % {"count": wrong, "dates": total, "days": all_of(days)}, care=True
    )


def _series_hours(slot: SeriesSlot, wish: Wish, zone: ZoneInfo) -> Iterable[Reason]:
    if slot.outside:
        yield from _outside(slot, slot.outside, wish, zone, about="hours")
    elif all(person.working_hours.all() for person in wish.required):
        yield Reason("hours", _("inside everybody’s working hours"))


def _required(slot: Slot, wish: Wish) -> Iterable[Reason]:
    people = wish.coming
    if slot.missing:
        values = {
            "coming": len(people) - len(slot.missing),
            "all": len(people),
            "names": _names(slot.missing, wish),
        }
        yield Reason("people", _("%(coming)d of %(all)d: not %(names)s") % values, care=True)
    elif len(people) == 1:
        (only,) = people
        yield Reason("people", _("%(name)s can come") % {"name": _names([only], wish)})
    elif len(people) == 2:
        yield Reason("people", _("Both can come"))
    elif people:
        everybody = ngettext("All %(count)d can come", "All %(count)d can come", len(people))
        yield Reason("people", everybody % {"count": len(people)})
    if slot.perhaps:
        words = _("perhaps without %(names)s") % {"names": _names(slot.perhaps, wish)}
        yield Reason("people", words, care=True)


def _hours(slot: Slot, wish: Wish, zone: ZoneInfo) -> Iterable[Reason]:
    if slot.outside:
        yield from _outside(slot, slot.outside, wish, zone, about="hours")
        return
    coming = [person for pk, person in wish.coming.items() if pk not in slot.missing]
    if coming and all(person.working_hours.all() for person in coming):
        words = (
            _("inside the working hours of those who can come")
            if slot.missing
            else _("inside everybody’s working hours")
        )
        yield Reason("hours", words)


def _optional(slot: Slot, wish: Wish, zone: ZoneInfo) -> Iterable[Reason]:
    people = wish.perhaps_coming
    if slot.optional_missing:
        words = _("without %(names)s (optional)")
        names = _names(slot.optional_missing, wish)
        yield Reason("optional", words % {"names": names}, care=True)
    elif people:
        words = _("with %(names)s (optional)") % {"names": _names(people, wish)}
        yield Reason("optional", words)
    if slot.optional_perhaps:
        words = _("perhaps without %(names)s (optional)")
        names = _names(slot.optional_perhaps, wish)
        yield Reason("optional", words % {"names": names}, care=True)
    yield from _outside(slot, slot.optional_outside, wish, zone, about="optional")


def _outside(
    slot: AnySlot,
    ids: Iterable[int],
    wish: Wish,
    zone: ZoneInfo,
    *,
    about: Literal["hours", "optional"],
) -> Iterable[Reason]:
    """People whose clocks show the same are named together; the reader's time is known."""
    people = wish.perhaps_coming | wish.coming
    start = slot.stretch.start
    by_clock: dict[str, list[int]] = {}
    for pk in ids:
        by_clock.setdefault(clock(start, people[pk].zone), []).append(pk)
    for shown, those in by_clock.items():
        values = {"time": shown, "names": _names(those, wish)}
        words = (
            _("outside the working hours of %(names)s")
            if shown == clock(start, zone)
            else _("%(time)s for %(names)s")
        )
        yield Reason(about, words % values, care=True)


def _room(slot: AnySlot, wish: Wish) -> Iterable[Reason]:
    if slot.room is not None:
        elsewhere = slot.rank.room == RoomFit.ELSEWHERE
        yield Reason("room", room_words(slot.room), care=elsewhere)
    elif wish.seats:
        yield Reason("room", _("no fitting room is free"), care=True)


def room_words(room: Room) -> str:
    """`Blue Room, 10 seats, Berlin`."""
    seats = ngettext("%(count)d seat", "%(count)d seats", room.capacity)
    return f"{room.name}, {seats % {'count': room.capacity}}, {room.site.name}"


def _asked(slot: AnySlot, wish: Wish) -> Iterable[Reason]:
    near = wish.near
    if near is None:
        return
    start = slot.stretch.start
    if start == near:
        yield Reason("asked", _("as asked"))
    elif start > near:
        yield Reason("asked", _("%(time)s later than asked") % {"time": _between(near, start)})
    else:
        yield Reason("asked", _("%(time)s earlier than asked") % {"time": _between(start, near)})


def _between(earlier: datetime, later: datetime) -> str:
    return timesince(earlier, later, depth=1)


def _names(ids: Iterable[int], wish: Wish) -> str:
    """`Ben, Lena and Yuki`; of many only some, and how many more there are."""
    short = _short_names(wish.perhaps_coming | wish.coming)
    names = [short[pk] for pk in ids]
    if len(names) > NAMED + 1:
        more = len(names) - NAMED
        others = ngettext("%(count)d other", "%(count)d others", more) % {"count": more}
        names = [*names[:NAMED], others]
    return all_of(names)


def _short_names(people: Mapping[int, User]) -> dict[int, str]:
    """First names, but whole ones of people who share theirs."""
    first = [person.first_name for person in people.values()]
    return {
        pk: person.first_name if first.count(person.first_name) == 1 else str(person)
        for pk, person in people.items()
    }
