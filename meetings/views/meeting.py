"""A meeting's own page, and sending an invitation again."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from meetings import scheduler
from meetings.history import history
from meetings.lifecycle import Act, allows
from meetings.models import Invitation, Occurrence
from meetings.permissions import may_edit
from meetings.problems import Refusal
from meetings.views.download import calendar_response
from meetings.views.panel import panel
from meetings.views.undo import undoable
from notifications.ledger import ledger


@login_required
@require_safe
def meeting(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The page, with as much as the reader may see."""
    now = timezone.now()
    shown = panel(request.user, str(uid), now, date=request.GET.get("date", ""))
    found = shown["occurrence"].meeting
    if "details" in shown:
        shown["meeting"] = found
        shown["history"] = history(found, request.user.zone)
    if may_edit(request.user, found):
        shown |= _for_organizer(shown["occurrence"], now)
        shown["change"] = undoable(found, request.user, now)
    return render(request, "meetings/meeting.html", shown)


@login_required
@require_safe
def meeting_calendar(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The meeting as a file, for participants."""
    shown = panel(request.user, str(uid), timezone.now())
    if "details" not in shown:
        raise Http404
    found = shown["occurrence"].meeting
    mine = [row for row in found.invitations.all() if row.user_id == request.user.pk]
    return calendar_response(found, mine)


@login_required
@require_POST
def send_again(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Send an invitation once more, unless something for that person has not left yet."""
    invitation = Invitation.objects.select_related("meeting", "user").filter(uid=uid).first()
    if invitation is None or not may_edit(request.user, invitation.meeting):
        raise Http404
    problem = _why_not_again(invitation) or _send_again(request, invitation)
    if problem:
        messages.error(request, problem)
    else:
        name = invitation.shown_name
        messages.success(request, _("The invitation goes to %(name)s again.") % {"name": name})
    return redirect(f"{invitation.meeting.get_absolute_url()}#ledger")


def _for_organizer(occurrence: Occurrence, now: datetime) -> dict[str, Any]:
    lines = ledger(occurrence.meeting, now)
    return {
        "ledger": lines,
        "ledger_moves": any(line.moves_soon(now) for line in lines),
        "can_end": allows(Act.END_NOW, occurrence, now),
        "can_invite": allows(Act.INVITE, occurrence, now),
    }


def _why_not_again(invitation: Invitation) -> str:
    if invitation.is_organizers:
        return _("The organizer gets no invitation.")
    lines = ledger(invitation.meeting, timezone.now())
    if any(line.waits for line in lines if line.invitation == invitation):
        return _("Something for %(name)s has not left yet. Wait until it has.") % {
            "name": invitation.shown_name
        }
    return ""


def _send_again(request: SignedInRequest, invitation: Invitation) -> str:
    try:
        scheduler.resend(invitation, by=request.user, now=timezone.now())
    except Refusal as refusal:
        return str(refusal)
    return ""
