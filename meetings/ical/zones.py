"""Which zone a calendar program means by a TZID.

Google writes IANA names, Exchange Windows names, Outlook on the web the labels of its menus, and
programs built on libical put the name of a vendor in front.
"""

import re
import zoneinfo
from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_LABEL = re.compile(r"\((?:GMT|UTC)(?:([+-])(\d\d?):(\d\d))?\)\s*(.+)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def zone_named(tzid: str) -> ZoneInfo | None:
    """The IANA zone meant by an IANA or Windows name, a menu label, or a name with a prefix."""
    tzid = tzid.strip().strip('"')
    return (
        _iana(tzid)
        or _iana(WINDOWS_TO_OLSON.get(tzid, ""))
        or _labelled(tzid)
        or _with_prefix(tzid)
    )


def is_abbreviation(tzid: str) -> bool:
    """Whether a known name may mean another zone: `EST` is -5 all year, but to many New York."""
    return "/" not in tzid and tzid.upper() not in ("UTC", "GMT") and _iana(tzid) is not None


def well_known_zones() -> list[ZoneInfo]:
    """All zones, the best known name of those that are alike first."""
    names = dict.fromkeys([*WINDOWS_TO_OLSON.values(), *sorted(_names().values())])
    return [ZoneInfo(name) for name in names if name in _names().values()]


@cache
def _names() -> dict[str, str]:
    # "Factory" is the zone of a machine that has not been set up.
    names = zoneinfo.available_timezones() - {"Factory", "localtime"}
    return {name.casefold(): name for name in names}


def _iana(name: str) -> ZoneInfo | None:
    """Names differ in more than case, so one in another case is certain too."""
    known = _names().get(name.casefold())
    return ZoneInfo(known) if known else None


def _with_prefix(tzid: str) -> ZoneInfo | None:
    """`/freeassociation.sourceforge.net/Europe/Berlin` (RFC 5545, 3.8.3.1)."""
    parts = tzid.split("/")
    tails = ("/".join(parts[n:]) for n in range(1, len(parts)))
    certain = (tail for tail in tails if "/" in tail or tail.upper() in ("UTC", "GMT"))
    return next((zone for tail in certain if (zone := _iana(tail))), None)


def _labelled(tzid: str) -> ZoneInfo | None:
    """`(UTC+01:00) Amsterdam, Berlin, Rome`, `(UTC-05:00) Eastern Time (US & Canada)`.

    Certain only if the zone's standard time is the offset that the label states.
    """
    label = _LABEL.fullmatch(tzid)
    if not label:
        return None
    sign, hours, minutes, places = label.groups()
    if places == "Coordinated Universal Time":
        return ZoneInfo("UTC")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    candidates = [_place(place.strip()) for place in places.split(",")]
    region = re.sub(r"\s*\(.*\)$", "", places).removesuffix(" Time")
    candidates.append(_iana(WINDOWS_TO_OLSON.get(f"{region} Standard Time", "")))
    for zone in candidates:
        if zone and _standard_offset(zone) == (-offset if sign == "-" else offset):
            return zone
    return None


def _place(city: str) -> ZoneInfo | None:
    ending = "/" + city.replace(" ", "_").replace(".", "").casefold()
    return next((ZoneInfo(n) for key, n in sorted(_names().items()) if key.endswith(ending)), None)


def _standard_offset(zone: ZoneInfo) -> timedelta:
    """The smaller offset of a recent January and July: summer time adds an hour."""
    offsets = [datetime(2020, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset for offset in offsets if offset is not None)
