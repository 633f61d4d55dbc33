"""`/healthz` and `/readyz`: whether the service lives, and whether it can do its work.

A middleware and no pages, so that they answer where pages cannot: whatever the Host header, without
a session, and also when the database hangs.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from scheduler_site import insiders
from scheduler_site.bounded import Bounded
from scheduler_site.health import CHECKS, Finding, findings

Handler = Callable[[HttpRequest], HttpResponse]

KNOWING_SECONDS = 1.0


class Probes:
    """Answers the two addresses, and leaves all others to the next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = {"/healthz": alive, "/readyz": ready}.get(request.path_info)
        if view is None:
            return self.get_response(request)
        if settings.DEMO:
            request.get_host()  # refuses every name but those of this machine
        if request.method not in ("GET", "HEAD"):
            response: HttpResponse = HttpResponseNotAllowed(["GET", "HEAD"])
        else:
            response = view(request)
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        return response


def alive(request: HttpRequest) -> HttpResponse:
    """This process answers. No more: what restarts it must not do so because of the database."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 if every check is ok, else 503; `?exclude=worker` leaves one out, and can be repeated.

    What each check found only insiders see.
    """
    excluded = request.GET.getlist("exclude")
    if not set(excluded) <= set(CHECKS):
        words = f"exclude is one of {', '.join(CHECKS)}."
        return JsonResponse({"status": "failing", "detail": words}, status=HTTPStatus.BAD_REQUEST)
    found = [finding for finding in findings() if finding.name not in excluded]
    ok = all(finding.ok for finding in found)
    answer: dict[str, object] = {"status": "ok" if ok else "failing"}
    if may_see(request, found):
        answer["checks"] = {finding.name: shown(finding) for finding in found}
    return JsonResponse(answer, status=HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE)


def shown(finding: Finding) -> dict[str, object]:
    """A finding as it is answered: without its name, and without what it does not have."""
    values = asdict(finding)
    del values["name"]
    return {name: value for name, value in values.items() if value not in (None, "")}


def may_see(request: HttpRequest, found: Sequence[Finding]) -> bool:
    """Whether details are for whoever asks.

    Who they are is asked of the database, so only if it answered just now.
    """
    if insiders.is_local(request):
        return True
    if not insiders.claims_more(request) or not all(
        finding.ok for finding in found if finding.name in ("database", "migrations")
    ):
        return False
    try:
        return Bounded(lambda: is_insider(request)).ask(seconds=KNOWING_SECONDS)
    except (DatabaseError, TimeoutError):
        return False


def is_insider(request: HttpRequest) -> bool:
    """Whether a token or a session says so."""
    return insiders.has_token(request, timezone.now()) or insiders.is_staff(request)
