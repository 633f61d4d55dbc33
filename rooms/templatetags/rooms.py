"""Rooms in words, for templates."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from meetings.standing import Now, Standing
from rooms.models import Room
from scheduler_site.timewords import clock, moment_words

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


@register.filter
def standing_words(standing: Standing) -> str:
    """`free until 14:00`, `taken until 15:30`, in the reader's zone."""
    zone, today = timezone.get_current_timezone(), timezone.localdate()
    until = standing.until
    today_too = until is not None and timezone.localtime(until).date() == today
    if until is None or (standing.is_now is Now.FREE and not today_too):
        return str(ALL_ALONG[standing.is_now])
    time = clock(until, zone) if today_too else moment_words(until, zone, today=today)
    return str(UNTIL[standing.is_now]) % {"time": time}


@register.filter
def room_words(room: Room) -> str:
    """`8 seats, screen, camera`. Uses prefetched amenities."""
    seats = ngettext("%(n)d seat", "%(n)d seats", room.capacity) % {"n": room.capacity}
    return ", ".join([seats, *(amenity.name for amenity in room.amenities.all())])
