"""`manage.py prepare`: brings database and static files up to date. A new release runs it once."""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import ERROR, run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from accounts import processes

LOCK = 7_236_417_902  # any number that nobody else takes


class Command(BaseCommand):
    """Harmless to run again, and by several at once: one does it, the others wait."""

    help = "Checks the settings, migrates, collects the static files, and loads the demo once."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        """Do what is due; raises CommandError with what to do."""
        check(databases=[])
        processes.begin_anew()  # a release may count other things
        try:
            with alone():
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
                check(databases=["default"])
                self.collect_static()
                self.load_demo()
        except (OperationalError, OSError) as error:
            if "No space left on device" in str(error):
                raise CommandError("The disk is full: make room, then start again.") from None
            raise

    def collect_static(self) -> None:
        """Collect the static files unless the same ones were collected before."""
        stamp = Path(settings.STATIC_ROOT) / "collected"
        fingerprint = fingerprint_of_static_files()
        if not stamp.exists() or stamp.read_text() != fingerprint:
            self.say("Collecting the static files …")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(fingerprint)

    def load_demo(self) -> None:
        """Fill an empty database in demo mode, also one where loading was interrupted."""
        if settings.DEMO:
            call_command("demo", if_empty=True, stdout=self.stdout)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def check(*, databases: list[str]) -> None:
    """Raise CommandError, a line for each, if a system check finds an error."""
    found = run_checks(databases=databases)
    errors = [message for message in found if message.level >= ERROR and not message.is_silenced()]
    if errors:
        raise CommandError("\n".join(message.msg for message in errors))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While nobody else, on any machine, prepares the same database."""
    with connection.cursor() as cursor:
        while (
            True
        ):  # asked again and again: one who waits inside the database may block a migration
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone() == (True,):
                break
            time.sleep(0.2)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def fingerprint_of_static_files() -> str:
    """Changes when a static file is added, removed or written."""
    digest = hashlib.sha256(django.get_version().encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            modified = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\0{storage.size(path)}\0{modified}\n".encode())
    return digest.hexdigest()
