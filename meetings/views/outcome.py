"""After a command: what happened, in a sentence, and where to look at it."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.models import Meeting
from meetings.scheduler import Done
from meetings.wallclock import AllDay


def calendar_address(meeting: Meeting, reader: User) -> str:
    """The reader's week with the meeting, its panel open."""
    when = meeting.when
    day = when.first if isinstance(when, AllDay) else when.during().start.astimezone(reader.zone)
    place = reverse("meetings:calendar_at", args=["week", day.strftime("%Y-%m-%d")])
    return f"{place}?meeting={meeting.uid}"


def outcome_words(done: Done, *, editing: bool) -> str:
    """`Design review is booked. 4 invitations are on their way.`"""
    title = done.meeting.title
    if not editing:
        booked = _("%(title)s is booked.") % {"title": title}
        invited = len(done.plan.told) if done.plan else 0
        if not invited:
            return booked
        return (
            f"{booked} "
            + ngettext("%d invitation is on its way.", "%d invitations are on their way.", invited)
            % invited
        )
    if done.change is None:
        return _("%(title)s stays as it was.") % {"title": title}
    changed = _("%(title)s is changed.") % {"title": title}
    return f"{changed} {told_words(done)}".strip()


def told_words(done: Done) -> str:
    """`3 people will be told in 10 seconds.`, or nothing if nobody is."""
    told = len(done.plan.told) if done.plan else 0
    if not told:
        return ""
    if not settings.UNDO_SECONDS:
        return ngettext("%d person is told.", "%d people are told.", told) % told
    return ngettext(
        "%(told)d person will be told in %(seconds)d seconds.",
        "%(told)d people will be told in %(seconds)d seconds.",
        told,
    ) % {"told": told, "seconds": settings.UNDO_SECONDS}
