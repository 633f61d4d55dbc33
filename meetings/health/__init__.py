"""How a series is: what stands against each of its dates to come."""

from datetime import datetime

from meetings.health.dates import DateHealth, Health, Later, Shift
from meetings.health.examining import Examination
from meetings.models import Meeting

__all__ = ["DateHealth", "Health", "Later", "Shift", "health"]


def health(meeting: Meeting, *, now: datetime) -> Health:
    """What there is to know of each date of a series that is not over.

    Looks at the dates that are rows. A constant number of queries, however many dates, people
    and rooms there are.
    """
    return Examination(meeting, now).result()
