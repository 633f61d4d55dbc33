"""The days of a search as strips: people by zone, and rooms, with the suggested times over them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.availability import PersonTime, RoomTime, Times
from meetings.intervals import Stretch, subtract
from meetings.scheduler import Place
from meetings.slots import AnySlot, Slot
from meetings.timewords import clock, offset_words, zone_place, zone_short
from meetings.views.canvas import Canvas, Span, hours_around
from meetings.views.findform import Wanted
from meetings.views.strips import Strip
from meetings.wallclock import instant
from rooms.models import Room

NOON = time(12)
MOST_ROOM_ROWS = 6
MOST_PEOPLE_ROWS = 40


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share a clock: the people of a zone, the rooms, those without a calendar here.

    `hours` is what that clock shows at each hour that is drawn; `halves` says that it is not
    the full hour.
    """

    name: str
    note: str
    hours: tuple[str, ...]
    halves: bool
    rows: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A suggested time on a day's strips, by its number in the list."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class DayStrips:
    """A day of the search, drawn."""

    day: date
    hours: range
    groups: tuple[Group, ...]
    marks: tuple[Mark, ...]
    left_out: int

    @property
    def closes(self) -> int:
        """The hour at which the picture ends."""
        return self.hours.stop

    @property
    def numbers(self) -> str:
        """The suggestions on this day, for the stylesheet."""
        return " ".join(str(mark.number) for mark in self.marks)


def day_strips(
    wanted: Wanted,
    found: Times,
    rooms: Sequence[Room],
    slots: Sequence[AnySlot],
    *,
    days: set[date],
) -> list[DayStrips]:
    """These days, each against the same hours. `found` has everybody's time and the rooms'."""
    zone, places = wanted.reader.zone, _drawn_people(wanted, slots)
    canvases = [Canvas(day, zone, range(24)) for day in sorted(days)]
    ranges = [hours_around(c.day, zone, _shown(found, slots)) for c in canvases]
    hours = range(min(r.start for r in ranges), max(r.stop for r in ranges))
    for canvas in canvases:
        canvas.hours = hours
    return [_drawn(canvas, wanted, places, found, rooms, slots) for canvas in canvases]


def shown_rooms(slots: Sequence[AnySlot], rooms: Sequence[Room]) -> list[Room]:
    """The rooms that have a strip: the suggested ones, then the next best."""
    ordered = [slot.room for slot in slots if slot.room] + list(rooms)
    return list({room.pk: room for room in ordered}.values())[:MOST_ROOM_ROWS]


def _drawn_people(wanted: Wanted, slots: Sequence[AnySlot]) -> list[Place]:
    """Whose strips are drawn: of too many the reader's, then who is missing at some time."""
    places = list(wanted.places)
    if len(places) > MOST_PEOPLE_ROWS:
        missing = {pk for slot in slots if isinstance(slot, Slot) for pk in slot.missing}
        places.sort(key=lambda p: (p.user != wanted.reader, not (p.user and p.user.pk in missing)))
    return places[:MOST_PEOPLE_ROWS]


def is_off(wanted: Wanted, found: Times, day: date) -> bool:
    """Whether nobody required works that day, as far as they have said."""
    within = Canvas(day, wanted.reader.zone, range(24)).within
    works = [found.people[user.pk].works for user in wanted.users("required")]
    said = [stretches for stretches in works if stretches is not None]
    return bool(said) and not any(s.overlaps(within) for stretches in said for s in stretches)


def _shown(found: Times, slots: Sequence[AnySlot]) -> Iterator[Stretch]:
    """What should lie within the hours drawn: working hours and suggestions."""
    for person in found.people.values():
        yield from person.works or ()
    yield from (slot.stretch for slot in slots)


def _drawn(
    canvas: Canvas,
    wanted: Wanted,
    places: Sequence[Place],
    found: Times,
    rooms: Sequence[Room],
    slots: Sequence[AnySlot],
) -> DayStrips:
    groups = [*_zones(canvas, wanted.reader, places, found)]
    guests = tuple(_guest(place) for place in places if place.user is None)
    if guests:
        groups.append(Group(_("Calendar unknown"), "", (), halves=False, rows=guests))
    if rooms:
        seats = ngettext("%d seat", "%d seats", wanted.seats) % wanted.seats
        strips = tuple(_room(canvas, room, found.rooms[room.pk]) for room in rooms)
        groups.append(Group(_("Rooms"), seats, (), halves=False, rows=strips))
    marks = [
        Mark(number, span)
        for number, slot in enumerate(slots, 1)
        if (span := canvas.span(slot.stretch, "asked" if number == 1 else "asked asked-next"))
    ]
    left_out = len(wanted.places) - len(places)
    return DayStrips(canvas.day, canvas.hours, tuple(groups), tuple(marks), left_out)


