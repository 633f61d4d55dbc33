"""Finding a time: every answer against a count minute by minute, over zones and clock changes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from meetings.availability import PersonTime, RoomTime, Times
from meetings.intervals import Stretch, merge, subtract
from meetings.slots import Wish, slots_in
from rooms.models import Room, Site

MINUTE = timedelta(minutes=1)

# Windows around changes of the clocks, and one half an hour off.
CHANGES = {
    "Europe/Berlin": "2027-03-27T23:00",
    "America/New_York": "2027-11-07T03:30",
    "Australia/Lord_Howe": "2027-04-03T13:00",
    "America/Santiago": "2027-04-04T01:00",
    "Asia/Kathmandu": "2027-05-01T00:00",
}


def stretches(most=3):
    """Where stretches begin after the base and how long they last; some on half a minute."""
    pair = st.tuples(st.integers(-100, 480), st.integers(1, 150), st.sampled_from([0, 0, 30]))
    return st.lists(pair, max_size=most)


people_drawn = st.lists(
    st.tuples(
        stretches(),
        stretches(2),
        st.none() | stretches(2),
        st.sampled_from([*CHANGES]),
    ),
    max_size=3,
)
rooms_drawn = st.lists(
    st.tuples(
        stretches(),
        st.none() | stretches(2),
        st.integers(1, 5),
        st.sampled_from([*CHANGES][:2]),
        st.sampled_from([0, 10]),
    ),
    max_size=3,
)


@settings(max_examples=100)
@given(
    zone=st.sampled_from([*CHANGES]),
    required=people_drawn,
    optional=people_drawn,
    rooms=rooms_drawn,
    seats=st.integers(0, 4),
    window=st.tuples(st.integers(0, 120), st.integers(1, 300)),
    length=st.sampled_from([5, 15, 30, 50, 90, 240]),
    near=st.none() | st.integers(-60, 400),
    passed=st.integers(-60, 200),
)
def test_as_counted_minute_by_minute(
    zone, required, optional, rooms, seats, window, length, near, passed
):
    base = datetime.fromisoformat(CHANGES[zone]).replace(tzinfo=UTC)

    def some(drawn):
        begun = ((base + MINUTE * n + timedelta(seconds=s), MINUTE * long) for n, long, s in drawn)
        return tuple(merge(Stretch(start, start + long) for start, long in begun))

    whole = Stretch(base + window[0] * MINUTE, base + (window[0] + window[1]) * MINUTE)
    drawn = dict(enumerate([*required, *optional], 1))
    people = {pk: User(pk=pk, timezone=ZoneInfo(each[3])) for pk, each in drawn.items()}
    sites = {key: Site(pk=n, timezone=ZoneInfo(key)) for n, key in enumerate(CHANGES, 1)}
    places = [
        Room(pk=n, name=f"{n}", capacity=size, site=sites[key], buffer_before=kept, buffer_after=5)
        for n, (_taken, _open, size, key, kept) in enumerate(rooms, 1)
    ]
    times = Times(
        Stretch(base - timedelta(days=1), base + timedelta(days=1)),
        {
            pk: PersonTime(
                some(busy),
                tuple(subtract(some(perhaps), some(busy))),
                (),
                None if hours is None else some(hours),
            )
            for pk, (busy, perhaps, hours, _zone) in drawn.items()
        },
        {
            n: RoomTime(some(taken), (whole,) if opened is None else some(opened))
            for n, (taken, opened, *_rest) in enumerate(rooms, 1)
        },
    )
    wish = Wish(
        required=tuple(people[pk] for pk in range(1, len(required) + 1)),
        optional=tuple(people[pk] for pk in range(len(required) + 1, len(people) + 1)),
        length=length * MINUTE,
        window=whole,
        zone=ZoneInfo(zone),
        near=None if near is None else base + near * MINUTE,
        seats=seats,
        rooms=tuple(places),
    )
    now = base + passed * MINUTE

    found = slots_in(times, wish, now=now)

    counted = [(s.stretch.start, tuple(s.rank[:8]), s.room) for s in found]
    assert counted == by_minutes(times, wish, now)
    assert [slot.rank for slot in found] == sorted(slot.rank for slot in found)
    for slot in found:
        named = (slot.missing, slot.perhaps, slot.outside, slot.night)
        named += (slot.optional_missing, slot.optional_perhaps)
        named += (slot.optional_outside, slot.optional_night)
        assert tuple(map(len, named)) == slot.rank[:8]


def by_minutes(times, wish, now):
    """The same in the plainest way: every minute tried against everybody."""
    tried = []
    minute = wish.window.start
    while minute + wish.length <= wish.window.end:
        if minute >= now:
            tried.append((minute, judged(minute, times, wish, now)))
        minute += MINUTE
    offered = []
    for run in runs(tried):
        quarters = [m for m, _j in run if m.astimezone(wish.zone).minute % 15 == 0]
        for minute in quarters or [run[0][0]]:
            key, room = dict(run)[minute]
            away = abs(minute - wish.near) if wish.near else timedelta(0)
            offered.append((key, away, minute, room))
    offered.sort(key=lambda each: each[:3])
    if offered and offered[0][0][0] == 0:
        offered = [each for each in offered if each[0][0] == 0]
    kept, close = [], []
    for each in offered:
        apart = max(wish.length, timedelta(hours=1))
        near = any(abs(each[2] - other[2]) < apart for other in kept)
        (close if near else kept).append(each)
    chosen = sorted((kept[:5] + close)[:5], key=lambda each: each[:3])
    return [(minute, key[:8], room) for key, _away, minute, room in chosen]


def runs(tried):
    """Minutes in a row that are judged alike."""
    found = []
    for before, (minute, judgement) in pairwise([(None, None), *tried]):
        if before[1] is None or before[1][0] != judgement[0]:
            found.append([])
        found[-1].append((minute, judgement))
    return found


def judged(start, times, wish, now):
    """The counts and how it stands with rooms, and the room."""
    asked = Stretch(start, start + wish.length)
    key = []
    for people in (wish.required, wish.optional):
        states = [state_of(p, times.people[p.pk], asked) for p in people]
        key += [sum("m" in s for s in states), sum("p" in s for s in states)]
        key += [sum("o" in s for s in states), sum("n" in s for s in states)]
    if not wish.seats:
        return (*key, 0), None
    zones = [p.zone for p in wish.required or wish.optional]
    most = max((zones.count(room.zone) for room in wish.rooms), default=0)
    offered = []
    for room in wish.rooms:
        time = times.rooms[room.pk]
        before, after = room.buffers
        kept = Stretch(asked.start - before, asked.end + after)
        opened = any(s.start <= asked.start and asked.end <= s.end for s in time.open)
        if opened and room.capacity >= wish.seats and not any(kept.overlaps(t) for t in time.taken):
            offered.append((int(zones.count(room.zone) < most), room.capacity, room.name, room))
    fit, *_rest, room = min(offered, default=(2, None), key=lambda each: each[:3])
    return (*key, fit), room


def state_of(person, time, asked):
    """`m`issing, `p`erhaps, `o`utside their hours, at `n`ight, or nothing of it."""
    if any(asked.overlaps(busy) for busy in time.busy):
        return "m"
    state = "p" if any(asked.overlaps(perhaps) for perhaps in time.tentative) else ""
    minutes = (asked.start + n * MINUTE for n in range(asked.length // MINUTE))
    awake = all(7 <= minute.astimezone(person.zone).hour < 20 for minute in minutes)
    if time.works is None:
        at_work = awake
    else:
        at_work = any(s.start <= asked.start and asked.end <= s.end for s in time.works)
    return state + ("" if at_work else "o" if awake else "on")
