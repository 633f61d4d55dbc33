"""Problems in words, for one viewer: the only way a face shows them, so nothing private leaks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import singledispatchmethod
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.intervals import Stretch
from meetings.models import Occurrence
from meetings.permissions import titles_hidden_from
from meetings.problems import (
    NotYetBookable,
    OutsideOpeningHours,
    OutsideWorkingHours,
    OverlapsItself,
    PersonAway,
    PersonBusy,
    Problem,
    RoomClosed,
    RoomInactive,
    RoomTaken,
    Severity,
    TooFewSeats,
    date_of,
)
from meetings.timewords import clock, day_words, days_words, range_words
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem as one viewer may read it: what is so, and more about it.

    `date` is the recurrence-id of the date it is about; empty if it is about all of them.
    `problem` is what was read.
    """

    severity: Severity
    headline: str
    detail: str = ""
    room_id: int | None = None
    user_id: int | None = None
    stretch: Stretch | None = None
    date: str = ""
    problem: Problem | None = None


def readable(problems: Sequence[Problem], viewer: User | None, zone: ZoneInfo) -> list[Finding]:
    """The problems in sentences, heaviest first, times in `zone`.

    Two or three queries, however many problems there are. Private meetings of others read
    "Busy", whoever's rooms or people they take; of time off all read when it is and no more.
    """
    words = _Words(problems, viewer, zone)
    found = [
        replace(words.say(problem), date=date_of(problem), problem=problem) for problem in problems
    ]
    return sorted(found, key=lambda finding: -finding.severity)


