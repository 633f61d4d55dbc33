"""Each field × scope: what becomes of every date of a series, as tables written by hand.

Six Wednesdays at 10:00 in Berlin with two people and a room; the clocks change between the third
and the fourth. Before each edit, the fourth is made an exception with a value of its own of the
field in question, and the fifth is called off. The edit is about the third.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from meetings import scheduler
from meetings.dates import dates_in
from meetings.drafts import Attendee
from meetings.intervals import Stretch
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import InvalidDraft, Undecided
from meetings.scheduler import Scope
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Room
from tests.factories import BERLIN, NOW, RoomFactory, ana, at, ben, book, cy, days, timed

pytestmark = pytest.mark.django_db

THIS, FOLLOWING, ALL = Scope.THIS, Scope.FOLLOWING, Scope.ALL

DAYS = ("2027-03-10", "2027-03-17", "2027-03-24", "2027-03-31", "2027-04-07", "2027-04-14")
FIRST, THIRD, FOURTH, FIFTH, SIXTH = DAYS[0], DAYS[2], DAYS[3], DAYS[4], DAYS[5]
LIVE = (*DAYS[:4], SIXTH)
WEEKLY = "FREQ=WEEKLY;COUNT=6"
TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")

BEN, CY, DEE = "ben@example.com", "cy@example.com", "dee@example.com"

WHO: dict[Scope, str] = {THIS: "oonxo", FOLLOWING: "oonxn", ALL: "nnnxn"}
"""For each live date whether it has the old value, the new one, or the exception's own."""

UNMOVED = {THIS: "aaaaa", FOLLOWING: "aaaaa", ALL: "aaaaa"}
"""Ben's answers, who accepted all of it: (a)ccepted still, or asked a(n)ew."""


def name(day: str) -> str:
    """The recurrence-id of a date before it is edited."""
    return f"{day}T10:00:00"


def first_of(scope: Scope) -> str:
    """The day from which a draft for that scope starts."""
    return FIRST if scope is ALL else THIRD


@dataclass
class World:
    """The series, its people and its rooms."""

    organizer: User
    usual: Room
    other: Room
    own: Room
    meeting: Meeting

    def edit(self, scope: Scope, day: str, **options: Any) -> scheduler.Done:
        """Edit from what there is now; `values` are those of the draft."""
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        which = "" if scope is ALL else name(day)
        wanted = scheduler.draft_of(meeting, scope=scope, recurrence_id=which)
        return scheduler.edit(
            meeting,
            replace(wanted, **options.pop("values")),
            by=self.organizer,
            now=NOW,
            version=meeting.version,
            policy="allow",
            scope=scope,
            recurrence_id=which,
            **options,
        )

    def dates(self) -> list[Occurrence]:
        """What takes place, of all parts, in order of the days that the rule gave."""
        meetings = Meeting.objects.filter(series=self.meeting.series)
        found = dates_in(list(meetings), Stretch(at("2027-01-01 00:00"), at("2028-01-01 00:00")))
        return sorted(found, key=lambda row: row.recurrence_id)

    def rooms_of(self, row: Occurrence) -> list[str]:
        """Which rooms are held for a date."""
        held = Booking.objects.unreleased().filter(occurrence=row.pk, kind="meeting")
        return sorted(booking.room.name for booking in held.select_related("room"))


@pytest.fixture
def world() -> World:
    organizer, invited, other = ana(), ben(), cy()
    usual, second, own = (RoomFactory.create(name=f"Room {letter}") for letter in "ABC")
    meeting = book(
        organizer, f"{FIRST} 10:00", 60, invited, other, rooms=(usual,), rrule=WEEKLY,
        description="Bring numbers", location="Upstairs", join_link="https://meet.example/old",
    )  # fmt: skip
    return World(organizer, usual, second, own, meeting)


def people(row: Occurrence) -> list[Invitation]:
    """Who is on a date, but for the organizer."""
    rows = on_date(row.meeting.invitations.select_related("user", "meeting"), row.recurrence_id)
    return [invitation for invitation in rows if not invitation.is_organizers]


