"""Why a room fits or does not, in words for one reader; and the links that book it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.problems import (
    NotYetBookable,
    OutsideOpeningHours,
    Problem,
    RoomClosed,
    RoomInactive,
    RoomTaken,
    Severity,
    TooFewSeats,
    worst,
)
from meetings.readable import Finding, readable
from meetings.slots import RoomOffer
from meetings.timewords import clock, clock_range, day_words, moment_words
from meetings.wallclock import Timed
from rooms.models import Amenity, Room

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that stands against a room: what is so, and more about it."""

    what: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A room of the list: the reasons against it, and where it can be booked.

    `book` is a link to the form with the time asked for, `later` one with the time from which
    the room is free, as `later_words` say.
    """

    room: Room
    free: bool
    reasons: list[Reason]
    unsaid: int
    book: str
    later: str
    later_words: str


def answers_for(
    offers: Sequence[RoomOffer], when: Timed, *, reader: User, now: datetime
) -> list[Answer]:
    """The offers in words. A constant number of queries, however many there are."""
    problems = [problem for offer in offers for problem in offer.problems]
    said: dict[int | None, list[Finding]] = defaultdict(list)
    for finding in readable(problems, reader, reader.zone) if problems else ():
        said[finding.room_id].append(finding)
    wanted = {pk for offer in offers for pk in offer.missing}
    names = dict(Amenity.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    words = _Words(when, names, reader.zone, today=now.astimezone(reader.zone).date())
    return [words.answer(offer, said[offer.room.pk]) for offer in offers]


class _Words:
    """Knows the time asked for, and the reader's clock."""

    def __init__(
        self, when: Timed, amenities: dict[int, str], zone: ZoneInfo, *, today: date
    ) -> None:
        self.when, self.amenities, self.zone, self.today = when, amenities, zone, today

    def answer(self, offer: RoomOffer, findings: Sequence[Finding]) -> Answer:
        """`findings` are its problems in words, the heaviest first."""
        # As `readable` has them: stable, so that each finding meets its problem.
        problems = sorted(offer.problems, key=lambda problem: -problem.severity)
        reasons = [
            self._reason(problem, offer.room, finding)
            for problem, finding in zip(problems, findings, strict=True)
        ]
        if offer.missing:
            lacks = ", ".join(sorted(self.amenities[pk] for pk in offer.missing))
            reasons.append(Reason(_("lacks %(amenities)s") % {"amenities": lacks}))
        bookable = worst(offer.problems) < Severity.REFUSES
        later = offer.free_from
        return Answer(
            offer.room,
            offer.free,
            reasons[:MOST_REASONS],
            len(reasons[MOST_REASONS:]),
            book=self._link(offer.room, self.when.during().start) if bookable else "",
            later=self._link(offer.room, later) if later else "",
            later_words=_("free from %(time)s") % {"time": self._moment(later)} if later else "",
        )

    def _reason(self, problem: Problem, room: Room, finding: Finding) -> Reason:
        if isinstance(problem, RoomTaken):
            taken = clock_range(
                problem.stretch.start, problem.stretch.end, self.zone, today=self.today
            )
            more = " ".join(filter(None, [finding.detail, self._kept_free(problem, room)]))
            return Reason(_("taken %(range)s") % {"range": taken}, more)
        if isinstance(problem, RoomClosed):
            until = self._moment(problem.stretch.end)
            return Reason(_("closed until %(time)s") % {"time": until}, problem.reason)
        if isinstance(problem, OutsideOpeningHours):
            return Reason(_("not open then"), finding.detail)
        if isinstance(problem, NotYetBookable):
            day = {"day": day_words(room.bookable_on(problem.stretch.end), today=self.today)}
            return Reason(_("not bookable yet"), _("It can be booked from %(day)s on.") % day)
        if isinstance(problem, TooFewSeats):
            seats = ngettext("%(seats)d seat", "%(seats)d seats", problem.seats)
            said = {"seats": seats % {"seats": problem.seats}, "people": problem.people}
            return Reason(_("%(seats)s; you are %(people)d") % said)
        if isinstance(problem, RoomInactive):
            return Reason(_("out of use"))
        return Reason(finding.headline, finding.detail)

    def _kept_free(self, problem: RoomTaken, room: Room) -> str:
        """Why what lies beside the time asked for is in the way of it."""
        asked = self.when.during()
        if problem.stretch.overlaps(asked):
            return ""
        before, after = (buffer // timedelta(minutes=1) for buffer in room.buffers)
        if problem.stretch.start >= asked.end:
            words = _("The room is kept free for %(count)d minutes after each meeting.")
            return words % {"count": after}
        words = _("The room is kept free for %(count)d minutes before each meeting.")
        return words % {"count": before}

    def _moment(self, at: datetime) -> str:
        """With the day, unless it is that of the time asked for."""
        if at.astimezone(self.zone).date() == self.when.day:
            return clock(at, self.zone)
        return moment_words(at, self.zone, today=self.today)

    def _link(self, room: Room, start: datetime) -> str:
        local = start.astimezone(self.zone)
        values = {
            "room": room.code,
            "date": local.date().isoformat(),
            "time": f"{local:%H:%M}",
            "length": self.when.length // timedelta(minutes=1),
        }
        return f"{reverse('meetings:new')}?{urlencode(values)}"
