"""Everybody's day as strips against the hours: lit where it is offered, ink where it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.availability import (
    Busy,
    Occupied,
    busy_people,
    busy_rooms,
    closures_of,
    occupied,
    open_time,
    working_time,
)
from meetings.conflicts import Asked, stretch_for
from meetings.intervals import Stretch, merge, subtract
from meetings.models import Meeting, Occurrence
from meetings.problems import Severity, date_of, worst
from meetings.proposals import Suits, ignored_of
from meetings.scheduler import Place, Plan
from meetings.timewords import offset_words, zone_short
from meetings.views.canvas import Canvas, Span, hours_around
from meetings.wallclock import AllDay, When, day_in
from rooms.models import Room

MOST_PEOPLE = 20

Shut = Mapping[int, Sequence[tuple[Stretch, str]]]
"""What shuts rooms, by room id, as `closures_of` has it."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One person's or room's day, drawn and in words."""

    name: str
    url: str
    note: str
    words: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """The picture: the day in `zone`, its hours, the strips, and the time that is asked for."""

    day: date
    zone: str
    hours: range
    rows: tuple[Strip, ...]
    asked: Span | None
    left_out: int

    @property
    def closes(self) -> int:
        """The hour at which the picture ends."""
        return self.hours.stop


def strips_of(plan: Plan, *, reader: User, now: datetime, ignoring: Meeting | None) -> Strips:
    """The day on which the plan's meeting starts, for its people and rooms.

    A constant number of queries. Only people with a calendar here have a strip, and no more
    than MOST_PEOPLE of them, those who collide first.
    """
    when = plan.draft.when
    within = day_in(_day(when, reader.zone), reader.zone)
    people = [Asked(p.user, p.role == "optional") for p in _shown(plan) if p.user]
    users = [asked.user for asked in people]
    found = Occupied(
        busy_people(users, within, now=now, ignoring=ignoring),
        busy_rooms(plan.rooms, within, now=now, ignoring=ignoring),
    )
    shut = closures_of(plan.rooms, [within])
    with_calendar = sum(place.user is not None for place in plan.places)
    return _drawn(
        when,
        people,
        plan.rooms,
        found,
        shut,
        reader=reader,
        mark="asked asked-clash" if _collides(plan) else "asked",
        left_out=with_calendar - len(people),
    )


def strips_for(
    occurrence: Occurrence, suits: Sequence[Suits], *, reader: User, now: datetime
) -> list[Strips]:
    """The day of each time that is proposed for a date, for everybody asked and its rooms.

    As if the date were not there. Three queries, however many times there are.
    """
    if not suits:
        return []
    meeting, zone = occurrence.meeting, reader.zone
    people, rooms = suits[0].people, (*suits[0].rooms, *suits[0].lost)
    days = [day_in(_day(each.when, zone), zone) for each in suits]
    found = occupied(
        [asked.user for asked in people],
        rooms,
        days,
        now=now,
        ignoring=meeting,
        ignored=ignored_of(occurrence),
    )
    shut = closures_of(rooms, days)
    return [
        _drawn(
            each.when,
            people[:MOST_PEOPLE],
            sorted(rooms, key=lambda room: room.name),
            found,
            shut,
            reader=reader,
            mark="asked asked-clash" if each.collides else "asked",
            left_out=len(people[MOST_PEOPLE:]),
        )
        for each in suits
    ]


def _drawn(
    when: When,
    people: Sequence[Asked],
    rooms: Sequence[Room],
    found: Occupied,
    shut: Shut,
    *,
    reader: User,
    mark: str,
    left_out: int,
) -> Strips:
    zone, asked = reader.zone, stretch_for(when, reader)
    day = _day(when, zone)
    canvas = Canvas(day, zone, hours_around(day, zone, [asked]))
    rows = [_person(canvas, when, p, found.people.get(p.user.pk, ()), reader) for p in people]
    rows += [
        _room(
            canvas,
            room,
            [taken.stretch for taken in found.rooms.get(room.pk, ())],
            shut.get(room.pk, ()),
            asked,
        )
        for room in rooms
    ]
    noon = canvas.within.start + timedelta(hours=12)
    return Strips(
        day,
        zone_short(zone, noon),
        canvas.hours,
        tuple(rows),
        canvas.span(asked, mark),
        left_out,
    )


