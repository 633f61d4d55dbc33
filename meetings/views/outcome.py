"""After a command: what happened, in a sentence, and where to look at it."""

from collections.abc import Sequence
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.dates import coming, date_of
from meetings.models import Meeting, Occurrence
from meetings.scheduler import Done, Plan, PlannedDate, Scope
from meetings.views.offers import when_words
from meetings.wallclock import AllDay


def calendar_address(meeting: Meeting, reader: User, date: str = "") -> str:
    """The reader's week with the meeting, its panel open; of a series, with that date of it.

    `date` is a recurrence-id; a series without one is shown at its next date.
    """
    occurrence = _date(meeting, date) if meeting.is_series else None
    when = occurrence.when if occurrence else meeting.when
    day = when.first if isinstance(when, AllDay) else when.during().start.astimezone(reader.zone)
    place = reverse("meetings:calendar_at", args=["week", day.strftime("%Y-%m-%d")])
    address = f"{place}?meeting={meeting.uid}"
    return f"{address}&{urlencode({'date': occurrence.recurrence_id})}" if occurrence else address


def _date(meeting: Meeting, recurrence_id: str) -> Occurrence | None:
    """That date of a series; without a name, or if it is gone, the next one to come."""
    try:
        if recurrence_id:
            return date_of(meeting, recurrence_id)
    except Occurrence.DoesNotExist:
        pass
    return next(iter(coming(meeting, timezone.now(), most=1)), None)


def outcome_words(done: Done, zone: ZoneInfo, *, editing: bool) -> str:
    """`Design review is booked. 4 invitations are on their way.`; times in `zone`."""
    plan, title = done.plan, done.meeting.title
    if not editing:
        invited = len(plan.told) if plan else 0
        said = [_booked(title, plan.dates if plan else ())]
        if invited:
            said.append(
                ngettext(
                    "%d invitation is on its way.", "%d invitations are on their way.", invited
                )
                % invited
            )
        return " ".join([*said, gave_way_words(done)]).strip()
    if done.change is None:
        return _("%(title)s stays as it was.") % {"title": title}
    return " ".join(
        filter(None, [_changed(title, plan, zone), told_words(done), gave_way_words(done)])
    )


def gave_way_words(done: Done) -> str:
    """`1 meeting gave way; those on it are told.`, or nothing if none did."""
    displaced = done.plan.displaced if done.plan else ()
    count = len({one.occurrence.meeting_id for one in displaced})
    if not count:
        return ""
    return (
        ngettext(
            "%d meeting gave way; those on it are told.",
            "%d meetings gave way; those on them are told.",
            count,
        )
        % count
    )


def _booked(title: str, dates: Sequence[PlannedDate]) -> str:
    """`Weekly is booked: 52 dates, 2 skipped.`"""
    if not dates:
        return _("%(title)s is booked.") % {"title": title}
    live = sum(date.after is not None for date in dates)
    skipped = sum(date.status == Occurrence.Status.SKIPPED for date in dates)
    counted = [ngettext("%d date", "%d dates", live) % live]
    if skipped:
        counted.append(ngettext("%d skipped", "%d skipped", skipped) % skipped)
    return _("%(title)s is booked: %(dates)s.") % {"title": title, "dates": ", ".join(counted)}


def _changed(title: str, plan: Plan | None, zone: ZoneInfo) -> str:
    if plan is None or plan.scope is Scope.ALL:
        return _("%(title)s is changed.") % {"title": title}
    named = {"title": plan.draft.title, "when": when_words(plan.draft.when, zone)}
    if plan.scope is Scope.THIS:
        return _("%(title)s on %(when)s is changed.") % named
    return _("%(title)s is changed from %(when)s on.") % named


def told_words(done: Done) -> str:
    """`3 people will be told in 10 seconds.`, or nothing if nobody is."""
    told = len(done.plan.told) if done.plan else 0
    if not told:
        return ""
    if not settings.UNDO_SECONDS or (done.plan and done.plan.displaced):
        return ngettext("%d person is told.", "%d people are told.", told) % told
    return ngettext(
        "%(told)d person will be told in %(seconds)d seconds.",
        "%(told)d people will be told in %(seconds)d seconds.",
        told,
    ) % {"told": told, "seconds": settings.UNDO_SECONDS}
