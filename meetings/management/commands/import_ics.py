"""Bring in a calendar that was exported from another program."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.timezone import now

from accounts.commandline import ReportingCommand, acting_person
from accounts.models import User
from meetings import scheduler
from meetings.ical import BrokenCalendar, Event, Note, Reading, read_calendar
from meetings.ical.lines import MAX_BYTES
from meetings.problems import Refusal
from meetings.recurrence import ONCE
from meetings.rulewords import rule_words
from meetings.scheduler.arrivals import Arrival
from meetings.scheduler.take_in import Entry, Outcome
from meetings.timewords import days_words, range_words
from meetings.wallclock import AllDay

_TAKEN = (Outcome.NEW, Outcome.CHANGED, Outcome.CANCELLED, Outcome.UNCHANGED)
_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")
_MARGIN = 11
_WORDS = {
    "join_link": "join link",
    "timezone": "time zone",
    "rrule": "rule",
    "when": "time",
    "dates": "changed dates",
}


class Command(ReportingCommand):
    """`manage.py import_ics FILE --organizer EMAIL [--invite] [--dry-run]`."""

    help = (
        "Takes the events of an iCalendar file (.ics) into somebody's calendar. Mails nobody. "
        "Run again, it changes only what has changed in the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file that another program exported")
        parser.add_argument(
            "--organizer",
            required=True,
            metavar="EMAIL",
            help="whose calendar it is: she organizes the events without another organizer",
        )
        parser.add_argument(
            "--invite",
            action="store_true",
            help="send invitations to those new on coming meetings that she organizes",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )

    def handle(
        self, *, file: Path, organizer: str, invite: bool, dry_run: bool, **options: Any
    ) -> None:
        by = acting_person(organizer)
        reading = _read(file, by)
        try:
            if dry_run:
                entries = scheduler.plan_take_in(reading.events, by=by)
            else:
                entries = scheduler.take_in(reading.events, by=by, now=now(), invite=invite)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        last = ["Nothing was written."] if dry_run else []
        self.report(_told(reading, entries), [*_report(reading, entries, by), *last])


def _read(file: Path, by: User) -> Reading:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        reading = read_calendar(data, default_zone=by.zone)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except BrokenCalendar as error:
        raise CommandError(f"{file.name} was not taken in. {error}") from None
    if reading.method in _ANSWERS:
        raise CommandError(
            f"{file.name} is no calendar but an answer to an invitation (METHOD:{reading.method})."
        )
    return reading


def _told(reading: Reading, entries: list[Entry]) -> list[dict[str, object]]:
    """The events for programs, with the reasons of those that were left out."""
    found = [
        {
            "outcome": entry.outcome,
            "ical_uid": entry.event.uid,
            "title": _title(entry.event),
            "line": entry.event.line,
            "reason": entry.reason,
        }
        for entry in entries
    ]
    return found + [
        {
            "outcome": Outcome.LEFT_OUT,
            "ical_uid": note.uid,
            "title": note.summary,
            "line": note.line,
            "reason": note.text,
        }
        for note in reading.left_out
    ]


def _report(reading: Reading, entries: list[Entry], by: User) -> Iterable[str]:
    """A line for each event, with what there is to say about it below; the counts at the end."""
    for entry in entries:
        if entry.outcome in _TAKEN:
            yield f"{entry.outcome:<{_MARGIN}}{_as_what(entry, by)}"
            said = [note.text for note in reading.remarks if note.uid == entry.event.uid]
            for text in (*said, *(entry.arrival.remarks if entry.arrival else ())):
                yield " " * _MARGIN + text
        else:
            yield _left_out(_title(entry.event), entry.event.line, entry.reason)
    for note in reading.left_out:
        yield _left_out(note.summary or note.uid, note.line, note.text)
    yield _counts(entries, reading.left_out)


def _left_out(what: str, line: int, why: str) -> str:
    return f"{'left out':<{_MARGIN}}{what or 'without a name'} (line {line}): {why}"


def _as_what(entry: Entry, by: User) -> str:
    """`Mon 29 March, 9:00–10:00 Europe/Berlin · Planning · of Bob, 3 people, free`."""
    arrival = entry.arrival
    assert arrival is not None  # of all that is taken
    draft, people = arrival.draft, len(arrival.seats)
    said = []
    if arrival.organizer != by:
        said.append(f"of {arrival.organizer or arrival.organizer_name or arrival.organizer_email}")
    if draft.rrule:
        said.append(_repeats(arrival))
    if people > 1:
        said.append(f"{people} people")
    if draft.transparency == "free":
        said.append("free")
    if draft.tentative:
        said.append("tentative")
    if draft.visibility == "private":
        said.append("private")
    if arrival.cancelled:
        said.append("cancelled")
    if entry.outcome is Outcome.CHANGED:
        said.append("other " + ", ".join(_WORDS.get(name, name) for name in entry.fields))
    return " · ".join(filter(None, [_when(entry), draft.title, ", ".join(said)]))


def _repeats(arrival: Arrival) -> str:
    """`Every Wednesday at 10:00, 2 of its dates otherwise`."""
    draft, own = arrival.draft, len(arrival.dates)
    if draft.rrule == ONCE:
        dates = len({draft.when.recurrence_id(), *arrival.dates})
        return f"{dates} dates" if dates > 1 else "1 date"
    words = rule_words(draft.when, draft.rrule, zone_shown=False)
    return f"{words}, {own} of its dates otherwise" if own else words


def _when(entry: Entry) -> str:
    arrival = entry.arrival
    assert arrival is not None
    when = arrival.draft.when
    if arrival.draft.rrule == ONCE:
        first = arrival.dates.get(when.recurrence_id())
        when = (first and first.when) or when
    if isinstance(when, AllDay):
        return f"{days_words(when.first, when.last)}, all day"
    during = when.during()
    return f"{range_words(during.start, during.end, when.zone)} {when.zone.key}"


def _title(event: Event) -> str:
    return " ".join(event.summary.split()) or event.uid


def _counts(entries: list[Entry], unread: Iterable[Note]) -> str:
    counts = Counter(entry.outcome for entry in entries)
    left_out = counts[Outcome.LEFT_OUT] + len(list(unread))
    taken = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _TAKEN)
    return f"{taken}; {left_out} left out."
