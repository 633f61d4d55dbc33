"""A meeting as a file that a browser keeps."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils import timezone

from meetings.calendar_file import calendar_file
from meetings.models import Invitation, Meeting


def calendar_response(meeting: Meeting, mine: Iterable[Invitation]) -> HttpResponse:
    """The `.ics` file for the person whose rows are `mine`, who may read all of the meeting."""
    return HttpResponse(
        calendar_file(meeting, mine, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meeting.ics"'},
    )
