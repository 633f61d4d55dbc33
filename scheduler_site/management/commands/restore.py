"""`manage.py restore FILE`: fills an empty database with what backup wrote."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.commandline import ReportingCommand
from scheduler_site import dumping


class Command(ReportingCommand):
    """All of it, or nothing."""

    help = "Fills an empty database with what backup wrote, and brings it up to date."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what backup wrote")

    def handle(self, *args: object, file: Path, **options: object) -> None:
        """Restore in one transaction, then migrate to this release."""
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if connection.introspection.table_names():
            raise CommandError(
                "The database is not empty, and nothing is replaced: stop the site, move its"
                " database away (var/postgres) or name an empty one (DATABASE_URL), then restore."
            )
        connection.close()
        dumping.run(
            "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(file)
        )
        call_command("migrate", interactive=False, verbosity=0)
        self.report({"file": str(file.resolve())}, [f"The database is as it was in {file}."])
