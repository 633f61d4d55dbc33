"""The time zones people choose from, of the pinned database."""

from functools import cache
from importlib.resources import files
from itertools import groupby
from zoneinfo import available_timezones

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def is_zone(name: str) -> bool:
    """Whether `name` is a zone of the database, spelled exactly."""
    return name in _known()


def present_name(name: str) -> str:
    """What a zone is called today: browsers still say `Asia/Calcutta` for `Asia/Kolkata`.

    A name without a place of its own (`Etc/GMT+5`) stays as it is.
    """
    return name if name in _places() else _renamed().get(name, name)


@cache
def zone_choices() -> Choices:
    """Every place of the database by region, then UTC; old names are left out."""
    groups: Choices = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in group])
        for region, group in groupby(sorted(_places()), key=lambda name: name.partition("/")[0])
    ]
    return [*groups, ("UTC", "UTC")]


@cache
def _known() -> frozenset[str]:
    # Reads the whole database, which takes longer than most pages.
    return frozenset(available_timezones())


@cache
def _places() -> frozenset[str]:
    """The zones of the database's list of places, in use today."""
    lines = _text("zone.tab").splitlines()
    return frozenset(line.split("\t")[2] for line in lines if not line.startswith("#"))


@cache
def _renamed() -> dict[str, str]:
    """Old name → name of a place, from the database's links (`L <target> <name>`)."""
    links = [line.split() for line in _text("tzdata.zi").splitlines() if line.startswith("L ")]
    return {name: target for _, target, name in links if target in _places()}


def _text(file: str) -> str:
    return (files("tzdata") / "zoneinfo" / file).read_text(encoding="utf-8")
