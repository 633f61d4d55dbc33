"""Addresses under which my calendar, and those of rooms, can be read by other programs."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from notifications.models import Feed
from rooms.models import Room

BACK, AHEAD = (0, 7, 30, 60, 180, 365), (7, 30, 90, 180, 400, 730)


class DaysForm(forms.ModelForm):  # type: ignore[type-arg]
    """How far back and ahead a feed reaches."""

    class Meta:
        model = Feed
        fields = ("past_days", "future_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (("past_days", BACK), ("future_days", AHEAD)):
            days = sorted({*offered, getattr(self.instance, name)})
            self.fields[name] = forms.TypedChoiceField(
                label=self.fields[name].label,
                choices=[(n, _words(n)) for n in days],
                coerce=int,
            )


def _words(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@login_required
@never_cache
@require_safe
def feeds(request: SignedInRequest) -> HttpResponse:
    """The working ones, my own first, and how to subscribe."""
    return _page(request)


@login_required
@require_POST
def subscribe(request: SignedInRequest, code: str = "") -> HttpResponse:
    """Make an address for my calendar, or for that of a room; the one there is stays."""
    room = get_object_or_404(Room, code=code) if code else None
    Feed.objects.subscribe(request.user, room, timezone.now())
    return redirect("notifications:feeds")


@login_required
@never_cache
@require_POST
def change_days(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Have it reach further, or less far."""
    feed = _mine(request, uid)
    form = DaysForm(request.POST, instance=feed, prefix=str(uid))
    if not form.is_valid():
        return _page(request, form)
    form.save()
    messages.success(request, _("The feed reaches that far from now on."))
    return redirect("notifications:feeds")


@login_required
@require_POST
def renew(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Another address; who had the old one reads nothing there any more."""
    _mine(request, uid).renew(timezone.now())
    messages.success(request, _("This is the new address. The old one no longer works."))
    return redirect("notifications:feeds")


@login_required
@require_POST
def revoke(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Nobody reads anything at its address any more."""
    Feed.objects.filter(pk=_mine(request, uid).pk).revoke(timezone.now())
    messages.success(request, _("The address no longer works."))
    return redirect("notifications:feeds")


def _mine(request: SignedInRequest, uid: uuid.UUID) -> Feed:
    return get_object_or_404(Feed.objects.working().with_place(), user=request.user, uid=uid)


def _page(request: SignedInRequest, refused: DaysForm | None = None) -> HttpResponse:
    """With the form that was refused in the place of its own."""
    found = Feed.objects.working().with_place().filter(user=request.user)
    entries = [_entry(feed, refused) for feed in found.order_by("room__name", "pk")]
    context = {
        "own": next((entry for entry in entries if entry["feed"].room is None), None),
        "rooms": [entry for entry in entries if entry["feed"].room is not None],
    }
    return render(request, "settings/feeds.html", context)


def _entry(feed: Feed, refused: DaysForm | None) -> dict[str, Any]:
    address = settings.BASE_URL + feed.get_absolute_url()
    is_refused = refused is not None and refused.instance.pk == feed.pk
    return {
        "feed": feed,
        "address": address,
        "webcal": "webcal:" + address.partition(":")[2],
        "form": refused if is_refused else DaysForm(instance=feed, prefix=str(feed.uid)),
    }
