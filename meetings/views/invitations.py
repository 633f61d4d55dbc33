"""What waits for my answer, and answering it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import SignedInRequest
from meetings.asking import Asking, asking, date_shown
from meetings.models import Invitation, Meeting, Occurrence
from meetings.views.answering import give_answer, said_words
from meetings.waiting import asked, awaiting

PAGE = 20


@login_required
@require_safe
def invitations(request: SignedInRequest) -> HttpResponse:
    """Everything that waits, soonest first, with what it collides with."""
    now = timezone.now()
    page = Paginator(awaiting(request.user, now), PAGE).get_page(request.GET.get("page"))
    found = asked(list(page.object_list), request.user, now)
    rows = _my_rows(request, [item.invitation.meeting for item in found])
    items = [
        (item, asking(item.occurrence, rows[item.invitation.meeting_id], now)) for item in found
    ]
    return render(request, "meetings/invitations.html", {"page": page, "asked": items})


@login_required
@require_POST
def answer(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Answer one's own invitation; HTMX gets the buttons anew, others the page they came from."""
    now, invitation = timezone.now(), _my_invitation(request, uid)
    problem = give_answer(invitation, request.POST, by=request.user, now=now)
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, _("Your answer is given."))
        return redirect(_page_before(request, invitation))
    about = _asking(request, _my_invitation(request, uid), now)
    context = {
        "asking": about,
        "back": request.POST.get("next", ""),
        "problem": problem,
        "typed": request.POST.get("note") if problem else None,
        "answered": "" if problem else said_words(about, request.POST.get("date", about.date)),
    }
    response = render(request, "meetings/_answers.html", context)
    if not problem:
        trigger_client_event(response, f"meeting-changed-{invitation.meeting.uid}")
        trigger_client_event(response, "invitations-changed")
    return response


def _asking(request: SignedInRequest, invitation: Invitation, now: datetime) -> Asking:
    """What is asked now about the date that the buttons were for."""
    meeting = invitation.meeting
    rows = _my_rows(request, [meeting])[meeting.pk]
    wanted = request.POST.get("about", invitation.recurrence_id)
    try:
        about = asking(date_shown(meeting, rows, wanted, now), rows, now)
    except Occurrence.DoesNotExist:
        about = asking(date_shown(meeting, rows, "", now), rows, now)
    if about is None:
        raise Http404
    return about


def _my_rows(
    request: SignedInRequest, meetings: Iterable[Meeting]
) -> defaultdict[int, list[Invitation]]:
    """All that the reader has on these meetings, by the meeting's pk. One query."""
    by_pk = {meeting.pk: meeting for meeting in meetings}
    found = defaultdict(list)
    rows = Invitation.objects.of(request.user).filter(meeting__in=by_pk)
    for row in rows.select_related("user"):
        row.meeting = by_pk[row.meeting_id]
        found[row.meeting_id].append(row)
    return found


def _my_invitation(request: SignedInRequest, uid: uuid.UUID) -> Invitation:
    """The reader's own; anybody else's does not exist for her."""
    mine = Invitation.objects.of(request.user).current().select_related("user")
    return get_object_or_404(
        mine.select_related("meeting__organizer").prefetch_related("meeting__occurrences"), uid=uid
    )


def _page_before(request: SignedInRequest, invitation: Invitation) -> str:
    """The page whose button was pressed, if it is ours, else the meeting's."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if ours else invitation.meeting.get_absolute_url()
