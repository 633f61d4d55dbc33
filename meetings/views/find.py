"""Find a time: people and rooms against the days, the best times, and one click into the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import push_url

from accounts.http import SignedInRequest
from meetings.availability import Times
from meetings.formtimes import clock_value
from meetings.formvalues import typed_values
from meetings.slots import AnySlot
from meetings.views.finddraft import Waiting, form_address, let_wait, waiting_form
from meetings.views.findform import FindForm, Wanted
from meetings.views.findoffers import errand_of, found_when
from meetings.views.findplan import Asked, asked_by, asked_by_waiting, query_of
from meetings.views.findsearch import candidates, search
from meetings.views.findstrips import DayStrips, day_strips, is_off, shown_rooms
from meetings.views.findwords import Suggestion, notes, suggestion
from rooms.models import Room


@dataclass(frozen=True, slots=True)
class Tab:
    """A day to look at: how many of the suggestions are on it, or that nobody works."""

    day: date
    address: str
    shown: bool
    count: int
    off: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was found: the suggestions, the days to leaf through, and those that are drawn."""

    wanted: Wanted
    suggestions: list[Suggestion]
    tabs: list[Tab]
    drawn: list[DayStrips]
    shown: date
    no_room: bool
    about: list[str]
    series: bool

    @property
    def compromise(self) -> bool:
        """Whether there is no time for all who are required, or for all dates of a series."""
        return bool(self.suggestions) and all(s.slot.is_compromise for s in self.suggestions)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: SignedInRequest) -> HttpResponse:
    """The page; its address holds all of the search. A meeting form is posted to come here."""
    if request.method == "POST":
        return _from_form(request)
    now = timezone.now()
    waiting = waiting_form(request)
    form = FindForm(request.GET, reader=request.user, today=timezone.localdate(now))
    form.is_valid()
    alone = form.wanted is not None and len(form.wanted.places) == 1
    outlook = None
    if form.wanted and not alone:
        asked = asked_by_waiting(request, waiting)
        outlook = _look(form, form.wanted, waiting, asked, day=request.GET.get("day", ""), now=now)
    fragment = request.htmx.target == "finder" and not request.htmx.history_restore_request
    context = {
        "form": form,
        "values": form.values,
        "errors": {},
        "outlook": outlook,
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
    form: FindForm,
    wanted: Wanted,
    waiting: Waiting | None,
    asked: Asked | None,
    *,
    day: str,
    now: datetime,
) -> Outlook:
    """Everything there is to see. A constant number of queries."""
    rooms = candidates(form.rooms.found(), wanted)
    found, wish, slots = search(wanted, rooms, asked=asked, now=now)
    suggestions = [
        suggestion(
            n, slot, wanted, wish, form_address(waiting, _filled(slot, wanted, waiting, asked))
        )
        for n, slot in enumerate(slots, start=1)
    ]
    shown = _shown(day, wanted, suggestions)
    return Outlook(
        wanted,
        suggestions,
        _tabs(form, wanted, found, suggestions, shown),
        _drawn(wanted, found, rooms, slots, {shown, *(s.day for s in suggestions)}),
        shown,
        no_room=bool(wanted.seats) and not rooms,
        about=notes(asked, wanted.reader) if asked else [],
        series=bool(asked and asked.series),
    )


def _drawn(
    wanted: Wanted,
    found: Times,
    rooms: Sequence[Room],
    slots: Sequence[AnySlot],
    days: set[date],
) -> list[DayStrips]:
    return day_strips(wanted, found, shown_rooms(slots, rooms), slots, days=days)


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


def _shown(day: str, wanted: Wanted, suggestions: Sequence[Suggestion]) -> date:
    """The day that is looked at: the one asked for, else that of the best time."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    if asked in wanted.days:
        return asked
    return suggestions[0].day if suggestions else wanted.first


def _tabs(
    form: FindForm, wanted: Wanted, found: Times, suggestions: Sequence[Suggestion], shown: date
) -> list[Tab]:
    here = reverse("meetings:find")
    return [
        Tab(
            day,
            f"{here}?{form.query(day=day.isoformat())}",
            day == shown,
            sum(s.day == day for s in suggestions),
            is_off(wanted, found, day),
        )
        for day in wanted.days
    ]
