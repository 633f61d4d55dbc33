"""Weekly series over two years and every change of the clocks: always at their local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meetings import recurrence
from meetings.wallclock import Timed

WEEKS = 105


@pytest.mark.parametrize(
    ("zone", "first", "offsets", "in_gaps"),
    [
        pytest.param("Europe/Berlin", "2026-03-02T09:00", {1, 2}, {}, id="Berlin"),
        pytest.param(
            "Europe/Berlin",
            "2026-03-01T02:30",
            {1, 2},
            {"2026-03-29": "2026-03-29T01:30", "2027-03-28": "2027-03-28T01:30"},
            id="Berlin, in the hour that is missing or comes twice",
        ),
        pytest.param("Europe/Dublin", "2026-03-02T09:00", {0, 1}, {}, id="Dublin, winter negative"),
        pytest.param(
            "Europe/Dublin",
            "2026-03-01T01:30",
            {0, 1},
            {"2026-03-29": "2026-03-29T01:30", "2027-03-28": "2027-03-28T01:30"},
            id="Dublin, in the hour that is missing or comes twice",
        ),
        pytest.param("America/New_York", "2026-02-02T09:00", {-5, -4}, {}, id="New York"),
        pytest.param(
            "America/New_York",
            "2026-02-01T02:30",
            {-5, -4},
            {"2026-03-08": "2026-03-08T07:30", "2027-03-14": "2027-03-14T07:30"},
            id="New York, in the hour that is missing",
        ),
        pytest.param("Australia/Lord_Howe", "2024-02-05T09:00", {10.5, 11}, {}, id="Lord Howe"),
        pytest.param(
            "Australia/Lord_Howe",
            "2024-02-04T02:15",
            {10.5, 11},
            {"2024-10-06": "2024-10-05T15:45", "2025-10-05": "2025-10-04T15:45"},
            id="Lord Howe, in the half hour that is missing",
        ),
        pytest.param("Africa/Casablanca", "2024-01-08T09:00", {0, 1}, {}, id="Casablanca, Ramadan"),
        pytest.param(
            "Africa/Casablanca",
            "2024-01-07T02:30",
            {0, 1},
            {"2024-04-14": "2024-04-14T02:30", "2025-04-06": "2025-04-06T02:30"},
            id="Casablanca, in the hour that is missing",
        ),
        pytest.param("America/Santiago", "2024-01-08T09:00", {-4, -3}, {}, id="Santiago"),
        pytest.param(
            "America/Santiago",
            "2024-01-07T00:00",
            {-4, -3},
            {"2024-09-08": "2024-09-08T04:00", "2025-09-07": "2025-09-07T04:00"},
            id="Santiago, at the midnight that is missing",
        ),
        pytest.param(
            "Pacific/Apia",
            "2010-12-31T10:00",
            {-10, -11, 13, 14},
            {"2011-12-30": "2011-12-30T20:00"},
            id="Apia, on the date that is missing",
        ),
        pytest.param("Pacific/Apia", "2011-01-01T10:00", {-10, -11, 13, 14}, {}, id="Apia"),
    ],
)
def test_a_weekly_series_stays_at_its_local_time(
    zone: str, first: str, offsets: set[float], in_gaps: dict[str, str]
) -> None:
    when = Timed(datetime.fromisoformat(first), ZoneInfo(zone), timedelta(minutes=45))
    expected_gaps = {
        day: datetime.fromisoformat(at).replace(tzinfo=UTC) for day, at in in_gaps.items()
    }

    found = list(recurrence.dates(when, f"FREQ=WEEKLY;COUNT={WEEKS}"))

    assert [each.start for each in found] == [
        when.start + timedelta(weeks=week) for week in range(WEEKS)
    ]
    shown = {each.start: each.during().start.astimezone(when.zone) for each in found}
    gaps = {
        str(start.date()): at.astimezone(UTC)
        for start, at in shown.items()
        if at.replace(tzinfo=None) != start
    }
    assert gaps == expected_gaps  # with the offset from before the gap
    assert not any(at.fold for at in shown.values())  # of two, the first
    seen = {offset.total_seconds() / 3600 for at in shown.values() if (offset := at.utcoffset())}
    assert seen == offsets - {0}
    assert all(each.during().length == when.length for each in found)
