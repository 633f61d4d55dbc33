"""What rooms are to be like, as requests say it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import StringConstraints

from accounts.rest import Identifier, invalid
from meetings.wallclock import Timed
from rooms.models import Amenity, RoomQuerySet, Site
from rooms.search import RoomSearch

UTC_ZONE = ZoneInfo("UTC")

Words = Annotated[Identifier, StringConstraints(max_length=100)]
"""As many as a name is searched for."""


def rooms_called(*, site: str | None, q: str | None) -> RoomQuerySet:
    """The rooms at a site, with each word of `q` in their name, code or floor. Raises Refused."""
    place = _site(site) if site else None
    return RoomSearch({"q": q or "", "site": place.name if place else ""}).named()


def amenities_named(names: Sequence[str]) -> list[Amenity]:
    """The amenities of these names, several of which may stand in one, with commas between.

    Upper or lower case is all the same. Raises Refused for an unknown one.
    """
    known = {amenity.name.lower(): amenity for amenity in Amenity.objects.all()} if names else {}
    found = {}
    for name in names:
        for part in [name] if name.lower() in known else name.split(","):
            amenity = known.get(part.strip().lower())
            if amenity:
                found[amenity.pk] = amenity
            elif part.strip():
                raise invalid("amenities", _("No room has “%(name)s”.") % {"name": part.strip()})
    return list(found.values())


def time_between(start: datetime | None, end: datetime | None, *, now: datetime) -> Timed | None:
    """The time in which rooms are to be free, if one is asked for. Raises Refused."""
    if start is None and end is None:
        return None
    if start is None:
        raise invalid("free_from", _("Say from when on."))
    if end is None:
        raise invalid("free_until", _("Say until when."))
    if end <= start:
        raise invalid("free_until", _("The end must be after the start."))
    require_to_come(end, now, field="free_until")
    try:
        return Timed(start.replace(tzinfo=None), UTC_ZONE, end - start)
    except ValueError as problem:
        raise invalid("free_from", str(problem)) from problem


def require_to_come(end: datetime, now: datetime, *, field: str) -> None:
    """Raise Refused for a time that is over."""
    if end <= now:
        raise invalid(field, _("That is over. Choose a time that is still to come."))


def _site(name: str) -> Site:
    site = Site.objects.filter(name__iexact=name.strip()).order_by("pk").first()
    if site is None:
        raise invalid("site", _("There is no site “%(name)s”.") % {"name": name})
    return site
