"""The calendar's grid against brute force, and the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.intervals import Lane, Stretch
from meetings.views.bands import Band, minutes_on
from meetings.views.grid import Bar, Block, Grid, Item, More, lay_out
from meetings.wallclock import week_of

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = date(2027, 3, 10)
MINUTE = timedelta(minutes=1)


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def item(start: str, end: str, name: str = "it") -> Item[str]:
    return Item(name, Stretch(at(start), at(end)))


def one_day(*items: Item[str], day: date = WEDNESDAY, most_lanes: int = 20) -> Grid[str]:
    return lay_out([day], BERLIN, items, lit=[], most_lanes=most_lanes)


def edges(grid: Grid[str]) -> list[list[tuple[str, str]]]:
    return [[(block.begins, block.ends) for block in day.blocks] for day in grid.days]


@pytest.mark.parametrize(
    ("start", "end", "drawn"),
    [
        pytest.param("10:00", "11:00", ("10:00", "11:00"), id="on the hour"),
        pytest.param("10:02", "10:43", ("10:00", "10:45"), id="outwards to five minutes"),
        pytest.param("10:00", "10:05", ("10:00", "10:15"), id="very short"),
        pytest.param("23:50", "23:55", ("23:45", "24:00"), id="very short before midnight"),
        pytest.param("00:00", "00:15", ("00:00", "00:15"), id="after midnight"),
        pytest.param("10:00:30", "11:00:30", ("10:00", "11:05"), id="with seconds"),
    ],
)
def test_a_block_stands_where_the_wall_clock_says(
    start: str, end: str, drawn: tuple[str, str]
) -> None:
    grid = one_day(item(f"2027-03-10 {start}", f"2027-03-10 {end}"))
    assert edges(grid) == [[drawn]]


def test_over_midnight_is_on_both_days() -> None:
    night = item("2027-03-10 22:00", "2027-03-11 01:30")
    grid = lay_out([WEDNESDAY, date(2027, 3, 11)], BERLIN, [night], lit=[])
    assert edges(grid) == [[("22:00", "24:00")], [("00:00", "01:30")]]
    assert (grid.opens, grid.closes) == (0, 24)


def test_until_midnight_is_not_on_the_next_day() -> None:
    evening = item("2027-03-10 22:00", "2027-03-11 00:00")
    grid = lay_out([WEDNESDAY, date(2027, 3, 11)], BERLIN, [evening], lit=[])
    assert edges(grid) == [[("22:00", "24:00")], []]


def test_in_the_zone_asked_for() -> None:
    grid = lay_out(
        [WEDNESDAY],
        ZoneInfo("Asia/Tokyo"),
        [item("2027-03-10 10:00", "2027-03-10 11:00")],
        lit=[],
    )
    assert edges(grid) == [[("18:00", "19:00")]]


@pytest.mark.parametrize(
    ("start", "end", "drawn"),
    [
        pytest.param(at("2027-03-28 01:30"), at("2027-03-28 03:30"), ("01:30", "03:30"), id="gap"),
        pytest.param(
            at("2027-10-31 02:30", 1), at("2027-10-31 03:00"), ("02:30", "03:00"), id="second time"
        ),
        pytest.param(
            at("2027-10-31 02:45"), at("2027-10-31 02:15", 1), ("02:45", "03:15"), id="set back"
        ),
        pytest.param(
            at("2027-10-31 02:00"), at("2027-10-31 02:00", 1), ("02:00", "03:00"), id="first time"
        ),
    ],
)
def test_when_clocks_change(start: datetime, end: datetime, drawn: tuple[str, str]) -> None:
    day = start.astimezone(BERLIN).date()
    assert edges(one_day(Item("it", Stretch(start, end)), day=day)) == [[drawn]]


def test_the_two_same_hours_of_a_long_day_stand_beside_each_other() -> None:
    first = Item("first", Stretch(at("2027-10-31 02:00"), at("2027-10-31 02:30")))
    second = Item("second", Stretch(at("2027-10-31 02:00", 1), at("2027-10-31 02:30", 1)))
    (day,) = one_day(first, second, day=date(2027, 10, 31)).days
    assert {block.lane for block in day.blocks} == {Lane(0, 2), Lane(1, 2)}


def test_short_blocks_that_would_cover_each_other_stand_side_by_side() -> None:
    grid = one_day(
        item("2027-03-10 10:00", "2027-03-10 10:05"), item("2027-03-10 10:05", "2027-03-10 10:30")
    )
    assert [block.lane for block in grid.days[0].blocks] == [Lane(0, 2), Lane(1, 2)]


@pytest.mark.parametrize(
    ("items", "window"),
    [
        pytest.param([], (7, 21), id="empty"),
        pytest.param([("07:00", "21:00")], (7, 21), id="exactly the usual hours"),
        pytest.param([("06:59", "08:00")], (6, 21), id="earlier"),
        pytest.param([("20:00", "21:01")], (7, 22), id="later"),
        pytest.param([("05:30", "06:00"), ("23:00", "23:30")], (5, 24), id="both"),
    ],
)
def test_the_window_opens_for_what_lies_outside(
    items: list[tuple[str, str]], window: tuple[int, int]
) -> None:
    grid = one_day(*(item(f"2027-03-10 {a}", f"2027-03-10 {b}") for a, b in items))
    assert (grid.opens, grid.closes) == window


def test_working_hours_are_lit_and_open_the_window() -> None:
    early = Stretch(at("2027-03-10 06:00"), at("2027-03-10 12:00"))
    late = Stretch(at("2027-03-10 13:00"), at("2027-03-10 14:30"))
    grid = lay_out([WEDNESDAY], BERLIN, list[Item[str]](), lit=[early, late])
    assert grid.days[0].lit == (Band(360, 720), Band(780, 870))
    assert (grid.opens, grid.closes) == (6, 21)


def test_without_working_hours_all_is_lit() -> None:
    grid = lay_out([WEDNESDAY], BERLIN, [item("2027-03-10 05:00", "2027-03-10 06:00")], lit=None)
    assert grid.days[0].lit == (Band(5 * 60, 21 * 60),)


def test_open_at_all_hours_is_lit_and_leaves_the_window() -> None:
    always = Stretch(at("2027-03-08 00:00"), at("2027-03-12 00:00"))
    grid = lay_out(week_of(WEDNESDAY)[:5], BERLIN, list[Item[str]](), lit=[always])
    assert [day.lit for day in grid.days] == [(Band(7 * 60, 21 * 60),)] * 4 + [()]
    assert (grid.opens, grid.closes) == (7, 21)


def whole(first: str, last: str, name: str = "it") -> Item[str]:
    dates = date.fromisoformat(first), date.fromisoformat(last)
    return Item(name, Stretch(at(f"{first} 00:00"), at(f"{last} 23:00")), dates)


@pytest.mark.parametrize(
    ("given_item", "column", "span"),
    [
        pytest.param(whole("2027-03-10", "2027-03-10"), 3, 1, id="one day"),
        pytest.param(whole("2027-03-12", "2027-03-14"), 5, 3, id="until Sunday"),
        pytest.param(whole("2027-03-01", "2027-03-09"), 1, 2, id="from before"),
        pytest.param(whole("2027-03-13", "2027-04-09"), 6, 2, id="goes on"),
        pytest.param(whole("2027-02-01", "2027-04-09"), 1, 7, id="all week"),
        pytest.param(item("2027-03-10 09:00", "2027-03-11 09:00"), 3, 2, id="24 hours"),
        pytest.param(item("2027-03-10 00:00", "2027-03-12 00:00"), 3, 2, id="to midnight"),
    ],
)
def test_whole_days_are_bars(given_item: Item[str], column: int, span: int) -> None:
    grid = lay_out(week_of(WEDNESDAY), BERLIN, [given_item], lit=[])
    assert [(bar.column, bar.span) for bar in grid.bars] == [(column, span)]
    assert all(not day.blocks for day in grid.days)
    assert (grid.opens, grid.closes) == (7, 21)


def test_bars_come_in_order_of_start_the_longer_first() -> None:
    bars = [
        whole("2027-03-10", "2027-03-10", "short"),
        whole("2027-03-10", "2027-03-12", "long"),
        whole("2027-03-08", "2027-03-08", "early"),
    ]
    grid = lay_out(week_of(WEDNESDAY), BERLIN, bars, lit=[])
    assert [bar.value for bar in grid.bars] == ["early", "long", "short"]
    assert grid.bars[1] == Bar("long", 3, 3, date(2027, 3, 10), date(2027, 3, 12))


def test_bars_of_other_weeks_are_left_out() -> None:
    grid = lay_out(week_of(WEDNESDAY), BERLIN, [whole("2027-03-15", "2027-03-15")], lit=[])
    assert grid.is_empty


def test_too_many_side_by_side_are_counted_in_the_last_lane() -> None:
    twelve = [item("2027-03-10 10:00", "2027-03-10 11:00", str(n)) for n in range(12)]
    (day,) = one_day(*twelve, most_lanes=4).days
    shown = [block for block in day.blocks if isinstance(block, Block)]
    assert [block.lane for block in shown] == [Lane(0, 4), Lane(1, 4), Lane(2, 4)]
    assert [block for block in day.blocks if isinstance(block, More)] == [
        More(600, 660, 9, Lane(3, 4))
    ]


ZONES = ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut", "UTC"]
STARTS = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31)).map(
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)


@given(STARTS, st.integers(1, 2000), st.integers(-1, 2), st.sampled_from(ZONES))
def test_minutes_agree_with_looking_at_every_minute(
    start: datetime, length: int, offset: int, name: str
) -> None:
    zone = ZoneInfo(name)
    day = start.astimezone(zone).date() + timedelta(days=offset)
    shown = [(start + n * MINUTE).astimezone(zone) for n in range(length)]
    clocks = [s.hour * 60 + s.minute for s in shown if s.date() == day]
    (found,) = minutes_on(day, [Stretch(start, start + length * MINUTE)], zone)
    if not clocks:
        assert found is None
        return
    assert found is not None
    begins, ends = found
    assert begins == clocks[0]
    assert begins < ends <= 24 * 60
    if clocks == sorted(clocks):
        assert ends == clocks[-1] + 1


SPANS = st.lists(
    st.tuples(st.integers(0, 7 * 24 * 12), st.integers(1, 300)).map(lambda s: (s[0] * 5, s[1])),
    max_size=25,
)


@given(SPANS, st.integers(2, 6))
def test_nothing_covers_anything_and_nothing_is_lost(
    spans: list[tuple[int, int]], most: int
) -> None:
    monday = datetime(2027, 3, 8, tzinfo=UTC)
    items = [
        Item(n, Stretch(monday + begins * MINUTE, monday + (begins + length) * MINUTE))
        for n, (begins, length) in enumerate(spans)
    ]
    grid = lay_out(week_of(WEDNESDAY), ZoneInfo("UTC"), items, lit=[], most_lanes=most)
    for day in grid.days:
        touching = {
            n
            for n, (begins, length) in enumerate(spans)
            if any((monday + m * MINUTE).date() == day.date for m in range(begins, begins + length))
        }
        shown = [block for block in day.blocks if isinstance(block, Block)]
        hidden = [block for block in day.blocks if isinstance(block, More)]
        assert len({block.value for block in shown}) == len(shown)
        assert len(shown) + sum(more.count for more in hidden) == len(touching)
        assert {block.value for block in shown} <= touching
        for n, one in enumerate(day.blocks):
            assert 0 <= one.lane.index < one.lane.of <= most
            for other in day.blocks[n + 1 :]:
                above = one.bottom <= other.top or other.bottom <= one.top
                assert above or share_of(one) != share_of(other)
                assert above or apart(one, other)


def share_of(block: Block[int] | More) -> tuple[float, float]:
    return block.lane.index / block.lane.of, (block.lane.index + 1) / block.lane.of


def apart(one: Block[int] | More, other: Block[int] | More) -> bool:
    (left, right), (start, end) = share_of(one), share_of(other)
    return right <= start or end <= left
