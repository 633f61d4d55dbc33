"""Meetings and their dates as the administration may read them, and which date is shown."""

from django.db.models import Case, F, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.models import Meeting, Occurrence
from meetings.models.occurrence import when_named
from meetings.timewords import days_words, moment_words, range_words, zone_short
from meetings.wallclock import AllDay


def cut(meeting: Meeting) -> Meeting:
    """The meeting as the administration may read it. In memory only; it is never saved."""
    if meeting.is_private:
        meeting.title = str(_("Busy"))
    return meeting


def title_of(occurrence: Occurrence) -> str:
    """The title of a date as the administration may read it."""
    return str(_("Busy")) if occurrence.meeting.is_private else occurrence.shown_title


def shown_dates() -> QuerySet[Occurrence]:
    """A date of each meeting: the next that takes place, else the next that was to, or the last."""
    to_come = Q(during__endswith__gt=timezone.now())
    starts = F("during__startswith")
    return (
        Occurrence.objects.annotate(
            next_live=Case(When(to_come, status=Occurrence.Status.SCHEDULED, then=starts)),
            next_any=Case(When(to_come, then=starts)),
        )
        .order_by(
            "meeting",
            F("next_live").asc(nulls_last=True),
            F("next_any").asc(nulls_last=True),
            "-during",
        )
        .distinct("meeting")
    )


def name_words(meeting: Meeting, recurrence_id: str) -> str:
    """`Wed 10 March 2027, 10:00`: the date of that name on its meeting's clock; empty for all."""
    if not recurrence_id:
        return ""
    try:
        when = when_named(meeting, recurrence_id)
    except ValueError:
        return recurrence_id
    if isinstance(when, AllDay):
        return days_words(when.first, when.first)
    return moment_words(when.during().start, when.zone)


def date_words(occurrence: Occurrence) -> str:
    """When a date is, in the zone of whoever looks."""
    if occurrence.all_day:
        return days_words(occurrence.dates.first, occurrence.dates.last)
    zone = timezone.get_current_timezone()
    words = range_words(occurrence.start, occurrence.end, zone)
    return f"{words} {zone_short(zone, occurrence.start)}"
