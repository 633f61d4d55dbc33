"""What messages say of times, places and people, in the recipient's zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as written
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from meetings import timewords
from meetings.fieldwords import field_label, value_words
from meetings.rulewords import rule_words
from meetings.wallclock import AllDay, When
from notifications.dates import DateTold
from notifications.facts import Altered, Facts, when_from

MOST_NAMES = 8
MOST_DATES = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """When a meeting is, for a letter's large lines: `Thursday 12 March`, `14:00–15:00`."""

    day: str
    clock: str
    zone: str = ""
    elsewhere: str = ""


def moment_of(when: When, zone: ZoneInfo, now: datetime) -> Moment:
    """When it is, for a reader in `zone` at `now`."""
    today = now.astimezone(zone).date()
    if isinstance(when, AllDay):
        return Moment(timewords.days_words(when.first, when.last, today=today), _("All day"))
    during = when.during()
    day = _long_day(during.start.astimezone(zone).date(), today)
    clock = timewords.clock_range(during.start, during.end, zone, today=today)
    return Moment(day, clock, zone_words(zone, during.start))


def day_of(when: When, zone: ZoneInfo, now: datetime) -> str:
    """The day on which it starts: `Thu 12 March`."""
    today = now.astimezone(zone).date()
    starts = when.day if isinstance(when, AllDay) else when.during().start.astimezone(zone).date()
    return timewords.day_words(starts, today=today)


def line_of(when: When, zone: ZoneInfo, now: datetime, *, with_zone: bool = True) -> str:
    """The same in one line: `Thu 12 March, 14:00–15:00 CET`."""
    today = now.astimezone(zone).date()
    if isinstance(when, AllDay):
        days = timewords.days_words(when.first, when.last, today=today)
        return _("%(days)s, all day") % {"days": days}
    during = when.during()
    line = timewords.range_words(during.start, during.end, zone, today=today)
    return f"{line} {timewords.zone_short(zone, during.start)}" if with_zone else line


def elsewhere_words(when: When, here: ZoneInfo, there: ZoneInfo, now: datetime, who: str) -> str:
    """`15:00–16:00 in Berlin, where Ana is`; empty where the clocks show the same."""
    if isinstance(when, AllDay):
        return ""
    during = when.during()
    ours, theirs = during.start.astimezone(here), during.start.astimezone(there)
    if ours.replace(tzinfo=None) == theirs.replace(tzinfo=None):
        return ""
    today = now.astimezone(here).date()
    if ours.date() == theirs.date():
        clock = timewords.clock_range(during.start, during.end, there, today=today)
    else:
        clock = timewords.range_words(during.start, during.end, there, today=today)
    return _("%(clock)s in %(place)s, where %(name)s is") % {
        "clock": clock,
        "place": timewords.zone_place(there),
        "name": who,
    }


def zone_words(zone: ZoneInfo, at: datetime) -> str:
    """`Lisbon time (WET)`; `UTC`."""
    short = timewords.zone_short(zone, at)
    place = timewords.zone_place(zone)
    if place == short:
        return short
    return _("%(place)s time (%(zone)s)") % {"place": place, "zone": short}


def names_words(names: Sequence[str]) -> str:
    """`Ben Okafor, Rae Castellano and 12 others`."""
    if len(names) <= MOST_NAMES + 1:
        return ", ".join(names)
    rest = len(names) - MOST_NAMES
    return ngettext("%(names)s and %(n)d other", "%(names)s and %(n)d others", rest) % {
        "names": ", ".join(names[:MOST_NAMES]),
        "n": rest,
    }


