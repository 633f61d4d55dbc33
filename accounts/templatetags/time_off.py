"""Time off in words."""

from django import template
from django.utils.translation import gettext as _

from accounts.models import TimeOff
from meetings.timewords import clock_face, day_words, days_words

register = template.Library()


@register.filter
def days_off(off: TimeOff) -> str:
    """`Mon 8 – Fri 12 March`, `Wed 10 March, from 13:00`, `Mon 8 March, 13:00 – Fri 12 March`."""
    if off.start is None and off.end is None:
        return days_words(off.first, off.last)
    start = clock_face(off.start) if off.start else ""
    end = clock_face(off.end) if off.end else ""
    if off.first != off.last:
        first = [day_words(off.first), *filter(None, [start])]
        last = [day_words(off.last), *filter(None, [end])]
        return f"{', '.join(first)} – {', '.join(last)}"
    pattern = {
        (True, True): _("%(day)s, %(start)s–%(end)s"),
        (True, False): _("%(day)s, from %(start)s"),
        (False, True): _("%(day)s, until %(end)s"),
    }[bool(start), bool(end)]
    return pattern % {"day": day_words(off.first), "start": start, "end": end}
