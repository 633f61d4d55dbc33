"""Rooms for everybody: the list, and a room's page with its week."""

from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from accounts.http import SignedInRequest
from meetings.standing import Standing, standings
from rooms.models import Room
from rooms.search import RoomSearch

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
    """Rooms by what they offer, and which of them are free now."""
    search = RoomSearch(request.GET)
    at = now()
    page = Paginator(search.found(), ROOMS_A_PAGE).get_page(request.GET.get("page"))
    standing = standings(list(page), now=at)
    rows = [Row(room, standing[room.pk]) for room in page]
    fragment = request.htmx.target == "rooms" and not request.htmx.history_restore_request
    context = {"search": search, "page": page, "rows": rows, "now": at, "fragment": fragment}
    if fragment:
        return push_url(render(request, "rooms/list.html#found", context), _address(request))
    return render(request, "rooms/list.html", context)


def _address(request: SignedInRequest) -> str:
    """The page's address without filters that were left empty."""
    query = request.GET.copy()
    for name, values in list(query.lists()):
        query.setlist(name, [value for value in values if value])
    return f"{request.path}?{query.urlencode()}" if query.urlencode() else request.path
