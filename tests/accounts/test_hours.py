"""Working hours as people type them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.hours import DAY, Stretch, hours_words, parse_hours, set_week, week_of
from tests import factories


@st.composite
def days(draw: st.DrawFn) -> list[Stretch]:
    """Disjoint stretches of one day, in order; some touch."""
    cuts = draw(st.lists(st.integers(0, DAY), max_size=12, unique=True))
    edges = sorted(cuts)
    return list(zip(edges[::2], edges[1::2], strict=False))


@given(days())
def test_what_is_written_is_read_back(day: list[Stretch]) -> None:
    assert parse_hours(hours_words(day)) == day


@given(days(), st.randoms())
def test_order_does_not_matter(day: list[Stretch], random: st.DataObject) -> None:
    shuffled = list(day)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert parse_hours(hours_words(shuffled)) == day


@given(st.lists(st.tuples(st.integers(0, DAY), st.integers(0, DAY)), max_size=5))
def test_only_disjoint_stretches_pass(stretches: list[Stretch]) -> None:
    """The oracle counts minutes: none may be worked twice, none before its beginning."""
    minutes = [minute for start, end in stretches for minute in range(start, end)]
    fine = all(start < end for start, end in stretches) and len(minutes) == len(set(minutes))
    if fine:
        assert parse_hours(hours_words(stretches)) == sorted(stretches)
    else:
        with pytest.raises(ValidationError):
            parse_hours(hours_words(stretches))


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("", []),
        ("   ", []),
        ("9-17", [(540, 1020)]),
        ("9:00–12:00, 13:00–17:30", [(540, 720), (780, 1050)]),
        ("09.00 - 12.00; 13.15 — 17", [(540, 720), (795, 1020)]),
        ("13-17, 9-12", [(540, 720), (780, 1020)]),
        ("0-24", [(0, 1440)]),
        ("9-12,12-15", [(540, 720), (720, 900)]),
        ("9-12,", [(540, 720)]),
    ],
)
def test_ways_of_writing(text: str, stretches: list[Stretch]) -> None:
    assert parse_hours(text) == stretches


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nine to five", "“nine to five” is not a range of hours. Write it like 9:00–12:00,"),
        ("9", "“9” is not a range of hours."),
        ("9:5-12", "“9:5-12” is not a range of hours."),
        ("9-25", "“9-25” is not inside a day. Hours go from 0:00 to 24:00."),
        ("9:75-12", "“9:75-12” is not inside a day."),
        ("9-24:01", "“9-24:01” is not inside a day."),
        ("17-9", "“17-9” ends before it begins."),
        ("9-9", "“9-9” ends before it begins."),
        ("9-13, 12-15", "9:00–13:00 and 12:00–15:00 overlap. Write them as one."),
        ("12-15, 9-13", "9:00–13:00 and 12:00–15:00 overlap."),
        ("9-12, 9-12", "9:00–12:00 and 9:00–12:00 overlap."),
        ("9-17, 10-11, 12-13", "9:00–17:00 and 10:00–11:00 overlap."),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_hours(text)
    assert caught.value.messages[0].startswith(words)


@pytest.mark.django_db
def test_a_week_is_replaced_as_a_whole() -> None:
    ana = factories.works(factories.ana())
    ben = factories.works(factories.ben())
    week = {0: [(540, 720), (780, 1020)], 5: [(600, 660)]}
    set_week(ana, week)
    assert week_of(ana) == week
    assert week_of(ben) == {day: [(540, 1020)] for day in range(5)}
