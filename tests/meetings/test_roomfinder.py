"""The room finder: what stands against each room, and that it agrees with the conflict check."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings.conflicts import Proposal, find_conflicts
from meetings.intervals import Stretch
from meetings.models import Booking
from meetings.models.ranges import as_range
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
)
from meetings.slots import RoomOffer, RoomPage, RoomQuestion, find_rooms
from meetings.wallclock import AllDay, Timed, When
from rooms.models import Amenity, Closure, OpeningHours, Room
from tests.factories import (
    BERLIN,
    NOW,
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    ana,
    at,
    book,
    cy,
    days,
    stretch,
    timed,
)

pytestmark = pytest.mark.django_db

TEN = timed("2027-03-10 10:00")  # a Wednesday
TEN_NAMED = TEN.recurrence_id()
DAYS = ["2027-03-10 10:00", "2027-03-17 10:00", "2027-03-24 10:00"]


def weekly(count: int, when: When = TEN) -> tuple[When, ...]:
    """The same on the following weeks."""
    return tuple(when.on(when.day + timedelta(weeks=n)) for n in range(count))


def ask(
    *dates: When,
    seats: int = 0,
    amenities: tuple[Amenity, ...] = (),
    page: int = 1,
    size: int = 50,
    near: Q | None = None,
    now: datetime = NOW,
    **fields: object,
) -> RoomPage:
    """Asks about all rooms."""
    proposal = Proposal(dates or (TEN,), (), (), seats, **fields)  # type: ignore[arg-type]
    wanted = frozenset(amenity.pk for amenity in amenities)
    question = RoomQuestion(
        proposal, Room.objects.all(), wanted, near or Q(pk__in=()), next_free=True
    )
    return find_rooms(question, now=now, page=page, size=size)


def only(found: RoomPage) -> RoomOffer:
    """What is said of the one room there is."""
    (offer,) = found.offers
    return offer


def fits(found: RoomPage) -> bool:
    """Whether the one room there is fits, by the count as by what is said of it."""
    assert only(found).free is bool(found.fitting)
    return only(found).free


def shut(start: str, end: str, **place: object) -> Closure:
    """A closure."""
    during = as_range(stretch(start, end))
    return Closure.objects.create(during=during, reason="Paint", **place)


def test_fitting_first_the_near_then_the_smallest_then_by_name() -> None:
    home, away = SiteFactory.create(), SiteFactory.create()
    rooms = [
        RoomFactory.create(site=site, capacity=seats, name=name)
        for site, seats, name in [
            (home, 6, "B"),
            (home, 6, "A"),
            (home, 20, "C"),
            (away, 5, "D"),
            (home, 4, "small"),
            (away, 3, "smaller"),
            (home, 9, "taken"),
            (home, 2, "small and taken"),
        ]
    ]
    RoomFactory.create(site=home, name="out of use", active=False)
    book(cy(), rooms=(rooms[6],))
    book(ana(), rooms=(rooms[7],))
    found = ask(seats=5, near=Q(site=home))
    assert [offer.room.name for offer in found.offers] == [
        *("A", "B", "C", "D", "small", "smaller", "taken", "small and taken", "out of use")
    ]
    assert [offer.free for offer in found.offers] == [True] * 4 + [False] * 5
    assert (found.fitting, found.total) == (4, 9)
    assert [offer.room.near for offer in found.offers][:4] == [True, True, True, False]  # type: ignore[attr-defined]


def test_the_fewer_dates_are_lost_the_sooner() -> None:
    thrice, once, free = RoomFactory.create_batch(3)
    for week in range(3):
        book(ana() if not week else User.objects.get_queryset().get(), DAYS[week], rooms=(thrice,))
    book(cy(), DAYS[0], 30, rooms=(once,))
    found = ask(*weekly(52))
    assert [offer.room for offer in found.offers] == [free, once, thrice]
    assert [len(offer.problems) for offer in found.offers] == [0, 1, 3]
    assert [offer.free_from for offer in found.offers] == [None] * 3


class TestRules:
    """Each rule alone: what is said, and when the room is free next."""

    def test_taken(self) -> None:
        room = RoomFactory.create(buffer_after=15)
        meeting = book(cy(), "2027-03-10 10:30", rooms=(room,))
        found = only(ask())
        held = stretch("2027-03-10 10:30", "2027-03-10 11:45")
        assert found.problems == (RoomTaken(room.pk, held, meeting.occurrence.pk, TEN_NAMED),)
        assert found.free_from == at("2027-03-10 11:45")

    @pytest.mark.parametrize(
        ("start", "buffer", "minutes", "free"),
        [
            ("11:15", "buffer_after", 15, True),
            ("11:15", "buffer_after", 16, False),
            ("08:45", "buffer_before", 15, True),
            ("08:45", "buffer_before", 16, False),
            ("11:00", "buffer_before", 90, True),
            ("09:00", "buffer_after", 90, True),
        ],
    )
    def test_kept_free_around_it(self, start: str, buffer: str, minutes: int, free: bool) -> None:
        room = RoomFactory.create()
        book(cy(), f"2027-03-10 {start}", rooms=(room,))
        Room.objects.update(**{buffer: minutes})
        assert fits(ask()) is free

    @pytest.mark.parametrize("place", ["room", "site"])
    def test_closed(self, place: str) -> None:
        room = RoomFactory.create()
        closed = stretch("2027-03-09 00:00", "2027-03-12 00:00")
        shut("2027-03-09 00:00", "2027-03-12 00:00", **{place: getattr(room, place, room)})
        found = only(ask())
        assert found.problems == (RoomClosed(room.pk, closed, "Paint", TEN_NAMED),)
        assert found.free_from == at("2027-03-12 00:00")

    @pytest.mark.parametrize("hours", [Room.Hours.SITE, Room.Hours.OWN])
    def test_not_open(self, hours: str) -> None:
        room = RoomFactory.create(hours=hours)
        owner = {"room": room} if hours == Room.Hours.OWN else {"site": room.site}
        OpeningHours.objects.create(weekday=2, start=11 * 60, end=18 * 60, **owner)
        found = only(ask())
        (problem,) = found.problems
        assert isinstance(problem, OutsideOpeningHours)
        assert problem.open == (stretch("2027-03-10 11:00", "2027-03-10 18:00"),)
        assert found.free_from == at("2027-03-10 11:00")

    def test_too_few_seats(self) -> None:
        room = RoomFactory.create(capacity=8)
        assert only(ask(seats=10)) == RoomOffer(room, (TooFewSeats(room.pk, 8, 10),))
        assert fits(ask(seats=8))

    def test_lacks_an_amenity(self) -> None:
        room, screen, camera = RoomFactory.create(), *AmenityFactory.create_batch(2)
        room.amenities.add(screen)
        found = only(ask(amenities=(screen, camera)))
        assert found == RoomOffer(room, missing=frozenset({camera.pk}))
        assert not found.free

    def test_out_of_use(self) -> None:
        room = RoomFactory.create(active=False)
        assert only(ask()) == RoomOffer(room, (RoomInactive(room.pk),))

    def test_not_bookable_yet(self) -> None:
        room = RoomFactory.create(horizon_days=8)
        until = at("2027-03-10 00:00")
        asked = TEN.during()
        problem = NotYetBookable(room.pk, asked, until, later=False, date=TEN_NAMED)
        assert only(ask()).problems == (problem,)
        assert fits(ask(now=NOW + timedelta(days=1)))
        Room.objects.update(horizon_days=None)
        book(cy(), DAYS[1], rooms=(room,))
        Room.objects.update(horizon_days=8)
        shut("2027-03-24 00:00", "2027-03-25 00:00", site=room.site)
        assert fits(ask(*weekly(52), repeats=True)), "a series gets it later, or is told"

    def test_wanted_twice(self) -> None:
        room = RoomFactory.create(buffer_before=10)
        found = only(ask(TEN, timed("2027-03-10 11:05")))
        assert [type(problem) for problem in found.problems] == [OverlapsItself]
        Room.objects.update(buffer_before=5)
        assert fits(ask(TEN, timed("2027-03-10 11:05")))
        assert room == found.room

    def test_a_day_is_that_of_the_room(self) -> None:
        room = RoomFactory.create(site__timezone=ZoneInfo("Asia/Tokyo"))
        book(cy(), "2027-03-09 15:30", rooms=(room,))  # 23:30 there
        assert only(ask(days("2027-03-10"))).problems
        assert fits(ask(days("2027-03-11")))

    def test_free_next_only_within_the_days_it_can_be_booked(self) -> None:
        room = RoomFactory.create(horizon_days=9)
        book(cy(), "2027-03-10 10:00", 14 * 60, rooms=(room,))
        assert only(ask()).free_from is None
        Room.objects.update(horizon_days=10)
        assert only(ask()).free_from == at("2027-03-11 00:00")


def test_what_a_meeting_has_itself_does_not_count_nor_ones_own_hold() -> None:
    room, organizer = RoomFactory.create(), ana()
    meeting = book(organizer, rooms=(room,))
    assert fits(ask(ignoring=meeting))
    assert fits(ask(ignoring=meeting, ignored=frozenset({meeting.occurrence.pk})))
    assert not fits(ask(ignoring=meeting, ignored=frozenset()))
    Booking.objects.update(kind="hold", expires_at=NOW + timedelta(days=99), held_by=organizer)
    assert not fits(ask())
    assert fits(ask(holder=organizer))
    assert fits(ask(now=NOW + timedelta(days=99))), "an expired hold is none"


def test_pages() -> None:
    names = [f"Room {n}" for n in range(5)]
    for name in names:
        RoomFactory.create(name=name)
    pages = [ask(size=2, page=n) for n in (1, 2, 3, 4, 0)]
    assert [page.number for page in pages] == [1, 2, 3, 3, 1]
    assert {page.pages for page in pages} == {3}
    shown = [offer.room.name for page in pages[:3] for offer in page.offers]
    assert shown == names
    assert pages[3].offers == pages[2].offers


def test_each_room_keeps_its_own_time_free() -> None:
    RoomFactory.create(buffer_before=90, buffer_after=90)
    room, organizer = RoomFactory.create(), cy()
    book(organizer, "2027-03-10 09:00", rooms=(room,))
    book(organizer, "2027-03-10 11:00", rooms=(room,))
    assert ask().fitting == 2


def test_says_when_it_is_free_next_only_if_asked() -> None:
    book(cy(), rooms=(RoomFactory.create(),))
    question = RoomQuestion(Proposal((TEN,), (), (), 0), Room.objects.all())
    assert only(find_rooms(question, now=NOW)).free_from is None


def test_no_rooms_and_no_dates() -> None:
    assert ask().offers == ()
    RoomFactory.create(capacity=2)
    proposal = Proposal((), (), (), seats=3)
    found = find_rooms(RoomQuestion(proposal, Room.objects.all()), now=NOW)
    assert [type(problem) for problem in only(found).problems] == [TooFewSeats]


@pytest.mark.parametrize(("rooms", "count"), [(2, 1), (6, 52)])
def test_costs_the_same_however_many_rooms_and_dates(
    rooms: int, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organizer = ana()
    for room in RoomFactory.create_batch(rooms, hours=Room.Hours.OWN, buffer_before=5):
        OpeningHours.objects.create(room=room, weekday=2, start=480, end=1080)
        OpeningHours.objects.create(site=room.site, weekday=2, start=480, end=1080)
        book(organizer, rooms=(room,))
    with django_assert_num_queries(18 + 2 * (count == 1)):
        assert ask(*weekly(count), size=rooms).fitting == 0


MINUTE = timedelta(minutes=1)
HALF_HOUR = 30 * MINUTE
ZONES = [BERLIN, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")]
FIRST = datetime(2027, 3, 27)  # the next day clocks change in Berlin
FROM = FIRST.replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
a_stretch = st.builds(
    lambda start, length: Stretch(FROM + start * HALF_HOUR, FROM + (start + length) * HALF_HOUR),
    st.integers(-4, 40),
    st.integers(1, 6),
)


def daily(count: int, when: When) -> tuple[When, ...]:
    """The same on the following days."""
    return tuple(when.on(when.day + timedelta(days=n)) for n in range(count))


timed_dates = st.builds(
    lambda start, length, times: daily(
        times, Timed(FIRST + start * HALF_HOUR, BERLIN, length * HALF_HOUR)
    ),
    st.integers(0, 20),
    st.sampled_from([1, 2, 5, 46, 50]),
    st.sampled_from([1, 1, 2, 3]),
)
all_days = st.builds(
    lambda day, length, times: daily(times, AllDay(date(2027, 3, 27 + day), length)),
    st.integers(0, 1),
    st.integers(1, 2),
    st.integers(1, 2),
)
mixed = st.tuples(timed_dates, all_days).map(lambda both: both[0] + both[1])
a_room = st.fixed_dictionaries(
    {
        "site": st.integers(0, 1),
        "capacity": st.sampled_from([2, 4, 6, 8]),
        "hours": st.sampled_from(["always", "always", "site", "own"]),
        "buffer_before": st.sampled_from([0, 0, 30, 60]),
        "buffer_after": st.sampled_from([0, 0, 30]),
        "horizon_days": st.sampled_from([None, None, 26, 27]),
        "active": st.sampled_from([True, True, True, False]),
        "screen": st.sampled_from([True, True, False]),
        "booked": st.lists(a_stretch, min_size=1, max_size=3),
        "shut": st.lists(a_stretch, max_size=1),
        "own": st.lists(st.integers(5, 6), max_size=2),
    }
)


class AgreesWithTheConflictCheck(TestCase):
    """Over random rooms, bookings, closures, hours and dates."""

    @settings(max_examples=100)
    @given(
        dates=st.one_of(timed_dates, all_days, mixed),
        rooms=st.lists(a_room, min_size=2, max_size=6),
        zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
        site_days=st.lists(st.integers(5, 6), max_size=2),
        seats=st.integers(0, 4),
        repeats=st.booleans(),
        wants_screen=st.booleans(),
    )
    def test_fits_if_nothing_stands_against_it(
        self, dates, rooms, zones, site_days, seats, repeats, wants_screen
    ):
        screen = AmenityFactory.create()
        sites = [SiteFactory.create(timezone=zone) for zone in zones]
        for day in set(site_days):
            OpeningHours.objects.create(site=sites[0], weekday=day, start=0, end=1440)
        for values in rooms:
            self.create(values, sites, screen)
        amenities = (screen,) if wants_screen else ()
        names = tuple(f"date {n}" for n in range(len(dates)))
        asked = ask(*dates, seats=seats, amenities=amenities, repeats=repeats, names=names)
        made = list(Room.objects.with_details())
        proposal = Proposal(dates, (), tuple(made), seats, names=names, repeats=repeats)
        against: dict[int, list[Problem]] = {room.pk: [] for room in made}
        for problem in find_conflicts(proposal, now=NOW):
            against[problem.room_id].append(problem)
        fitting = {
            room.pk
            for room in made
            if all(problem.severity < Severity.WARNS for problem in against[room.pk])
            and (not wants_screen or screen in room.amenities.all())
        }
        found = {offer.room.pk: offer for offer in asked.offers}
        assert {pk for pk, offer in found.items() if offer.free} == fitting
        assert asked.fitting == len(fitting)
        assert found.keys() == against.keys()
        assert {o.room.pk for o in asked.offers[: len(fitting)]} == fitting
        assert all(found[pk].problems == tuple(against[pk]) for pk in found.keys() - fitting)
        self.check_free_next(dates, asked.offers, repeats=repeats)

    def create(self, values, sites, screen):
        """A room with its bookings and closures; of two bookings that overlap the first."""
        screened, booked, closed, own = (values[k] for k in ("screen", "booked", "shut", "own"))
        names = ("capacity", "hours", "buffer_before", "buffer_after", "horizon_days", "active")
        site = sites[values["site"]]
        room = RoomFactory.create(site=site, **{name: values[name] for name in names})
        if screened:
            room.amenities.add(screen)
        for day in set(own):
            OpeningHours.objects.create(room=room, weekday=day, start=0, end=1200)
        kept: list[Stretch] = []
        for during in booked:
            if not any(during.overlaps(other) for other in kept):
                kept.append(during)
        Booking.objects.bulk_create(
            Booking(room=room, during=as_range(during), kind="hold", created_at=NOW,
                    expires_at=NOW + timedelta(days=99))
            for during in kept
        )  # fmt: skip
        for n, during in enumerate(closed):
            place = {"site": site} if n % 2 else {"room": room}
            Closure.objects.create(during=as_range(during), reason="Paint", **place)

    def check_free_next(self, dates, offers, *, repeats):
        """Taken at once, nothing stands against it."""
        for offer in offers:
            if offer.free_from is None:
                continue
            (asked,) = dates
            start = offer.free_from.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            later = Timed(start, ZoneInfo("UTC"), asked.length)
            proposal = Proposal((later,), (), (offer.room,), seats=0, repeats=repeats)
            assert find_conflicts(proposal, now=NOW) == []
            assert offer.free_from > asked.during().start
