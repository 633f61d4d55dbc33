"""A series of another calendar: its rule, and the dates that have something of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from accounts.models import User
from meetings.ical import Event
from meetings.models import Meeting
from meetings.models.occurrence import OWN_FIELDS
from meetings.recurrence import ONCE, gives
from meetings.scheduler.arrivals import Arrival, ArrivedDate, Seat, arrival_of
from meetings.scheduler.plans import Place
from meetings.wallclock import AllDay, When, instant

OWN_VALUES = tuple(name for name in OWN_FIELDS if name != "room_ids")
"""What a calendar can say of one date; rooms are chosen here."""


@dataclass(frozen=True, slots=True)
class _Series:
    """What a date is compared with. `named` are recurrence-ids that are dates anyway."""

    when: When
    rrule: str
    values: Mapping[str, object]
    seats: tuple[Seat, ...]
    named: frozenset[str] = frozenset()

    def at(self, name: str) -> When:
        if isinstance(self.when, AllDay):
            return replace(self.when, first=date.fromisoformat(name))
        return replace(self.when, start=datetime.fromisoformat(name))

    def has(self, name: str) -> bool:
        if name in self.named:
            return True
        when = self.at(name)
        on_time = when == self.when.on(when.day)
        return on_time and gives(self.when, self.rrule, when.day)


def arrival_of_all(
    events: Sequence[Event], known: Meeting | None, *, by: User, users: Mapping[str, User]
) -> Arrival:
    """The events of one UID as `by` takes them in: a meeting and its changed dates.

    Dates whose series is missing are applied to `known`, the series kept here; if there is
    none, they are a series by themselves, which a later calendar can complete. Raises
    InvalidDraft if it cannot be a meeting.
    """
    changed = sorted((e for e in events if e.recurrence_id), key=lambda e: e.recurrence_id)
    whole = next((event for event in events if not event.recurrence_id), None)
    if whole is None and known is not None and known.is_series:
        return _of_dates_alone(list(events), known, by=by, users=users)
    if whole is None:
        whole = _of_its_dates(events[0], [event.recurrence_id for event in changed])
    arrival = arrival_of(whole, by=by, users=users)
    if not arrival.draft.rrule:
        return arrival
    draft = arrival.draft
    series = _Series(draft.when, draft.rrule, _values(draft), arrival.seats)
    dates = {name: ArrivedDate(added=True) for name in whole.rdates if not series.has(name)}
    for name in whole.exdates:
        if name in dates:
            del dates[name]
        elif series.has(name):
            dates[name] = ArrivedDate(cancelled=True)
    for event in changed:
        name = event.recurrence_id
        dates[name] = _date(event, name, series, by=by, users=users)
    return replace(
        arrival,
        dates=dates,
        sequence=max(event.sequence for event in events),
        last_modified=_latest(events),
    )


def _of_its_dates(event: Event, names: Sequence[str]) -> Event:
    """A series that is given only by its dates: like the one that comes first in the file."""
    when = event.when
    if isinstance(when, AllDay):
        when = replace(when, first=date.fromisoformat(names[0]))
    else:
        when = replace(when, start=datetime.fromisoformat(names[0]))
    return replace(
        event, when=when, recurrence_id="", rrule=ONCE, rdates=(), exdates=(), status="confirmed"
    )


def _of_dates_alone(
    events: Sequence[Event], meeting: Meeting, *, by: User, users: Mapping[str, User]
) -> Arrival:
    rows = [row for row in meeting.invitations.all() if not row.recurrence_id]
    series = _Series(
        meeting.when,
        meeting.rrule,
        _values(meeting),
        tuple(
            Seat(
                Place(row.user, row.email, row.name, row.role, is_organizers=row.is_organizers),
                row.status,
            )
            for row in rows
            if row.removed_at is None
        ),
        frozenset(row.recurrence_id for row in meeting.occurrences.all() if row.origin == "rule"),
    )
    written = events[0].when
    dates = {}
    for event in events:
        name = _renamed(event.recurrence_id, written, meeting.when)
        dates[name] = _date(event, name, series, by=by, users=users)
    return replace(
        arrival_of(replace(events[0], status="confirmed"), by=by, users=users),
        sequence=max(event.sequence for event in events),
        last_modified=_latest(events),
        dates=dates,
        whole=False,
    )


def _renamed(name: str, written: When, series: When) -> str:
    """A recurrence-id on the wall clock `written`, on that of the series."""
    if isinstance(series, AllDay):
        return name[:10]
    if isinstance(written, AllDay):
        return series.on(date.fromisoformat(name)).recurrence_id()
    at = instant(datetime.fromisoformat(name), written.zone)
    return at.astimezone(series.zone).replace(tzinfo=None).isoformat()


def _date(
    event: Event, name: str, series: _Series, *, by: User, users: Mapping[str, User]
) -> ArrivedDate:
    """A changed date as it differs from its series; one that the rule does not give is added."""
    added = not series.has(name)
    if event.status == "cancelled":
        return ArrivedDate(cancelled=True, added=added)
    one = arrival_of(replace(event, rrule="", rdates=(), exdates=()), by=by, users=users)
    when, given, values = one.draft.when, series.at(name), _values(one.draft)
    unmoved = type(when) is type(given) and when.during() == given.during()
    seats, absent = _people(event, one, series)
    return ArrivedDate(
        added=added,
        when=None if unmoved else when,
        own={key: value for key, value in values.items() if value != series.values[key]},
        seats=seats,
        absent=absent,
    )


def _people(
    event: Event, one: Arrival, series: _Series
) -> tuple[tuple[Seat, ...], tuple[Place, ...]]:
    """Who differs on that date. One that names nobody says nothing about people."""
    if not event.attendees:
        return (), ()
    usual = {seat.place.address: (seat.place.role, seat.status) for seat in series.seats}
    there = {seat.place.address for seat in one.seats}
    return (
        tuple(
            seat
            for seat in one.seats
            if usual.get(seat.place.address) != (seat.place.role, seat.status)
        ),
        tuple(seat.place for seat in series.seats if seat.place.address not in there),
    )


def _values(holder: object) -> dict[str, object]:
    values = {name: getattr(holder, name) for name in OWN_VALUES}
    return values | {"reminders": list(values["reminders"])}


def _latest(events: Sequence[Event]) -> datetime | None:
    return max((e.last_modified for e in events if e.last_modified), default=None)
