"""Find a time: people and rooms against the days, the best times, and one click into the form."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import push_url

from accounts.http import SignedInRequest
from meetings.formtimes import clock_value
from meetings.formvalues import typed_values
from meetings.slots import AnySlot
from meetings.views.finddraft import Waiting, form_address, let_wait, waiting_form
from meetings.views.findform import FindForm, Wanted
from meetings.views.findoffers import errand_of, found_when
from meetings.views.findoutlook import Outlook, look
from meetings.views.findplan import Asked, asked_by, asked_by_waiting, query_of
from meetings.views.findsearch import candidates
from meetings.views.findstrips import is_off


@dataclass(frozen=True, slots=True)
class Tab:
    """A day to look at: how many of the suggestions are on it, or that nobody works."""

    day: date
    address: str
    shown: bool
    count: int
    off: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: SignedInRequest) -> HttpResponse:
    """The page; its address holds all of the search. A meeting form is posted to come here."""
    if request.method == "POST":
        return _from_form(request)
    now = timezone.now()
    waiting = waiting_form(request)
    today = timezone.localdate(now)
    people = waiting.values if waiting else None
    asked = asked_by_waiting(request, waiting)
    form = FindForm(
        request.GET,
        reader=request.user,
        today=today,
        organizer=asked.errand.organizer if asked else None,
        people=people,
    )
    form.is_valid()
    outlook = _look(request, form, waiting, asked)
    fragment = request.htmx.target == "finder" and not request.htmx.history_restore_request
    context = {
        "form": form,
        "values": form.values,
        "errors": {},
        "outlook": outlook,
        "tabs": _tabs(form, outlook) if outlook else [],
        "draft": waiting,
        "back": form_address(waiting, {}) if waiting else "",
        "fragment": fragment,
        "now": now,
    }
    if fragment:
        page = render(request, "meetings/find.html#finder", context)
        return push_url(page, f"{request.path}?{_query(form, request)}")
    return render(request, "meetings/find.html", context)


def _query(form: FindForm, request: SignedInRequest) -> str:
    return form.query(day=request.GET.get("day", ""))


def _from_form(request: SignedInRequest) -> HttpResponse:
    """Let the posted form wait, and look for what stands in it."""
    errand, values = errand_of(request), typed_values(request.POST)
    waiting = let_wait(request, errand, values)
    asked = asked_by(errand, errand.form(dict(values)))
    return redirect(f"{reverse('meetings:find')}?{query_of(waiting, asked)}")


def _look(
    request: SignedInRequest, form: FindForm, waiting: Waiting | None, asked: Asked | None
) -> Outlook | None:
    """Everything there is to see; None while it is not known for whom."""
    wanted = form.wanted
    if wanted is None or len(wanted.places) == 1:
        return None
    return look(
        wanted,
        candidates(form.rooms.found(), wanted),
        asked,
        leads_to=lambda slot: form_address(waiting, _filled(slot, wanted, waiting, asked)),
        day=request.GET.get("day", ""),
        now=timezone.now(),
    )


def _filled(
    slot: AnySlot, wanted: Wanted, waiting: Waiting | None, asked: Asked | None
) -> dict[str, Any]:
    """What the form is to hold, in the zone in which it is filled in."""
    chosen = str(waiting.values["zone"]) if waiting else ""
    when = found_when(slot, chosen, wanted.reader, asked)
    return {
        **wanted.typed,
        "date": when.start.date().isoformat(),
        "time": clock_value(when.start),
        "length": str(int(when.length.total_seconds()) // 60),
        **({"zone": when.zone.key} if waiting else {}),
        **({"room": slot.room.code if slot.room else ""} if wanted.seats else {}),
    }


def _tabs(form: FindForm, outlook: Outlook) -> list[Tab]:
    here, wanted = reverse("meetings:find"), outlook.wanted
    return [
        Tab(
            day,
            f"{here}?{form.query(day=day.isoformat())}",
            day == outlook.shown,
            sum(s.day == day for s in outlook.suggestions),
            is_off(wanted, outlook.found, day),
        )
        for day in wanted.days
    ]
