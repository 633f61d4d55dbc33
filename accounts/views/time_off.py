"""When I am out of office."""

import uuid
from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import TimeOffForm
from accounts.http import SignedInRequest
from accounts.models import TimeOff
from accounts.templatetags.time_off import days_off
from meetings import scheduler
from meetings.occurrences import calendar_of
from meetings.problems import Refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def time_off(request: SignedInRequest) -> HttpResponse:
    """What is to come, a form for more, and what is over, folded away."""
    now = timezone.now()
    form = TimeOffForm(request.POST or None, user=request.user, now=now)
    if form.is_valid():
        return _saved(request, form)
    mine = list(TimeOff.objects.filter(user=request.user))
    over = [off for off in mine if off.stretch_in(request.user.zone).end <= now]
    context = {
        "form": form,
        "to_come": [off for off in mine if off not in over],
        "over": over[::-1],
    }
    return render(request, "settings/time_off.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_time_off(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """One of them, to be changed."""
    # A record of its own, so that the title is not what was refused.
    off = get_object_or_404(TimeOff, user=request.user, uid=uid)
    now, being = timezone.now(), TimeOff.objects.get(pk=off.pk)
    form = TimeOffForm(request.POST or None, instance=being, user=request.user, now=now)
    if form.is_valid():
        return _saved(request, form)
    return render(request, "settings/time_off_change.html", {"form": form, "off": off})


@login_required
@require_POST
def remove_time_off(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """One of them goes; what was declined stays declined."""
    off = get_object_or_404(TimeOff, user=request.user, uid=uid)
    off.delete()
    messages.success(request, _("%(days)s is removed.") % {"days": days_off(off)})
    return redirect("accounts:time_off")


def _saved(request: SignedInRequest, form: TimeOffForm) -> HttpResponse:
    off = form.save()
    try:
        said = [_("Your time off is saved."), *_consequences(off, form)]
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, " ".join(said))
    return redirect("accounts:time_off")


def _consequences(off: TimeOff, form: TimeOffForm) -> Iterator[str]:
    """What became of the meetings in it, and what did not."""
    now = timezone.now()
    if form.cleaned_data["decline_existing"]:
        given = scheduler.decline_during(off, now=now)
        yield ngettext(
            "%(n)d meeting in it is declined.", "%(n)d meetings in it are declined.", given
        ) % {"n": given}
    entries = calendar_of(off.user, off.stretch_in(off.user.zone))
    own = sum(e.invitation.is_organizers and not e.invitation.declined for e in entries)
    if own:
        yield ngettext(
            "You organize %(n)d meeting in it, which stays: move or cancel it.",
            "You organize %(n)d meetings in it, which stay: move or cancel them.",
            own,
        ) % {"n": own}
