"""Tokens for the programs that act for me."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import TokenForm
from accounts.http import SignedInRequest
from accounts.models import ApiToken


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    """What works, a form for another, and what no longer works, folded away.

    The answer to the form is the only page that ever holds a secret, so it is no redirect.
    """
    now, made, secret = timezone.now(), None, ""
    form = TokenForm(request.POST or None, user=request.user, now=now)
    if form.is_valid():
        made, secret = form.save()
        form = TokenForm(user=request.user, now=now)
    mine = ApiToken.objects.filter(user=request.user)
    working = list(mine.working(now))
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "working": working,
        "over": mine.exclude(pk__in=[token.pk for token in working]),
    }
    return render(request, "settings/tokens.html", context)


@login_required
@require_POST
def revoke_token(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Programs that use it are refused from now on."""
    token = get_object_or_404(ApiToken, user=request.user, uid=uid)
    ApiToken.objects.filter(pk=token.pk).revoke(timezone.now())
    messages.success(request, _("%(name)s is revoked.") % {"name": token.name})
    return redirect("accounts:tokens")
