"""Meetings as iCalendar: the events that say all of one, and the file a participant keeps."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings import recurrence
from meetings.dates import date_of
from meetings.ical import Event, Person, write_events
from meetings.ical.values import Priority, Status
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.occurrence import OWN_FIELDS
from meetings.occurrences import rooms_of, wanted_rooms, with_rooms
from rooms.models import Room

PRIORITIES: Sequence[Priority] = get_args(Priority)  # in the order of Meeting.Priority


def calendar_file(meeting: Meeting, mine: Iterable[Invitation], *, now: datetime) -> bytes:
    """The text of an `.ics` file to keep: no answer is asked for, nobody else is named.

    `mine` are the rows of the one person it is for, who may read all of the meeting (none for who
    made it for others). Of a series it holds the dates she is on: all of it, or single ones. It
    has the UID of the mailed invitation, so that a calendar knows both as one. `now` (UTC) is
    when the file says it was made. Two queries for rooms, and one for the dates unless
    prefetched.
    """
    rows = list(meeting.occurrences.all())
    for row in rows:
        row.meeting = meeting
    events = [with_link(event) for event in _events_for(meeting, rows, list(mine))]
    return write_events(events, method="PUBLISH", stamp=now)


def with_link(event: Event) -> Event:
    """With the join link in the description too, since few programs show CONFERENCE."""
    if not event.join_link or event.join_link in event.description:
        return event
    words = _("Join: %(link)s") % {"link": event.join_link}
    return replace(event, description="\n\n".join(filter(None, [event.description, words])))


def _events_for(meeting: Meeting, rows: list[Occurrence], mine: list[Invitation]) -> list[Event]:
    if not meeting.is_series:
        with_rooms(rows)
        return [date_event(row, rooms_of(row)) for row in rows]
    if not mine or on_date(mine, ""):
        return series_events(meeting, rows, without=dates_off(mine))
    dates = list(_single_dates(meeting, mine))
    rooms = wanted_rooms(meeting, dates)
    return [date_event(date, rooms[date.recurrence_id]) for date in dates]


def dates_off(mine: Iterable[Invitation]) -> set[str]:
    """By recurrence-id, the dates that a person's rows take her off, or that she declined."""
    return {row.recurrence_id for row in mine if row.recurrence_id and _is_off(row)}


def _is_off(row: Invitation) -> bool:
    return row.removed_at is not None or row.declined


def _single_dates(meeting: Meeting, mine: Iterable[Invitation]) -> Iterator[Occurrence]:
    """The dates by themselves that somebody is on, but for those left out since."""
    for name in sorted(row.recurrence_id for row in mine if row.removed_at is None):
        with suppress(Occurrence.DoesNotExist):
            date = date_of(meeting, name)
            if date.status != Occurrence.Status.SKIPPED:
                yield date


def series_events(
    meeting: Meeting,
    rows: Iterable[Occurrence],
    *,
    without: Collection[str] = (),
    known: Mapping[int, Room] | None = None,
) -> list[Event]:
    """All of a series: its rule first, then each date that differs from it, in their order.

    `rows` are the dates somebody touched, with their `meeting`; others among them do no harm.
    `without` are the recurrence-ids of dates that the reader is not on. An event with a
    `recurrence_id` is for that date alone. Nobody is named but the organizer: use
    `dataclasses.replace` for attendees, addresses and whatever a message has of its own. A query
    for rooms if some date has its own that are not `known` by id, and one for the meeting's
    unless prefetched.
    """
    rows = sorted(
        (row for row in rows if row.recurrence_id not in without),
        key=lambda row: row.recurrence_id,
    )
    rooms = wanted_rooms(meeting, rows, known=known)
    return [
        series_event(meeting, rows, without=without),
        *(date_event(row, rooms[row.recurrence_id]) for row in rows if _differs(row)),
    ]


def series_event(
    meeting: Meeting, rows: Iterable[Occurrence], *, without: Collection[str] = ()
) -> Event:
    """The event with the rule, the dates added (RDATE) and those left out (EXDATE).

    A series that was called off as a whole leaves none out.
    """
    added, left_out = set(), set(without)
    for row in rows:
        if row.status != Occurrence.Status.SCHEDULED:
            if row.origin == Occurrence.Origin.RULE:
                left_out.add(row.recurrence_id)
        elif row.origin == Occurrence.Origin.ADDED:
            added.add(row.recurrence_id)
    rule = "" if added and meeting.rrule == recurrence.ONCE else meeting.rrule
    first = Occurrence(meeting=meeting, recurrence_id=meeting.when.recurrence_id())
    return _event(
        first,
        wanted_rooms(meeting, [first])[first.recurrence_id],
        rrule=recurrence.in_ical(rule, meeting.when),
        exdates=() if meeting.cancelled else tuple(sorted(left_out)),
        rdates=tuple(sorted(added)),
    )


def date_event(date: Occurrence, rooms: Iterable[Room]) -> Event:
    """One date in these rooms: that of a single meeting, or one of a series by itself."""
    meeting = date.meeting
    if not meeting.is_series:
        return _event(date, rooms)
    zone = None if meeting.all_day else meeting.zone
    return _event(date, rooms, recurrence_id=date.recurrence_id, series_zone=zone)


def _differs(row: Occurrence) -> bool:
    """Whether a live date is not just what its rule, or the list of added dates, says."""
    own = any(getattr(row, name) is not None for name in OWN_FIELDS)
    differs = own or row.is_moved or bool(row.missed_rooms)
    return differs and row.status == Occurrence.Status.SCHEDULED


def _event(
    date: Occurrence,
    rooms: Iterable[Room],
    *,
    recurrence_id: str = "",
    series_zone: ZoneInfo | None = None,
    rrule: str = "",
    exdates: tuple[str, ...] = (),
    rdates: tuple[str, ...] = (),
) -> Event:
    meeting = date.meeting
    return Event(
        uid=meeting.ical_uid,
        when=date.when,
        summary=date.shown_title,
        description=date.shown_description,
        location=_place(date.shown_location, rooms),
        join_link=date.shown_join_link,
        organizer=Person(meeting.organizer_address, meeting.organizer_shown),
        sequence=meeting.sequence,
        recurrence_id=recurrence_id,
        series_zone=series_zone,
        rrule=rrule,
        exdates=exdates,
        rdates=rdates,
        transparency="free" if date.shown_transparency == Meeting.Transparency.FREE else "busy",
        status=_status(date),
        visibility="private" if meeting.is_private else "public",
        priority=PRIORITIES[date.shown_priority - 1],
        reminders=tuple(date.shown_reminders),
        created=meeting.created_at,
        last_modified=meeting.updated_at,
    )


def _status(date: Occurrence) -> Status:
    if date.meeting.cancelled or date.is_cancelled:
        return "cancelled"
    return "tentative" if date.shown_tentative else "confirmed"


def _place(location: str, rooms: Iterable[Room]) -> str:
    """Rooms with their sites, then what was written as location."""
    return ", ".join(
        [*(f"{room.name} ({room.site.name})" for room in rooms), *filter(None, [location])]
    )