def _zones(
    canvas: Canvas, reader: User, everybody: Sequence[Place], found: Times
) -> Iterator[Group]:
    """People by their zones: the reader's first, then from west to east."""
    noon = instant(datetime.combine(canvas.day, NOON), canvas.zone)
    people = [place for place in everybody if place.user]
    zones = {place.user.zone.key: place.user.zone for place in people if place.user}
    here, near = zones.pop(reader.zone.key, None), reader.zone
    ordered = sorted(zones.values(), key=lambda z: noon.astimezone(z).utcoffset() or timedelta())
    for zone in filter(None, (here, *ordered)):
        apart = _offset(noon, zone) - _offset(noon, near)
        name = zone_short(zone, noon)
        notes = [name if zone == near or not name.startswith("UTC") else ""]
        if apart:
            notes += [_("%(hours)s h") % {"hours": offset_words(apart).removeprefix("UTC")}]
        rows = tuple(
            _person(canvas, place, found.people[place.user.pk], reader)
            for place in people
            if place.user and place.user.zone.key == zone.key
        )
        local = [
            instant(datetime.combine(canvas.day, time(hour)), canvas.zone).astimezone(zone)
            for hour in canvas.hours
        ]
        halves = any(at.minute for at in local)
        hours = tuple(clock(at, zone) if halves else str(at.hour) for at in local)
        yield Group(
            zone_place(zone), ", ".join(filter(None, notes)), hours, halves=halves, rows=rows
        )


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _person(canvas: Canvas, place: Place, theirs: PersonTime, reader: User) -> Strip:
    name = place.shown_name
    lit = (canvas.within,) if theirs.works is None else theirs.works
    notes = {True: _("you"), False: _("optional") if place.role == "optional" else ""}
    return Strip(
        name,
        "",
        notes[place.user == reader],
        _person_words(canvas, name, theirs),
        canvas.spans(
            _marked(lit, "lit")
            + _marked(subtract(theirs.busy, theirs.away), "busy")
            + _marked(theirs.away, "busy busy-away")
            + _marked(theirs.tentative, "busy busy-maybe")
        ),
    )


def _person_words(canvas: Canvas, name: str, theirs: PersonTime) -> str:
    """`Ben Okafor is busy 9:00–9:15; works 9:00–17:30`, on the reader's clock."""
    values = {
        "name": name,
        "busy": canvas.words(theirs.busy),
        "perhaps": canvas.words(theirs.tentative),
    }
    if values["busy"] and values["perhaps"]:
        said = _("%(name)s is busy %(busy)s, perhaps %(perhaps)s") % values
    elif values["perhaps"]:
        said = _("%(name)s is perhaps busy %(perhaps)s") % values
    elif values["busy"]:
        said = _("%(name)s is busy %(busy)s") % values
    else:
        said = _("%(name)s is free all day") % values
    if theirs.works is None:
        return said
    works = canvas.words(theirs.works)
    hours = _("works %(hours)s") % {"hours": works} if works else _("does not work that day")
    return f"{said}; {hours}"


def _guest(place: Place) -> Strip:
    words = _("The calendar of %(name)s is not here") % {"name": place.shown_name}
    note = _("optional") if place.role == "optional" else _("guest")
    return Strip(place.shown_name, "", note, words, ())


def _room(canvas: Canvas, room: Room, its: RoomTime) -> Strip:
    values = {"name": room.name, "taken": canvas.words(its.taken)}
    said = _("%(name)s is taken %(taken)s") if values["taken"] else _("%(name)s is free all day")
    return Strip(
        room.name,
        room.get_absolute_url(),
        ngettext("%d seat", "%d seats", room.capacity) % room.capacity,
        said % values,
        canvas.spans(_marked(its.open, "lit") + _marked(its.taken, "busy")),
    )


def _marked(stretches: Iterable[Stretch], mark: str) -> list[tuple[Stretch, str]]:
    return [(stretch, mark) for stretch in stretches]
