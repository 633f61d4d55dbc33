"""The calendar: a day or a week of the reader's time, and a meeting of it beside the grid."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from meetings.availability import working_time
from meetings.intervals import Stretch
from meetings.models import Occurrence
from meetings.occurrences import Entry, calendar_of
from meetings.timewords import zone_short
from meetings.views.blocks import items_of
from meetings.views.fetching import no_such_date
from meetings.views.grid import MOST_LANES, Grid, lay_out
from meetings.views.leafing import DAY, WEEK, read_date, small_month, step, title_of
from meetings.views.panel import panel
from meetings.wallclock import day_in, week_of

MOST_BESIDE = {DAY: MOST_LANES, WEEK: 4}
"""How many blocks of a day stand side by side; a week's column has no room for more."""
FULL = 3


@never_cache  # Back shows what is so now, and nothing after signing out
@login_required
@require_safe
def calendar(request: SignedInRequest, view: str = WEEK, day: str = "") -> HttpResponse:
    """The day or the week around a date, today by default; `?meeting` opens the panel."""
    now = timezone.now()
    today = timezone.localdate(now)
    focus = read_date(day) if day else today
    if focus is None:
        raise Http404
    context = {
        "view": view,
        "focus": focus,
        "today": today,
        "earlier": step(view, focus, -1),
        "later": step(view, focus, 1),
        "month": small_month(focus),
        **_grid(request, view, focus, now),
    }
    if uid := request.GET.get("meeting"):
        try:
            context["panel"] = panel(request.user, uid, now, date=request.GET.get("date", ""))
        except Occurrence.DoesNotExist:
            return no_such_date(request, uid)
    return render(request, "meetings/calendar.html", context)


def _grid(request: SignedInRequest, view: str, focus: date, now: datetime) -> dict[str, Any]:
    """The columns and what is written around them."""
    zone, week = request.user.zone, week_of(focus)
    days = week if view == WEEK else [focus]
    within = Stretch(day_in(week[0], zone).start, day_in(week[-1], zone).end)
    entries = calendar_of(request.user, within)
    grid = lay_out(
        days,
        zone,
        items_of(entries, request.user, timezone.localdate(now)),
        lit=working_time(request.user, within),
        away=_time_off(request.user, week),
        most_lanes=MOST_BESIDE[view],
    )
    return {
        "grid": grid,
        "title": title_of(days),
        "week_number": focus.isocalendar().week,
        "strip": [(day, _load(entries, day_in(day, zone))) for day in week],
        "zones": _zone_names(zone, days),
        "now": _hand(grid, now.astimezone(zone)),
    }


def _time_off(reader: User, week: list[date]) -> list[tuple[Stretch, str]]:
    """When somebody is out of office that week, and what they called it. A query."""
    return [
        (row.stretch_in(reader.zone), ": ".join(filter(None, [_("Out of office"), row.note])))
        for row in reader.time_off.touching(week[0], week[-1])
    ]


def _load(entries: list[Entry], day: Stretch) -> int:
    """How much is on that day, from 0 to `FULL`."""
    there = (e for e in entries if not e.invitation.declined and e.stretch.overlaps(day))
    return min(sum(1 for _ in there), FULL)


def _zone_names(zone: ZoneInfo, days: list[date]) -> list[str]:
    """What the zone is called on these days: two names in the week clocks change."""
    ends = day_in(days[0], zone).start, day_in(days[-1], zone).end
    return list(dict.fromkeys(zone_short(zone, at) for at in ends))


def _hand(grid: Grid[Any], clock: datetime) -> datetime | None:
    """The wall clock, if the window shows it."""
    return clock if grid.opens <= clock.hour < grid.closes else None
