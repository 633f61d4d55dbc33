"""The demo's inbox: every mail the demo has sent, whoever it was for."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from notifications.inbox import opened, source
from notifications.models import DemoMail

PAGE = 50
# A mail is shown as a mail program would: its own styles, nothing from elsewhere, no scripts.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": [
        "allow-popups",
        "allow-popups-to-escape-sandbox",
        "allow-top-navigation-by-user-activation",
    ],
}

View = Callable[..., HttpResponseBase]


def demo_only(view: View) -> View:
    """In production the page does not exist, nor where mails leave the machine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO or settings.EMAIL_URL:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
@login_required
@require_safe
@never_cache
def inbox(request: SignedInRequest) -> HttpResponse:
    """The mails, newest first: all, or those to one recipient; older ones page by page."""
    to = request.GET.get("to", "").strip()
    found = DemoMail.objects.defer("source")
    if to:
        found = found.filter(recipients__icontains=to)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    mails = list(found[: PAGE + 1])
    context = {"mails": mails[:PAGE], "older": len(mails) > PAGE, "to": to, "before": before}
    listing = request.htmx and request.htmx.target == "mails"
    template = "notifications/inbox.html#mails" if listing else "notifications/inbox.html"
    return render(request, template, context)


@demo_only
@login_required
@require_safe
def mail(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One mail: as it looks, its text, its calendar part, its headers."""
    found = get_object_or_404(DemoMail, uid=uid)
    return render(request, "notifications/mail.html", {"mail": found, "opened": opened(found)})


@demo_only
@login_required
@require_safe
@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]  # its types know no request of ours
def mail_html(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The mail's HTML alone, for the frame; its links open in the whole window."""
    html = opened(get_object_or_404(DemoMail, uid=uid)).html
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


@demo_only
@login_required
@require_safe
def mail_source(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The mail as it went over the wire."""
    found = get_object_or_404(DemoMail, uid=uid)
    return HttpResponse(source(found), content_type="text/plain; charset=utf-8")


@demo_only
@login_required
@require_safe
def mail_calendar(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The mail's calendar part, for a calendar program."""
    text = opened(get_object_or_404(DemoMail, uid=uid)).calendar
    if not text:
        raise Http404
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invite.ics"'},
    )
