"""What the panel says about clocks: for whom it is which time, and where clocks change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.formtimes import skipped
from meetings.problems import OutsideWorkingHours
from meetings.scheduler import Plan
from meetings.timewords import clock, day_words, zone_short
from meetings.views.offers import MOST_CLOCKS, clocks_elsewhere, when_words
from meetings.views.planwords import listed
from meetings.wallclock import AllDay, Timed, instant

MOST_NAMES = 5


def remarks(plan: Plan, reader: User, now: datetime) -> Iterator[str]:
    """What is worth knowing about the time itself."""
    when = plan.draft.when
    if isinstance(when, Timed):
        yield from _clock_changes(when)
        if when.zone.key != reader.zone.key:
            start = when.during().start
            here = when_words(when, reader.zone)
            yield _("For you that is %(when)s %(zone)s.") % {
                "when": here,
                "zone": zone_short(reader.zone, start),
            }
        yield from _elsewhere(plan, reader)
        yield from _shifts(plan, when, reader)
    if max(_ends(date) for date in plan.proposal.dates) <= now:
        yield _("That time has passed.")
    guests = [place for place in plan.places if place.user is None]
    if guests:
        yield ngettext(
            "%d guest has no calendar here, so nobody knows when they are free.",
            "%d guests have no calendar here, so nobody knows when they are free.",
            len(guests),
        ) % len(guests)


def _ends(when: Timed | AllDay) -> datetime:
    return when.during().end


def _clock_changes(when: Timed) -> Iterator[str]:
    shown = skipped(when.start, when.zone)
    if shown is not None:
        yield _("%(time)s does not exist that night; it will be %(shown)s.") % {
            "time": f"{when.start.hour}:{when.start.minute:02}",
            "shown": f"{shown.hour}:{shown.minute:02}",
        }
    elif _comes_twice(when):
        yield _("%(time)s comes twice that night; the first is meant.") % {
            "time": f"{when.start.hour}:{when.start.minute:02}"
        }


def _comes_twice(when: Timed) -> bool:
    first = instant(when.start, when.zone)
    later = when.start.replace(tzinfo=when.zone, fold=1)
    return later.utcoffset() != first.astimezone(when.zone).utcoffset()


def outside_hours(plan: Plan, reader: User) -> Iterator[str]:
    """`22:00 for Yuki and Mei, outside working hours`: one line for each clock.

    Of a series one for those whom it concerns on all dates, and one for each number of dates.
    """
    late, always = _late(plan)
    total = len(plan.proposal.dates)
    users = [place.user for place in plan.places if place.user and place.user.pk in late]
    start = plan.draft.when.during().start
    clocks = [(clock(start, user.zone), user) for user in users if user.pk in always]
    for time, names in _by_clock(clocks, reader):
        yield _("%(time)s for %(names)s, outside working hours.") % {"time": time, "names": names}
    some = [(str(late[user.pk]), user) for user in users if user.pk not in always]
    for n, names in _by_clock(some, reader):
        yield ngettext(
            "Outside working hours on %(n)s of %(total)d dates for %(names)s.",
            "Outside working hours on %(n)s of %(total)d dates for %(names)s.",
            total,
        ) % {"n": n, "total": total, "names": names}


def _late(plan: Plan) -> tuple[Counter[int], set[int]]:
    """On how many dates it is outside whose working hours, and for whom on all of them."""
    late = Counter(p.user_id for p in plan.problems if isinstance(p, OutsideWorkingHours))
    return late, {pk for pk, n in late.items() if n >= len(plan.proposal.dates)}


def _elsewhere(plan: Plan, reader: User) -> Iterator[str]:
    """`It is 9:30 for Omar`, for those it is not outside working hours for: these are told of."""
    _counts, late = _late(plan)
    clocks = clocks_elsewhere(plan.draft.when, plan.places, reader)
    told = [(at, user) for at, user in clocks if user.pk not in late]
    for time, names in _by_clock(told, reader):
        yield _("It is %(time)s for %(names)s.") % {"time": time, "names": names}


def _shifts(plan: Plan, when: Timed, reader: User) -> Iterator[str]:
    """`From Wed 31 March on it is 9:00 for Omar`: the first change of each clock in a series."""
    usual = [
        one
        for one in plan.proposal.dates
        if isinstance(one, Timed)
        and (one.zone.key, one.start.time()) == (when.zone.key, when.start.time())
    ]
    people = [place.user for place in plan.places if place.user]
    zones = {user.zone.key: user.zone for user in people if user.zone.key != when.zone.key}
    found = {key: _first_shift(usual, zone) for key, zone in zones.items()}
    for shift in sorted({shift for shift in found.values() if shift}):
        day, time = shift
        whose = [(time, user) for user in people if found.get(user.zone.key) == shift]
        ((_time, names),) = _by_clock(whose, reader)
        yield _("From %(day)s on it is %(time)s for %(names)s: clocks change.") % {
            "day": day_words(day),
            "time": time,
            "names": names,
        }


def _first_shift(dates: Sequence[Timed], zone: ZoneInfo) -> tuple[date, str] | None:
    """The first date at which the clocks of a zone show another time than at the one before."""
    clocks = [(one.day, clock(one.during().start, zone)) for one in dates]
    return next((shift for shift in clocks if shift[1] != clocks[0][1]), None)


def _by_clock(clocks: Iterable[tuple[str, User]], reader: User) -> list[tuple[str, str]]:
    """The first few of what is so, each with the names it holds for, or how many they are."""
    people: dict[str, list[str]] = {}
    for time, user in clocks:
        people.setdefault(time, []).append(_("you") if user == reader else user.first_name)
    return [
        (
            time,
            listed(names)
            if len(names) <= MOST_NAMES
            else ngettext("%d person", "%d people", len(names)) % len(names),
        )
        for time, names in list(people.items())[:MOST_CLOCKS]
    ]
