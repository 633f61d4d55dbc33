"""The real calendars, expanded by another program: every date is on the day it says.

It has an environment of its own, so that neither sees what the other uses.
"""

import itertools
import json
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meetings import scheduler
from meetings.dates import dates_in
from meetings.intervals import Stretch
from meetings.models import Meeting
from tests.factories import NOW, ana
from tests.meetings.calendars import DATA, read_file

pytestmark = [pytest.mark.long, pytest.mark.django_db]

PACKAGES = ("recurring-ical-events==3.8.2", "icalendar==7.3.0")
WINDOWS = 3  # of two years each, from the first date of a calendar on

ZONES = {
    "(GMT+10:00) Canberra, Melbourne, Sydney": "Australia/Sydney",
    "(UTC-05:00) Eastern Time (US & Canada)": "America/New_York",
}
UNNAMED = "@without-uid.invalid"

# Reads a calendar; prints [uid, start, end] of each date, those without a time as dates.
EXPAND = """
import json, sys
from datetime import datetime, UTC
from zoneinfo import ZoneInfo
import icalendar, recurring_ical_events

def said(value):
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(sys.argv[3]))
    return value.astimezone(UTC).isoformat()

calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
start, end = map(datetime.fromisoformat, sys.argv[1:3])
found = recurring_ical_events.of(calendar).between(start, end)
print(json.dumps(sorted(
    [str(e["UID"]), said(e.start)] for e in found if str(e.get("STATUS")) != "CANCELLED"
)))
"""


@pytest.fixture(scope="module")
def expander(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the other program."""
    home = tmp_path_factory.mktemp("expander")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(
            f"The expander could not be installed; pip has to reach packages.\n{done.stderr}"
        )
    return python


def theirs(python: Path, name: str, within: Stretch) -> dict[str, list[str]]:
    bounds = [within.start.isoformat(), within.end.isoformat()]
    run = [str(python), "-c", EXPAND, *bounds, "Europe/Berlin"]
    done = subprocess.run(run, input=spelled_out(name), capture_output=True, check=True)
    return by_uid(json.loads(done.stdout))


def spelled_out(name: str) -> bytes:
    """The file as the other program can read it: it is stricter than what programs write."""
    text = (DATA / name).read_bytes().replace(b"\r\n", b"\n")
    text = re.sub(rb'TZID="([^":]+):([0-9T]+)"\n', rb"TZID=\1:\2\n", text)
    for shown, zone in ZONES.items():
        text = text.replace(f'TZID="{shown}"'.encode(), f"TZID={zone}".encode())
    named = rb"^(DTSTART|DTEND|EXDATE|RECURRENCE-ID)[^:\n]*:(\d{8})$"
    text = re.sub(named, rb"\1;VALUE=DATE:\2", text, flags=re.MULTILINE)
    numbers = itertools.count()

    def with_uid(found: re.Match[bytes]) -> bytes:
        if b"\nUID:" in found[0]:
            return found[0]
        return found[0].replace(b"\n", b"\nUID:%d%s\n" % (next(numbers), UNNAMED.encode()), 1)

    return re.sub(rb"BEGIN:VEVENT\n.*?END:VEVENT", with_uid, text, flags=re.DOTALL)


def ours(within: Stretch) -> dict[str, list[str]]:
    return by_uid(
        [
            o.meeting.ical_uid,
            o.dates.first.isoformat() if o.all_day else o.start.astimezone(UTC).isoformat(),
        ]
        for o in dates_in(list(Meeting.objects.all()), within)
    )


def by_uid(pairs) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for uid, start in pairs:
        found[UNNAMED if uid.endswith(UNNAMED) else uid].append(start)
    return {uid: sorted(starts) for uid, starts in found.items()}


def windows(name: str) -> list[Stretch]:
    first = min(event.when.during().start for event in read_file(name).events)
    start = datetime(first.year, 1, 1, tzinfo=UTC)
    two_years = timedelta(days=731)
    found = [Stretch(start + n * two_years, start + (n + 1) * two_years) for n in range(WINDOWS)]
    late = NOW + timedelta(days=400)  # across the horizon up to which dates are rows
    return [*found, Stretch(late, late + two_years)]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in DATA.glob("*.ics") if path.name != "broken.ics")
)
def test_every_date_of_a_real_calendar(expander: Path, name: str):
    scheduler.take_in(read_file(name).events, by=ana(), now=NOW)
    for within in windows(name):
        assert ours(within) == theirs(expander, name, within), within
