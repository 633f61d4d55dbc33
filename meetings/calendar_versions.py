"""Whether a calendar is still as it was, without making it.

A version is a word over all the rows that the calendar is made of. Each row stands in it with its
id and with what PostgreSQL changes at every UPDATE: the number of the transaction that wrote it,
and its place (`xmin`, `ctid`). So whatever is changed in whatever way, the word is another: no
command has to remember to bump anything. Rows that come, go, or move into or out of the stretch
are another set of ids. A row written without a change that shows costs one calendar sent once
more. People's rows change with each sign-in, so of these the names count.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    F,
    Func,
    QuerySet,
    Sum,
    TextField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.fields import DecimalField

from accounts.models import User
from meetings.availability import WIDEST_OFFSET
from meetings.intervals import Stretch
from meetings.models import Booking, Invitation, Meeting, Occurrence
from meetings.models.ranges import among, as_range
from rooms.models import Closure, Room, Site

ORGANIZER = ("organizer__name", "organizer__email")


def version_for(user: User, within: Stretch) -> str:
    """Of what `personal_events` gives. Seven queries by indexes, that bring ids and sums alone."""
    near = Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
    ids = sorted(set(_invitations(user, near).values_list("meeting", flat=True)))
    through = Meeting.rooms.through.objects.filter(_one_of("meeting_id", ids))
    return _word(
        [user.name, user.email, user.timezone.key],
        _rows(Invitation.objects.of(user).filter(_one_of("meeting_id", ids))),
        _rows(Meeting.objects.filter(_one_of("pk", ids)), *ORGANIZER),
        _rows(Occurrence.objects.differing().filter(_one_of("meeting_id", ids))),
        _rows(through),
        _rows(Room.objects.all()),
        _rows(Site.objects.all()),
    )


def version_of(room: Room, within: Stretch) -> str:
    """Of what `room_events` gives for a room as it was just read. Three queries."""
    held = Booking.objects.unreleased().filter(
        among("room_id", [room.pk]), during__overlap=as_range(within), kind=Booking.Kind.MEETING
    )
    dates = Occurrence.objects.filter(pk__in=held.values("occurrence"))
    meetings = Meeting.objects.filter(occurrences__bookings__in=held)
    shut = Closure.objects.of_rooms([room]).filter(during__overlap=as_range(within))
    return _word(
        [room.name, room.site.name, room.zone.key],
        _rows(dates),
        _rows(Meeting.objects.filter(pk__in=meetings.values("pk")), *ORGANIZER),
        _rows(shut),
    )


def _invitations(user: User, near: Stretch) -> QuerySet[Invitation]:
    """As `calendar_of` finds them."""
    return (
        Invitation.objects.filter(user__isnull=False)
        .filter(removed_at__isnull=True)
        .filter(among("user_id", [user.pk]), span__overlap=as_range(near))
        .order_by()
    )


class _IsAny(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _one_of(column: str, ids: list[int]) -> Func:
    """Whether the number in `column` is one of `ids`; thousands of parameters would be slow."""
    array = Value(ids, output_field=ArrayField(BigIntegerField()))
    return _IsAny(F(column), array)


def _rows(rows: QuerySet[Any], *values: str) -> list[str]:
    """How many rows, and a sum over a number for each, so that their order does not matter."""
    table = rows.model._meta.db_table
    text = TextField()
    said = Func(
        F("pk"),
        RawSQL(f'"{table}".xmin::text || "{table}".ctid::text', (), output_field=text),
        *(F(value) for value in values),
        function="jsonb_build_array",
        output_field=text,
    )
    hashed = Func(
        Func(said, template="(%(expressions)s)::text", output_field=text),
        Value(0),
        function="hashtextextended",
        output_field=BigIntegerField(),
    )
    total = Sum(hashed, output_field=DecimalField(max_digits=40, decimal_places=0))
    found = rows.order_by().aggregate(count=Count("pk"), total=total)
    return [str(found["count"]), str(found["total"])]


def _word(*parts: Iterable[str]) -> str:
    return json.dumps([list(part) for part in parts])
