"""Meetings in pages, filtered."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import REFUSALS, Identifier, Instant, Refused, RestRequest, Shown, invalid
from meetings import catalogue
from meetings.api.cursors import after, cursor_of, pk_named
from meetings.api.placing import rooms_named
from meetings.api.reading import person_named
from meetings.api.routing import meetings
from meetings.described.meeting_out import MeetingOut, meeting_out
from meetings.intervals import Stretch
from meetings.models import Meeting
from meetings.permissions import visible_to
from meetings.wallclock import FIRST_DATE, LAST_DATE, midnight

MOST = 100
LISTED = "meetings"


class MeetingFilters(Shown):
    """Which meetings: all filters at once."""

    start: Instant | None = Field(None, description="With a date that ends after this.")
    end: Instant | None = Field(None, description="With a date that starts before this.")
    organizer: Identifier | None = Field(None, description="A person's uid or address.")
    attendee: Identifier | None = Field(None, description="A person's uid or address.")
    room: Identifier | None = Field(None, description="A room's uid or code.")
    status: Literal["scheduled", "ongoing", "completed", "cancelled"] | None = None
    q: Identifier | None = Field(None, description="Beginnings of words of the title.")
    updated_since: Instant | None = Field(
        None, description="Changed or answered since. Let two questions overlap by a minute."
    )
    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class MeetingPage(Schema):
    """Some meetings, in the order in which they were made; perhaps fewer than `limit`."""

    meetings: list[MeetingOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


@meetings.get("/meetings", response={200: MeetingPage, **REFUSALS})
def list_meetings(request: RestRequest, filters: Query[MeetingFilters]) -> MeetingPage:
    """The meetings whose titles you may see, a series once, in pages."""
    viewer, now = request.user, clock.now()
    within = _window(filters)
    found = Meeting.objects.filter(visible_to(viewer), *_conditions(filters, viewer, within, now))
    if filters.cursor:
        (last,) = after(filters.cursor, of=LISTED)
        found = found.filter(pk__gt=pk_named(last, Meeting.objects.all()))
    rows = list(found.with_people().order_by("pk")[: filters.limit + 1])
    page = rows[: filters.limit]
    shown = catalogue.really_in(page, within, viewer) if within else page
    out = [meeting_out(m, viewer, now=now, zone=filters.timezone) for m in shown]
    if filters.status:
        out = [meeting for meeting in out if meeting.status == filters.status]
    more = len(rows) > len(page)
    return MeetingPage(meetings=out, next=cursor_of(str(page[-1].uid), of=LISTED) if more else None)


def _window(filters: MeetingFilters) -> Stretch | None:
    if not (filters.start or filters.end):
        return None
    start = filters.start or midnight(FIRST_DATE, clock.get_default_timezone())
    end = filters.end or midnight(LAST_DATE, clock.get_default_timezone())
    if end <= start:
        raise invalid("end", _("The end must be after the start."))
    return Stretch(start, end)


def _conditions(
    filters: MeetingFilters, viewer: User, within: Stretch | None, now: datetime
) -> Iterator[Q]:
    if within:
        yield catalogue.near(within)
    if filters.organizer:
        yield catalogue.organized_by(_person_or_address(filters.organizer))
    if filters.attendee:
        yield catalogue.attended_by(_person_or_address(filters.attendee), viewer)
    if filters.room:
        (room,) = rooms_named([filters.room], field="room")
        yield catalogue.in_room(room)
    if filters.status:
        yield catalogue.perhaps(filters.status, now)
    if filters.q:
        titled = catalogue.titled(filters.q)
        if titled is None:
            raise invalid("q", _("Write a word of the title."))
        yield titled
    if filters.updated_since:
        yield catalogue.changed_since(filters.updated_since)


def _person_or_address(name: str) -> User | str:
    """Whoever has an account by that name; else the name, for those from outside."""
    try:
        return person_named(name)
    except Refused:
        return name