def guests(row: Occurrence) -> str:
    """Who is on a date by the first letter, in upper case if required."""
    letters = (i.address[0].upper() if i.role == "required" else i.address[0] for i in people(row))
    return "".join(sorted(letters))


def answer_of(row: Occurrence, email: str) -> str:
    """Somebody's answer for a date by its first letter; a dash for who is not on it."""
    return next((i.status[0] for i in people(row) if i.address == email), "-")


def start(row: Occurrence) -> str:
    """When a date starts on the wall clock, zone and length, as far as they are not the usual."""
    when = row.when
    if isinstance(when, AllDay):
        return f"{when.first:%m-%d} {when.days}d"
    minutes = int(when.length / timedelta(minutes=1))
    length = "" if minutes == 60 else f" {minutes}min"
    zone = "" if when.zone.key == "Europe/Berlin" else f" {when.zone.key}"
    return f"{when.start:%m-%d %H:%M}{length}{zone}"


def answer_everything(world: World) -> None:
    """Ben accepts the series, Cy declines the last date and says nothing else."""
    rows = {i.user.email: i for i in world.meeting.invitations.filter(recurrence_id="") if i.user}
    scheduler.respond(rows[BEN], "accepted", by=rows[BEN].user, now=NOW)
    scheduler.respond(rows[CY], "declined", by=rows[CY].user, now=NOW, recurrence_id=name(SIXTH))


def prepared(world: World, own: dict[str, Any]) -> None:
    """Make the fourth date an exception, call the fifth off, and let people answer."""
    world.edit(THIS, FOURTH, values=own)
    scheduler.cancel(
        world.meeting, by=world.organizer, now=NOW, scope=THIS, recurrence_id=name(FIFTH)
    )
    answer_everything(world)


def all_held(world: World) -> list[tuple[str, datetime, datetime]]:
    held = Booking.objects.unreleased().filter(kind="meeting").select_related("room")
    return sorted((b.room.name, b.stretch.start, b.stretch.end) for b in held)


def judged(world: World, scope: Scope, done: scheduler.Done, before: Meeting, seen: int) -> None:
    """What holds after any edit: bookings, versions, changes, the date that was called off."""
    rows = world.dates()
    took = [(room, row) for row in rows for room in world.rooms_of(row)]
    expected = sorted(
        (room, stretch.start, stretch.end)
        for room, row in took
        for stretch in [row.occupied_in(BERLIN)]
    )
    assert all_held(world) == expected
    assert all(world.rooms_of(row) for row in rows)
    assert {day for row in rows for day in [row.recurrence_id[:10]]} <= {*LIVE}
    changes = list(Change.objects.filter(pk__gt=seen))
    earlier = Meeting.objects.get(pk=before.pk)
    assert earlier.version == before.version + 1
    if scope is FOLLOWING:
        assert [change.part_of for change in changes] == [None, done.change]
        assert (changes[0].meeting, changes[1].meeting) == (done.meeting, earlier)
        assert earlier.sequence == before.sequence + 1
    else:
        assert changes == [done.change]
        assert done.meeting == earlier
        assert done.change is not None
        assert done.change.dates == ([name(THIRD)] if scope is THIS else [])


# Fields that are plain values --------------------------------------------------------------------


@dataclass(frozen=True)
class Plain:
    """A field, its values, and how it is read back from a date."""

    field: str
    old: Any
    new: Any
    own: Any
    read: Callable[[Occurrence], Any]


PLAIN = [
    Plain("title", "Design review", "Retro", "Special", lambda row: row.shown_title),
    Plain("title", "Design review", "Special", "Special", lambda row: row.shown_title),
    Plain("description", "Bring numbers", "", "Bring cake", lambda row: row.shown_description),
    Plain("location", "Upstairs", "Garden", "", lambda row: row.shown_location),
    Plain(
        "join_link",
        "https://meet.example/old",
        "https://meet.example/new",
        "https://meet.example/own",
        lambda row: row.shown_join_link,
    ),
    Plain("priority", 2, 3, 1, lambda row: row.shown_priority),
    Plain("reminders", [], [10, 60], [5], lambda row: list(row.shown_reminders)),
]


