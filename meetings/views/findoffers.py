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
from meetings.views.findform import USUAL_DAYS, USUAL_LENGTH, Wanted
from meetings.views.findoutlook import look
from meetings.views.findplan import Asked, asked_by
from meetings.views.findsearch import candidates
from meetings.views.findwords import Suggestion
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
    outlook = look(
        wanted,
        candidates(Room.objects.with_details(), wanted),
        asked,
        leads_to=lambda slot: _use(slot, asked),
        only_suggested=True,
        now=errand.now,
    )
    context = {
        "errand": errand,
        "outlook": outlook,
        "days": days_words(wanted.first, wanted.last),
        "offers": [_offer(suggested) for suggested in outlook.suggestions],
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
    places = places_for(errand.organizer or reader, form.attendees)
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


def _use(slot: AnySlot, asked: Asked) -> str:
    """What an offer's button sends."""
    when = found_when(slot, str(asked.form.values.get("zone", "")), asked.errand.by, asked)
    return use_of(when, [slot.room] if slot.room else [])


def _offer(suggested: Suggestion) -> Offer:
    lines = [", ".join(reason.words for reason in line) for line in suggested.lines]
    why = ". ".join(capfirst(line) for line in [*lines, suggested.clocks] if line)
    return Offer(suggested.address, suggested.headline, why)


def found_when(slot: AnySlot, zone_name: str, reader: User, asked: Asked | None) -> Timed:
    """What the form is to hold for a slot, in the zone chosen in it."""
    if isinstance(slot, SeriesSlot):
        return asked.moved(slot.when) if asked else slot.when
    zone = ZoneInfo(zone_name) if is_zone(zone_name) else reader.zone
    start = slot.stretch.start.astimezone(zone).replace(tzinfo=None)
    return Timed(start, zone, slot.stretch.length)
