"""A canonical rule taken apart, and put together again."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

MOST_DATES = 5000
"""So many dates may a rule with an end give; endless ones have no limit."""

ONCE = "FREQ=DAILY;COUNT=1"
"""The rule of a series whose dates, but for the first, were all added by themselves."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a rule (RFC 5545, 3.3.10); an empty tuple or None where it has none.

    `byday` holds pairs of ordinal (0 for every one, negative from the end) and weekday
    (0 is Monday), and `wkst` is the weekday that weeks begin on. `until` is a local date,
    included.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    wkst: int = 0

    def text(self) -> str:
        """The canonical rule."""
        lists = {
            "BYMONTH": self.bymonth,
            "BYWEEKNO": self.byweekno,
            "BYYEARDAY": self.byyearday,
            "BYMONTHDAY": self.bymonthday,
            "BYDAY": [f"{nth or ''}{WEEKDAYS[weekday]}" for nth, weekday in self.byday],
            "BYSETPOS": self.bysetpos,
        }
        said = [f"FREQ={self.freq}"]
        if self.interval != 1:
            said.append(f"INTERVAL={self.interval}")
        said += [f"{name}={','.join(map(str, values))}" for name, values in lists.items() if values]
        if self.wkst:
            said.append(f"WKST={WEEKDAYS[self.wkst]}")
        if self.count is not None:
            said.append(f"COUNT={self.count}")
        if self.until is not None:
            said.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(said)


@lru_cache(maxsize=4096)
def parts(rule: str) -> Parts:
    """The parts of a canonical rule, which is not ''."""
    said = dict(part.split("=") for part in rule.split(";"))
    return Parts(
        freq=said["FREQ"],
        interval=int(said.get("INTERVAL", "1")),
        count=int(said["COUNT"]) if "COUNT" in said else None,
        until=_day(said["UNTIL"]) if "UNTIL" in said else None,
        byday=tuple(_weekday(each) for each in said["BYDAY"].split(",")) if "BYDAY" in said else (),
        bymonthday=_numbers(said.get("BYMONTHDAY")),
        bymonth=_numbers(said.get("BYMONTH")),
        bysetpos=_numbers(said.get("BYSETPOS")),
        byyearday=_numbers(said.get("BYYEARDAY")),
        byweekno=_numbers(said.get("BYWEEKNO")),
        wkst=WEEKDAYS.index(said.get("WKST", "MO")),
    )


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()


def _weekday(text: str) -> tuple[int, int]:
    return int(text[:-2] or "0"), WEEKDAYS.index(text[-2:])


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
