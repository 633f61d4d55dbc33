"""What answers to HTMX need beside their fragment, so that no view has to think of it."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from accounts.http import HtmxRequest

Handler = Callable[[HtmxRequest], HttpResponse]

# The browser goes elsewhere and shows waiting messages there.
LEAVING = ("HX-Redirect", "HX-Location", "HX-Refresh")


class Hypermedia:
    """Messages ride along with a fragment; who was signed out meanwhile gets the sign-in page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if not request.htmx:
            return response
        if leads_to_sign_in(response):
            return sign_in_again(request)
        if is_fragment(response) and len(get_messages(request)):
            toasts = render_to_string("_toasts.html", {"messages": get_messages(request)}, request)
            response.write(toasts)
        return response


def leads_to_sign_in(response: HttpResponse) -> bool:
    """Whether the view found nobody signed in."""
    place = urlsplit(response.get("Location", "")).path
    return 300 <= response.status_code < 400 and place == resolve_url(settings.LOGIN_URL)


def sign_in_again(request: HtmxRequest) -> HttpResponse:
    """The whole page goes to sign-in, not the fragment's place, and comes back afterwards."""
    query = QueryDict(mutable=True)
    query["next"] = request.htmx.current_url_abs_path or "/"
    address = f"{resolve_url(settings.LOGIN_URL)}?{query.urlencode(safe='/')}"
    return HttpResponse(headers={"HX-Redirect": address})


def is_fragment(response: HttpResponse) -> bool:
    """Whether HTMX will put this answer into the page."""
    return (
        response.status_code == 200
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
        and not any(header in response for header in LEAVING)
    )
