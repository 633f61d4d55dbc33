"""A meeting's own page, and sending an invitation again."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from meetings import scheduler
from meetings.asking import later_part, next_dates
from meetings.history import history
from meetings.lifecycle import Act, allows
from meetings.models import Invitation, Meeting, Occurrence
from meetings.permissions import Sight, get_meeting_for, may_edit, sees_history, sight
from meetings.problems import Refusal
from meetings.views.download import calendar_response
from meetings.views.fetching import no_such_date
from meetings.views.panel import panel
from meetings.views.proposals import proposals_for
from meetings.views.undo import undoable
from notifications.ledger import ledger, require_sending_helps


@login_required
@require_safe
def meeting(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The page, with as much as the reader may see."""
    now, date = timezone.now(), request.GET.get("date", "")
    if later := _later_part(request.user, uid, date, now):
        return redirect(later)
    try:
        shown = panel(request.user, str(uid), now, date=date)
    except Occurrence.DoesNotExist:
        return no_such_date(request, uid)
    found = shown["occurrence"].meeting
    if "details" in shown:
        shown["meeting"] = found
        called_off = found.cancelled if found.is_series else shown["occurrence"].is_cancelled
        shown["has_acts"] = not called_off
        shown |= _for_participants(request.user, found, now)
    if may_edit(request.user, found):
        shown |= _for_organizer(shown["occurrence"], now)
        shown |= proposals_for(shown["occurrence"], request.user, now)
        shown["change"] = undoable(found, request.user, now)
    return render(request, "meetings/meeting.html", shown)


@login_required
@require_safe
def meeting_calendar(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """The meeting as a file, for participants."""
    try:
        found = get_meeting_for(request.user, uid)
    except Meeting.DoesNotExist:
        raise Http404 from None
    if sight(request.user, found) < Sight.PARTICIPANT:
        raise Http404
    mine = [row for row in found.invitations.all() if row.user_id == request.user.pk]
    return calendar_response(found, mine)


@login_required
@require_POST
def send_again(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Send an invitation once more, unless something for that person has not left yet."""
    invitation = Invitation.objects.select_related("meeting", "user").filter(uid=uid).first()
    if invitation is None or not may_edit(request.user, invitation.meeting):
        raise Http404
    problem = _send_again(request, invitation)
    if problem:
        messages.error(request, problem)
    else:
        name = invitation.shown_name
        messages.success(request, _("The invitation goes to %(name)s again.") % {"name": name})
    return redirect(f"{invitation.meeting.get_absolute_url()}#ledger")


def _later_part(reader: User, uid: uuid.UUID, date: str, now: datetime) -> str:
    """The address at which a split series goes on, if that is what the reader looks for."""
    found = Meeting.objects.filter(uid=uid).first()
    later = later_part(found, date, now) if found else None
    if later is None:
        return ""
    part, name = later
    try:
        get_meeting_for(reader, uid)
        get_meeting_for(reader, part.uid)
    except Meeting.DoesNotExist:
        return ""
    return part.get_absolute_url() + (f"?{urlencode({'date': name})}" if name else "")


def _for_participants(reader: User, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """What went on with the meeting and, of a series, the next dates that the reader is on."""
    rows = [row for row in meeting.invitations.all() if row.user_id == reader.pk]
    found: dict[str, Any] = {"coming": next_dates(meeting, rows, now)}
    if sees_history(reader, meeting):
        found["history"] = history(meeting, reader.zone)
    return found


def _for_organizer(occurrence: Occurrence, now: datetime) -> dict[str, Any]:
    lines = ledger(occurrence.meeting, now)
    return {
        "ledger": lines,
        "ledger_moves": any(line.moves_soon(now) for line in lines),
        "can_end": allows(Act.END_NOW, occurrence, now),
        "can_invite": allows(Act.INVITE, occurrence, now),
    }


def _send_again(request: SignedInRequest, invitation: Invitation) -> str:
    now = timezone.now()
    try:
        require_sending_helps(invitation, now)
        scheduler.resend(invitation, by=request.user, now=now)
    except Refusal as refusal:
        return str(refusal)
    return ""
