"""What becomes of displaced meetings, in words for one viewer, so that nothing private leaks."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.displacing import Displacement
from meetings.permissions import titles_hidden_from
from meetings.timewords import days_words, range_words


def displaced_words(
    displaced: Sequence[Displacement], viewer: User, zone: ZoneInfo, *, cancel: bool
) -> list[str]:
    """A sentence for each, times in `zone`; those left without a room are called off if `cancel`.

    `Design review (Ben), Wed 10 March, 10:00–11:00, moves to Green Room`. One query at most.
    """
    hidden = titles_hidden_from(viewer, [one.occurrence for one in displaced])
    return [
        _fate(one, cancel=cancel)
        % {
            "meeting": _named(one, hidden=one.occurrence.key in hidden),
            "when": _when(one, zone),
            "rooms": ", ".join(room.name for room in one.found),
            "lost": ", ".join(room.name for room in one.lost),
        }
        for one in displaced
    ]


def _fate(displacement: Displacement, *, cancel: bool) -> str:
    if displacement.found:
        return _("%(meeting)s, %(when)s, moves to %(rooms)s")
    if not displacement.nowhere:
        return _("%(meeting)s, %(when)s, loses %(lost)s and keeps its other room")
    if cancel:
        return _("%(meeting)s, %(when)s, is cancelled")
    return _("%(meeting)s, %(when)s, keeps its time without a room")


def _named(displacement: Displacement, *, hidden: bool) -> str:
    if hidden:
        return _("A private meeting")
    date = displacement.occurrence
    return _("%(title)s (%(organizer)s)") % {
        "title": date.shown_title,
        "organizer": date.meeting.organizer_shown,
    }


def _when(displacement: Displacement, zone: ZoneInfo) -> str:
    date = displacement.occurrence
    if date.all_day:
        return days_words(date.dates.first, date.dates.last)
    return range_words(date.start, date.end, zone)
