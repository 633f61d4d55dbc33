"""What is decided before any page is asked."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

Handler = Callable[[HttpRequest], HttpResponse]

FORWARDING = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


class RefuseForwarded:
    """The demo has known passwords, so it answers nobody who comes through a proxy."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and any(header in request.META for header in FORWARDING):
            return HttpResponseBadRequest(
                "This is a demo and answers this machine only."
                " Set SCHEDULER_MODE=production to serve others.",
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


class HeadersOnly:
    """A HEAD is answered like a GET, without the body (RFC 9110, 9.3.2).

    The web server would leave it out as well, but warns of it in the log each time.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response
