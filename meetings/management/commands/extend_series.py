"""Extend series to the horizon, as the worker does by itself."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from meetings.scheduler.indexing import extend


class Command(BaseCommand):
    """`manage.py extend_series`."""

    help = (
        "Adds the dates of series that have come near enough, and books the rooms that can be "
        "booked by now. The worker does it every hour; run by hand, it does it at once."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"Series extended: {extend(now=now())}.")
