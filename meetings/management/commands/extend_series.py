"""Extend series to the horizon, as the worker does by itself."""

from typing import Any

from django.utils.timezone import now

from accounts.commandline import ReportingCommand
from meetings.scheduler.indexing import extend


class Command(ReportingCommand):
    """`manage.py extend_series`."""

    help = (
        "Adds the dates of series that have come near enough, and books the rooms that can be "
        "booked by now. The worker does it every hour; run by hand, it does it at once."
    )

    def handle(self, **options: Any) -> None:
        extended = extend(now=now())
        self.report({"extended": extended}, [f"Series extended: {extended}."])