class _Words:
    """Knows the names behind the ids, as far as the viewer may."""

    def __init__(self, problems: Iterable[Problem], viewer: User | None, zone: ZoneInfo) -> None:
        self.zone = zone
        self.viewer = viewer
        ids = {name: set[int]() for name in ("room_id", "user_id", "occurrence_id")}
        for problem in problems:
            for name, found in ids.items():
                if (value := getattr(problem, name, None)) is not None:
                    found.add(value)
        self.rooms = Room.objects.in_bulk(ids["room_id"]) if ids["room_id"] else {}
        self.users = User.objects.get_queryset().in_bulk(ids["user_id"]) if ids["user_id"] else {}
        occurrences = (
            Occurrence.objects.select_related("meeting__organizer").in_bulk(ids["occurrence_id"])
            if ids["occurrence_id"]
            else {}
        )
        hidden = titles_hidden_from(viewer, occurrences.values())
        self.titles = {
            pk: date.shown_title for pk, date in occurrences.items() if date.key not in hidden
        }
        self.organizers = {pk: occurrences[pk].meeting.organizer_shown for pk in self.titles}

    def _title(self, occurrence_id: int | None) -> str:
        return self.titles.get(occurrence_id or 0, _("Busy"))

    def _range(self, stretch: Stretch) -> str:
        return range_words(stretch.start, stretch.end, self.zone)

    def _days(self, stretch: Stretch) -> str:
        """A range, of which whole days read as days: `Wed 10 March, 13:00 – Fri 12 March`."""
        first, end = stretch.start.astimezone(self.zone), stretch.end.astimezone(self.zone)
        until_midnight = end.time() == time.min and first < end
        last = end.date() - timedelta(days=1) if until_midnight else end.date()
        if first.time() == time.min and until_midnight:
            return days_words(first.date(), last)
        if first.date() == last:
            return self._range(stretch)
        opening, closing = day_words(first.date()), day_words(last)
        if first.time() != time.min:
            opening = f"{opening}, {clock(stretch.start, self.zone)}"
        if not until_midnight:
            closing = f"{closing}, {clock(stretch.end, self.zone)}"
        return f"{opening} – {closing}"

    @singledispatchmethod
    def say(self, problem: Problem) -> Finding:
        """The finding for one problem."""
        raise TypeError(problem)

    @say.register
    def _room_taken(self, problem: RoomTaken) -> Finding:
        values = {"room": self.rooms[problem.room_id].name, "when": self._range(problem.stretch)}
        if problem.occurrence_id is None:
            detail = _("It is held for a moment for a change that can still be undone.")
        elif problem.occurrence_id in self.titles:
            detail = _("By %(title)s, %(organizer)s.") % {
                "title": self.titles[problem.occurrence_id],
                "organizer": self.organizers[problem.occurrence_id],
            }
        else:
            detail = _("By a private meeting.")
        return Finding(
            problem.severity,
            _("%(room)s is taken %(when)s.") % values,
            detail,
            room_id=problem.room_id,
            stretch=problem.stretch,
        )

    @say.register
    def _room_closed(self, problem: RoomClosed) -> Finding:
        values = {
            "room": self.rooms[problem.room_id].name,
            "when": self._range(problem.stretch),
            "reason": problem.reason,
        }
        return Finding(
            problem.severity,
            _("%(room)s is closed %(when)s.") % values,
            problem.reason,
            room_id=problem.room_id,
            stretch=problem.stretch,
        )

    @say.register
    def _outside_opening_hours(self, problem: OutsideOpeningHours) -> Finding:
        room = self.rooms[problem.room_id]
        day = problem.stretch.start.astimezone(self.zone).date()
        hours = [
            f"{clock(s.start, self.zone)}–{clock(s.end, self.zone)}"
            for s in problem.open
            if s.start.astimezone(self.zone).date() == day
        ]
        return Finding(
            problem.severity,
            _("%(room)s is not open then.") % {"room": room.name},
            _("That day it is open %(hours)s.") % {"hours": ", ".join(hours)}
            if hours
            else _("It is closed all that day."),
            room_id=problem.room_id,
            stretch=problem.stretch,
        )

    @say.register
    def _not_yet_bookable(self, problem: NotYetBookable) -> Finding:
        values = {
            "room": self.rooms[problem.room_id].name,
            "day": day_words(problem.until.astimezone(self.zone).date()),
        }
        return Finding(
            problem.severity,
            _("%(room)s can be booked up to %(day)s only, so far.") % values,
            _("It is booked for the later dates as soon as they can be.")
            if problem.later
            else _("Choose another room, or an earlier day."),
            room_id=problem.room_id,
            stretch=problem.stretch,
        )

    @say.register
    def _overlaps_itself(self, problem: OverlapsItself) -> Finding:
        values = {
            "room": self.rooms[problem.room_id].name,
            "when": self._range(problem.stretch),
        }
        return Finding(
            problem.severity,
            _("Another date of this series has %(room)s %(when)s.") % values,
            _("Make it shorter, or leave more time between its dates."),
            room_id=problem.room_id,
            stretch=problem.stretch,
        )

    @say.register
    def _room_inactive(self, problem: RoomInactive) -> Finding:
        return Finding(
            problem.severity,
            _("%(room)s is out of use.") % {"room": self.rooms[problem.room_id].name},
            _("Choose another room."),
            room_id=problem.room_id,
        )

    @say.register
    def _too_few_seats(self, problem: TooFewSeats) -> Finding:
        seats = ngettext("%(seats)d seat", "%(seats)d seats", problem.seats) % {
            "seats": problem.seats
        }
        return Finding(
            problem.severity,
            _("%(room)s has %(seats)s, you are %(people)d.")
            % {
                "room": self.rooms[problem.room_id].name,
                "seats": seats,
                "people": problem.people,
            },
            _("Choose a larger room, or save anyway if some join from elsewhere."),
            room_id=problem.room_id,
        )

    @say.register
    def _person_busy(self, problem: PersonBusy) -> Finding:
        values = {
            "name": self._name(problem.user_id),
            "when": self._range(problem.stretch),
        }
        headline = (
            _("%(name)s is perhaps busy %(when)s.")
            if problem.tentative
            else _("%(name)s is busy %(when)s.")
        ) % values
        if problem.user_id == getattr(self.viewer, "pk", None):
            headline = _("You are busy %(when)s.") % values
        detail = self._title(problem.occurrence_id)
        if problem.optional:
            detail = _("%(title)s. Optional.") % {"title": detail}
        return Finding(
            problem.severity,
            headline,
            detail,
            user_id=problem.user_id,
            stretch=problem.stretch,
        )

    @say.register
    def _person_away(self, problem: PersonAway) -> Finding:
        values = {"name": self._name(problem.user_id), "when": self._days(problem.stretch)}
        headline = _("%(name)s is out of office %(when)s.") % values
        if problem.user_id == getattr(self.viewer, "pk", None):
            headline = _("You are out of office %(when)s.") % values
        return Finding(
            problem.severity,
            headline,
            _("Optional.") if problem.optional else "",
            user_id=problem.user_id,
            stretch=problem.stretch,
        )

    @say.register
    def _outside_working_hours(self, problem: OutsideWorkingHours) -> Finding:
        user = self.users[problem.user_id]
        headline = _("%(time)s for %(name)s, outside working hours.") % {
            "time": clock(problem.stretch.start, user.zone),
            "name": self._name(problem.user_id),
        }
        return Finding(
            problem.severity,
            headline,
            _("Optional.") if problem.optional else "",
            user_id=problem.user_id,
        )

    def _name(self, user_id: int) -> str:
        return str(self.users[user_id])
