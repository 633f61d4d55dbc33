"""`manage.py backup FILE`: the whole database as of one moment, while people work."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from accounts.commandline import ReportingCommand
from scheduler_site import dumping


class Command(ReportingCommand):
    """The file is there whole, or not at all."""

    help = "Writes the whole database to a file, which restore reads."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to write; replaced if it is there")

    def handle(self, *args: object, file: Path, **options: object) -> None:
        """Write beside it first, then put it in its place."""
        draft = file.with_name(f"{file.name}.part")
        try:
            # Only we may read it: passwords' hashes and invitations' tokens are in it.
            draft.touch(mode=0o600)
            draft.chmod(0o600)
            dumping.run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={draft}")
            draft.replace(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        finally:
            draft.unlink(missing_ok=True)
        size = file.stat().st_size
        self.report(
            {"file": str(file.resolve()), "bytes": size},
            [f"The database is in {file} ({size:,} bytes)."],
        )
