"""Looking at all dates of a series at once."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects

from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.health.concerns import Concern, Fit, absent, bookable_from, of_size, unusual
from meetings.health.dates import DateHealth, Health, Later, Shift
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import rooms_of, with_rooms
from meetings.problems import (
    NotYetBookable,
    OutsideWorkingHours,
    Problem,
    date_of,
)
from rooms.models import Room

DAY = timedelta(days=1)


class Examination:
    """Everything about a series that is needed, read once."""

    def __init__(self, meeting: Meeting, now: datetime) -> None:
        self.meeting = meeting
        self.now = now
        self.rows = self._rows()
        self._read_people()
        self._read_rooms()
        self.problems = self._problems()

    def _rows(self) -> list[Occurrence]:
        """The dates to come, cancelled ones too."""
        near = self.meeting.occurrences.filter(during__endswith__gt=self.now - DAY)
        found = []
        for row in near.order_by("during", "pk"):
            row.meeting = self.meeting
            if row.occupied_in(self.meeting.zone).end > self.now:
                found.append(row)
        return found

    def _read_people(self) -> None:
        invitations = list(self.meeting.invitations.select_related("user").all())
        for invitation in invitations:
            invitation.meeting = self.meeting
        prefetch_related_objects([i.user for i in invitations if i.user], "working_hours")
        self.on_all = on_date(invitations, "")
        named = {invitation.recurrence_id for invitation in invitations}
        self.on = {
            row.recurrence_id: on_date(invitations, row.recurrence_id)
            if row.recurrence_id in named
            else self.on_all
            for row in self.rows
        }

    def _read_rooms(self) -> None:
        of_all = [room.pk for room in self.meeting.rooms.all()]
        wanted = {
            row.recurrence_id: of_all if row.room_ids is None else row.room_ids for row in self.rows
        }
        known = Room.objects.with_details().in_bulk(
            {pk for pks in (of_all, *wanted.values()) for pk in pks}
        )
        self.usual_rooms = [known[pk] for pk in of_all]
        self.wanted = {
            name: [known[pk] for pk in pks if pk in known] for name, pks in wanted.items()
        }
        with_rooms(self.rows)
        self.held = {row.recurrence_id: {room.pk for room in rooms_of(row)} for row in self.rows}

    def _problems(self) -> dict[str, list[Problem]]:
        """What stands against each date that takes place or might, in three queries.

        Asked for everybody and every room on all dates at once; what is about somebody who does
        not come to a date, or a room that it does not want, is left out afterwards.
        """
        rows = [row for row in self.rows if not row.is_cancelled]
        people = {i.user_id: i.user for name in self.on for i in self.on[name] if i.user}
        rooms = {room.pk: room for wanted in self.wanted.values() for room in wanted}
        found: dict[str, list[Problem]] = {row.recurrence_id: [] for row in rows}
        proposal = Proposal(
            dates=tuple(row.when for row in rows),
            people=tuple(Asked(user) for user in people.values()),
            rooms=tuple(rooms.values()),
            seats=0,
            ignoring=self.meeting,
            holder=self.meeting.organizer,
            names=tuple(found),
            repeats=True,
        )
        concerns = {row.recurrence_id: self._concern(row) for row in rows}
        for problem in find_conflicts(proposal, now=self.now):
            name = date_of(problem)
            if name and (kept := concerns[name].kept(problem)):
                found[name].append(kept)
        return found

    def _concern(self, row: Occurrence) -> "Concern":
        name = row.recurrence_id
        return Concern(
            optional={a.user.pk: a.optional for a in self._people(name)},
            is_free=row.shown_transparency == Meeting.Transparency.FREE,
            wanted={room.pk for room in self.wanted[name]},
            held=self.held[name],
        )

    def _coming(self, name: str) -> list[Invitation]:
        return [invitation for invitation in self.on[name] if not invitation.declined]

    def _people(self, name: str) -> tuple[Asked, ...]:
        return tuple(
            Asked(i.user, i.role == Invitation.Role.OPTIONAL) for i in self._coming(name) if i.user
        )

    def result(self) -> Health:
        """The whole of it."""
        shifts = dict(self._shifts())
        coming = [invitation for invitation in self.on_all if not invitation.declined]
        usual = tuple(of_size(self.usual_rooms, len(coming)))
        return Health(
            tuple(self._date(row, shifts.get(row.recurrence_id, ()), usual) for row in self.rows),
            self.meeting.indexed_until,
            usual,
            tuple(absent(self.on_all)),
        )

    def _date(
        self,
        row: Occurrence,
        shifts: tuple[Shift, ...],
        usual: Sequence[Fit],
    ) -> DateHealth:
        name = row.recurrence_id
        wanted, seats = self.wanted[name], len(self._coming(name))
        asked = self.problems.get(name, [])
        waits = {p.room_id: p for p in asked if isinstance(p, NotYetBookable)}
        dated = [p for p in asked if not isinstance(p, NotYetBookable | OutsideWorkingHours)]
        sized = [] if row.is_cancelled else list(of_size(wanted, seats))
        wrong = {getattr(p, "room_id", None) for p in (*dated, *sized) if p not in usual}
        lacking = [
            room for room in wanted if room.pk not in self.held[name] and room.pk not in wrong
        ]
        is_live = row.status == Occurrence.Status.SCHEDULED
        declined = tuple(absent(self.on[name]))
        return DateHealth(
            occurrence=row,
            rooms=tuple(wanted),
            people=self._people(name),
            seats=seats,
            problems=(*dated, *sized),
            missed=tuple(r for r in lacking if is_live and r.pk in row.missed_rooms),
            later=tuple(
                Later(room, self._day_for(room, waits.get(room.pk)))
                for room in lacking
                if is_live and room.pk not in row.missed_rooms
            ),
            declined=declined if is_live else (),
            shifts=shifts,
            here=(*unusual(sized, usual), *(i for i in declined if i.recurrence_id))
            if is_live
            else (),
        )

    def _day_for(self, room: Room, problem: NotYetBookable | None) -> date:
        """When a room is booked: what can be booked by now, in the coming night."""
        if problem is None:
            return self.now.astimezone(room.zone).date()
        return bookable_from(room, problem.stretch)

    def _shifts(self) -> Iterator[tuple[str, tuple[Shift, ...]]]:
        """Per date, whose clock shows another time than on the date before.

        Of the dates that stand where the rule put them: those moved are at another time anyway.
        """
        rows = [r for r in self.rows if r.status == r.Status.SCHEDULED and not r.is_moved]
        if not rows or self.meeting.all_day:
            return
        outside = {
            (problem.user_id, problem.date)
            for problems in self.problems.values()
            for problem in problems
            if isinstance(problem, OutsideWorkingHours)
        }
        before = self._last_before(rows[0])
        for row in rows:
            if before is not None:
                yield row.recurrence_id, tuple(self._shifted(before, row, outside))
            before = row

    def _last_before(self, row: Occurrence) -> Occurrence | None:
        """The date that took place last before the first of those to come; a query."""
        past = self.meeting.occurrences.live().filter(
            local_date=None, during__startswith__lt=row.start
        )
        return past.order_by("-during").first()

    def _shifted(
        self, before: Occurrence, row: Occurrence, outside: set[tuple[int, str]]
    ) -> Iterator[Shift]:
        for asked in self._people(row.recurrence_id):
            user = asked.user
            was, becomes = (o.start.astimezone(user.zone).time() for o in (before, row))
            if was != becomes:
                yield Shift(user, was, becomes, (user.pk, row.recurrence_id) in outside)
