"""Extending series, once an hour: somewhere it is midnight, and rooms become bookable there.

Those that cannot be extended, since their rule ends, are noted a while before they do.

When all was looked at last is a sign of life like the queue's.
"""

import time
from datetime import datetime, timedelta

from meetings.scheduler.ending import note_or_log, series_ending
from meetings.scheduler.indexing import extend_or_log, series_to_extend
from notifications import heartbeat

NAME = "series extended"
EVERY = timedelta(hours=1)


def extension_due(now: datetime) -> bool:
    """Whether an hour has gone by, or the clock was set back. One look at a row."""
    at = heartbeat.last(NAME)
    return at is None or not at <= now < at + EVERY


def extend_due(now: datetime, *, until: float) -> bool:
    """Extend series if it is time to; whether all were looked at by `until`.

    Which ones is worked out anew each time, so a run that was cut short goes on where it was.
    """
    if not extension_due(now):
        return True
    for pk in series_to_extend(now):
        if time.monotonic() > until:
            return False
        extend_or_log(pk, now=now)
    for pk in series_ending(now):
        if time.monotonic() > until:
            return False
        note_or_log(pk, now=now)
    heartbeat.beat(NAME, now)
    return True
