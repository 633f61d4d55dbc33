"""What a person pastes as a rule: a rule alone, or lines of a calendar with their dates."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from accounts.zones import is_zone
from meetings.recurrence.badrule import BadRule, Reason
from meetings.recurrence.reading import canonical
from meetings.wallclock import AllDay, When, instant

_LONGEST = 20_000
_VALUE = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A canonical rule, and the dates left out and added, as `When.recurrence_id()` has them."""

    rule: str
    exdates: tuple[str, ...] = ()
    rdates: tuple[str, ...] = ()


def pasted(text: str, when: When) -> Pasted:
    """Read a rule, or the lines RRULE, EXDATE and RDATE of one event (RFC 5545, 3.8.5).

    A date without a time means that day's date of the series. Raises BadRule.
    """
    if len(text) > _LONGEST:
        raise BadRule(Reason.TOO_LONG, allowed=str(_LONGEST))
    rules: list[str] = []
    found: dict[str, list[str]] = {"EXDATE": [], "RDATE": []}
    for line in re.sub(r"\r?\n[ \t]", "", text.strip()).splitlines():
        name, params, value = _take_apart(line.strip())
        if name in found:
            found[name] += [_date(name, each, params, when) for each in value.split(",")]
        elif name == "RRULE":
            rules.append(value)
        elif line.strip():
            raise BadRule(Reason.UNKNOWN_LINE, name, line.strip())
    if len(rules) > 1:
        raise BadRule(Reason.SEVERAL_RULES, "RRULE", rules[1])
    rule = canonical(rules[0], when) if rules else ""
    return Pasted(rule, *(tuple(dict.fromkeys(found[name])) for name in ("EXDATE", "RDATE")))


def _take_apart(line: str) -> tuple[str, dict[str, str], str]:
    """Name, parameters and value of a line; a bare rule is taken as an RRULE."""
    head, colon, value = line.partition(":")
    if not colon:
        return "RRULE", {}, line
    name, *params = head.split(";")
    pairs = (param.partition("=") for param in params)
    return name.upper(), {key.upper(): it.strip('"') for key, _, it in pairs}, value.strip()


def _date(name: str, text: str, params: dict[str, str], when: When) -> str:
    match = _VALUE.fullmatch(text.strip().upper())
    try:
        if not match:
            raise ValueError
        at = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if isinstance(when, AllDay) or match[2] is None:
            return when.on(at.date()).recurrence_id()
        local = _local(at, params.get("TZID", ""), when.zone, in_utc=bool(match[3]))
        return replace(when, start=local).recurrence_id()
    except (ValueError, OverflowError):
        raise BadRule(Reason.DATES, name, text) from None


def _local(at: datetime, tzid: str, zone: ZoneInfo, *, in_utc: bool) -> datetime:
    """What clocks in the series' zone show then."""
    if in_utc:
        return at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    if not tzid or tzid == zone.key:
        return at
    if not is_zone(tzid):
        raise ValueError
    return instant(at, ZoneInfo(tzid)).astimezone(zone).replace(tzinfo=None, fold=0)
