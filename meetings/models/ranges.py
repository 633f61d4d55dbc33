"""Stretches of time as PostgreSQL stores them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import BigIntegerRangeField
from django.db.models import BooleanField, F, Func, Value
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range, TimestamptzRange

from meetings.intervals import Stretch


def as_range(stretch: Stretch) -> Range[datetime]:
    """The half-open `tstzrange` of a stretch."""
    return TimestamptzRange(stretch.start, stretch.end, "[)")


def as_stretch(during: Range[datetime]) -> Stretch:
    """The stretch of a bounded `tstzrange`."""
    assert during.lower is not None
    assert during.upper is not None
    return Stretch(during.lower, during.upper)


def only(column: str) -> Func:
    """A number as the range that holds only it, so that a GiST index can serve it.

    Stands in for the extension btree_gist, which the embedded database lacks.
    """
    return Func(
        F(column),
        F(column),
        Value("[]"),
        function="int8range",
        output_field=BigIntegerRangeField(),
    )


class Touches(Func):
    """`left && right`: whether a range overlaps a range or a multirange."""

    template = "(%(expressions)s)"
    arg_joiner = " && "
    output_field = BooleanField()


def numbers(ids: Iterable[int]) -> Multirange[Any]:
    """These numbers as an `int8multirange`."""
    return Multirange([Range(i, i + 1, "[)") for i in sorted(set(ids))])


def among(column: str, ids: Iterable[int]) -> Touches:
    """Whether the number in `column` is one of `ids`, by the GiST index on `only(column)`."""
    return Touches(
        only(column), Func(Value(numbers(ids)), template="%(expressions)s::int8multirange")
    )


def during_any(column: str, stretches: Iterable[Stretch]) -> Touches:
    """Whether the range in `column` overlaps any of `stretches`, in one question to the index."""
    ranges = Multirange[Any]([as_range(stretch) for stretch in stretches])
    return Touches(F(column), Func(Value(ranges), template="%(expressions)s::tstzmultirange"))
