"""Rooms in words, for templates."""

from datetime import time as time_of_day
from datetime import timedelta
from itertools import groupby

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.hours import hours_words
from meetings.models.ranges import as_stretch
from meetings.standing import Now, Standing
from meetings.timewords import clock, day_words, days_words, moment_words, range_words
from rooms.models import Closure, Room

register = template.Library()

# For the days that can be seen from now, and with a time.
ALL_ALONG = {
    Now.FREE: _("free for the rest of the day"),
    Now.TAKEN: _("taken all week"),
    Now.SHUT: _("closed all week"),
    Now.NOT_OPEN: _("not open this week"),
    Now.INACTIVE: _("not in use"),
}
UNTIL = {
    Now.FREE: _("free until %(time)s"),
    Now.TAKEN: _("taken until %(time)s"),
    Now.SHUT: _("closed until %(time)s"),
    Now.NOT_OPEN: _("opens %(time)s"),
}

ALL_DAY = hours_words([(0, 1440)])


@register.filter
def standing_words(standing: Standing) -> str:
    """`free until 14:00`, `taken until 15:30`, in the reader's zone."""
    zone, today = timezone.get_current_timezone(), timezone.localdate()
    until = standing.until
    today_too = until is not None and timezone.localtime(until).date() == today
    if until is None or (standing.is_now is Now.FREE and not today_too):
        return str(ALL_ALONG[standing.is_now])
    if today_too:
        time = clock(until, zone)
    elif timezone.localtime(until).time() == time_of_day.min:
        time = day_words(timezone.localtime(until).date(), today=today)
    else:
        time = moment_words(until, zone, today=today)
    return str(UNTIL[standing.is_now]) % {"time": time}


@register.filter
def room_words(room: Room) -> str:
    """`8 seats, screen, camera`. Uses prefetched amenities."""
    seats = ngettext("%(n)d seat", "%(n)d seats", room.capacity) % {"n": room.capacity}
    return ", ".join([seats, *(amenity.name for amenity in room.amenities.all())])


@register.filter
def opening_words(room: Room) -> list[tuple[str, str]]:
    """Days and hours on the room's clock: `Mon–Fri` and `7:00–20:00`. Uses prefetched hours."""
    week = [(day, hours_words(room.open_minutes(day))) for day in range(7)]
    found = []
    for hours, group in groupby(week, key=lambda day: day[1]):
        days = [str(WEEKDAYS_ABBR[day]) for day, _hours in group]
        named = days[0] if len(days) == 1 else f"{days[0]}–{days[-1]}"
        found.append((named, hours or gettext("closed")))
    if len(found) == 1 and found[0][1] == ALL_DAY:
        return [("", gettext("at all hours"))]
    return found


@register.filter
def closure_words(closure: Closure) -> str:
    """When it is shut: the place's dates if whole days, else times in the reader's zone."""
    stretch, today = as_stretch(closure.during), timezone.localdate()
    start, end = (at.astimezone(closure.zone) for at in (stretch.start, stretch.end))
    if start.time() == end.time() == time_of_day.min:
        return days_words(start.date(), end.date() - timedelta(days=1), today=today)
    return range_words(stretch.start, stretch.end, timezone.get_current_timezone(), today=today)
