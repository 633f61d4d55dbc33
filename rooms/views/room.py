"""A room's page: its facts, and its week."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from meetings.intervals import Stretch
from meetings.standing import standings
from meetings.timewords import zone_short
from meetings.views.grid import lay_out
from meetings.views.leafing import WEEK, read_date, step, title_of
from meetings.wallclock import day_in, week_of
from rooms.models import Closure, Room
from rooms.views.held import RoomWeek, room_week

CLOSURES_SHOWN = 5


@login_required
@require_safe
def room(request: SignedInRequest, code: str) -> HttpResponse:
    """The room, and the week around `?date`, today by default."""
    place = get_object_or_404(Room.objects.with_details(), code=code)
    now = timezone.now()
    today = timezone.localdate(now)
    focus = read_date(request.GET["date"]) if "date" in request.GET else today
    if focus is None:
        raise Http404
    context = {
        "room": place,
        "standing": standings([place], now=now)[place.pk],
        "closures": _closures(place, now),
        "now_at": now,
        "other_zone": place.zone.key != request.user.zone.key,
        "focus": focus,
        "today": today,
        "earlier": step(WEEK, focus, -1),
        "later": step(WEEK, focus, 1),
        **_week(request, place, focus, now),
    }
    return render(request, "rooms/room.html", context)


def _closures(place: Room, now: datetime) -> list[Closure]:
    """What shuts it now and next."""
    coming = Closure.objects.of_rooms([place]).filter(during__endswith__gt=now)
    return list(coming.select_related("room__site", "site").order_by("during")[:CLOSURES_SHOWN])


def _week(request: SignedInRequest, place: Room, focus: date, now: datetime) -> dict[str, Any]:
    """The grid, and what the grid's template asks for, on the reader's clock."""
    zone, days = request.user.zone, week_of(focus)
    within = Stretch(day_in(days[0], zone).start, day_in(days[-1], zone).end)
    week = room_week(place, within, reader=request.user, now=now)
    grid = lay_out(days, zone, week.items, lit=week.lit, most_lanes=4)
    clock = now.astimezone(zone)
    return {
        "view": WEEK,
        "grid": grid,
        "title": title_of(days),
        "strip": [(day, _load(week, day_in(day, zone))) for day in days],
        "zones": list(dict.fromkeys(zone_short(zone, at) for at in (within.start, within.end))),
        "now": clock if grid.opens <= clock.hour < grid.closes else None,
        "block_template": "rooms/_held.html",
    }


def _load(week: RoomWeek, day: Stretch) -> int:
    """Whether anything is on that day: 1 or 0."""
    return int(any(item.stretch.overlaps(day) for item in week.items))
