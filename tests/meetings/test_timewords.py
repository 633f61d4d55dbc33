"""Times in words, as tables."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone
from psycopg.types.range import Range

from meetings import timewords

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 9)


def at(text: str, zone: ZoneInfo = BERLIN, *, fold: int = 0) -> datetime:
    """The instant at which this wall clock shows in `zone`."""
    wall = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return wall.astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        pytest.param("2026-03-11T14:00", "2026-03-11T15:00", "Wed 11 March, 14:00–15:00", id="day"),
        pytest.param("2026-03-11T09:30", "2026-03-11T10:05", "Wed 11 March, 9:30–10:05", id="am"),
        pytest.param("2026-03-11T00:00", "2026-03-11T00:15", "Wed 11 March, 0:00–0:15", id="night"),
        pytest.param(
            "2026-03-11T22:00", "2026-03-12T00:00", "Wed 11 March, 22:00–24:00", id="to midnight"
        ),
        pytest.param(
            "2026-03-11T22:00",
            "2026-03-12T01:00",
            "Wed 11 March, 22:00 – Thu 12 March, 1:00",
            id="over midnight",
        ),
        pytest.param(
            "2026-03-11T22:00",
            "2026-03-13T00:00",
            "Wed 11 March, 22:00 – Fri 13 March, 0:00",
            id="to the midnight after next",
        ),
        pytest.param(
            "2027-03-11T14:00", "2027-03-11T15:00", "Thu 11 March 2027, 14:00–15:00", id="next year"
        ),
        pytest.param(
            "2026-12-31T23:00",
            "2027-01-01T01:00",
            "Thu 31 December, 23:00 – Fri 1 January 2027, 1:00",
            id="over new year",
        ),
        pytest.param(
            "2026-03-29T01:30",
            "2026-03-29T03:30",
            "Sun 29 March, 1:30 CET – 3:30 CEST",
            id="clocks go forward",
        ),
    ],
)
def test_range_words(start: str, end: str, words: str) -> None:
    assert timewords.range_words(at(start), at(end), BERLIN, today=TODAY) == words


def test_range_over_the_repeated_hour_tells_its_ends_apart() -> None:
    first, second = at("2026-10-25T02:15"), at("2026-10-25T02:15", fold=1)
    words = timewords.range_words(first, second, BERLIN, today=TODAY)
    assert words == "Sun 25 October, 2:15 CEST – 2:15 CET"


def test_range_is_in_the_readers_zone() -> None:
    start = at("2026-03-11T23:30")
    tokyo = ZoneInfo("Asia/Tokyo")
    words = timewords.range_words(start, start + timedelta(hours=1), tokyo, today=TODAY)
    assert words == "Thu 12 March, 7:30–8:30"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        pytest.param("2026-03-09", "2026-03-09", "Mon 9 March", id="one"),
        pytest.param("2026-03-09", "2026-03-11", "Mon 9 – Wed 11 March", id="one month"),
        pytest.param("2026-03-30", "2026-04-01", "Mon 30 March – Wed 1 April", id="two months"),
        pytest.param("2027-03-08", "2027-03-10", "Mon 8 – Wed 10 March 2027", id="next year"),
        pytest.param(
            "2026-12-31",
            "2027-01-01",
            "Thu 31 December 2026 – Fri 1 January 2027",
            id="two years",
        ),
    ],
)
def test_days_words(first: str, last: str, words: str) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert timewords.days_words(*days, today=TODAY) == words


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026-03-09T14:00", "Today 14:00–15:00"),
        ("2026-03-10T14:00", "Tomorrow 14:00–15:00"),
        ("2026-03-11T14:00", "Wed 14:00–15:00"),
        ("2026-03-15T14:00", "Sun 14:00–15:00"),
        ("2026-03-16T14:00", "Mon 16 March 14:00–15:00"),
        ("2026-03-08T14:00", "Sun 8 March 14:00–15:00"),
    ],
)
def test_near_words(start: str, words: str) -> None:
    first = at(start)
    last = first + timedelta(hours=1)
    assert timewords.near_words(first, last, BERLIN, today=TODAY) == words


@pytest.mark.parametrize(
    ("zone", "when", "name"),
    [
        ("Europe/Berlin", "2026-03-11T12:00", "CET"),
        ("Europe/Berlin", "2026-07-11T12:00", "CEST"),
        ("America/New_York", "2026-03-11T12:00", "EDT"),
        ("UTC", "2026-03-11T12:00", "UTC"),
        ("America/Sao_Paulo", "2026-03-11T12:00", "UTC−3"),
        ("Asia/Kathmandu", "2026-03-11T12:00", "UTC+5:45"),
        ("Etc/GMT-14", "2026-03-11T12:00", "UTC+14"),
        ("Asia/Singapore", "2026-03-11T12:00", "UTC+8"),
    ],
)
def test_zone_short(zone: str, when: str, name: str) -> None:
    assert timewords.zone_short(ZoneInfo(zone), at(when, ZoneInfo(zone))) == name


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("Europe/Berlin", "Berlin"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("UTC", "UTC"),
    ],
)
def test_zone_place(zone: str, place: str) -> None:
    assert timewords.zone_place(ZoneInfo(zone)) == place


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ during|range }}", "15:00–16:30"),
        ("{{ pair|range_words }}", "Wed 11 March 1998, 15:00–16:30"),
        ("{{ at|day }}", "Wed 11 March 1998"),
        ("{{ at|clock }}", "15:00"),
        ("{{ at|moment }}", "Wed 11 March 1998, 15:00"),
        ("{{ at|reader_zone }}", "CET"),
        ("{{ zone|zone_short:at }}", "UTC−3"),
        ("{% days first last %}", "Mon 9 – Wed 11 March 1998"),
    ],
)
def test_filters_speak_of_the_readers_zone(source: str, shown: str) -> None:
    start = at("1998-03-11T15:00")
    end = start + timedelta(minutes=90)
    context = Context(
        {
            "during": Range(start, end),
            "pair": (start, end),
            "at": start,
            "zone": ZoneInfo("America/Sao_Paulo"),
            "first": date(1998, 3, 9),
            "last": date(1998, 3, 11),
        }
    )
    with timezone.override(BERLIN):
        assert Template("{% load times %}" + source).render(context) == shown
