"""What waits for my answer, and answering it."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import SignedInRequest
from meetings.models import Invitation
from meetings.views.answering import give_answer
from meetings.waiting import asked, awaiting

PAGE = 20


@login_required
@require_safe
def invitations(request: SignedInRequest) -> HttpResponse:
    """Everything that waits, soonest first, with what it collides with."""
    now = timezone.now()
    page = Paginator(awaiting(request.user, now), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "asked": asked(list(page.object_list), request.user, now)}
    return render(request, "meetings/invitations.html", context)


@login_required
@require_POST
def answer(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Answer one's own invitation; HTMX gets the buttons anew, others the page they came from."""
    invitation = _my_invitation(request, uid)
    problem = give_answer(invitation, request.POST, by=request.user, now=timezone.now())
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, _("Your answer is given."))
        return redirect(_page_before(request, invitation))
    context = {
        "invitation": _my_invitation(request, uid),
        "back": request.POST.get("next", ""),
        "problem": problem,
        "typed": request.POST.get("note") if problem else None,
        "answered": not problem,
    }
    response = render(request, "meetings/_answers.html", context)
    if not problem:
        trigger_client_event(response, f"meeting-changed-{invitation.meeting.uid}")
        trigger_client_event(response, "invitations-changed")
    return response


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
