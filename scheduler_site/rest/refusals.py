"""How an operation refuses: `application/problem+json` (RFC 9457), whatever stood in the way."""

import json
import logging
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from accounts.rest import Refused
from meetings.api.refusing import status_and_more
from meetings.problems import Refusal

PROBLEM_JSON = "application/problem+json"
logger = logging.getLogger(__name__)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """An answer that says why nothing was done."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    response = HttpResponse(
        json.dumps(body | more, ensure_ascii=False), status=status, content_type=PROBLEM_JSON
    )
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def answer_refusals(api: NinjaAPI) -> None:
    """Answer everything that an operation raises."""
    handlers: dict[type[Exception], Any] = {
        Refused: _refused,
        Refusal: _refusal,
        ValidationError: _invalid,
        HttpError: _http_error,
        AuthenticationError: _nobody,
        Throttled: _too_many,
        Http404: _nothing,
        Exception: _our_fault,
    }
    for error, handler in handlers.items():
        api.add_exception_handler(error, handler)


def named(fields: dict[str, str]) -> list[dict[str, str]]:
    """What is wrong with which field."""
    return [{"field": field, "detail": detail} for field, detail in fields.items()]


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    more = {"errors": named(refused.fields)} if refused.fields else {}
    return problem(refused.status, refused.detail, **more)


def _refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status, more = status_and_more(request, refusal)
    return problem(status, **{"detail": str(refusal)} | more)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, str] = {}
    for wrong in error.errors:
        # ("body", "meeting", "attendees", 0, …): where it came from and the parameter's name go.
        source, *place = wrong["loc"]
        place = place[1:] if source in ("body", "query") and len(place) > 1 else place
        name = ".".join(str(part) for part in place) or source
        fields.setdefault(name, wrong["msg"].removeprefix("Value error, "))
    sentence = _("Nothing was done: %(fields)s.")
    words = "; ".join(f"{field}: {detail}" for field, detail in fields.items()).rstrip(".")
    return problem(422, sentence % {"fields": words}, errors=named(fields))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, _("Send a token: Authorization: Bearer <token>."))


def _too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    sentence = _("Too many requests. Try again in %(seconds)d seconds.")
    response = problem(429, sentence % {"seconds": error.wait or 1})
    response["Retry-After"] = str(error.wait or 1)
    return response


def _nothing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, _("There is nothing here that you may see."))


def _our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("An operation failed", exc_info=error)
    return problem(500, _("Something went wrong here. Look what is there before you try again."))
