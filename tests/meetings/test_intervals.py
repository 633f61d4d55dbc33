"""Stretches of time against oracles that know nothing of sorting: sets of minutes, and
the `intervaltree` package."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import intervaltree
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetings.intervals import IntervalTree, Lane, Stretch, clip, gaps, lanes, merge, subtract

NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)
HORIZON = 60


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def span(start: int, end: int) -> Stretch:
    return Stretch(at(start), at(end))


@lru_cache(maxsize=10_000)
def minutes_of(stretch: Stretch) -> frozenset[int]:
    return frozenset(m for m in range(HORIZON) if stretch.start <= at(m) < stretch.end)


def minutes(stretches: list[Stretch]) -> set[int]:
    """The oracle: every minute that lies in any of them."""
    return {m for stretch in stretches for m in minutes_of(stretch)}


spans = st.tuples(st.integers(0, HORIZON), st.integers(0, HORIZON)).map(
    lambda pair: span(min(pair), max(pair))
)
many = st.lists(spans, max_size=25)


def disjoint_in_order(stretches: list[Stretch]) -> bool:
    return all(a.end < b.start for a, b in pairwise(stretches)) and all(
        s.start < s.end for s in stretches
    )


# Stretch -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(span(10, 20), True, id="exact"),
        pytest.param(span(10, 11), True, id="shared start"),
        pytest.param(span(19, 30), True, id="last minute"),
        pytest.param(span(5, 25), True, id="contains"),
        pytest.param(span(12, 13), True, id="lies within"),
        pytest.param(span(20, 30), False, id="begins as the other ends"),
        pytest.param(span(0, 10), False, id="ends as the other begins"),
        pytest.param(span(15, 15), False, id="empty, within"),
        pytest.param(span(30, 40), False, id="later"),
    ],
)
def test_overlaps(other: Stretch, expected: bool) -> None:
    assert span(10, 20).overlaps(other) is expected
    assert other.overlaps(span(10, 20)) is expected


def test_a_stretch_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end before it starts"):
        span(1, 0)


@pytest.mark.parametrize(
    "zone", [None, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=1))], ids=str
)
def test_a_stretch_outside_utc_is_refused(zone: timezone | None) -> None:
    local = datetime(2027, 3, 28, 12, tzinfo=zone)
    with pytest.raises(ValueError, match="UTC"):
        Stretch(local, local)


def test_stretches_are_values() -> None:
    assert {span(1, 2), span(1, 2)} == {span(1, 2)}
    assert sorted([span(2, 3), span(1, 5), span(1, 2)]) == [span(1, 2), span(1, 5), span(2, 3)]
    assert span(1, 91).length == timedelta(hours=1, minutes=30)


# The tree ------------------------------------------------------------------


@given(many, spans)
def test_the_tree_finds_what_a_look_at_each_finds(stretches: list[Stretch], asked: Stretch) -> None:
    found = IntervalTree((s, n) for n, s in enumerate(stretches)).overlapping(asked)
    wanted = {n for n, s in enumerate(stretches) if minutes([s]) & minutes([asked])}
    assert {n for _, n in found} == wanted
    assert len(found) == len(wanted)
    assert [s for s, _ in found] == sorted(stretches[n] for n in wanted)
    assert all(stretches[n] == s for s, n in found)


@given(many, spans)
def test_the_tree_agrees_with_another_library(stretches: list[Stretch], asked: Stretch) -> None:
    other = intervaltree.IntervalTree()
    for n, s in enumerate(stretches):
        if s.start < s.end:
            other.addi(s.start, s.end, n)
    wanted = {i.data for i in other.overlap(asked.start, asked.end)}
    tree = IntervalTree((s, n) for n, s in enumerate(stretches))
    assert {n for _, n in tree.overlapping(asked)} == wanted
    assert len(tree) == len(other)


def test_the_tree_looks_at_few_entries_when_few_overlap() -> None:
    class Counted(datetime):
        looks = 0

        def __gt__(self, other: datetime) -> bool:
            Counted.looks += 1
            return super().__gt__(other)

        def __le__(self, other: datetime) -> bool:
            Counted.looks += 1
            return super().__le__(other)

    def counted(minute: int) -> datetime:
        moment = at(minute)
        return Counted(*moment.timetuple()[:6], tzinfo=UTC)

    tree = IntervalTree((Stretch(at(2 * n), counted(2 * n + 1)), n) for n in range(10_000))
    Counted.looks = 0
    assert [n for _, n in tree.overlapping(span(10_000, 10_004))] == [5000, 5001]
    assert 0 < Counted.looks < 100


def test_values_in_the_tree_are_never_compared() -> None:
    same = span(0, 5)
    first, second = object(), object()
    assert IntervalTree([(same, first), (same, second)]).overlapping(same) == [
        (same, first),
        (same, second),
    ]


def test_an_empty_tree_finds_nothing() -> None:
    assert IntervalTree[int]([]).overlapping(span(0, 5)) == []


# Sets of time --------------------------------------------------------------


@given(many)
def test_merge(stretches: list[Stretch]) -> None:
    merged = merge(stretches)
    assert minutes(merged) == minutes(stretches)
    assert disjoint_in_order(merged)


def test_merge_joins_what_touches() -> None:
    assert merge([span(5, 9), span(0, 5), span(10, 12), span(9, 9)]) == [span(0, 9), span(10, 12)]


@given(many, many)
def test_subtract(stretches: list[Stretch], holes: list[Stretch]) -> None:
    left = subtract(stretches, holes)
    assert minutes(left) == minutes(stretches) - minutes(holes)
    assert disjoint_in_order(left)


@given(many, spans)
def test_gaps(busy: list[Stretch], within: Stretch) -> None:
    free = gaps(busy, within)
    assert minutes(free) == minutes([within]) - minutes(busy)
    assert disjoint_in_order(free)


@given(spans, spans)
def test_clip(stretch: Stretch, to: Stretch) -> None:
    clipped = clip(stretch, to)
    assert minutes([clipped] if clipped else []) == minutes([stretch]) & minutes([to])
    assert clipped is None or clipped.start < clipped.end


# Columns of the grid -------------------------------------------------------


def clusters(stretches: list[Stretch]) -> list[set[int]]:
    """The oracle: join sets that overlap until nothing changes."""
    groups = [{n} for n in range(len(stretches))]
    while True:
        for a in groups:
            for b in groups:
                if a is not b and any(
                    minutes([stretches[m]]) & minutes([stretches[n]]) for m in a for n in b
                ):
                    a |= b
                    groups.remove(b)
                    break
            else:
                continue
            break
        else:
            return groups


@given(st.lists(spans, max_size=9))
@example([span(0, 30), span(0, 10), span(10, 20), span(20, 40), span(40, 50)])
def test_lanes(stretches: list[Stretch]) -> None:
    placed = lanes(stretches)
    assert len(placed) == len(stretches)
    for cluster in clusters(stretches):
        depth = max(sum(m in minutes([stretches[n]]) for n in cluster) for m in range(HORIZON))
        assert {placed[n].of for n in cluster} == {max(depth, 1)}
        for n in cluster:
            assert 0 <= placed[n].index < placed[n].of
            before = {
                placed[m].index
                for m in cluster
                if m != n
                and (stretches[m].start, -stretches[m].length, m)
                < (stretches[n].start, -stretches[n].length, n)
                and minutes([stretches[m]]) & minutes([stretches[n]])
            }
            # The first column that is free when its turn comes; so no two that overlap share one.
            assert placed[n].index == min(set(range(len(before) + 1)) - before)


def test_lanes_come_in_the_order_of_the_input() -> None:
    assert lanes([span(20, 30), span(5, 25), span(0, 10), span(40, 50)]) == [
        Lane(0, 2),
        Lane(1, 2),
        Lane(0, 2),
        Lane(0, 1),
    ]


def test_back_to_back_meetings_take_the_whole_width() -> None:
    assert lanes([span(0, 10), span(10, 20)]) == [Lane(0, 1), Lane(0, 1)]


def test_of_two_that_start_together_the_longer_stands_first() -> None:
    assert lanes([span(0, 10), span(0, 30)]) == [Lane(1, 2), Lane(0, 2)]
