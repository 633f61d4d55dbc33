"""A meeting's own page, and sending an invitation again."""

import uuid
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
from meetings.attendance import attendance
from meetings.history import history
from meetings.lifecycle import Act, allows, state
from meetings.models import Invitation, Meeting
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import Sight, get_meeting_for, may_edit, sight
from meetings.problems import Refusal
from meetings.views.download import calendar_response
from notifications.ledger import ledger


@login_required
@require_safe
def meeting(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The page, with as much as the reader may see."""
    found = _meeting_for(request, uid)
    sees = sight(request.user, found)
    occurrence = found.occurrence
    with_rooms([occurrence])
    context: dict[str, Any] = {
        "uid": found.uid,
        "title": occurrence.shown_title,
        "organizer": found.organizer_shown,
        "occurrence": occurrence,
        "rooms": rooms_of(occurrence),
        "state": str(state(occurrence, timezone.now())),
    }
    if sees >= Sight.PARTICIPANT:
        context |= _for_participants(request, found)
    if sees >= Sight.ORGANIZER:
        context |= _for_organizer(request, found)
    return render(request, "meetings/meeting.html", context)


@login_required
@require_safe
def meeting_calendar(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The meeting as a file, for participants."""
    found = _meeting_for(request, uid)
    if sight(request.user, found) < Sight.PARTICIPANT:
        raise Http404
    with_rooms([found.occurrence])
    return calendar_response(found.occurrence)


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


def _meeting_for(request: SignedInRequest, uid: uuid.UUID) -> Meeting:
    try:
        return get_meeting_for(request.user, uid)
    except Meeting.DoesNotExist:
        raise Http404 from None


def _for_participants(request: SignedInRequest, found: Meeting) -> dict[str, Any]:
    mine = (i for i in found.invitations.all() if i.user_id == request.user.pk and not i.removed_at)
    return {
        "meeting": found,
        "invitation": next(mine, None),
        "attendance": attendance(found, request.user.zone),
        "history": history(found, request.user.zone),
    }


def _for_organizer(request: SignedInRequest, found: Meeting) -> dict[str, Any]:
    now = timezone.now()
    lines = ledger(found, now)
    return {
        "ledger": lines,
        "ledger_moves": any(line.moves_soon(now) for line in lines),
        "can_edit": allows(Act.EDIT, found.occurrence, now),
        "can_cancel": allows(Act.CANCEL, found.occurrence, now),
        "can_invite": allows(Act.INVITE, found.occurrence, now),
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