def soon_words(start: datetime, now: datetime, *, all_day: bool, zone: ZoneInfo) -> str:
    """How far away a start is: `In 15 minutes`, `In 1 hour`, `Tomorrow`."""
    if all_day:
        days = (start.astimezone(zone).date() - now.astimezone(zone).date()).days
        return _("Tomorrow") if days == 1 else _in_days(days)
    minutes = max(1, round((start - now) / timedelta(minutes=1)))
    if minutes < 60:
        return ngettext("In %(n)d minute", "In %(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 24:
        return ngettext("In %(n)d hour", "In %(n)d hours", hours) % {"n": hours}
    return _in_days(round(hours / 24))


def _in_days(days: int) -> str:
    return ngettext("In %(n)d day", "In %(n)d days", days) % {"n": days}


@dataclass(frozen=True, slots=True)
class Line:
    """A field that changed, in words."""

    label: str
    was: str
    now: str


def altered_lines(altered: Sequence[Altered], zone: ZoneInfo, now: datetime) -> list[Line]:
    """Old and new of each field, in words."""
    return [
        Line(field_label("when"), *_repeats(a, zone, now))
        if a.field == "repeats"
        else Line(field_label(a.field), *(_words(a.field, v, zone, now) for v in (a.was, a.now)))
        for a in altered
    ]


def dates_lines(
    dates: Sequence[DateTold],
    zone: ZoneInfo,
    now: datetime,
    *,
    free: Mapping[str, Sequence[str]],
) -> list[Line]:
    """What became of single dates: the first ones, and how many there are besides.

    `free` are names of rooms that can be had instead, by recurrence-id.
    """
    lines = [
        _date_line(told, zone, now, free.get(told.recurrence_id, ())) for told in dates[:MOST_DATES]
    ]
    rest = len(dates) - MOST_DATES
    if rest > 0:
        lines.append(
            Line("", "", ngettext("%(n)d more date", "%(n)d more dates", rest) % {"n": rest})
        )
    return lines


def _date_line(told: DateTold, zone: ZoneInfo, now: datetime, free: Sequence[str]) -> Line:
    moved_from = next((when_from(a.was, zone) for a in told.altered if a.field == "when"), None)
    when = line_of(moved_from if told.off and moved_from else told.facts.when, zone, now)
    if told.off:
        return Line(when, "", _("without you") if told.spared else _("does not take place"))
    if told.missed:
        lost = _("%(rooms)s was not to be had") % {"rooms": ", ".join(told.missed)}
        instead = _("Free then: %(rooms)s") % {"rooms": ", ".join(free)} if free else ""
        return Line(when, "", ". ".join(filter(None, [lost, instead])))
    said = [_("takes place")] if told.back else []
    said += [
        _("%(field)s: %(value)s (before: %(was)s)")
        % {"field": line.label, "value": line.now, "was": line.was}
        for line in altered_lines([a for a in told.altered if a.field != "when"], zone, now)
    ]
    if moved_from is None:
        return Line(when, "", "; ".join(said) or _("is at this time now"))
    return Line(when, line_of(moved_from, zone, now), "; ".join(said) or _("moved"))


def rule_line(facts: Facts) -> str:
    """The rule of a series in words, in the zone of the series; empty if it is none."""
    if not facts.rrule or facts.first is None:
        return ""
    return rule_words(facts.first, facts.rrule)


def _repeats(altered: Altered, zone: ZoneInfo, now: datetime) -> tuple[str, str]:
    """A series' rule before and after; how long a date is and where it begins if that is new."""
    both = (altered.was, altered.now)
    was, becomes = (_rule(first, rule, zone, now) for first, rule in both)
    if len({_length(first) for first, _text in both}) > 1:
        was, becomes = (
            f"{words} ({_length(first)})"
            for words, (first, _text) in zip((was, becomes), both, strict=True)
        )
    if was == becomes:
        was, becomes = (
            _("%(rule)s, from %(day)s") % {"rule": was, "day": day_of(first, zone, now)}
            for first, _text in both
        )
    return was, becomes


def _rule(first: When, rule: str, zone: ZoneInfo, now: datetime) -> str:
    return rule_words(first, rule) if rule else line_of(first, zone, now)


def _length(when: When) -> str:
    if isinstance(when, AllDay):
        return ngettext("%(n)d day", "%(n)d days", when.days) % {"n": when.days}
    return _("%(n)d min") % {"n": when.length // timedelta(minutes=1)}


def _words(field: str, value: Any, zone: ZoneInfo, now: datetime) -> str:
    if field == "when":  # as everywhere in the letter, by the reader's today
        return line_of(when_from(value, zone), zone, now)
    return value_words(field, value, zone)


def _long_day(day: date, today: date) -> str:
    if day.year == today.year:
        return written(day, pgettext("a day in full, as Django's date formats", "l j F"))
    return written(day, pgettext("a day in full with its year", "l j F Y"))
