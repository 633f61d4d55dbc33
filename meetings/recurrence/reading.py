"""From what others write as a rule to the canonical one, and out again."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from meetings.recurrence.badrule import BadRule, Reason
from meetings.recurrence.expanding import days_of
from meetings.recurrence.parts import MOST_DATES, WEEKDAYS, Parts, parts
from meetings.wallclock import FIRST_DATE, LAST_DATE, AllDay, Timed, When, instant

_LONGEST = 2000
_SUB_DAILY = {"HOURLY", "MINUTELY", "SECONDLY"}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIME_PARTS = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
_RANGES = {"BYMONTH": 12, "BYWEEKNO": 53, "BYYEARDAY": 366, "BYMONTHDAY": 31, "BYSETPOS": 366}
_ONLY_WITH = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY",),
    "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
}
_BY_PARTS = {*_RANGES, "BYDAY"} - {"BYSETPOS"}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_RANGES}
_OTHER_CALENDARS = {"RSCALE", "SKIP"}  # RFC 7529
_NUMBER = re.compile(r"[+-]?[0-9]+")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")


def canonical(text: str, when: When) -> str:
    """The canonical form of a rule for a series that begins at `when`; '' for ''.

    Reads what RFC 5545 allows, with or without 'RRULE:', in any case; UNTIL may be a date, a
    local time or one in UTC. Raises BadRule for what no rule can mean.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise BadRule(Reason.TOO_LONG, allowed=str(_LONGEST))
    text = text.upper().removeprefix("RRULE:").strip()
    if not text:
        return ""
    said = _split(text)
    rule = _read(said, when)
    _refuse_combinations(rule, said)
    if rule.until and rule.until < when.day:
        raise BadRule(Reason.UNTIL_BEFORE_START, "UNTIL", said["UNTIL"])
    if rule.until and rule.until >= LAST_DATE:
        rule = replace(rule, until=None)  # nothing lies beyond, so it does not end sooner
    _refuse_amount(rule, when)
    return rule.text()


