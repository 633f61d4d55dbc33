"""One line in the log for each request, and the id that ties all of its lines together."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from scheduler_site import request_ids
from scheduler_site.logs import route_of

Handler = Callable[[HttpRequest], HttpResponse]

HEADER = "X-Request-ID"
logger = logging.getLogger(__name__)


class AccessLog:
    """The outermost: takes the request's id from X-Request-ID or makes one, and sends it back.

    It logs the route and never the address, which may hold a token; and a person's uid, if the
    request asked who it is.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_ids.given_or_new(request.headers.get(HEADER, ""))
        with request_ids.under(request_id):
            began = time.perf_counter()
            response = self.get_response(request)
            response[HEADER] = request_id
            log(request, response, round((time.perf_counter() - began) * 1000, 1))
        return response


def log(request: HttpRequest, response: HttpResponse, milliseconds: float) -> None:
    """Write the line."""
    method = request.method if request.method in METHODS else "other"
    fields: dict[str, Any] = {
        "method": method,
        "route": route_of(request),
        "status": response.status_code,
        "milliseconds": milliseconds,
        "user": uid_of(request),
    }
    words = "{method} {route} {status} in {milliseconds} ms".format(**fields)
    logger.info("%s", words, extra=fields)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def uid_of(request: HttpRequest) -> str | None:
    """The uid of who asked, as far as that is known by now: nothing is looked up for it."""
    user = getattr(request, "user", None)
    if type(user) is SimpleLazyObject:  # a session's; a token's person is there as such
        user = getattr(request, "_cached_user", None)
    return str(user.uid) if user is not None and user.is_authenticated else None
