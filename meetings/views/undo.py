"""Take back a change whose undo window is still open."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Meeting, Undo
from meetings.permissions import may_edit
from meetings.problems import Refusal
from meetings.scheduler import Done
from meetings.views.outcome import calendar_address


@login_required
@require_POST
def undo(request: SignedInRequest, number: int) -> HttpResponse:
    """Make it as it was before a change; 404 for whoever could not have made the change."""
    change = Change.objects.select_related("meeting").filter(pk=number).first()
    if change is None or not may_edit(request.user, change.meeting):
        raise Http404
    date = change.dates[0] if len(change.dates) == 1 else ""
    meeting = change.meeting
    try:
        done = scheduler.undo(change, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        meeting = done.meeting
        undone = _("Undone: %(title)s is as it was, and nobody was told.")
        messages.success(request, undone % {"title": meeting.title})
    return redirect(calendar_address(meeting, request.user, date))


def undoable(meeting: Meeting, user: User, now: datetime) -> Change | None:
    """The latest change by `user` to the meeting that can still be undone. One query.

    Of a series that was split, either part finds it. `_undo.html` is the button for it.
    """
    return Change.objects.undoable(meeting, by=user, now=now).first()


def say_done(request: HttpRequest, sentence: str, done: Done, now: datetime) -> None:
    """A message about a finished command, with an Undo button while that is possible.

    The message's extra tag is the address that the button posts to; `left` in it is how many
    seconds there are.
    """
    state = Undo.objects.filter(change=done.change, until__gt=now).first() if done.change else None
    address = ""
    if state is not None:
        left = int((state.until - now).total_seconds())
        address = f"{reverse('meetings:undo', args=[state.change_id])}?left={left}"
    messages.success(request, sentence, extra_tags=address)
