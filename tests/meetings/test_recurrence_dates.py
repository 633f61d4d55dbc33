"""The dates that rules give, beside a walk through every day."""

from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings import recurrence
from meetings.recurrence import BadRule, Parts
from meetings.wallclock import LAST_DATE, AllDay, Timed, When
from tests.meetings import almanac

AHEAD = timedelta(days=365 * 5)


def numbers(low: int, high: int, *, from_end: bool = True) -> st.SearchStrategy[tuple[int, ...]]:
    """Some numbers of a BY part, as a canonical rule has them; often none."""
    each = st.integers(low, high)
    both = st.one_of(each, each.map(lambda n: -n)) if from_end else each
    return st.one_of(
        st.just(()),
        st.lists(both, min_size=1, max_size=4, unique=True).map(
            lambda found: tuple(sorted(found, key=lambda n: (n < 0, n)))
        ),
    )


def weekdays(most: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    """BYDAY with ordinals up to `most`, and days without one among them."""
    ordinal = st.one_of(st.just(0), st.integers(-min(most, 6), min(most, 6)))
    if most > 6:
        ordinal = st.one_of(ordinal, st.integers(-most, most))
    return st.one_of(
        st.just(()),
        st.lists(st.tuples(ordinal, st.integers(0, 6)), min_size=1, max_size=5, unique=True).map(
            lambda found: tuple(sorted(found, key=lambda pair: (pair[0] < 0, pair)))
        ),
    )


firsts = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@st.composite
def rules(draw: st.DrawFn, *, first: date) -> Parts:
    """Any rule that RFC 5545 allows, for a series that begins on `first`."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    is_yearly = freq == "YEARLY"
    byweekno = draw(numbers(1, 53)) if is_yearly and draw(st.booleans()) else ()
    bymonth = draw(numbers(1, 12, from_end=False)) if draw(st.booleans()) else ()
    if freq in ("DAILY", "WEEKLY") or byweekno:
        most = 0
    else:
        most = 5 if bymonth or freq == "MONTHLY" else 53
    said = {
        "byday": draw(weekdays(most)),
        "bymonthday": draw(numbers(1, 31)) if freq != "WEEKLY" else (),
        "bymonth": bymonth,
        "byyearday": draw(numbers(1, 366)) if is_yearly and draw(st.booleans()) else (),
        "byweekno": byweekno,
    }
    ends = draw(st.sampled_from(["", "count", "until"]))
    return Parts(
        freq,
        interval=draw(st.integers(1, 5)),
        wkst=draw(st.integers(0, 6)),
        bysetpos=draw(numbers(1, 6)) if any(said.values()) and draw(st.booleans()) else (),
        count=draw(st.integers(1, 60)) if ends == "count" else None,
        until=first + timedelta(days=draw(st.integers(0, 2500))) if ends == "until" else None,
        **said,
    )


@st.composite
def series(draw: st.DrawFn) -> tuple[AllDay, Parts]:
    first = draw(firsts)
    return AllDay(first, 1), draw(rules(first=first))


def days(found: list[When]) -> list[date]:
    return [each.day for each in found]


@given(series())
@settings(max_examples=150, deadline=None)
def test_the_dates_are_those_found_by_looking_at_every_day(found: tuple[AllDay, Parts]) -> None:
    when, rule = found
    before = when.first + AHEAD

    given_days = days(list(recurrence.dates(when, rule.text(), end=before)))

    assert given_days == almanac.dates_of(rule, when.first, before=before)


@given(series(), st.integers(-400, 1800), st.integers(0, 900))
@settings(max_examples=100, deadline=None)
def test_a_window_is_a_piece_of_the_whole(
    found: tuple[AllDay, Parts], offset: int, length: int
) -> None:
    when, rule = found
    start = when.first + timedelta(days=offset)
    end = start + timedelta(days=length)
    whole = days(list(recurrence.dates(when, rule.text(), end=when.first + AHEAD * 2)))

    window = days(list(recurrence.dates(when, rule.text(), start=start, end=end)))

    assert window == [day for day in whole if start <= day < end]
    assert recurrence.gives(when, rule.text(), start) == (start in whole)


@given(series(), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_the_two_parts_of_a_split_are_the_whole(found: tuple[AllDay, Parts], nth: int) -> None:
    when, rule = found
    text = rule.text()
    whole = days(list(islice(recurrence.dates(when, text), nth + 40)))
    if len(whole) < 2:
        return
    day = whole[min(nth, len(whole) - 1)]

    earlier = recurrence.ended_before(when, text, day)
    later = recurrence.continued_from(when, text, day)

    before = days(list(recurrence.dates(when, earlier)))
    after = days(list(islice(recurrence.dates(when.on(day), later), nth + 40)))
    assert (before + after)[: len(whole)] == whole
    assert earlier == "" or recurrence.last(when, earlier) == when.on(before[-1])
    if not recurrence.last(when, text):
        return
    assert recurrence.how_many(when, text) == len(before) + (
        recurrence.how_many(when.on(day), later) or 0
    )


@given(series())
@settings(max_examples=100, deadline=None)
def test_a_rule_taken_apart_and_put_together_is_the_same(found: tuple[AllDay, Parts]) -> None:
    _, rule = found
    assert recurrence.parts(rule.text()) == rule


@given(series(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_rule_reads_the_same_however_it_is_written(
    found: tuple[AllDay, Parts], random: object
) -> None:
    when, rule = found
    pieces = rule.text().split(";")
    random.shuffle(pieces)  # type: ignore[attr-defined]
    try:
        once = recurrence.canonical(rule.text(), when)
    except BadRule:
        return
    written = f"rrule:{';'.join(pieces)};".lower()
    assert recurrence.canonical(written, when) == once
    assert recurrence.canonical(once, when) == once == rule.text()


@given(
    st.sampled_from(
        [
            "Europe/Berlin",
            "America/Santiago",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "Pacific/Kiritimati",
            "Etc/GMT+12",
            "UTC",
        ]
    ),
    firsts,
    st.times(),
    st.integers(0, 900),
)
@settings(max_examples=100, deadline=None)
def test_the_last_day_survives_being_written_for_other_calendars(
    zone: str, first: date, clock: object, ahead: int
) -> None:
    start = datetime.combine(first, clock.replace(microsecond=0, tzinfo=None))  # type: ignore[attr-defined]
    when = Timed(start, ZoneInfo(zone), timedelta(hours=1))
    rule = f"FREQ=DAILY;UNTIL={first + timedelta(days=ahead):%Y%m%d}"

    outside = recurrence.in_ical(rule, when)

    assert outside.endswith("Z")
    assert recurrence.canonical(outside, when) == rule


def test_an_endless_rule_ends_with_the_calendar() -> None:
    when = AllDay(date(2199, 12, 1), 3)

    found = days(list(recurrence.dates(when, "FREQ=WEEKLY")))

    assert found == [date(2199, 12, day) for day in (1, 8, 15, 22, 29)]
    # One that would last beyond it is none.
    assert days(list(recurrence.dates(when.on(date(2199, 12, 2)), "FREQ=WEEKLY")))[-1] == date(
        2199, 12, 23
    )
    assert not list(recurrence.dates(when, "FREQ=DAILY", start=LAST_DATE + timedelta(days=1)))


def test_what_does_not_repeat_has_one_date() -> None:
    when = AllDay(date(2027, 3, 1), 1)

    assert list(recurrence.dates(when, "")) == [when]
    assert recurrence.how_many(when, "") == 1
    assert recurrence.last(when, "") == when
    assert list(recurrence.dates(when, "", start=date(2027, 3, 2))) == []
