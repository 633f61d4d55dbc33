"""Meetings in pages, filtered."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User, normal_address
from accounts.rest import REFUSALS, Identifier, Instant, Refused, RestRequest, Shown, invalid
from meetings.api.cursors import after, cursor_of, pk_named
from meetings.api.meeting_out import MeetingOut, meeting_out
from meetings.api.placing import room_pks
from meetings.api.reading import person_named
from meetings.api.routing import meetings
from meetings.availability import WIDEST_OFFSET
from meetings.dates import dates_in
from meetings.intervals import Stretch
from meetings.lifecycle import State
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_range
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
    shown = _really_in(page, within, viewer) if within else page
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
        yield _near(within)
    if filters.organizer:
        yield _organized_by(filters.organizer)
    if filters.attendee:
        yield _attended_by(filters.attendee, viewer)
    if filters.room:
        yield _in_room(filters.room)
    if filters.status:
        yield _may_be(filters.status, now)
    if filters.q:
        yield _titled(filters.q)
    if filters.updated_since:
        since = Change.objects.filter(created_at__gte=filters.updated_since)
        yield Q(pk__in=since.values("meeting"))


def _near(within: Stretch) -> Q:
    """Those with a date near the stretch; of series past their index, those that reach there."""
    wide = as_range(Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET))
    dates = Occurrence.objects.filter(meeting=OuterRef("pk"), during__overlap=wide)
    spans = Invitation.objects.filter(meeting=OuterRef("pk"), span__overlap=wide)
    # No index serves the spans of all people. They come last, after what is false and never null,
    # so that PostgreSQL looks at them for long series only.
    unindexed = Q(indexed_until__isnull=False) & Q(indexed_until__lt=within.end)
    return Q(Exists(dates)) | unindexed & Q(Exists(spans))


def _really_in(meetings: Sequence[Meeting], within: Stretch, viewer: User) -> list[Meeting]:
    """Those with a date that touches the stretch where the viewer is; cancelled ones by theirs."""
    wide = Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
    touching = {
        date.meeting_id
        for date in dates_in(meetings, wide)
        if date.occupied_in(viewer.zone).overlaps(within)
    }
    return [
        meeting
        for meeting in meetings
        if meeting.pk in touching
        or (
            meeting.cancelled
            and any(d.occupied_in(viewer.zone).overlaps(within) for d in meeting.occurrences.all())
        )
    ]


def _organized_by(name: str) -> Q:
    try:
        return Q(organizer=person_named(name))
    except Refused:  # somebody from outside may have organized what was imported
        return Q(organizer=None, organizer_email__iexact=name.strip())


def _attended_by(name: str, viewer: User) -> Q:
    """Colleagues' calendars are open; where guests go is seen by who is on the meeting, too."""
    rows = Invitation.objects.current().filter(meeting=OuterRef("pk"))
    try:
        return Q(Exists(rows.filter(user=person_named(name))))
    except Refused:
        inside = Q(organizer=viewer) | Q(created_by=viewer) | Q(Exists(rows.filter(user=viewer)))
        return inside & Q(Exists(rows.filter(user=None, email__iexact=normal_address(name))))


def _in_room(name: str) -> Q:
    (room,) = room_pks([name], field="room")
    held = Booking.objects.unreleased().filter(
        room=room, kind=Booking.Kind.MEETING, occurrence__meeting=OuterRef("pk")
    )
    return Q(rooms=room) | Q(Exists(held))


def _may_be(status: str, now: datetime) -> Q:
    """What leaves out most of those with another status; the rest is judged date by date."""
    if status == State.CANCELLED:
        return Q(cancelled=True)
    ends = {"during__endswith__lte" if status == State.COMPLETED else "during__endswith__gt"}
    day = WIDEST_OFFSET if status == State.COMPLETED else -WIDEST_OFFSET
    dates = Occurrence.objects.live().filter(
        meeting=OuterRef("pk"), **dict.fromkeys(ends, now + day)
    )
    reaching = Q(Exists(dates))
    if status != State.COMPLETED:
        reaching |= Q(indexed_until__isnull=False)
    return Q(cancelled=False) & reaching


def _titled(text: str) -> Q:
    """With words of the title that begin so, each of them."""
    words = ["".join(c for c in word if c.isalnum()) for word in text.split()]
    query = " & ".join(f"{word}:*" for word in words if word)
    if not query:
        raise invalid("q", _("Write a word of the title."))
    vector = SearchVector("title", config="simple")
    found = Meeting.objects.annotate(words=vector).filter(
        words=SearchQuery(query, config="simple", search_type="raw")
    )
    return Q(pk__in=found.values("pk"))
