"""The stretch of time that a question is about."""

from datetime import timedelta

from django.utils.translation import gettext as _
from pydantic import Field

from accounts.rest import Instant, Shown, invalid
from meetings.intervals import Stretch

LONGEST = timedelta(days=366)


class Window(Shown):
    """From `start` to `end`, at most a year."""

    start: Instant
    end: Instant = Field(
        description="At most 366 days after the start.", examples=["2027-04-05T09:00:00+02:00"]
    )


def stretch_of(start: Instant, end: Instant) -> Stretch:
    """The stretch between them. Raises Refused unless it is one of at most a year."""
    if end <= start:
        raise invalid("end", _("The end must be after the start."))
    if end - start > LONGEST:
        raise invalid("end", _("Ask for at most 366 days at once."))
    return Stretch(start, end)