def _scoped(rows: Sequence[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("row", "scope"),
        [pytest.param(r, s, id=f"{r.field}-{s}") for r in rows for s in Scope],
    )


@_scoped(PLAIN)
def test_a_plain_field(world: World, row: Plain, scope: Scope) -> None:
    as_draft = tuple if isinstance(row.new, list) else lambda value: value
    prepared(world, {row.field: as_draft(row.own)})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    done = world.edit(scope, THIRD, values={row.field: as_draft(row.new)})
    dates = world.dates()
    values = {"o": row.old, "n": row.new, "x": row.own}
    assert [row.read(each) for each in dates] == [values[letter] for letter in WHO[scope]]
    assert [start(each) for each in dates] == [f"{day[5:]} 10:00" for day in LIVE]
    assert "".join(answer_of(each, BEN) for each in dates) == UNMOVED[scope]
    assert "".join(answer_of(each, CY) for each in dates) == "nnnnd"
    judged(world, scope, done, before, seen)
    assert done.change is not None
    assert set(done.change.fields) == {row.field}


@dataclass(frozen=True)
class Switch:
    """A field with two values only: the exception has the new one before the others."""

    field: str
    old: Any
    new: Any
    read: Callable[[Occurrence], Any]


@_scoped(
    [
        Switch("transparency", "busy", "free", lambda row: row.shown_transparency),
        Switch("tentative", False, True, lambda row: row.shown_tentative),
    ]
)
def test_a_switch(world: World, row: Switch, scope: Scope) -> None:
    """And back again: the exception is not an exception any more, and goes with the others."""
    prepared(world, {row.field: row.new})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    done = world.edit(scope, THIRD, values={row.field: row.new})
    values = {"o": row.old, "n": row.new, "x": row.new}
    assert [row.read(each) for each in world.dates()] == [values[letter] for letter in WHO[scope]]
    assert "".join(answer_of(each, BEN) for each in world.dates()) == UNMOVED[scope]
    judged(world, scope, done, before, seen)


@pytest.mark.parametrize("scope", Scope)
def test_visibility(world: World, scope: Scope) -> None:
    """It is that of a series, or of the part that is split off."""
    prepared(world, {"title": "Special"})
    if scope is THIS:
        with pytest.raises(InvalidDraft, match="whole series"):
            world.edit(scope, THIRD, values={"visibility": "private"})
        return
    world.edit(scope, THIRD, values={"visibility": "private"})
    seen = [row.meeting.visibility[1] for row in world.dates()]
    assert "".join(seen) == {FOLLOWING: "uurrr", ALL: "rrrrr"}[scope]


# People ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """Who is asked instead of Ben and Cy, who on the fourth alone, and who is on each date."""

    field: str
    new: tuple[Attendee, ...]
    own: tuple[Attendee, ...]
    seen: dict[Scope, list[str]]
    ben: dict[Scope, str]


OPTIONAL_CY = Attendee(CY, "optional")

PEOPLE = [
    People(
        "somebody is added; the fourth is without Cy",
        (Attendee(BEN), Attendee(CY), Attendee(DEE)),
        (Attendee(BEN),),
        {
            THIS: ["BC", "BC", "BCD", "B", "BC"],
            FOLLOWING: ["BC", "BC", "BCD", "BD", "BCD"],
            ALL: ["BCD", "BCD", "BCD", "BD", "BCD"],
        },
        UNMOVED,
    ),
    People(
        "somebody is taken off; the fourth has one more",
        (Attendee(CY),),
        (Attendee(BEN), Attendee(CY), Attendee(DEE)),
        {
            THIS: ["BC", "BC", "C", "BCD", "BC"],
            FOLLOWING: ["BC", "BC", "C", "CD", "C"],
            ALL: ["C", "C", "C", "CD", "C"],
        },
        {THIS: "aa-aa", FOLLOWING: "aa---", ALL: "-----"},
    ),
    People(
        "somebody becomes optional; on the fourth somebody else is",
        (Attendee(BEN), OPTIONAL_CY),
        (Attendee(BEN, "optional"), Attendee(CY)),
        {
            THIS: ["BC", "BC", "Bc", "Cb", "BC"],
            FOLLOWING: ["BC", "BC", "Bc", "bc", "Bc"],
            ALL: ["Bc", "Bc", "Bc", "bc", "Bc"],
        },
        UNMOVED,
    ),
    People(
        "somebody is added who is on the fourth already",
        (Attendee(BEN), Attendee(CY), Attendee(DEE)),
        (Attendee(BEN), Attendee(CY), Attendee(DEE, "optional")),
        {
            THIS: ["BC", "BC", "BCD", "BCd", "BC"],
            FOLLOWING: ["BC", "BC", "BCD", "BCd", "BCD"],
            ALL: ["BCD", "BCD", "BCD", "BCd", "BCD"],
        },
        UNMOVED,
    ),
]


@_scoped(PEOPLE)
def test_people(world: World, row: People, scope: Scope) -> None:
    prepared(world, {"attendees": row.own})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    done = world.edit(scope, THIRD, values={"attendees": row.new})
    dates = world.dates()
    assert [guests(each) for each in dates] == row.seen[scope]
    assert "".join(answer_of(each, BEN) for each in dates) == row.ben[scope]
    assert answer_of(dates[-1], CY) == "d"
    judged(world, scope, done, before, seen)
    spans = Invitation.objects.filter(meeting__series=world.meeting.series, recurrence_id="")
    for invitation in spans.current():
        mine = [each.stretch for each in dates if each.meeting_id == invitation.meeting_id]
        assert invitation.span is not None
        assert invitation.span.lower <= min(mine).start
        assert invitation.span.upper >= max(mine).end


# Rooms -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rooms:
    """Which rooms are wanted (a, b, c), which on the fourth, and which each date holds."""

    field: str
    new: str
    own: str
    seen: dict[Scope, list[str]]


ROOMS = [
    Rooms(
        "another room",
        "b",
        "c",
        {
            THIS: ["A", "A", "B", "C", "A"],
            FOLLOWING: ["A", "A", "B", "C", "B"],
            ALL: ["B", "B", "B", "C", "B"],
        },
    ),
    Rooms(
        "a second room, which the fourth has already",
        "ab",
        "b",
        {
            THIS: ["A", "A", "AB", "B", "A"],
            FOLLOWING: ["A", "A", "AB", "B", "AB"],
            ALL: ["AB", "AB", "AB", "B", "AB"],
        },
    ),
]


@_scoped(ROOMS)
def test_rooms(world: World, row: Rooms, scope: Scope) -> None:
    known = {"a": world.usual.pk, "b": world.other.pk, "c": world.own.pk}
    prepared(world, {"room_ids": tuple(known[letter] for letter in row.own)})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    done = world.edit(scope, THIRD, values={"room_ids": tuple(known[x] for x in row.new)})
    dates = world.dates()
    held = ["".join(name[-1] for name in world.rooms_of(each)) for each in dates]
    assert held == row.seen[scope]
    assert "".join(answer_of(each, BEN) for each in dates) == UNMOVED[scope]
    judged(world, scope, done, before, seen)
    if scope is not FOLLOWING:
        assert done.meeting.sequence == before.sequence + 1


# Time --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """A new time, that of the fourth date, and when each date is then; Ben's and Cy's answers.

    `new` gets the day that the draft starts on.
    """

    field: str
    new: Callable[[str], When]
    own: When
    seen: dict[Scope, list[str]]
    ben: dict[Scope, str]


MOVED = {THIS: "aanaa", FOLLOWING: "aannn", ALL: "nnnnn"}
MOVED_BUT_THE_FOURTH = {THIS: "aanaa", FOLLOWING: "aanan", ALL: "nnnan"}

TIMES = [
    Times(
        "start: the fourth, on a Thursday afternoon, moves by as much",
        lambda day: timed(f"{day} 12:00"),
        timed("2027-04-01 15:00"),
        {
            THIS: ["03-10 10:00", "03-17 10:00", "03-24 12:00", "04-01 15:00", "04-14 10:00"],
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 12:00", "04-01 17:00", "04-14 12:00"],
            ALL: ["03-10 12:00", "03-17 12:00", "03-24 12:00", "04-01 17:00", "04-14 12:00"],
        },
        MOVED,
    ),
    Times(
        "start: the fourth, late at night, moves into the next day",
        lambda day: timed(f"{day} 13:00"),
        timed("2027-03-31 22:30"),
        {
            THIS: ["03-10 10:00", "03-17 10:00", "03-24 13:00", "03-31 22:30", "04-14 10:00"],
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 13:00", "04-01 01:30", "04-14 13:00"],
            ALL: ["03-10 13:00", "03-17 13:00", "03-24 13:00", "04-01 01:30", "04-14 13:00"],
        },
        MOVED,
    ),
    Times(
        "length: the fourth keeps its own",
        lambda day: timed(f"{day} 10:00", 90),
        timed("2027-03-31 10:00", 30),
        {
            THIS: [
                "03-10 10:00",
                "03-17 10:00",
                "03-24 10:00 90min",
                "03-31 10:00 30min",
                "04-14 10:00",
            ],
            FOLLOWING: [
                "03-10 10:00",
                "03-17 10:00",
                "03-24 10:00 90min",
                "03-31 10:00 30min",
                "04-14 10:00 90min",
            ],
            ALL: [
                "03-10 10:00 90min",
                "03-17 10:00 90min",
                "03-24 10:00 90min",
                "03-31 10:00 30min",
                "04-14 10:00 90min",
            ],
        },
        MOVED_BUT_THE_FOURTH,
    ),
    Times(
        "zone: the fourth keeps its own",
        lambda day: timed(f"{day} 10:00", zone=NEW_YORK),
        timed("2027-03-31 18:00", zone=TOKYO),
        {
            THIS: [
                "03-10 10:00",
                "03-17 10:00",
                "03-24 10:00 America/New_York",
                "03-31 18:00 Asia/Tokyo",
                "04-14 10:00",
            ],
            FOLLOWING: [
                "03-10 10:00",
                "03-17 10:00",
                "03-24 10:00 America/New_York",
                "03-31 18:00 Asia/Tokyo",
                "04-14 10:00 America/New_York",
            ],
            ALL: [
                "03-10 10:00 America/New_York",
                "03-17 10:00 America/New_York",
                "03-24 10:00 America/New_York",
                "03-31 18:00 Asia/Tokyo",
                "04-14 10:00 America/New_York",
            ],
        },
        MOVED_BUT_THE_FOURTH,
    ),
    Times(
        "start: the fourth is a whole day by itself",
        lambda day: timed(f"{day} 12:00"),
        days("2027-03-31"),
        {
            THIS: ["03-10 10:00", "03-17 10:00", "03-24 12:00", "03-31 1d", "04-14 10:00"],
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 12:00", "03-31 1d", "04-14 12:00"],
            ALL: ["03-10 12:00", "03-17 12:00", "03-24 12:00", "03-31 1d", "04-14 12:00"],
        },
        MOVED_BUT_THE_FOURTH,
    ),
    Times(
        "all-day: the fourth stays on its Thursday",
        lambda day: days(day),
        timed("2027-04-01 15:00"),
        {
            THIS: ["03-10 10:00", "03-17 10:00", "03-24 1d", "04-01 15:00", "04-14 10:00"],
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 1d", "04-01 1d", "04-14 1d"],
            ALL: ["03-10 1d", "03-17 1d", "03-24 1d", "04-01 1d", "04-14 1d"],
        },
        MOVED,
    ),
    Times(
        "all-day: the fourth was two whole days by itself",
        lambda day: days(day),
        days("2027-03-31", 2),
        {
            THIS: ["03-10 10:00", "03-17 10:00", "03-24 1d", "03-31 2d", "04-14 10:00"],
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 1d", "03-31 2d", "04-14 1d"],
            ALL: ["03-10 1d", "03-17 1d", "03-24 1d", "03-31 2d", "04-14 1d"],
        },
        MOVED_BUT_THE_FOURTH,
    ),
]


@_scoped(TIMES)
def test_times(world: World, row: Times, scope: Scope) -> None:
    prepared(world, {"when": row.own})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    new = row.new(first_of(scope))
    values = {"when": new, "zone": new.zone if isinstance(new, Timed) else BERLIN}
    done = world.edit(scope, THIRD, values=values)
    dates = world.dates()
    assert [start(each) for each in dates] == row.seen[scope]
    assert "".join(answer_of(each, BEN) for each in dates) == row.ben[scope]
    assert answer_of(dates[-1], CY) == ("d" if scope is THIS else "n")
    judged(world, scope, done, before, seen)
    if scope is not FOLLOWING:
        assert done.meeting.sequence == before.sequence + 1
    assert _index_is_right(world)


def _index_is_right(world: World) -> bool:
    """Whether each date lies where its wall clock says, and each answer where its date is."""
    meetings = Meeting.objects.filter(series=world.meeting.series)
    for row in Occurrence.objects.filter(meeting__in=meetings).select_related("meeting"):
        if row.stretch != row.when.during():
            return False
    rows = {(row.meeting_id, row.recurrence_id): row for row in world.dates()}
    for own in Invitation.objects.filter(meeting__in=meetings).exclude(recurrence_id=""):
        on = rows.get((own.meeting_id, own.recurrence_id))
        if on is None or own.span is None or own.span.lower != on.start:
            return False
    return True


# The day and the rule ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Dates:
    """Another day or rule; when the series is then, and what goes on as a single meeting."""

    field: str
    new: Callable[[Scope], dict[str, Any]]
    kept: dict[Scope, list[str]]


DATES = [
    Dates(
        "day",
        lambda scope: {"when": timed(f"2027-03-{25 if scope is FOLLOWING else 11} 10:00")},
        {
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-25 10:00", "04-01 10:00", "04-08 10:00",
                        "04-15 10:00"],
            ALL: ["03-11 10:00", "03-18 10:00", "03-25 10:00", "04-01 10:00", "04-08 10:00",
                  "04-15 10:00"],
        },
    ),
    Dates(
        "rule",
        lambda scope: {"rrule": "FREQ=WEEKLY;INTERVAL=2;COUNT=2"},
        {
            FOLLOWING: ["03-10 10:00", "03-17 10:00", "03-24 10:00"],
            ALL: ["03-10 10:00", "03-24 10:00"],
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", DATES, ids=lambda row: row.field)
@pytest.mark.parametrize("scope", [FOLLOWING, ALL])
@pytest.mark.parametrize("orphans", ["keep", "drop"])
def test_other_dates(world: World, row: Dates, scope: Scope, orphans: str) -> None:
    """The fourth, which has a title of its own, is not among them: it is asked about."""
    prepared(world, {"title": "Special"})
    values = row.new(scope)
    with pytest.raises(Undecided) as refusal:
        world.edit(scope, THIRD, values=values)
    assert refusal.value.dates == (name(FOURTH),)
    seen = Change.objects.latest("pk").pk
    done = world.edit(scope, THIRD, values=values, orphans=orphans)
    single = Meeting.objects.filter(series=world.meeting.series, title="Special").first()
    dates = [each for each in world.dates() if each.meeting != single]
    # The date called off before is not given by the new rules: nothing is left of it.
    assert [start(each) for each in dates] == row.kept[scope]
    assert (single is not None) == (orphans == "keep")
    if single is not None:
        (kept,) = [each for each in world.dates() if each.meeting == single]
        assert (start(kept), guests(kept), world.rooms_of(kept)) == (
            "03-31 10:00",
            "BC",
            ["Room A"],
        )
        assert answer_of(kept, BEN) == "a"
    assert len(all_held(world)) == len(world.dates())
    assert all(each.shown_title == "Design review" for each in dates)
    parts = list(Change.objects.filter(pk__gt=seen).values_list("part_of", flat=True))
    assert done.change is not None
    assert parts == [None] + [done.change.pk] * ((scope is FOLLOWING) + (orphans == "keep"))
    assert set(done.change.fields) == {"when" if row.field == "day" else "rrule"}


def test_one_date_on_another_day(world: World) -> None:
    prepared(world, {"title": "Special"})
    world.edit(THIS, THIRD, values={"when": timed("2027-03-25 10:00")})
    dates = world.dates()
    assert [start(each)[:5] for each in dates] == ["03-10", "03-17", "03-25", "03-31", "04-14"]
    assert "".join(answer_of(each, BEN) for each in dates) == "aanaa"
    assert dates[2].recurrence_id == name(THIRD)


def test_one_date_has_no_rule_of_its_own(world: World) -> None:
    with pytest.raises(InvalidDraft, match="whole series"):
        world.edit(THIS, THIRD, values={"rrule": "FREQ=DAILY;COUNT=3"})


def test_the_last_date_moves_past_the_end_of_its_series(world: World) -> None:
    """UNTIL is about what the rule gives, not about where a date went."""
    until = "FREQ=WEEKLY;UNTIL=20270414"
    world.edit(ALL, FIRST, values={"rrule": until})
    world.edit(THIS, SIXTH, values={"when": timed("2027-04-20 10:00")})
    assert start(world.dates()[-1]) == "04-20 10:00"


# Calling off -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "left", "rrule"),
    [
        (THIS, [DAYS[0], DAYS[1], FOURTH, SIXTH], WEEKLY),
        (FOLLOWING, [DAYS[0], DAYS[1]], "FREQ=WEEKLY;COUNT=2"),
        (ALL, [], WEEKLY),
    ],
)
def test_calling_off(world: World, scope: Scope, left: list[str], rrule: str) -> None:
    prepared(world, {"when": timed("2027-03-31 15:00"), "room_ids": (world.own.pk,)})
    before, seen = Meeting.objects.get(pk=world.meeting.pk), Change.objects.latest("pk").pk
    which = "" if scope is ALL else name(THIRD)
    done = scheduler.cancel(
        before, by=world.organizer, now=NOW, version=before.version, scope=scope,
        recurrence_id=which, reason=" Ill ",
    )  # fmt: skip
    dates = world.dates()
    assert [each.recurrence_id for each in dates] == [name(day) for day in left]
    assert len(all_held(world)) == len(left)
    assert "".join(answer_of(each, BEN) for each in dates) == "a" * len(left)
    after = Meeting.objects.get(pk=before.pk)
    assert (after.rrule, after.cancelled) == (rrule, scope is ALL)
    assert (after.version, after.sequence) == (before.version + 1, before.sequence + 1)
    (change,) = Change.objects.filter(pk__gt=seen)
    assert (change, change.reason) == (done.change, "Ill")
    span = after.invitations.get(user__email=BEN, recurrence_id="").span
    if left:
        assert span is not None
        assert date.fromisoformat(left[-1]) <= span.upper.date() <= date.fromisoformat(SIXTH)
    else:
        assert span is None
    assert not Booking.objects.filter(kind="hold").exists()


# From the first date on --------------------------------------------------------------------------


def test_the_first_and_the_following_are_all(world: World) -> None:
    prepared(world, {"title": "Special"})
    done = world.edit(FOLLOWING, FIRST, values={"title": "Retro"})
    assert done.meeting == world.meeting
    assert [each.shown_title[0] for each in world.dates()] == ["R", "R", "R", "S", "R"]


def test_following_from_an_exception(world: World) -> None:
    """The draft starts from the date as the rule gave it; the exception stays one."""
    prepared(world, {"when": timed("2027-04-01 15:00"), "title": "Special"})
    world.edit(FOLLOWING, FOURTH, values={"title": "Retro", "when": timed(f"{FOURTH} 11:00")})
    dates = world.dates()
    assert [start(each) for each in dates[3:]] == ["04-01 16:00", "04-14 11:00"]
    assert [each.shown_title for each in dates[3:]] == ["Special", "Retro"]
    assert "".join(answer_of(each, BEN) for each in dates) == "aaann"
