"""Call a meeting off, having seen who will be told."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from meetings import lifecycle, scheduler
from meetings.forms import CancelForm
from meetings.lifecycle import Act
from meetings.models import Meeting
from meetings.problems import NotAllowed, Refusal
from meetings.rulewords import rule_words
from meetings.views.fetching import editable_meeting
from meetings.views.offers import when_words
from meetings.views.outcome import calendar_address, told_words
from meetings.views.scope import Reach, choices, reach_of
from meetings.views.undo import say_done

CONFLICT = 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Show whom it concerns and ask for a reason; a POST cancels."""
    meeting = editable_meeting(request.user, uid)
    reach = reach_of(meeting, request.GET)
    now = timezone.now()
    form = CancelForm(request.POST if request.method == "POST" else None)
    problem, plan = "", None
    try:
        plan = scheduler.plan_cancel(meeting, by=request.user, now=now, **reach.arguments)
        if request.method == "POST" and form.is_valid():
            done = scheduler.cancel(
                meeting,
                by=request.user,
                now=now,
                reason=form.cleaned_data["reason"],
                undo=timedelta(seconds=settings.UNDO_SECONDS),
                **reach.arguments,
            )
            words = _cancelled_words(meeting, reach, request.user.zone)
            say_done(request, f"{words} {told_words(done)}".strip(), done, now)
            return redirect(calendar_address(done.meeting, request.user, reach.recurrence_id))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        problem = str(refusal)
    one = reach.occurrence if reach.occurrence or meeting.is_series else meeting.occurrence
    context = {
        "meeting": meeting,
        "reach": reach,
        "scopes": choices(meeting, reach, now),
        "one": one,
        "rule": rule_words(meeting.when, meeting.rrule) if meeting.is_series else "",
        "rooms": ", ".join(room.name for room in meeting.rooms.all()),
        "plan": plan,
        "gone": sum(date.before is not None and date.after is None for date in plan.dates)
        if plan
        else 0,
        "told": [told.person for told in plan.told] if plan else [],
        "form": form,
        "problem": problem,
        "can_end": one is not None and lifecycle.allows(Act.END_NOW, one, now),
    }
    status = CONFLICT if problem and request.method == "POST" else 200
    return render(request, "meetings/cancel.html", context, status=status)


def _cancelled_words(meeting: Meeting, reach: Reach, zone: ZoneInfo) -> str:
    if reach.occurrence is None or reach.whole:
        return _("%(title)s is cancelled.") % {"title": meeting.title}
    when = when_words(reach.occurrence.when, zone)
    named = {"title": reach.occurrence.shown_title, "when": when}
    if reach.single:
        return _("%(title)s on %(when)s is cancelled.") % named
    return _("%(title)s is cancelled from %(when)s on.") % named


@login_required
@require_http_methods(["POST"])
def end(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """End a meeting that is under way, or the date of a series that the address names."""
    meeting = editable_meeting(request.user, uid)
    reach = reach_of(meeting, request.GET)
    if meeting.is_series and not reach.single:
        raise Http404
    now = timezone.now()
    try:
        done = scheduler.end_now(
            meeting,
            by=request.user,
            now=now,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
            **({"recurrence_id": reach.recurrence_id} if meeting.is_series else {}),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(reverse("meetings:cancel", args=[uid]) + reach.query)
    ended = _("%(title)s is ended.") % {"title": meeting.title}
    say_done(request, f"{ended} {told_words(done)}".strip(), done, now)
    return redirect(calendar_address(done.meeting, request.user, reach.recurrence_id))
