"""What can become of the dates of a series that collide: the choices of the form's panel."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.conflicts import find_conflicts
from meetings.problems import NotYetBookable, Problem, Severity, date_of
from meetings.scheduler import Decision, OtherTime, Plan
from meetings.slots import RoomOffer, alternatives
from meetings.views.formchoices import Option
from meetings.views.offers import when_words
from meetings.views.planwords import listed
from meetings.wallclock import When
from rooms.models import Room

MOST_ROOMS_TRIED = 40
MOST_ROOMS_OFFERED = 3
MOST_TIMES_OFFERED = 2
MOST_DATES_TIMED = 3  # the soonest undecided ones; looking for times costs more than for rooms


class Choices:
    """What can become of each date that collides: free rooms are looked up for all at once."""

    def __init__(
        self,
        plan: Plan,
        whens: dict[str, When],
        against: dict[str, list[Problem]],
        offers: Iterable[RoomOffer],
        *,
        zone: ZoneInfo,
        now: datetime,
    ) -> None:
        self.plan, self.whens, self.zone = plan, whens, zone
        self.lost = {name: self._lost(against[name]) for name in whens}
        self.rooms = {room.code: room for offer in offers for room in (offer.room,)}
        self.free = self._free(now)
        undecided = [name for name in whens if name in plan.colliding][:MOST_DATES_TIMED]
        self.times = {name: self._times(name, now) for name in undecided}

    def _times(self, name: str, now: datetime) -> list[When]:
        """Other times of one date at which all can come and its rooms are free."""
        one = replace(self.plan.proposal, dates=(self.whens[name],), names=(name,))
        found = alternatives(one, (), now=now, most=MOST_TIMES_OFFERED)
        return [alternative.when for alternative in found]

    def _lost(self, problems: Sequence[Problem]) -> list[Room]:
        wrong = {getattr(problem, "room_id", None) for problem in problems}
        return [room for room in self.plan.rooms if room.pk in wrong]

    def _free(self, now: datetime) -> dict[str, list[Room]]:
        """By date, the rooms of the same sites that fit and are free; nearest in size first."""
        asked = {name: self.whens[name] for name, lost in self.lost.items() if lost}
        sites = {room.site_id for room in self.plan.rooms}
        rooms = [
            room
            for room in self.rooms.values()
            if room.site_id in sites and room not in self.plan.rooms
        ]
        tried = sorted(rooms, key=lambda room: (room.capacity, room.name))[:MOST_ROOMS_TRIED]
        if not asked or not tried:
            return {}
        problems = find_conflicts(
            replace(
                self.plan.proposal,
                dates=tuple(asked.values()),
                names=tuple(asked),
                people=(),
                rooms=tuple(tried),
            ),
            now=now,
        )
        wrong = {
            (getattr(problem, "room_id", None), date_of(problem))
            for problem in problems
            if problem.severity >= Severity.WARNS or isinstance(problem, NotYetBookable)
        }
        return {
            name: [r for r in tried if not {(r.pk, name), (r.pk, "")} & wrong] for name in asked
        }

    def of(self, name: str, chosen: str, decision: Decision | None) -> list[Option]:
        """The choices for one date; what was chosen stays among them."""
        lost = self.lost[name]
        keep = _("Keep it anyway")
        if lost:
            keep = _("Keep it without %(rooms)s") % {"rooms": listed([r.name for r in lost])}
        choices = {"": _("Not decided"), "skip": _("Leave this date out"), "keep": keep}
        for room in self.free.get(name, [])[:MOST_ROOMS_OFFERED]:
            instead = [room if kept == lost[0] else kept for kept in self.plan.rooms]
            value = "room:" + ",".join(kept.code for kept in instead)
            choices[value] = _("Take %(room)s") % {"room": room.name}
        for when in self.times.get(name, []):
            choices[f"time:{when.recurrence_id()}"] = self._at(when)
        if chosen and chosen not in choices:
            choices[chosen] = self._chosen(chosen, decision)
        return [Option(value, label, value == chosen) for value, label in choices.items()]

    def _at(self, when: When) -> str:
        return _("At %(when)s") % {"when": when_words(when, self.zone)}

    def _chosen(self, chosen: str, decision: Decision | None) -> str:
        """What a choice is called that is not offered (any more) since it is taken."""
        if isinstance(decision, OtherTime):
            return self._at(decision.when)
        codes = chosen.removeprefix("room:").split(",")
        names = [self.rooms[code].name if code in self.rooms else code for code in codes]
        return _("Take %(room)s") % {"room": listed(names)}
