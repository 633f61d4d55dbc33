"""What could be had instead of a plan that collides: other times, each with rooms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from meetings.scheduler.plans import Plan, Scope
from meetings.slots import Alternative, SeriesAlternative, alternatives, series_alternatives
from meetings.wallclock import AllDay, When
from rooms.models import Room

ROOMS_LOOKED_AT = 40
SAME_WEEKDAYS = ""
"""Stands in for a rule that names its weekdays: such a series keeps to them."""


def instead(plan: Plan, *, now: datetime) -> tuple[Alternative | SeriesAlternative, ...]:
    """Up to three other times, with the rooms asked for or others of their sites, best first.

    `when` and `rooms` of each, put into the draft, book without a conflict. Of a series that
    holds where there is a time at which no date collides; else they are those at which the
    fewest do, fewer than now, and say how many (`colliding`). Such times are on the same
    weekdays, so that any rule gives them; none is known for a series with dates of its own
    added or left out. Six queries at most.
    """
    rooms = _rooms(plan)
    if plan.scope is Scope.THIS or not plan.draft.repeats:
        return tuple(alternatives(plan.proposal, rooms, now=now))
    if plan.draft.rdates or plan.draft.exdates:
        return ()
    found = series_alternatives(plan.proposal, SAME_WEEKDAYS, rooms, now=now)
    found = [other for other in found if not other.colliding] or found
    return tuple(replace(other, when=first_date(plan, other)) for other in found)


def first_date(plan: Plan, other: SeriesAlternative) -> When:
    """The first date of the plan's series, moved like the first one to come."""
    when, asked, to = plan.draft.when, plan.proposal.dates[0], other.when
    if isinstance(when, AllDay) or isinstance(asked, AllDay) or isinstance(to, AllDay):
        return when.on(when.day + (to.day - asked.day))
    return replace(when, start=when.start + (to.start - asked.start))


def _rooms(plan: Plan) -> Sequence[Room]:
    """Those that could stand in for the rooms asked for: of the same sites, the smallest first."""
    asked = plan.proposal.rooms
    if not asked:
        return ()
    sites = {room.site_id for room in asked}
    rooms = Room.objects.with_details().filter(active=True, site__in=sites)
    seating = rooms.filter(capacity__gte=plan.proposal.seats)
    return list(seating.order_by("capacity", "name", "pk")[:ROOMS_LOOKED_AT])
