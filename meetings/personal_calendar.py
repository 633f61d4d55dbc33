"""A person's calendar as iCalendar events, for her other programs to show.

It is a copy to look at, so nobody is asked for an answer in it: there are no attendees (RFC 5546,
3.2.1 forbids them in what is published, and programs that find their owner among them offer to
answer). What the person answered is said by STATUS and in the description.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import recurrence
from meetings.calendar_file import date_event, dates_off, series_events, with_link
from meetings.ical import Event
from meetings.intervals import Stretch
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.models.occurrence import when_named
from meetings.occurrences import Entry, calendar_of, wanted_rooms
from rooms.models import Room

Rows = list[Occurrence]
# An answer that leaves open whether she comes.
OPEN = (Invitation.Status.NEEDS_ACTION, Invitation.Status.TENTATIVE)


def personal_events(user: User, within: Stretch, *, base: str) -> list[Event]:
    """What is on `user`'s calendar in `within`, but for what she declined; `base` is our address.

    A series of which a date lies there comes whole: its rule, and each date that differs from
    it. Who is on single dates only gets these, named by their recurrence-ids. Seven queries at
    most, however much there is.
    """
    entries = [e for e in calendar_of(user, within) if not e.invitation.declined]
    meetings = {entry.meeting.pk: entry.meeting for entry in entries}
    series = [meeting for meeting in meetings.values() if meeting.is_series]
    prefetch_related_objects([*meetings.values()], "organizer", "rooms__site")
    mine, rows = _answers(user, series), _differing(series)
    known = _rooms([*(e.occurrence for e in entries), *(r for rs in rows.values() for r in rs)])
    whole = {meeting.pk for meeting in series if _is_on_all(mine[meeting.pk])}
    found = [event for e in entries if e.meeting.pk not in whole for event in _single(e, known)]
    for pk in sorted(whole):
        found += _series(meetings[pk], rows[pk], mine[pk], known)
    uids = _unique_uids(meetings.values())
    return [_shown(event, meeting, uids, base) for event, meeting in found]


def _answers(user: User, series: Sequence[Meeting]) -> dict[int, list[Invitation]]:
    """By series, all of the person's rows, those for dates long over too."""
    found: defaultdict[int, list[Invitation]] = defaultdict(list)
    by_pk = {meeting.pk: meeting for meeting in series}
    for row in Invitation.objects.of(user).filter(meeting__in=by_pk) if by_pk else ():
        row.meeting = by_pk[row.meeting_id]
        found[row.meeting_id].append(row)
    return found


def _differing(series: Sequence[Meeting]) -> dict[int, Rows]:
    found: defaultdict[int, Rows] = defaultdict(list)
    by_pk = {meeting.pk: meeting for meeting in series}
    for row in Occurrence.objects.differing().filter(meeting__in=by_pk) if by_pk else ():
        row.meeting = by_pk[row.meeting_id]
        found[row.meeting_id].append(row)
    return found


def _rooms(dates: Iterable[Occurrence]) -> dict[int, Room]:
    """The rooms that dates have of their own, by id."""
    ids = {pk for date in dates for pk in date.room_ids or ()}
    return Room.objects.select_related("site").in_bulk(ids) if ids else {}


def _is_on_all(mine: Sequence[Invitation]) -> bool:
    return any(not row.declined for row in on_date(mine, ""))


def _unique_uids(meetings: Iterable[Meeting]) -> dict[int, str]:
    """By meeting, what it is known by: two organizers may have a UID from elsewhere in common."""
    count: Counter[str] = Counter()
    uids = {}
    for meeting in sorted(meetings, key=lambda meeting: meeting.pk):
        count[meeting.ical_uid] += 1
        own = f"{meeting.uid}@scheduler"
        uids[meeting.pk] = meeting.ical_uid if count[meeting.ical_uid] == 1 else own
    return uids


Found = tuple[Event, Meeting]


def _single(entry: Entry, known: Mapping[int, Room]) -> Iterator[Found]:
    """The event of a date by itself."""
    date, row = entry.occurrence, entry.invitation
    row.meeting = date.meeting
    rooms = wanted_rooms(date.meeting, [date], known=known)[date.recurrence_id]
    yield _answered(date_event(date, rooms), [row]), date.meeting


def _series(
    meeting: Meeting, rows: Rows, mine: list[Invitation], known: Mapping[int, Room]
) -> Iterator[Found]:
    """The events of a series without the dates that she is not on."""
    (whole,) = on_date(mine, "")
    own = {row.recurrence_id: row for row in mine if row.recurrence_id}
    without = dates_off(mine)
    events = {
        event.recurrence_id: event
        for event in series_events(meeting, rows, without=without, known=known)
    }
    touched = {row.recurrence_id: row for row in rows}
    for name in sorted(own.keys() - without - events.keys()):
        date = _date(meeting, name, touched) if own[name].status != whole.status else None
        if date is not None:
            events[name] = date_event(date, wanted_rooms(meeting, [date], known=known)[name])
    for name, event in events.items():
        # All that she answered bears on the first event, whose EXDATEs name what she declined.
        rows_of_it = [own.get(name, whole)] if name else [whole, *own.values()]
        yield _answered(event, rows_of_it), meeting


def _date(meeting: Meeting, name: str, touched: Mapping[str, Occurrence]) -> Occurrence | None:
    """The date of that name, if it takes place."""
    if row := touched.get(name):
        return row if row.status == Occurrence.Status.SCHEDULED else None
    day = when_named(meeting, name).day
    if meeting.when.on(day).recurrence_id() != name:
        return None
    given = recurrence.gives(meeting.when, meeting.rrule, day)
    return Occurrence(meeting=meeting, recurrence_id=name) if given else None


def _answered(event: Event, rows: Sequence[Invitation]) -> Event:
    """The event as the first of these answers has it; changed when one of them was."""
    said = [event.last_modified, *(at for row in rows for at in (row.responded_at, row.removed_at))]
    row, status = rows[0], event.status
    if row.status in OPEN and status == "confirmed":
        status = "tentative"
    described = with_link(event).description
    answer = "" if row.is_organizers else _answer_words(row)
    return replace(
        event,
        status=status,
        description="\n\n".join(filter(None, [described, answer])),
        last_modified=max(filter(None, said)),
    )


def _answer_words(row: Invitation) -> str:
    if row.status == Invitation.Status.NEEDS_ACTION:
        return _("You have not answered yet.")
    return _("Your answer: %(answer)s") % {"answer": row.get_status_display()}


def _shown(event: Event, meeting: Meeting, uids: Mapping[int, str], base: str) -> Event:
    """With its page, and without alarms: who wants them is reminded by us."""
    name = event.recurrence_id
    query = "?" + urlencode({"date": name}) if name else ""
    url = f"{base}{meeting.get_absolute_url()}{query}"
    return replace(event, uid=uids[meeting.pk], url=url, reminders=())