def _split(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for part in text.rstrip(";").split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise BadRule(Reason.UNREADABLE, name if equals else "", part.strip())
        if name in said:
            raise BadRule(Reason.TWICE, name, value)
        if name in _OTHER_CALENDARS:
            raise BadRule(Reason.CALENDAR_SYSTEM, name, value)
        if name not in _KNOWN and name not in _TIME_PARTS:
            raise BadRule(Reason.UNKNOWN_PART, name, value)
        said[name] = value
    return said


def _refuse_time_parts(said: dict[str, str], when: When) -> None:
    for name, attribute in _TIME_PARTS.items():
        if name not in said:
            continue
        own = None if isinstance(when, AllDay) else getattr(when.start, attribute)
        if not _NUMBER.fullmatch(said[name]) or int(said[name]) != own:
            raise BadRule(Reason.TIME_PARTS, name, said[name])


def _read(said: dict[str, str], when: When) -> Parts:
    freq = _frequency(said)
    _refuse_time_parts(said, when)
    if "COUNT" in said and "UNTIL" in said:
        raise BadRule(Reason.COUNT_AND_UNTIL, "COUNT", said["COUNT"])
    lists = {name.lower(): _numbers(said, name) for name in _RANGES}
    return Parts(
        freq=freq,
        interval=_positive(said, "INTERVAL", Reason.INTERVAL) or 1,
        count=_positive(said, "COUNT", Reason.COUNT),
        until=_until(said["UNTIL"], when) if "UNTIL" in said else None,
        byday=_weekdays(said.get("BYDAY", "")),
        wkst=_week_start(said.get("WKST", "MO")),
        **lists,
    )


def _frequency(said: dict[str, str]) -> str:
    freq = said.get("FREQ")
    if freq is None:
        raise BadRule(Reason.NO_FREQUENCY, "FREQ")
    if freq in _SUB_DAILY:
        raise BadRule(Reason.FREQUENCY, "FREQ", freq)
    if freq not in _FREQUENCIES:
        raise BadRule(Reason.UNREADABLE, "FREQ", freq)
    return freq


def _positive(said: dict[str, str], name: str, reason: Reason) -> int | None:
    if name not in said:
        return None
    if not _NUMBER.fullmatch(said[name]) or int(said[name]) < 1:
        raise BadRule(reason, name, said[name])
    return int(said[name])


def _numbers(said: dict[str, str], name: str) -> tuple[int, ...]:
    if name not in said:
        return ()
    most = _RANGES[name]
    lowest = 1 if name == "BYMONTH" else -most
    for text in said[name].split(","):
        if not _NUMBER.fullmatch(text):
            raise BadRule(Reason.UNREADABLE, name, text)
        if not int(text) or not lowest <= int(text) <= most:
            allowed = f"1…{most}" if lowest == 1 else f"1…{most}, -1…-{most}"
            raise BadRule(Reason.OUT_OF_RANGE, name, text, allowed=allowed)
    return _in_order(map(int, said[name].split(",")))


def _in_order(numbers: Iterable[int]) -> tuple[int, ...]:
    """Each once, those counted from the end last."""
    return tuple(sorted(set(numbers), key=lambda n: (n < 0, n)))


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for each in text.split(",") if text else ():
        match = _WEEKDAY.fullmatch(each)
        if not match:
            raise BadRule(Reason.UNREADABLE, "BYDAY", each)
        nth = int(match[1]) if match[1] else 0
        if match[1] and not 1 <= abs(nth) <= _RANGES["BYWEEKNO"]:
            raise BadRule(Reason.ORDINAL, "BYDAY", each)
        found.add((nth, WEEKDAYS.index(match[2])))
    return tuple(sorted(found, key=lambda pair: (pair[0] < 0, pair)))


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise BadRule(Reason.OUT_OF_RANGE, "WKST", text, allowed=", ".join(WEEKDAYS))
    return WEEKDAYS.index(text)


def _until(text: str, when: When) -> date:
    """The last local day that UNTIL allows."""
    match = _UNTIL.fullmatch(text)
    try:
        if not match:
            raise ValueError
        at = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise BadRule(Reason.UNTIL, "UNTIL", text) from None
    if isinstance(when, AllDay) or match[2] is None or not FIRST_DATE <= at.date() <= LAST_DATE:
        return at.date()
    if match[3]:
        return _last_day(at.replace(tzinfo=UTC), when)
    return _day_before(at.date()) if at.time() < when.start.time() else at.date()


def _last_day(until: datetime, when: Timed) -> date:
    """The last local day on which the meeting begins at that instant or before."""
    day = until.astimezone(when.zone).date()
    late = instant(datetime.combine(day, when.start.time()), when.zone) > until
    return _day_before(day) if late else day


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def _refuse_combinations(rule: Parts, said: dict[str, str]) -> None:
    """What RFC 5545, 3.3.10 says MUST NOT stand together."""
    for name, frequencies in _ONLY_WITH.items():
        if name in said and rule.freq not in frequencies:
            raise BadRule(Reason.WRONG_FREQUENCY, name, said[name], allowed=", ".join(frequencies))
    if rule.bysetpos and not _BY_PARTS & said.keys():
        raise BadRule(Reason.POSITION_ALONE, "BYSETPOS", said["BYSETPOS"])
    with_ordinal = next((pair for pair in rule.byday if pair[0]), None)
    if not with_ordinal:
        return
    value = f"{with_ordinal[0]}{WEEKDAYS[with_ordinal[1]]}"
    if rule.freq not in ("MONTHLY", "YEARLY"):
        raise BadRule(Reason.ORDINAL, "BYDAY", value)
    if rule.byweekno:
        raise BadRule(Reason.ORDINAL_WITH_WEEKS, "BYDAY", value)
    most = 5 if rule.freq == "MONTHLY" or rule.bymonth else 53
    for nth, weekday in rule.byday:
        if abs(nth) > most:
            raise BadRule(Reason.ORDINAL, "BYDAY", f"{nth}{WEEKDAYS[weekday]}")


def _refuse_amount(rule: Parts, when: When) -> None:
    """No date but the first, or more than anybody wants. Bounded by the calendar's end."""
    first = when.day
    endless = replace(rule, count=None, until=None).text()
    if next(islice(days_of(first, endless), 1, None), None) is None:
        raise BadRule(Reason.NEVER)
    if rule.count and rule.count > MOST_DATES:
        raise BadRule(Reason.TOO_MANY, "COUNT", str(rule.count), allowed=str(MOST_DATES))
    if rule.until and len(list(islice(days_of(first, rule.text()), MOST_DATES + 1))) > MOST_DATES:
        raise BadRule(Reason.TOO_MANY, "UNTIL", f"{rule.until:%Y%m%d}", allowed=str(MOST_DATES))


def in_ical(rule: str, when: When) -> str:
    """The rule as RFC 5545 wants it outside: UNTIL is the last possible start, in UTC.

    For an all-day series it stays a date.
    """
    if not rule or isinstance(when, AllDay):
        return rule
    until = parts(rule).until
    if until is None:
        return rule
    at = instant(datetime.combine(until, when.start.time()), when.zone)
    return rule.replace(f"UNTIL={until:%Y%m%d}", f"UNTIL={at:%Y%m%dT%H%M%SZ}")
