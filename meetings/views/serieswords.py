"""How a series is, in words: its counts, and what is to be said about each date."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.health import DateHealth, Health, Shift
from meetings.models import Invitation
from meetings.models.occurrence import when_named
from meetings.problems import Problem, Severity, date_of
from meetings.readable import Finding, readable
from meetings.timewords import clock_face, day_words
from meetings.views.offers import when_words
from meetings.views.planwords import listed

LOOKS = {Severity.REFUSES: "clash", Severity.WARNS: "clash", Severity.NOTES: "soft"}


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is so; `look` is the class that colours it."""

    look: str
    text: str
    detail: str = ""


def summary(found: Health, reader: User) -> str:
    """`52 dates to 12 March 2028 checked; 3 collide, 1 skipped, 12 not yet bookable`."""
    n = len(found.checked)
    if not n:
        return _("No date to come takes place")
    last = found.checked[-1].occurrence
    day = last.dates.last if last.all_day else last.start.astimezone(reader.zone).date()
    checked = ngettext("%(n)d date to %(day)s checked", "%(n)d dates to %(day)s checked", n) % {
        "n": n,
        "day": day_words(day),
    }
    counts = list(_counts(found))
    return f"{checked}; {', '.join(counts)}" if counts else f"{checked}; {_('none collides')}"


def _counts(found: Health) -> Iterator[str]:
    for n, words in (
        (found.colliding, ngettext("%d collides", "%d collide", found.colliding)),
        (found.declined, ngettext("%d with a refusal", "%d with a refusal", found.declined)),
        (found.skipped, ngettext("%d skipped", "%d skipped", found.skipped)),
        (found.crowded, ngettext("%d too full", "%d too full", found.crowded)),
        (found.waiting, ngettext("%d not yet bookable", "%d not yet bookable", found.waiting)),
        (found.shifting, ngettext("%d clock change", "%d clock changes", found.shifting)),
        (found.cancelled, ngettext("%d cancelled", "%d cancelled", found.cancelled)),
    ):
        if n:
            yield words % n


def about_all(found: Health, reader: User) -> list[Statement]:
    """What is so on every date alike, said once."""
    said = [_statement(finding) for finding in readable(found.usual, reader, reader.zone)]
    absent = listed([invitation.shown_name for invitation in found.absent])
    if absent:
        said.append(Statement("clash", _("%(names)s declined the series.") % {"names": absent}))
    return said


def about_dates(
    dates: Sequence[DateHealth], reader: User, *, now: datetime
) -> dict[str, list[Statement]]:
    """What is to be said about each of these dates, by name. A constant number of queries."""
    dated = [problem for date in dates for problem in date.problems if date_of(problem)]
    found = _by_date(readable(dated, reader, reader.zone))
    here = [p for date in dates for p in date.here if not isinstance(p, Invitation)]
    sized = _in_words(here, reader)
    return {
        date.name: [
            *_standing(date, reader),
            *(_statement(finding) for finding in found[date.name]),
            *(sized[p] for p in date.here if not isinstance(p, Invitation)),
            *_rooms(date, now),
            *_people(date),
        ]
        for date in dates
    }


def as_chosen(problems: Iterable[Problem], reader: User) -> dict[str, list[Statement]]:
    """What collides of what was chosen, by name of the date; under "" what is about all."""
    weighty = [problem for problem in problems if problem.severity >= Severity.WARNS]
    found = _by_date(readable(weighty, reader, reader.zone))
    return {name: [_statement(finding) for finding in each] for name, each in found.items()}


def _by_date(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    by_date: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_date[finding.date].append(finding)
    return by_date


def _in_words(problems: Sequence[Problem], reader: User) -> dict[Problem, Statement]:
    """Each different problem in words. All of one weight are asked for in one go, in order."""
    said: dict[Problem, Statement] = {}
    for weight in Severity:
        alike = list(dict.fromkeys(p for p in problems if p.severity == weight))
        findings = readable(alike, reader, reader.zone) if alike else []
        said |= dict(zip(alike, map(_statement, findings), strict=True))
    return said


def _statement(finding: Finding) -> Statement:
    return Statement(LOOKS[finding.severity], finding.headline, finding.detail)


def _standing(date: DateHealth, reader: User) -> Iterator[Statement]:
    occurrence = date.occurrence
    if occurrence.is_cancelled:
        yield Statement("soft", _("Cancelled."))
    elif date.is_skipped and not date.problems:
        yield Statement("care", _("Skipped."), _("Nothing stands against it now."))
    elif date.is_skipped:
        yield Statement("care", _("Skipped."), _("Held after all, it would collide:"))
    if occurrence.is_moved:
        was = when_words(when_named(occurrence.meeting, date.name), reader.zone)
        yield Statement("soft", _("Moved from %(when)s.") % {"when": was})


def _rooms(date: DateHealth, now: datetime) -> Iterator[Statement]:
    for room in date.missed:
        yield Statement(
            "clash",
            _("%(room)s is not booked.") % {"room": room.name},
            _("Somebody else had it; it is free now."),
        )
    for later in date.later:
        values = {"room": later.room.name, "day": day_words(later.day)}
        if later.day <= now.astimezone(later.room.zone).date():
            yield Statement("soft", _("%(room)s is booked in the coming night.") % values)
        else:
            yield Statement("soft", _("%(room)s can be booked from %(day)s on.") % values)


def _people(date: DateHealth) -> Iterator[Statement]:
    names = listed([said.shown_name for said in date.here if isinstance(said, Invitation)])
    if names:
        yield Statement("clash", _("%(names)s declined.") % {"names": names})
    alike: dict[tuple[str, str, bool], list[Shift]] = defaultdict(list)
    for shift in date.shifts:
        change = clock_face(shift.before), clock_face(shift.after), shift.outside_hours
        alike[change].append(shift)
    for (before, after, outside), shifts in alike.items():
        yield Statement(
            "care" if outside else "soft",
            _("%(before)s → %(after)s for %(names)s from this date on.")
            % {
                "before": before,
                "after": after,
                "names": listed([shift.user.first_name for shift in shifts]),
            },
            _("Clocks change; outside working hours.") if outside else _("Clocks change."),
        )
