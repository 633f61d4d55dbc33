"""Move the dates to come to where new rules of their time zones put them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from meetings.problems import Refusal
from meetings.scheduler.clocks import apply_zone_rules, dates_to_move


class Command(BaseCommand):
    """`manage.py apply_zone_rules [--dry-run]`."""

    help = (
        "After an update of the time zone rules: keeps the dates to come at their local time, "
        "books their rooms anew and tells the people. Run again, it finds nothing to do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be moved, and do nothing"
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            moving = dates_to_move(now())
            for meeting, rows in moving.items():
                self.stdout.write(f"{meeting.uid}: {_names([r.recurrence_id for r in rows])}")
            self.stdout.write(f"Meetings to move: {len(moving)}. Nothing was written.")
            return
        try:
            changes = apply_zone_rules(now=now())
        except Refusal as refusal:
            raise CommandError(f"{refusal} Run it again: what is done stays done.") from None
        for change in changes:
            self.stdout.write(f"{change.meeting.uid}: {_names(change.dates)}")
        self.stdout.write(f"Meetings moved: {len(changes)}.")


def _names(dates: list[str]) -> str:
    return ", ".join(dates)
