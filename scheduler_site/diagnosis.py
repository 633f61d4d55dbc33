"""What an operator wants to know of an installation, and what to do where it is not as it must be.

Adds to what `/readyz` asks (see health) what only whoever sits at the machine can put right.
"""

import platform
import shutil
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

import django
import tzdata  # type: ignore[import-untyped]
from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from notifications.channels import Unreachable
from notifications.channels.email import EmailPost
from scheduler_site import health

ROOM_NEEDED = 500_000_000  # bytes: a day of a busy company's log and rows, and a migration
APART = timedelta(seconds=5)
AGES = {"worker": "finished a task {:.0f} s ago", "messages": "what is due waits for {:.0f} s"}


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at: what was `found`; `advice` says what to do, '' if it is ok."""

    name: str
    found: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is to be done."""
        return not self.advice


def diagnose() -> Iterator[Result]:
    """Look at everything, one after the other. Raises nothing, and tells no password."""
    yield from (mode(), versions(), zones())
    ready = [_of_health(finding) for finding in health.findings()]
    yield from ready
    if ready[0].ok:  # the database
        yield from (configuration(), clock(timezone.now()))
    yield from (disk(Path(settings.DATA_DIR)), mail())


def mode() -> Result:
    """How it is run."""
    return Result("mode", f"{settings.SCHEDULER_MODE} at {settings.BASE_URL}")


def versions() -> Result:
    """What it is made of."""
    return Result("versions", f"Python {platform.python_version()}, Django {django.__version__}")


def zones() -> Result:
    """The zone rules are those of the package, and not the machine's."""
    found = f"rules {tzdata.IANA_VERSION} (tzdata {metadata.version('tzdata')})"
    if zoneinfo.TZPATH:
        return Result("zones", found, "The machine's zone rules are used: unset PYTHONTZPATH.")
    return Result("zones", found)


def configuration() -> Result:
    """The settings fit each other and the database."""
    found = run_checks(databases=["default"])
    wrong = [one for one in found if one.level >= WARNING and not one.is_silenced()]
    if not wrong:
        return Result("settings", "they fit each other")
    return Result("settings", f"{len(wrong)} wrong", " ".join(one.msg for one in wrong))


def clock(now: datetime) -> Result:
    """This machine and the database's tell the same time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), current_setting('server_version')")
            there, version = cursor.fetchone()
    except DatabaseError:
        return Result("clock", "unknown", health.ADVICE["database"])
    apart = abs(there - now)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC, as PostgreSQL {version}"
    if apart <= APART:
        return Result("clock", found)
    return Result(
        "clock",
        f"{apart.total_seconds():.0f} s apart from the database's",
        "Let this machine and the database's keep time by NTP: reminders leave by the clock.",
    )


def disk(directory: Path) -> Result:
    """There is room where the state is kept, the embedded database's data included."""
    places = {directory, (directory / "postgres").resolve()}
    room = {place: shutil.disk_usage(place).free for place in places if place.exists()}
    if not room:
        return Result("disk", f"there is no {directory}", "Start ./run once; it makes that folder.")
    place = min(sorted(room), key=room.__getitem__)
    found = f"{room[place] / 1e9:.1f} GB free at {place}"
    if room[place] >= ROOM_NEEDED:
        return Result("disk", found)
    return Result("disk", found, "Make room: the database stops when the disk is full.")


def mail() -> Result:
    """The mail server lets us in."""
    if not settings.EMAIL_URL:
        return Result("mail", "kept in the demo, nothing leaves; read at /dev/mail/")
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with EmailPost() as post:
            post.connect()
    except Unreachable as error:
        advice = f"{error} Check EMAIL_URL, and that this machine may connect to that server."
        return Result("mail", f"{server} is not reached", advice)
    return Result("mail", f"{server} lets us in; send_test_mail shows whether it sends")


def _of_health(finding: health.Finding) -> Result:
    if finding.age_seconds is not None:
        age = AGES[finding.name].format(finding.age_seconds)
        return Result(finding.name, age, finding.advice)
    found = f"asked in {finding.seconds * 1000:.0f} ms"
    return Result(finding.name, found, finding.advice)
