"""Move the dates to come to where new rules of their time zones put them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.timezone import now

from accounts.commandline import ReportingCommand
from meetings.problems import Refusal
from meetings.scheduler.clocks import apply_zone_rules, dates_to_move


class Command(ReportingCommand):
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
            moved = [(m.uid, [row.recurrence_id for row in rows]) for m, rows in moving.items()]
            last = f"Meetings to move: {len(moved)}. Nothing was written."
        else:
            try:
                changes = apply_zone_rules(now=now())
            except Refusal as refusal:
                raise CommandError(f"{refusal} Run it again: what is done stays done.") from None
            moved = [(change.meeting.uid, change.dates) for change in changes]
            last = f"Meetings moved: {len(moved)}."
        self.report(
            {"meetings": [{"meeting_id": uid, "recurrence_ids": dates} for uid, dates in moved]},
            [*(f"{uid}: {', '.join(dates)}" for uid, dates in moved), last],
        )
