"""Rooms for everybody: the list, and a room's page with its week."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from accounts.http import SignedInRequest
from meetings.conflicts import Proposal
from meetings.slots import RoomQuestion, find_rooms
from meetings.standing import Standing, standings
from meetings.timewords import range_words
from meetings.wallclock import Timed
from rooms.models import Room
from rooms.search import RoomSearch
from rooms.views.answers import answers_for
from rooms.views.freewhen import FreeWhen

ROOMS_A_PAGE = 50


class Place(NamedTuple):
    """Where a room is, as the list groups them."""

    site: str
    floor: str


@dataclass(frozen=True, slots=True)
class Row:
    """A room of the list and what it is now."""

    room: Room
    standing: Standing

    @property
    def place(self) -> Place:
        """Its site and floor."""
        return Place(self.room.site.name, self.room.floor)


@login_required
@require_safe
def room_list(request: SignedInRequest) -> HttpResponse:
    """Rooms by what they offer, and which are free now; or those that are free at a time."""
    at = now()
    search = RoomSearch(request.GET)
    free = FreeWhen(request.GET, zone=request.user.zone, now=at)
    free.is_valid()
    found = _free(request, search, free, free.when) if free.when else _listed(request, search, at)
    fragment = request.htmx.target == "rooms" and not request.htmx.history_restore_request
    context = {"search": search, "free": free, **found, "now": at, "fragment": fragment}
    if fragment:
        return push_url(render(request, "rooms/list.html#found", context), _address(request))
    return render(request, "rooms/list.html", context)


def _listed(request: SignedInRequest, search: RoomSearch, at: datetime) -> dict[str, Any]:
    """The rooms by site and floor, as they are now."""
    page = Paginator(search.found(), ROOMS_A_PAGE).get_page(request.GET.get("page"))
    standing = standings(list(page), now=at)
    return {"page": page, "rows": [Row(room, standing[room.pk]) for room in page]}


def _free(
    request: SignedInRequest, search: RoomSearch, free: FreeWhen, when: Timed
) -> dict[str, Any]:
    """All rooms of the site and name, those first that fit and are free then."""
    reader, rooms = request.user, search.named()
    wanted = search.cleaned_data
    question = RoomQuestion(
        Proposal((when,), (), (), seats=wanted.get("seats") or 0, holder=reader),
        rooms,
        frozenset(amenity.pk for amenity in wanted.get("amenities") or ()),
        near=Q(site__timezone=reader.zone.key),
        next_free=True,
    )
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    found = find_rooms(question, now=free.now, page=number, size=ROOMS_A_PAGE)
    during = when.during()
    return {
        "page": Paginator(range(found.total), ROOMS_A_PAGE).get_page(found.number),
        "fitting": found.fitting,
        "answers": answers_for(found.offers, when, reader=reader, now=free.now),
        "asked": range_words(during.start, during.end, reader.zone),
        "day": when.day,
    }


def _address(request: SignedInRequest) -> str:
    """The page's address without filters that were left empty."""
    query = request.GET.copy()
    for name, values in list(query.lists()):
        query.setlist(name, [value for value in values if value])
    return f"{request.path}?{query.urlencode()}" if query.urlencode() else request.path
