"""How long it takes to expand rules of repetition, without a database."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.measuring import Timing, measure
from meetings import recurrence
from meetings.wallclock import Timed, When

TEN_YEARS = timedelta(days=3652)
RULES = 10_000
# How many of a hundred series repeat so, roughly as offices have them.
KINDS = {
    "FREQ=WEEKLY": 40,
    "FREQ=WEEKLY;INTERVAL=2": 15,
    "FREQ=WEEKLY;BYDAY=MO,WE,FR": 10,
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": 8,
    "FREQ=DAILY": 4,
    "FREQ=MONTHLY;BYDAY=2TU": 8,
    "FREQ=MONTHLY;BYMONTHDAY=15": 5,
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": 4,
    "FREQ=MONTHLY;INTERVAL=3": 3,
    "FREQ=YEARLY": 2,
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": 1,
}


def expanding(now: datetime) -> list[tuple[Timing, Timing | None]]:
    """A weekly series of ten years to instants; a week of many series that began before."""
    begins = now.replace(tzinfo=None, second=0, microsecond=0)
    weekly = Timed(begins, ZoneInfo("Europe/Berlin"), timedelta(hours=1))
    ends = (begins + TEN_YEARS).date()
    series = _series(begins)

    def ten_years(_n: int) -> object:
        found = recurrence.dates(weekly, "FREQ=WEEKLY", end=ends)
        return [each.during() for each in found]

    def one_week(n: int) -> object:
        recurrence.parts.cache_clear()  # so that reading the rules counts
        start = begins.date() + timedelta(weeks=n)
        end = start + timedelta(weeks=1)
        return [
            each.during()
            for when, rule in series
            for each in recurrence.dates(when, rule, start=start, end=end)
        ]

    return [
        (measure("ten years of a weekly rule, as instants", ten_years), None),
        (measure(f"{RULES:,} rules for one week, as instants", one_week, runs=5), None),
    ]


def _series(now: datetime) -> list[tuple[When, str]]:
    """Series that began up to ten years ago; a third end on a date, a tenth after some times."""
    random = Random(1)
    zones = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata")]
    kinds = random.choices([*KINDS], [*KINDS.values()], k=RULES)
    series: list[tuple[When, str]] = []
    for kind in kinds:
        start = now - random.random() * TEN_YEARS
        start = start.replace(minute=30, second=0, microsecond=0)
        rule, chance = recurrence.parts(kind), random.random()
        if chance < 1 / 3:
            rule = replace(rule, until=(start + random.random() * 2 * TEN_YEARS).date())
        elif chance < 1 / 3 + 1 / 10:
            rule = replace(rule, count=random.randrange(5, 500))
        series.append((Timed(start, random.choice(zones), timedelta(hours=1)), rule.text()))
    return series