def _collides(plan: Plan) -> bool:
    """Whether the date that is drawn does; the others of a series are told of elsewhere."""
    drawn = ("", plan.draft.when.recurrence_id())
    told = [p for p in plan.problems if not plan.draft.repeats or date_of(p) in drawn]
    return worst(told) >= Severity.WARNS


def _day(when: When, zone: ZoneInfo) -> date:
    return when.first if isinstance(when, AllDay) else when.during().start.astimezone(zone).date()


def _shown(plan: Plan) -> list[Place]:
    """Whose strips are drawn: the organizer's, then who collides, where there are too many."""
    places = [place for place in plan.places if place.user]
    if len(places) <= MOST_PEOPLE:
        return places
    colliding = {getattr(problem, "user_id", None) for problem in plan.problems}
    places.sort(key=lambda p: (not p.is_organizers, p.user and p.user.pk not in colliding))
    return places[:MOST_PEOPLE]


def _person(
    canvas: Canvas, when: When, asked_for: Asked, busy: Sequence[Busy], reader: User
) -> Strip:
    user, asked = asked_for.user, stretch_for(when, reader)
    wanted = stretch_for(when, user)
    works = working_time(user, canvas.within)
    away = [b.stretch for b in busy if b.away]
    lit = subtract([canvas.within] if works is None else works, away)
    marked = [(stretch, "lit") for stretch in lit]
    marked += [(b.stretch, _busy_mark(b, wanted, asked)) for b in busy]
    return Strip(
        str(user),
        "",
        _person_note(asked_for, reader, asked.start),
        _person_words(canvas, str(user), busy),
        canvas.spans(marked),
    )


def _busy_mark(busy: Busy, wanted: Stretch, asked: Stretch) -> str:
    clashes = busy.stretch.overlaps(wanted) or busy.stretch.overlaps(asked)
    marks = [
        "busy",
        "busy-maybe" * busy.tentative,
        "busy-away" * busy.away,
        "busy-clash" * clashes,
    ]
    return " ".join(filter(None, marks))


def _person_words(canvas: Canvas, name: str, busy: Sequence[Busy]) -> str:
    away = canvas.words(merge(b.stretch for b in busy if b.away))
    meetings = [b for b in busy if not b.away]
    if not away:
        return _meetings_words(canvas, name, meetings)
    said = _("%(name)s is out of office %(away)s") % {"name": name, "away": away}
    return f"{said}. {_meetings_words(canvas, name, meetings)}" if meetings else said


def _meetings_words(canvas: Canvas, name: str, busy: Sequence[Busy]) -> str:
    surely = canvas.words(merge(b.stretch for b in busy if not b.tentative))
    perhaps = canvas.words(merge(b.stretch for b in busy if b.tentative))
    values = {"name": name, "busy": surely, "perhaps": perhaps}
    if surely and perhaps:
        return _("%(name)s is busy %(busy)s, perhaps %(perhaps)s") % values
    if perhaps:
        return _("%(name)s is perhaps busy %(perhaps)s") % values
    return (_("%(name)s is busy %(busy)s") if surely else _("%(name)s is free all day")) % values


def _person_note(asked: Asked, reader: User, at: datetime) -> str:
    """`optional, +7 h`: what sets somebody apart from the reader."""
    user = asked.user
    if user == reader:
        return _("you")
    theirs, ours = (at.astimezone(zone).utcoffset() for zone in (user.zone, reader.zone))
    apart = (theirs or timedelta()) - (ours or timedelta())
    notes = [
        _("optional") if asked.optional else "",
        _("%(hours)s h") % {"hours": offset_words(apart).removeprefix("UTC")} if apart else "",
    ]
    return ", ".join(filter(None, notes))


def _room(
    canvas: Canvas,
    room: Room,
    taken: Sequence[Stretch],
    shut: Sequence[tuple[Stretch, str]],
    asked: Stretch,
) -> Strip:
    lit = subtract(open_time(room, canvas.within), [stretch for stretch, _reason in shut])
    marked = [(stretch, "lit") for stretch in lit]
    marked += [(s, "busy busy-clash" if s.overlaps(asked) else "busy") for s in taken]
    values = {"name": room.name, "taken": canvas.words(merge(taken))}
    said = _("%(name)s is taken %(taken)s") if values["taken"] else _("%(name)s is free all day")
    return Strip(
        room.name,
        room.get_absolute_url(),
        _("%(seats)d seats") % {"seats": room.capacity},
        said % values,
        canvas.spans(marked),
    )
