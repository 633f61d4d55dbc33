"""The best times inside the meeting form: one click fills one in, all else stays."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.zones import is_zone
from meetings.formvalues import typed_values
from meetings.scheduler.plans import places_for
from meetings.slots import AnySlot, SeriesSlot
from meetings.timewords import days_words
from meetings.views.errand import Errand, edit_errand
from meetings.views.finddraft import wants_room
from meetings.views.findform import MOST_PEOPLE, USUAL_DAYS, USUAL_LENGTH, Wanted
from meetings.views.findplan import Asked, asked_by
from meetings.views.findsearch import candidates, search
from meetings.views.findwords import Suggestion, suggestion
from meetings.views.offers import Offer, use_of
from meetings.wallclock import Timed
from rooms.models import Room


@login_required
@require_POST
def offers(request: SignedInRequest) -> HttpResponse:
    """The best times within a week of the day in the form, for its people and a room for them."""
    errand = errand_of(request)
    form = errand.form(typed_values(request.POST) | {"who": ""})
    asked = asked_by(errand, form)
    wanted = _wanted(asked)
    context = {
        "errand": errand,
        "days": days_words(wanted.first, wanted.last),
        "offers": _offers(asked, wanted),
    }
    return render(request, "meetings/_find_offers.html", context)


def errand_of(request: SignedInRequest) -> Errand:
    """What the posted form is for: the edit that `?meeting` names, else a new meeting.

    Raises what `edit_errand` raises.
    """
    try:
        uid = uuid.UUID(request.GET["meeting"])
    except (KeyError, ValueError):
        return Errand(request.user, timezone.now())
    return edit_errand(request, uid)


def _wanted(asked: Asked) -> Wanted:
    errand, form, when = asked.errand, asked.form, asked.first
    reader = errand.by
    today = errand.now.astimezone(reader.zone).date()
    first = max(when.day, today) if when else today
    places = places_for(reader, form.attendees[: MOST_PEOPLE - 1])
    timed = when if isinstance(when, Timed) else None
    return Wanted(
        reader,
        places,
        timed.length if timed else timedelta(minutes=USUAL_LENGTH),
        first,
        first + timedelta(days=USUAL_DAYS - 1),
        timed.during().start if timed else None,
        seats=len(places) if wants_room(form.values) else 0,
        site=None,
        amenities=frozenset(),
    )


def _offers(asked: Asked, wanted: Wanted) -> list[Offer]:
    rooms = candidates(Room.objects.with_details(), wanted)
    _found, wish, slots = search(wanted, rooms, asked=asked, now=asked.errand.now)
    return [
        _offer(suggestion(n, slot, wanted, wish, ""), wanted, asked)
        for n, slot in enumerate(slots, start=1)
    ]


def _offer(suggested: Suggestion, wanted: Wanted, asked: Asked) -> Offer:
    lines = [", ".join(reason.words for reason in line) for line in suggested.lines]
    why = ". ".join(capfirst(line) for line in [*lines, suggested.clocks] if line)
    slot = suggested.slot
    when = found_when(slot, str(asked.form.values.get("zone", "")), wanted.reader, asked)
    return Offer(use_of(when, [slot.room] if slot.room else []), suggested.headline, why)


def found_when(slot: AnySlot, zone_name: str, reader: User, asked: Asked | None) -> Timed:
    """What the form is to hold for a slot, in the zone chosen in it."""
    if isinstance(slot, SeriesSlot):
        return asked.moved(slot.when) if asked else slot.when
    zone = ZoneInfo(zone_name) if is_zone(zone_name) else reader.zone
    start = slot.stretch.start.astimezone(zone).replace(tzinfo=None)
    return Timed(start, zone, slot.stretch.length)
