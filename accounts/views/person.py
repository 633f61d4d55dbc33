"""Who I am, and when I work."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import HoursForm, ProfileForm, ZoneForm
from accounts.http import SignedInRequest
from accounts.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Name, time zone, appearance."""
    # A record of its own, so that the page's frame does not show what was refused.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "settings/profile.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: SignedInRequest) -> HttpResponse:
    """The week's working hours."""
    form = HoursForm(request.POST or None, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your working hours are saved."))
        return redirect("accounts:hours")
    return render(request, "settings/hours.html", {"form": form})


@login_required
@require_POST
def zone(request: SignedInRequest) -> HttpResponse:
    """The answer to “Your browser says …”: the zone is taken and no longer asked for."""
    form = ZoneForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["timezone"][0]))
        return redirect("accounts:profile")
    request.user.timezone = form.cleaned_data["timezone"]
    request.user.timezone_confirmed = True
    request.user.save(update_fields=["timezone", "timezone_confirmed"])
    return redirect(_page_before(request))


def _page_before(request: HttpRequest) -> str:
    """The page the person came from, if it is ours."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if ours else "/"
