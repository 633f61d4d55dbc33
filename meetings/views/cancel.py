"""Call a meeting off, having seen who will be told."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from meetings import lifecycle, scheduler
from meetings.forms import CancelForm
from meetings.lifecycle import Act
from meetings.problems import NotAllowed, Refusal
from meetings.views.fetching import editable_meeting
from meetings.views.outcome import calendar_address, told_words
from meetings.views.undo import say_done

CONFLICT = 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Show whom it concerns and ask for a reason; a POST cancels."""
    meeting = editable_meeting(request.user, uid)
    now = timezone.now()
    form = CancelForm(request.POST if request.method == "POST" else None)
    problem, plan = "", None
    try:
        plan = scheduler.plan_cancel(meeting, by=request.user, now=now)
        if request.method == "POST" and form.is_valid():
            done = scheduler.cancel(
                meeting,
                by=request.user,
                now=now,
                reason=form.cleaned_data["reason"],
                undo=timedelta(seconds=settings.UNDO_SECONDS),
            )
            cancelled = _("%(title)s is cancelled.") % {"title": meeting.title}
            say_done(request, f"{cancelled} {told_words(done)}".strip(), done, now)
            return redirect(calendar_address(meeting, request.user))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        problem = str(refusal)
    context = {
        "meeting": meeting,
        "rooms": ", ".join(room.name for room in meeting.rooms.all()),
        "plan": plan,
        "told": [told.person for told in plan.told] if plan else [],
        "form": form,
        "problem": problem,
        "can_end": lifecycle.allows(Act.END_NOW, meeting.occurrence, now),
    }
    status = CONFLICT if problem and request.method == "POST" else 200
    return render(request, "meetings/cancel.html", context, status=status)


@login_required
@require_http_methods(["POST"])
def end(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """End a meeting that is under way, and give its rooms back."""
    meeting = editable_meeting(request.user, uid)
    now = timezone.now()
    try:
        done = scheduler.end_now(
            meeting,
            by=request.user,
            now=now,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("meetings:cancel", uid=uid)
    ended = _("%(title)s is ended.") % {"title": meeting.title}
    say_done(request, f"{ended} {told_words(done)}".strip(), done, now)
    return redirect(calendar_address(meeting, request.user))
