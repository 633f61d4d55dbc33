"""A meeting as a file that a browser keeps."""

from django.http import HttpResponse
from django.utils import timezone

from meetings.calendar_file import calendar_file
from meetings.models import Occurrence


def calendar_response(occurrence: Occurrence) -> HttpResponse:
    """The `.ics` file of a date, for who may read all of it; call `with_rooms` before."""
    return HttpResponse(
        calendar_file(occurrence, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meeting.ics"'},
    )
