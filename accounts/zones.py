"""The time zones people choose from, of the pinned database."""

from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

REGIONS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def is_zone(name: str) -> bool:
    """Whether `name` is a zone of the database, spelled exactly."""
    return name in available_timezones()


@cache
def zone_choices() -> Choices:
    """Places by region, then UTC; old names such as `US/Eastern` are left out."""
    names = sorted(name for name in available_timezones() if _region(name) in REGIONS)
    groups: Choices = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in group])
        for region, group in groupby(names, key=_region)
    ]
    return [*groups, ("UTC", "UTC")]


def _region(name: str) -> str:
    return name.partition("/")[0]
