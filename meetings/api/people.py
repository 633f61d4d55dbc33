"""People's calendars: what is on, when they are free."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Identifier,
    Instant,
    RestRequest,
    Shown,
    Stamp,
    Strict,
    invalid,
    stamp,
)
from meetings.api.placing import rooms_named
from meetings.api.reading import people_named, person_named
from meetings.api.routing import people
from meetings.api.windows import Window, stretch_of
from meetings.availability import Busy, Times, busy_people, times
from meetings.intervals import Stretch, clip, merge, subtract
from meetings.lifecycle import state
from meetings.models import Occurrence
from meetings.occurrences import Entry, calendar_of
from meetings.permissions import titles_hidden_from
from rooms.models import Room

MOST_SUBJECTS = 100


class EntryOut(Schema):
    """One date on a calendar; what the viewer may not see reads "Busy"."""

    meeting_id: str | None
    recurrence_id: str | None
    title: str
    all_day: bool
    start_time: Stamp
    end_time: Stamp
    status: str
    transparency: str
    answer: str | None = Field(description="On one's own calendar.")


class CalendarOut(Schema):
    """What is on somebody's calendar, in order of start; declined dates on one's own only."""

    user_id: str
    meetings: list[EntryOut]


@people.get("/users/{user_id}/calendar", response={200: CalendarOut, **REFUSALS})
def get_calendar(request: RestRequest, user_id: str, window: Query[Window]) -> CalendarOut:
    """What is on somebody's calendar between two instants, an entry for each date."""
    person, viewer, now = person_named(user_id), request.user, clock.now()
    entries = calendar_of(person, stretch_of(window.start, window.end))
    own = person == viewer
    if not own:
        entries = [entry for entry in entries if not entry.invitation.declined]
    hidden = titles_hidden_from(viewer, [entry.occurrence for entry in entries])

    def out(entry: Entry) -> EntryOut:
        date, secret = entry.occurrence, entry.key in hidden
        return EntryOut(
            meeting_id=None if secret else str(entry.meeting.uid),
            recurrence_id=None if secret else date.recurrence_id,
            title=_("Busy") if secret else date.shown_title,
            all_day=date.all_day,
            start_time=stamp(entry.stretch.start, window.timezone),
            end_time=stamp(entry.stretch.end, window.timezone),
            status=state(date, now).value,
            transparency=date.shown_transparency,
            answer=entry.invitation.status if own else None,
        )

    return CalendarOut(user_id=str(person.uid), meetings=[out(entry) for entry in entries])


class SlotTime(Schema):
    """A stretch of time."""

    start: Stamp
    end: Stamp


class BusyOut(SlotTime):
    """When somebody is taken; the title only for those who may see it."""

    meeting_title: str | None
    tentative: bool


class AvailabilityOut(Schema):
    """When somebody can be asked to meet: inside working hours, and not even perhaps taken."""

    user_id: str
    available_slots: list[SlotTime]
    busy_times: list[BusyOut]


@people.get("/users/{user_id}/availability", response={200: AvailabilityOut, **REFUSALS})
def get_availability(request: RestRequest, user_id: str, window: Query[Window]) -> AvailabilityOut:
    """When somebody is free and when not. Who never said when they work is asked at any time."""
    person, viewer, now = person_named(user_id), request.user, clock.now()
    within, zone = stretch_of(window.start, window.end), window.timezone
    prefetch_related_objects([person], "working_hours")
    time = times([person], [], within, now=now).people[person.pk]
    free = subtract([within] if time.works is None else time.works, (*time.busy, *time.tentative))
    busy = busy_people([person], within, now=now)[person.pk]
    titles = _titles(busy, viewer)
    return AvailabilityOut(
        user_id=str(person.uid),
        available_slots=[_slot(stretch, zone) for stretch in free],
        busy_times=[
            BusyOut(
                start=stamp(taken.stretch.start, zone),
                end=stamp(taken.stretch.end, zone),
                meeting_title=titles.get(taken.occurrence_id or 0),
                tentative=taken.tentative,
            )
            for taken in busy
        ],
    )


def _titles(busy: Sequence[Busy], viewer: User) -> dict[int, str]:
    """By occurrence (id), the titles that the viewer may see. Two queries."""
    ids = [taken.occurrence_id for taken in busy if taken.occurrence_id]
    dates = Occurrence.objects.select_related("meeting").in_bulk(ids)
    hidden = titles_hidden_from(viewer, dates.values())
    return {pk: date.shown_title for pk, date in dates.items() if date.key not in hidden}


def _slot(stretch: Stretch, zone: ZoneInfo | None) -> SlotTime:
    return SlotTime(start=stamp(stretch.start, zone), end=stamp(stretch.end, zone))


class BusyQuestion(Strict):
    """Whose time, beside that of the person in the address."""

    start: Instant
    end: Instant
    users: list[Identifier] = Field(default_factory=list, max_length=MOST_SUBJECTS)
    rooms: list[Identifier] = Field(default_factory=list, max_length=MOST_SUBJECTS)


class SubjectBusy(SlotTime):
    """When a person or a room is taken. Stretches that touch are one."""

    user_id: str | None = None
    room_id: str | None = None
    tentative: bool = False


class BusyTimesOut(Schema):
    """When these people and rooms are taken: people, then rooms, each in order of start."""

    busy_times: list[SubjectBusy]


@people.post("/users/{user_id}/busy-times", response={200: BusyTimesOut, **REFUSALS})
def find_busy_times(
    request: RestRequest, user_id: str, body: BusyQuestion, shown: Query[Shown]
) -> BusyTimesOut:
    """When up to 100 people and rooms are taken, the person in the address among them."""
    within = stretch_of(body.start, body.end)
    asked = [person_named(user_id), *people_named(body.users, field="users")]
    subjects = list({person.pk: person for person in asked}.values())
    rooms = list({room.pk: room for room in rooms_named(body.rooms, field="rooms")}.values())
    if len(subjects) + len(rooms) > MOST_SUBJECTS:
        raise invalid("users", _("Ask for at most 100 people and rooms at once."))
    found = times(subjects, rooms, within, now=clock.now())
    busy = [*_of_people(subjects, found, shown.timezone), *_of_rooms(rooms, found, shown.timezone)]
    return BusyTimesOut(busy_times=busy)


def _of_people(
    subjects: Sequence[User], found: Times, zone: ZoneInfo | None
) -> Iterator[SubjectBusy]:
    for person in subjects:
        time = found.people[person.pk]
        taken = [(s, False) for s in time.busy] + [(s, True) for s in time.tentative]
        for stretch, tentative in sorted(taken):
            start, end = stamp(stretch.start, zone), stamp(stretch.end, zone)
            yield SubjectBusy(user_id=str(person.uid), start=start, end=end, tentative=tentative)


def _of_rooms(rooms: Sequence[Room], found: Times, zone: ZoneInfo | None) -> Iterator[SubjectBusy]:
    for room in rooms:
        inside = (clip(stretch, found.within) for stretch in found.rooms[room.pk].taken)
        for stretch in merge(s for s in inside if s and s.length):
            yield SubjectBusy(
                room_id=room.code, start=stamp(stretch.start, zone), end=stamp(stretch.end, zone)
            )
